// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "config/sections.hpp"
#include "config/tables.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/base/suggestion.hpp"

namespace seaworthy::config {

namespace {

std::vector<std::string_view> ids_of(Catalog catalog, std::string_view kind)
{
    std::vector<std::string_view> ids;
    for (const auto* control : catalog) {
        if (kind == "controls") ids.push_back(control->id);
        if (kind == "checks")
            for (const auto& check : control->checks)
                ids.push_back(check.id);
    }
    return ids;
}

/// An exemption that names nothing known would quietly exempt nothing.
void require_known(Loading& loading, const Node& item, const std::string& key, std::string_view kind)
{
    const auto* list = item.find(kind);
    if (list == nullptr || list->kind != Node::Kind::sequence) return;
    const auto ids = ids_of(loading.catalog, kind);
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        const auto& wanted = list->items[i]->text;
        if (std::ranges::any_of(ids, [&](std::string_view id) { return glob_match(wanted, id); })) continue;
        loading.reader.problem(list->items[i]->at, fmt::format("{}.{}[{}]", key, kind, i),
                               fmt::format("\"{}\" is no {}{}", wanted, kind.substr(0, kind.size() - 1), did_you_mean(wanted, ids)));
    }
}

void require_end_in_reach(Loading& loading, const Node& item, const std::string& key, Timestamp until)
{
    const auto* node = item.find("until");
    if (node == nullptr || !until.known() || !loading.now.known()) return;
    const auto longest = loading.config.settings.exemption_max_duration;
    // A day more: a date counts to its end.
    const auto limit = loading.now.unix_seconds() + std::chrono::seconds{longest}.count() + std::chrono::seconds{std::chrono::hours{24}}.count();
    if (until.unix_seconds() > limit)
        loading.reader.problem(node->at, key + ".until",
                               fmt::format("is further ahead than exemptions.maxDuration ({}) allows", yaml_duration(longest)));
}

} // namespace

void read_exemptions(Loading& loading, const Node& node, const std::string& path)
{
    if (!loading.reader.is_list(node, path)) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = *node.items[i];
        const auto key = fmt::format("{}[{}]", path, i);
        check::Exemption exemption;
        exemption.id = fmt::format("exemptions[{}]", i);
        loading.reader.read_map(item, key, bind(exemption, exemption_keys()));
        if (item.kind == Node::Kind::map && exemption.checks.empty() && exemption.controls.empty() && item.find("checks") == nullptr &&
            item.find("controls") == nullptr)
            loading.reader.problem(item.at, key, "needs checks or controls, so that it says what it exempts");
        require_known(loading, item, key, "checks");
        require_known(loading, item, key, "controls");
        require_end_in_reach(loading, item, key, exemption.until);
        loading.config.settings.exemptions.push_back(std::move(exemption));
    }
}

} // namespace seaworthy::config
