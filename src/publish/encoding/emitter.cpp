// SPDX-License-Identifier: Apache-2.0
#include "publish/encoding/emitter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "publish/encoding/escape.hpp"

namespace seaworthy::publish {

namespace {

constexpr std::size_t k_buffer_bytes = 64 * 1024;
constexpr std::size_t k_lines_depth = 2; ///< containers up to here have a line for each member

/// A number that stays one in every reader: 7.0, not 7, so that the type of a field does not depend on its value.
template <typename Float>
std::string number_token(Float value)
{
    if (!std::isfinite(value)) return "null";
    std::string token;
    append_number(token, value);
    if (token.find_first_of(".e") == std::string::npos) token += ".0";
    return token;
}

/// True for strings that YAML 1.1 and 1.2 both read as that string without quotes. Errs on the side of quotes.
bool is_plain_yaml(std::string_view text)
{
    if (text.empty() || text.size() > 64) return false;
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/' || c == '.'; };
    if (!letter(text.front()) || !std::ranges::all_of(text, inner)) return false;
    std::string lower{text};
    for (auto& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    constexpr std::string_view k_words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"};
    return std::ranges::find(k_words, lower) == std::end(k_words);
}

} // namespace

Emitter::Emitter(TextSink sink) : m_sink(std::move(sink))
{
    m_buffer.reserve(k_buffer_bytes + 4096);
}

void Emitter::integer(std::int64_t value)
{
    scalar(std::to_string(value));
}

void Emitter::number(double value)
{
    scalar(number_token(value));
}

void Emitter::number(float value)
{
    scalar(number_token(value));
}

void Emitter::number(std::optional<double> value)
{
    if (value)
        number(*value);
    else
        null();
}

void Emitter::flush_if_full()
{
    if (m_buffer.size() >= k_buffer_bytes) flush();
}

bool Emitter::flush()
{
    if (!m_refused && !m_buffer.empty()) m_refused = !m_sink(m_buffer);
    m_buffer.clear();
    return !m_refused;
}

void JsonEmitter::break_line()
{
    m_buffer += '\n';
    m_buffer.append(2 * m_has_members.size(), ' ');
}

void JsonEmitter::separate()
{
    if (m_after_key) {
        m_after_key = false;
        return;
    }
    if (m_has_members.empty()) return;
    if (m_has_members.back()) m_buffer += ',';
    m_has_members.back() = true;
    if (m_has_members.size() <= k_lines_depth) break_line();
}

void JsonEmitter::open(char bracket)
{
    separate();
    m_buffer += bracket;
    m_has_members.push_back(false);
}

void JsonEmitter::close(char bracket)
{
    const bool lines = m_has_members.back() && m_has_members.size() <= k_lines_depth;
    m_has_members.pop_back();
    if (lines) break_line();
    m_buffer += bracket;
    flush_if_full();
}

void JsonEmitter::key(std::string_view name)
{
    separate();
    append_json_string(m_buffer, name);
    m_buffer += m_has_members.size() <= k_lines_depth ? ": " : ":";
    m_after_key = true;
}

void JsonEmitter::string(std::string_view value)
{
    separate();
    append_json_string(m_buffer, value);
}

void JsonEmitter::scalar(std::string_view token)
{
    separate();
    m_buffer += token;
}

bool JsonEmitter::finish()
{
    m_buffer += '\n';
    return flush();
}

/// Puts what comes before an array's element or the document's only value: a line break, the indentation and the dash.
void YamlEmitter::begin_element()
{
    if (m_levels.empty() || m_levels.back().kind == Kind::object) return;
    if (m_after_dash) {
        m_after_dash = false;
    } else {
        if (!m_buffer.empty() && m_buffer.back() == ' ') m_buffer.pop_back(); // "key: " before a block
        m_buffer += '\n';
        m_buffer.append(2 * (m_levels.size() - 1), ' ');
    }
    m_buffer += "- ";
    m_levels.back().has_members = true;
}

void YamlEmitter::open(Kind kind)
{
    begin_element();
    const bool in_array = !m_levels.empty() && m_levels.back().kind == Kind::array;
    m_levels.push_back({kind, false, in_array});
    m_after_dash = in_array;
}

void YamlEmitter::close(std::string_view when_empty)
{
    if (!m_levels.back().has_members) m_buffer += when_empty;
    m_after_dash = false;
    m_levels.pop_back();
    flush_if_full();
}

void YamlEmitter::key(std::string_view name)
{
    auto& level = m_levels.back();
    if (m_after_dash) {
        m_after_dash = false;
    } else if (level.has_members || m_levels.size() > 1) {
        if (!m_buffer.empty() && m_buffer.back() == ' ') m_buffer.pop_back();
        m_buffer += '\n';
        m_buffer.append(2 * (m_levels.size() - 1), ' ');
    }
    level.has_members = true;
    if (is_plain_yaml(name))
        m_buffer += name;
    else
        append_json_string(m_buffer, name); // JSON's strings are YAML's double-quoted ones
    m_buffer += ": ";
}

void YamlEmitter::string(std::string_view value)
{
    begin_element();
    if (is_plain_yaml(value))
        m_buffer += value;
    else
        append_json_string(m_buffer, value);
}

void YamlEmitter::scalar(std::string_view token)
{
    begin_element();
    m_buffer += token;
}

bool YamlEmitter::finish()
{
    m_buffer += '\n';
    return flush();
}

} // namespace seaworthy::publish
