// SPDX-License-Identifier: Apache-2.0
#include "publish/encoding/escape.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "publish/encoding/utf8.hpp"
#include "seaworthy/base/percent_encode.hpp"

namespace seaworthy::publish {

namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD"; // U+FFFD

/// Appends `text`, with `replace(code point)` giving what stands for a character; an empty view keeps it.
template <typename Replace>
void append_replacing(std::string& out, std::string_view text, Replace replace)
{
    std::size_t kept_from = 0;
    const auto keep_until = [&](std::size_t end) { out.append(text, kept_from, end - kept_from); };
    for (std::size_t at = 0; at < text.size();) {
        const auto point = decode_utf8(text, at);
        const std::string_view instead = point.valid ? replace(point.value) : k_replacement;
        if (!instead.empty()) {
            keep_until(at);
            out += instead;
            kept_from = at + point.size;
        }
        at += point.size;
    }
    keep_until(text.size());
}

/// Marks, embeddings, overrides and isolates: after one, text reads in another order than it is written in (UAX 9).
constexpr bool turns_direction(char32_t value)
{
    return value == 0x061C || value == 0x200E || value == 0x200F || (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
}

constexpr bool is_control(char32_t value)
{
    return value < 0x20 || (value >= 0x7F && value <= 0x9F);
}

/// `\u` escapes for what JSON, or YAML where it takes JSON's strings, does not allow as it is, and for what would steer a terminal.
class JsonEscape {
public:
    std::string_view operator()(char32_t value)
    {
        switch (value) {
        case '"': return "\\\"";
        case '\\': return "\\\\";
        case '\n': return "\\n";
        case '\t': return "\\t";
        case '\r': return "\\r";
        default: break;
        }
        const bool plain = !is_control(value) && value != 0x2028 && value != 0x2029 && value != 0xFEFF && value != 0xFFFE && value != 0xFFFF &&
                           !turns_direction(value);
        if (plain) return {};
        constexpr std::string_view digits = "0123456789abcdef";
        for (std::size_t i = 0; i < 4; ++i)
            m_escape[2 + i] = digits[(value >> (12 - 4 * i)) & 15U];
        return {m_escape.data(), m_escape.size()};
    }

private:
    std::array<char, 6> m_escape{'\\', 'u'};
};

template <typename Float>
void append_shortest(std::string& out, Float value)
{
    std::array<char, 32> buffer{};
    constexpr Float k_exact_integers = std::is_same_v<Float, float> ? Float(1 << 24) : Float(9007199254740992.0);
    const bool integral = std::abs(value) < k_exact_integers && std::trunc(value) == value;
    const auto end = integral ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), static_cast<long long>(value))
                              : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    out.append(buffer.data(), end.ptr);
}

} // namespace

void append_json_string(std::string& out, std::string_view text)
{
    out += '"';
    append_replacing(out, text, JsonEscape{});
    out += '"';
}

void append_html(std::string& out, std::string_view text)
{
    append_replacing(out, text, [](char32_t c) -> std::string_view {
        switch (c) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '"': return "&quot;";
        case '\'': return "&#39;";
        default: break;
        }
        const bool separator = c == 0x2028 || c == 0x2029;
        return turns_direction(c) || separator || (is_control(c) && c != '\n' && c != '\t') ? k_replacement : std::string_view{};
    });
}

void append_label_value(std::string& out, std::string_view text)
{
    append_help(out, text, true);
}

void append_help(std::string& out, std::string_view text, bool escape_quotes)
{
    append_replacing(out, text, [escape_quotes](char32_t c) -> std::string_view {
        switch (c) {
        case '\\': return "\\\\";
        case '\n': return "\\n";
        case '\r': return " "; // OpenMetrics has no carriage return
        case '\0': return k_replacement;
        case '"': return escape_quotes ? std::string_view{"\\\""} : std::string_view{};
        default: return {};
        }
    });
}

void append_csv_field(std::string& out, std::string_view text)
{
    // OWASP "CSV Injection": these begin a formula in common spreadsheets, after leading blanks too.
    const auto first = text.find_first_not_of(" \n");
    const bool formula = first != std::string_view::npos && std::string_view{"=+-@\t\r|%"}.find(text[first]) != std::string_view::npos;
    const bool quoted = text.find_first_of(",\"\r\n;\t") != std::string_view::npos;
    if (quoted) out += '"';
    if (formula) out += '\'';
    append_replacing(out, text, [](char32_t c) -> std::string_view {
        if (c == '"') return "\"\"";
        return turns_direction(c) || (is_control(c) && c != '\n' && c != '\r' && c != '\t') ? k_replacement : std::string_view{};
    });
    if (quoted) out += '"';
}

void append_url(std::string& out, std::string_view text)
{
    out += percent_encode(text);
}

std::string terminal_safe(std::string_view text, LineBreaks line_breaks)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto point = decode_utf8(text, at);
        const auto value = point.value;
        if (!point.valid)
            out += k_replacement;
        else if (value == '\n' && line_breaks == LineBreaks::keep)
            out += '\n';
        else if (value == '\n' || value == '\t')
            out += ' ';
        else if (!is_invisible(value))
            out.append(text, at, point.size);
        at += point.size;
    }
    return out;
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = decode_utf8(text, at);
        width += column_width(point.value);
        at += point.size;
    }
    return width;
}

std::string_view cut_to_width(std::string_view text, std::size_t columns)
{
    std::size_t width = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto point = decode_utf8(text, at);
        width += column_width(point.value);
        if (width > columns) break;
        at += point.size;
    }
    return text.substr(0, at);
}

void append_number(std::string& out, double value)
{
    append_shortest(out, value);
}

void append_number(std::string& out, float value)
{
    append_shortest(out, value);
}

} // namespace seaworthy::publish
