// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "config/description.hpp"

namespace seaworthy::config {

namespace {

constexpr std::string_view k_head = "# Every key of Seaworthy's configuration with its default: an empty file means the same.\n"
                                    "# Durations are written 90s, 5m, 1h30m, 14d. A changed file is read again without a restart.\n";

std::string keys_of(const std::vector<Description>& item)
{
    std::string out;
    for (const auto& key : item) {
        if (!out.empty()) out += ", ";
        out += key.key;
        if (!key.children.empty()) out += " {" + keys_of(key.children) + "}";
        if (key.required) out += " (required)";
    }
    return out;
}

/// What the same key of every check is for, beside it: a line above each would drown the titles.
constexpr std::pair<std::string_view, std::string_view> k_routine[] = {
    {"enabled", "false: not judged, no result"},
    {"severity", "in display and events"},
};

std::string_view routine_comment(std::string_view key)
{
    const auto found = std::ranges::find(k_routine, key, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(k_routine) ? std::string_view{} : found->second;
}

/// A parameter in parts, on one line: `budgetMiB: {compressed: 250, uncompressed: 600}` below what each part means.
void write_parts(std::string& out, const Description& node, const std::string& indent)
{
    std::string meanings;
    std::string values;
    for (const auto& part : node.children) {
        meanings += fmt::format("{}{}: {}", meanings.empty() ? "" : " ", part.key, part.why);
        values += fmt::format("{}{}: {}", values.empty() ? "" : ", ", part.key, part.fallback);
    }
    out += fmt::format("{0}# {1}\n{0}{2}: {{{3}}}\n", indent, meanings, node.key, values);
}

void write(std::string& out, const Description& node, std::size_t depth)
{
    const std::string indent(2 * depth, ' ');
    if (node.why.empty() && !node.children.empty()) {
        write_parts(out, node, indent);
        return;
    }
    if (!node.why.empty()) out += fmt::format("{}# {}\n", indent, node.why);
    // Of shared parameters the same names follow below, with every check that has them.
    if (!node.item.empty() && node.key != "shared") out += fmt::format("{}# Each: {}.\n", indent, keys_of(node.item));
    if (node.children.empty()) {
        out += fmt::format("{}{}: {}", indent, node.key, node.fallback);
        if (node.routine) out += fmt::format(" # {}", routine_comment(node.key));
        out += '\n';
        return;
    }
    out += fmt::format("{}{}:\n", indent, node.key);
    for (const auto& child : node.children)
        write(out, child, depth + 1);
}

} // namespace

std::string default_yaml(Catalog catalog)
{
    std::string out{k_head};
    for (const auto& group : describe(catalog).children) {
        out += '\n';
        write(out, group, 0);
    }
    return out;
}

} // namespace seaworthy::config
