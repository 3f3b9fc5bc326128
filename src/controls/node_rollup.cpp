// SPDX-License-Identifier: Apache-2.0
// Rules about all nodes together.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "names.hpp"
#include "node_mirrors.hpp"
#include "node_reports.hpp"
#include "seaworthy/base/digest.hpp"
#include "wording.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using check::fail;
using check::not_applicable;
using check::ObjectKey;
using check::pass;
using check::Reason;
using check::Results;
using check::unknown;
using check::Verdict;
using check::warn;
using model::MirrorKind;

// --- pullcache-default-registries ---

/// Nodes that join a pool may start before their bootstrap has written the mirrors.
constexpr std::chrono::minutes k_settled{15};
constexpr double k_nearly_all = 0.9;

struct Tally {
    std::size_t all = 0;
    std::size_t internal = 0;
    std::size_t mirrored = 0; ///< by whatever mirror
    std::size_t silent = 0;
    NameList without;

    [[nodiscard]] bool nearly_all(std::size_t part) const { return static_cast<double>(part) >= k_nearly_all * static_cast<double>(all); }
};

Tally tally(const std::vector<ReportingNode>& nodes, std::string_view registry, const Context& context)
{
    Tally tally;
    for (const auto& node : nodes) {
        if (node.node->unschedulable || !node.node->ready() || !node.node->meta.created.at_least(k_settled, context.now)) continue;
        ++tally.all;
        if (!node.found.report) {
            ++tally.silent;
            continue;
        }
        const auto kind =
            ignores_mirrors(node) ? MirrorKind::none : best_mirror(*node.found.report, registry, context.parameters.list("internalDomains"));
        if (kind > MirrorKind::upstream)
            ++tally.mirrored;
        else if (!node.found.report->errors.empty())
            ++tally.silent; // its mirror may be in the file that could not be read
        else
            tally.without.add(node.name);
        if (kind == MirrorKind::internal) ++tally.internal;
    }
    return tally;
}

Verdict judge_registry(const Tally& tally, std::string_view registry)
{
    if (tally.all == 0) return not_applicable("No schedulable Linux node is older than 15 minutes");
    if (tally.internal == tally.all) return pass(fmt::format("Every node pulls from {} through an internal mirror", registry));
    if (!tally.nearly_all(tally.mirrored + tally.silent))
        return fail(fmt::format("{} has no mirror on {} of {} nodes: {}", registry, tally.without.size(), tally.all, tally.without.text()));
    if (!tally.nearly_all(tally.mirrored))
        return unknown(Reason::unavailable, fmt::format("Whether {} has a mirror is not known of {} of {} nodes", registry, tally.silent, tally.all))
            .needs_grant("NPR");
    if (!tally.without.empty())
        return warn(fmt::format("{} has no mirror on {}", registry, tally.without.text())).with("nodes", tally.without.values());
    if (tally.silent > 0)
        return warn(fmt::format("All nodes that report have a mirror of {}; {} of {} do not say", registry, tally.silent, tally.all));
    return warn(fmt::format("{} has only peers or a public cache on {} of {} nodes", registry, tally.all - tally.internal, tally.all));
}

// --- pullcache-node-consistency ---

/// What nodes of one pool have in common, strongest first.
constexpr std::string_view k_pool_labels[] = {"eks.amazonaws.com/nodegroup", "cloud.google.com/gke-nodepool", "kubernetes.azure.com/agentpool"};
constexpr std::string_view k_role = "node-role.kubernetes.io/";

std::string pool_of(const model::Node& node)
{
    for (const auto label : k_pool_labels)
        if (const auto pool = node.meta.labels.get(label); !pool.empty()) return std::string{pool};
    std::string roles;
    for (const auto& label : node.meta.labels)
        if (label.key.view().starts_with(k_role)) roles += fmt::format("{}{}", roles.empty() ? "" : "+", label.key.view().substr(k_role.size()));
    const auto type = node.meta.labels.get("node.kubernetes.io/instance-type");
    return fmt::format("{}{}{}", roles.empty() ? "worker" : roles, type.empty() ? "" : " ", type);
}

/// The mirrors of a report without what is each node's own: names, file times, its own address in peer URLs.
std::string fingerprint(const model::RegistryConfig& report)
{
    model::RegistryConfig same;
    same.runtime = report.runtime;
    same.config_path_raw = report.config_path_raw;
    same.registries = report.registries;
    same.wildcard = report.wildcard;
    const auto normalise = [](model::RegistryEntry& entry) {
        for (auto& mirror : entry.mirrors) {
            mirror.dial.clear();
            if (mirror.kind != MirrorKind::peer_to_peer) continue;
            const auto where = model::authority_of(mirror.url);
            const auto colon = where.rfind(':');
            mirror.url = fmt::format("p2p{}", colon == std::string_view::npos ? std::string_view{} : where.substr(colon));
        }
    };
    std::ranges::for_each(same.registries, normalise);
    if (same.wildcard) normalise(*same.wildcard);
    std::ranges::stable_sort(same.registries, {}, &model::RegistryEntry::host);
    return sha256_hex(to_json(same));
}

} // namespace

void run_default_registries(const Context& context, Results& results)
{
    if (!has_node_reports(context)) return results.add(ObjectKey::cluster(), {}, probe_disabled());
    const auto coverage = report_coverage(context);
    if (coverage && *coverage < k_decisive_coverage)
        return results.add(
            ObjectKey::cluster(), {},
            unknown(Reason::unavailable, fmt::format("Only {:.0f} % of the ready nodes report: too few to speak of all of them", *coverage * 100))
                .needs_grant("NPR"));
    const auto nodes = nodes_with_host(context);
    for (const auto& registry : context.parameters.list("registries"))
        results.add(ObjectKey::registry(registry), {}, judge_registry(tally(nodes, registry, context), registry).with("level", "node"));
}

Verdict judge_node_consistency(const Context& context)
{
    if (!has_node_reports(context)) return probe_disabled();
    std::map<std::string, std::map<std::string, std::string>> pools; // pool → fingerprint → a node that has it
    NameList silent;
    std::size_t reported = 0;
    for (const auto& node : nodes_with_host(context)) {
        if (node.found.report) {
            ++reported;
            pools[pool_of(*node.node)].emplace(fingerprint(*node.found.report), node.name);
        } else if (node.node->ready()) {
            silent.add(node.name);
        }
    }
    NameList split;
    std::vector<std::string> examples;
    for (const auto& [pool, configurations] : pools) {
        if (configurations.size() < 2) continue;
        split.add(fmt::format("{} ({} kinds)", pool, configurations.size()));
        for (const auto& [hash, node] : configurations)
            examples.push_back(fmt::format("{}: {} as on {}", pool, hash.substr(0, 12), node));
    }
    if (!split.empty())
        return warn(fmt::format("Nodes of one pool are configured differently: {}", split.text())).with("examples", as_evidence(std::move(examples)));
    if (!silent.empty())
        return unknown(Reason::unavailable, fmt::format("No report of {}; the others of each pool agree", silent.text())).needs_grant("NPR");
    if (reported == 0) return not_applicable("There is no node that the node-probe could look at");
    return pass("The nodes of each pool have the same registry mirrors").with("level", "node").with("pools", static_cast<std::int64_t>(pools.size()));
}

Verdict judge_probe_coverage(const Context& context)
{
    constexpr double k_enough = 0.95;
    if (!has_node_reports(context)) return not_applicable("The node-probe is not in use").proven().with("word", "probe-disabled");
    const auto coverage = report_coverage(context);
    if (!coverage) return not_applicable("There is no ready node that the node-probe could look at");
    NameList silent;
    for (const auto& node : nodes_with_host(context))
        if (node.node->ready() && !node.found.report) silent.add(node.name);
    const auto message = fmt::format("{:.0f} % of the ready nodes have a report of the last 15 minutes", *coverage * 100);
    if (silent.empty()) return pass(message);
    if (*coverage >= k_enough) return pass(message).with("silent", silent.values());
    return warn(fmt::format("{}; none of {}", message, silent.text())).with("silent", silent.values());
}

} // namespace seaworthy::controls
