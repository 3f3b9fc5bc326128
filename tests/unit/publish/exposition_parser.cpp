// SPDX-License-Identifier: Apache-2.0
#include "unit/publish/exposition_parser.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <stdexcept>

namespace seaworthy::test {

namespace {

[[noreturn]] void refuse(const std::string& what, std::string_view line)
{
    throw std::runtime_error(what + ": " + std::string{line});
}

std::string unescape(std::string_view text, bool quotes, std::string_view line)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size()) refuse("ends in a backslash", line);
        if (text[i] == 'n')
            out += '\n';
        else if (text[i] == '\\' || (quotes && text[i] == '"'))
            out += text[i];
        else
            refuse("unknown escape", line);
    }
    return out;
}

bool is_name(std::string_view text)
{
    const auto good = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 && std::ranges::all_of(text, good);
}

ParsedSample parse_sample(std::string_view line)
{
    ParsedSample sample;
    auto rest = line;
    const auto end_of_name = rest.find_first_of("{ ");
    if (end_of_name == std::string_view::npos) refuse("no value", line);
    sample.name = rest.substr(0, end_of_name);
    if (!is_name(sample.name)) refuse("bad name", line);
    rest.remove_prefix(end_of_name);
    if (rest.front() == '{') {
        rest.remove_prefix(1);
        while (rest.front() != '}') {
            const auto equals = rest.find("=\"");
            if (equals == std::string_view::npos || !is_name(rest.substr(0, equals))) refuse("bad label", line);
            const std::string label{rest.substr(0, equals)};
            rest.remove_prefix(equals + 2);
            std::size_t end = 0;
            while (end < rest.size() && rest[end] != '"')
                end += rest[end] == '\\' ? 2U : 1U;
            if (end >= rest.size()) refuse("open quote", line);
            if (!sample.labels.emplace(label, unescape(rest.substr(0, end), true, line)).second) refuse("label twice", line);
            rest.remove_prefix(end + 1);
            if (rest.front() == ',')
                rest.remove_prefix(1);
            else if (rest.front() != '}')
                refuse("no comma between labels", line);
        }
        rest.remove_prefix(1);
    }
    if (rest.empty() || rest.front() != ' ') refuse("no blank before the value", line);
    sample.value = rest.substr(1);
    std::size_t used = 0;
    if (sample.value.empty() || (std::stod(sample.value, &used), used != sample.value.size())) refuse("not a number (or a timestamp)", line);
    return sample;
}

std::vector<std::string> suffixes(const std::string& type, bool open_metrics)
{
    if (type == "histogram") return {"_bucket", "_sum", "_count"};
    if (type == "counter") return {open_metrics ? "_total" : ""};
    if (type == "info" && open_metrics) return {"_info"};
    if (type == "gauge") return {""};
    throw std::runtime_error("unexpected type " + type);
}

class Reader {
public:
    explicit Reader(bool open_metrics) : m_open_metrics(open_metrics) {}

    void line(std::string_view text)
    {
        if (text.find('\r') != std::string_view::npos) refuse("carriage return", text);
        if (text.starts_with("# HELP "))
            help(text.substr(7));
        else if (text.starts_with("# TYPE "))
            current(text.substr(7), text).type = word(text.substr(7));
        else if (text.starts_with("# UNIT ") && m_open_metrics)
            unit(text.substr(7));
        else if (text.starts_with('#') || text.empty())
            refuse("unexpected line", text);
        else
            sample(text);
    }

    ParsedFamilies families;

private:
    static std::string word(std::string_view text) { return std::string{text.substr(text.find(' ') + 1)}; }

    void help(std::string_view text)
    {
        m_family = text.substr(0, text.find(' '));
        if (!is_name(m_family)) refuse("bad family name", text);
        if (!families.emplace(m_family, ParsedFamily{}).second) refuse("family twice", text);
        families[m_family].help = unescape(text.substr(m_family.size() + 1), m_open_metrics, text);
    }
    ParsedFamily& current(std::string_view text, std::string_view line)
    {
        if (text.substr(0, text.find(' ')) != m_family) refuse("not of this family", line);
        return families[m_family];
    }
    void unit(std::string_view text)
    {
        current(text, text).unit = word(text);
        if (!m_family.ends_with("_" + word(text))) refuse("unit is not the name's suffix", text);
    }
    void sample(std::string_view text)
    {
        auto parsed = parse_sample(text);
        auto& family = families[m_family];
        const auto allowed = suffixes(family.type, m_open_metrics);
        const bool fits = std::ranges::any_of(allowed, [&](const auto& suffix) { return parsed.name == m_family + suffix; });
        if (!fits) refuse("sample outside its family", text);
        if (!m_series.insert(std::string{text.substr(0, text.rfind(' '))}).second) refuse("series twice", text);
        family.samples.push_back(std::move(parsed));
    }

    bool m_open_metrics;
    std::string m_family;
    std::set<std::string> m_series;
};

ParsedFamilies parse(std::string_view exposition, bool open_metrics)
{
    Reader reader{open_metrics};
    while (!exposition.empty()) {
        const auto end = exposition.find('\n');
        if (end == std::string_view::npos) refuse("last line without its end", exposition);
        reader.line(exposition.substr(0, end));
        exposition.remove_prefix(end + 1);
    }
    for (const auto& [name, family] : reader.families)
        if (family.type.empty() || family.samples.empty()) throw std::runtime_error("family without type or samples: " + name);
    return reader.families;
}

} // namespace

ParsedFamilies parse_text(std::string_view exposition)
{
    return parse(exposition, false);
}

ParsedFamilies parse_open_metrics(std::string_view exposition)
{
    constexpr std::string_view k_end = "# EOF\n";
    if (!exposition.ends_with(k_end)) throw std::runtime_error("no # EOF at the end");
    exposition.remove_suffix(k_end.size());
    return parse(exposition, true);
}

} // namespace seaworthy::test
