// SPDX-License-Identifier: Apache-2.0
#include "config/key.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "seaworthy/base/letter_case.hpp"

namespace seaworthy::config {

namespace {

bool is_plain(std::string_view text)
{
    constexpr std::string_view words[] = {"true", "false", "null", "yes", "no", "on", "off"};
    if (text.empty()) return false;
    if (std::ranges::find(words, to_lower(text)) != std::end(words)) return false;
    double number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size()) return false;
    const auto plain_inside = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view{"._-/ ()+@"}.find(c) != std::string_view::npos;
    };
    return (std::isalnum(static_cast<unsigned char>(text.front())) != 0 || text.front() == '/') && text.back() != ' ' &&
           std::ranges::all_of(text, plain_inside);
}

struct ValueWriter {
    std::span<const std::string_view> choices;

    std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
    std::string operator()(const int* value) const { return std::to_string(*value); }
    std::string operator()(const double* value) const { return fmt::format("{}", *value); }
    std::string operator()(const std::string* value) const { return yaml_text(*value); }
    std::string operator()(const std::vector<std::string>* value) const { return yaml_list(*value); }
    std::string operator()(const std::chrono::milliseconds* value) const { return yaml_duration(*value); }
    std::string operator()(const std::chrono::seconds* value) const { return yaml_duration(*value); }
    std::string operator()(const std::chrono::hours* value) const { return yaml_duration(*value); }
    std::string operator()(const Timestamp* value) const { return value->known() ? yaml_text(format_rfc3339(*value)) : "\"\""; }
    std::string operator()(const ByteSize* value) const { return yaml_size(*value); }
    std::string operator()(const std::map<std::string, std::string>*) const { return "{}"; } // only in items of lists, which have no default
    std::string operator()(const Choice& value) const { return std::string{choices[static_cast<std::size_t>(value.get(value.place))]}; }
};

struct TypeNamer {
    std::span<const std::string_view> choices;

    std::string operator()(const bool*) const { return "flag"; }
    std::string operator()(const int*) const { return "whole number"; }
    std::string operator()(const double*) const { return "number"; }
    std::string operator()(const std::string*) const { return "text"; }
    std::string operator()(const std::vector<std::string>*) const { return "list of texts"; }
    std::string operator()(const std::chrono::milliseconds*) const { return "duration"; }
    std::string operator()(const std::chrono::seconds*) const { return "duration"; }
    std::string operator()(const std::chrono::hours*) const { return "duration"; }
    std::string operator()(const Timestamp*) const { return "date"; }
    std::string operator()(const ByteSize*) const { return "size"; }
    std::string operator()(const std::map<std::string, std::string>*) const { return "map of texts"; }
    std::string operator()(const Choice&) const { return fmt::format("one of {}", fmt::join(choices, ", ")); }
};

} // namespace

std::string yaml_text(std::string_view text)
{
    if (is_plain(text)) return std::string{text};
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string yaml_list(const std::vector<std::string>& texts)
{
    std::string out = "[";
    for (const auto& text : texts)
        out += (out.size() > 1 ? ", " : "") + yaml_text(text);
    return out + "]";
}

std::string yaml_duration(std::chrono::milliseconds duration)
{
    using Unit = std::pair<std::chrono::milliseconds::rep, std::string_view>;
    constexpr std::array units{Unit{86'400'000, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "m"}, Unit{1'000, "s"}, Unit{1, "ms"}};
    const auto count = duration.count();
    if (count == 0) return "0s";
    // Only one unit reads best; days are never mixed with hours because Go's syntax has none.
    for (const auto& [size, suffix] : units)
        if (count % size == 0) return fmt::format("{}{}", count / size, suffix);
    return fmt::format("{}ms", count);
}

std::string yaml_size(ByteSize size)
{
    using Unit = std::pair<unsigned, std::string_view>;
    constexpr std::array units{Unit{30, "GiB"}, Unit{20, "MiB"}, Unit{10, "KiB"}};
    for (const auto& [shift, suffix] : units)
        if (size.bytes != 0 && size.bytes % (std::uint64_t{1} << shift) == 0) return fmt::format("{}{}", size.bytes >> shift, suffix);
    return fmt::format("{}B", size.bytes);
}

std::string yaml_value(const BoundKey& key)
{
    return std::visit(ValueWriter{key.constraint.choices}, key.slot);
}

std::string type_name(const BoundKey& key)
{
    return std::visit(TypeNamer{key.constraint.choices}, key.slot);
}

} // namespace seaworthy::config
