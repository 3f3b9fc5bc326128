// SPDX-License-Identifier: Apache-2.0
#include "config/sections.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/tables.hpp"
#include "seaworthy/base/suggestion.hpp"

namespace seaworthy::config {

namespace {

constexpr Section k_sections[] = {
    {"controls.weights", "Weight of a control in the scores, by control id; 0 leaves it out.", "map of numbers", read_weights},
    {"controls.shared", "Parameters that several checks use, by name; a check's own value wins.", "map", read_shared},
    {"controls.checks", "Each check: enabled, severity (of display and events; scores keep the base one) and its own parameters.", "map",
     read_checks},
    {"exemptions.items", "Each names what it covers, why, who answers for it and until when.", "list of maps", read_exemptions},
    {"attest", "Statements by name.", "map", read_attestations},
    {"probes.registries", "Registries to probe.", "list of maps", read_registries},
    {"oidc.issuers", "Issuers whose discovery document is checked: a URL, or a map with url and caFile.", "list", read_issuers},
    {"sinks", "Where events go; each sink has its own position, so none waits for another. Needs spool.path.", "list of maps", read_sinks},
    {"oidc.issuerAliases", "Lists of issuers that are one identity provider.", "list of lists", read_issuer_aliases},
};

} // namespace

std::span<const Section> sections()
{
    return k_sections;
}

void read_attestations(Loading& loading, const Node& node, const std::string& path)
{
    if (!loading.reader.is_map(node, path)) return;
    for (const auto& entry : node.entries) {
        const auto key = Reader::join(path, entry.key);
        if (std::ranges::find(attestations(), entry.key) == attestations().end()) {
            loading.reader.problem(entry.at, key, "unknown attestation" + did_you_mean(entry.key, attestations()));
            continue;
        }
        check::Attestation attestation;
        loading.reader.read_map(*entry.value, key, bind(attestation, attestation_keys()));
        loading.config.settings.attestations[entry.key] = std::move(attestation);
    }
}

void read_registries(Loading& loading, const Node& node, const std::string& path)
{
    if (!loading.reader.is_list(node, path)) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto key = fmt::format("{}[{}]", path, i);
        check::Registry registry;
        loading.reader.read_map(*node.items[i], key, bind(registry, registry_keys()));
        if (registry.expect_private && (registry.repo.empty() || registry.tag.empty()))
            loading.reader.problem(node.items[i]->at, key, "expectPrivate needs repo and tag");
        loading.config.settings.outside.registries.push_back(std::move(registry));
    }
}

void read_issuers(Loading& loading, const Node& node, const std::string& path)
{
    if (!loading.reader.is_list(node, path)) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = *node.items[i];
        const auto key = fmt::format("{}[{}]", path, i);
        check::Issuer issuer;
        const auto keys = bind(issuer, issuer_keys());
        if (item.kind == Node::Kind::scalar) {
            loading.reader.assign(item, key, keys.front());
        } else {
            loading.reader.read_map(item, key, keys);
        }
        loading.config.settings.outside.oidc.issuers.push_back(std::move(issuer));
    }
}

void read_issuer_aliases(Loading& loading, const Node& node, const std::string& path)
{
    if (!loading.reader.is_list(node, path)) return;
    for (std::size_t i = 0; i < node.items.size(); ++i)
        if (auto aliases = loading.reader.texts(*node.items[i], fmt::format("{}[{}]", path, i)))
            loading.config.settings.outside.oidc.issuer_aliases.push_back(std::move(*aliases));
}

} // namespace seaworthy::config
