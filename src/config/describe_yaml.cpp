// SPDX-License-Identifier: Apache-2.0
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

void write(std::string& out, const Description& node, std::size_t depth)
{
    const std::string indent(2 * depth, ' ');
    if (!node.why.empty()) out += fmt::format("{}# {}\n", indent, node.why);
    // Of shared parameters the same names follow below, with every check that has them.
    if (!node.item.empty() && node.key != "shared") out += fmt::format("{}# Each: {}.\n", indent, keys_of(node.item));
    if (node.children.empty()) {
        out += fmt::format("{}{}: {}\n", indent, node.key, node.fallback);
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
