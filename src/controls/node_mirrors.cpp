// SPDX-License-Identifier: Apache-2.0
#include "node_mirrors.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "mirror_sets.hpp"
#include "names.hpp"
#include "node_reports.hpp"
#include "seaworthy/base/digest.hpp"
#include "seaworthy/base/ipv4.hpp"
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
using check::Status;
using check::unknown;
using check::Verdict;
using check::warn;
using model::MirrorKind;

bool holds(const std::vector<std::string>& list, std::string_view item)
{
    return std::ranges::find(list, item) != list.end();
}

// --- pullcache-node-mirror ---

Verdict judge_mirror(MirrorKind kind, std::string_view registry, const model::RegistryConfig& report)
{
    switch (kind) {
    case MirrorKind::internal: return pass("An internal mirror serves every registry that is used").proven();
    case MirrorKind::public_cache: return warn(fmt::format("{} has only a public cache, which holds what many others ask for", registry));
    case MirrorKind::peer_to_peer:
        return warn(fmt::format("{} has only peers: the first pull, and every image that was collected, comes from upstream", registry));
    default: break;
    }
    // The mirror may be in the file that could not be read.
    if (!report.errors.empty())
        return unknown(Reason::unavailable, fmt::format("{} has no mirror in what could be read on this node: {}", registry, report.errors.front()))
            .needs_grant("NPR");
    return fail(fmt::format("{} has no mirror on this node", registry));
}

Verdict judge_report(const ReportingNode& node, const std::vector<std::string>& used, const Context& context)
{
    const auto& report = *node.found.report;
    const auto& domains = context.parameters.list("internalDomains");
    auto result = not_applicable("No pod uses one of the registries that should be mirrored");
    std::vector<std::string> states;
    for (const auto& registry : context.parameters.list("registries")) {
        const auto kind = best_mirror(report, registry, domains);
        states.push_back(fmt::format("{}: {}", registry, name(kind)));
        if (holds(used, registry) || context.parameters.flag("requireUnused"))
            result = worst(std::move(result), judge_mirror(kind, registry, report));
    }
    for (const auto& registry : context.parameters.list("optional"))
        states.push_back(fmt::format("{} (optional): {}", registry, name(best_mirror(report, registry, domains))));
    if (result.status < Status::warn && result.status != Status::not_applicable && ignores_mirrors(node))
        result = warn("containerd takes config_path for one folder, colon included, and ignores every hosts.toml").with("word", "config-path-colon");
    return std::move(result).with("registries", states).with("level", "node");
}

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
        return fail(fmt::format("{} of {} nodes have no mirror of {}: {}", tally.without.size(), tally.all, registry, tally.without.text()));
    if (!tally.nearly_all(tally.mirrored))
        return unknown(Reason::unavailable,
                       fmt::format("{} of {} nodes do not say whether they have a mirror of {}", tally.silent, tally.all, registry))
            .needs_grant("NPR");
    if (!tally.without.empty())
        return warn(fmt::format("{} has no mirror on {}", registry, tally.without.text())).with("nodes", tally.without.values());
    if (tally.silent > 0)
        return warn(fmt::format("All nodes that report have a mirror of {}, but {} of {} do not report", registry, tally.silent, tally.all));
    return warn(fmt::format("{} of {} nodes have only peers or a public cache for {}", tally.all - tally.internal, tally.all, registry));
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

// --- pullcache-mirror-tls ---

bool is_plain(const model::RegistryMirror& mirror)
{
    return mirror.insecure || mirror.url.starts_with("http://");
}

/// A peer on this node: only an address can be one, whatever the report says of a name.
bool is_peer(const model::RegistryMirror& mirror)
{
    const auto where = model::authority_of(mirror.url);
    const auto host = where.substr(0, where.rfind(':'));
    const bool address = parse_ipv4(host) != 0 || where.starts_with('[') || host == "localhost";
    return mirror.kind == MirrorKind::peer_to_peer && address;
}

Verdict judge_tls(const model::RegistryMirror& mirror, const model::RegistryEntry& entry)
{
    const auto how = mirror.url.starts_with("http://") ? "plain HTTP" : "TLS whose certificate is not verified";
    if (!is_plain(mirror)) return pass("Every mirror is asked over verified TLS").proven();
    if (is_peer(mirror)) return pass("Peers on this node are asked without TLS; the way there does not leave the node").proven().with("word", "info");
    return fail(fmt::format("{} is taken from {} over {}", entry.host, mirror.url, how)).with("mirror", mirror.url);
}

template <typename Visit>
void for_each_mirror(const model::RegistryConfig& report, Visit visit)
{
    for (const auto& entry : report.registries)
        for (const auto& mirror : entry.mirrors)
            visit(mirror, entry);
    if (!report.wildcard) return;
    for (const auto& mirror : report.wildcard->mirrors)
        visit(mirror, *report.wildcard);
}

Verdict judge_node_tls(const model::RegistryConfig& report)
{
    auto result = not_applicable("This node has no mirror");
    for_each_mirror(report, [&](const auto& mirror, const auto& entry) { result = worst(std::move(result), judge_tls(mirror, entry)); });
    // A mirror in a file that could not be read is not in sight.
    if (result.status < Status::warn && !report.errors.empty())
        return unknown(Reason::unavailable, fmt::format("A part of this node's configuration could not be read: {}", report.errors.front()))
            .needs_grant("NPR");
    return std::move(result).proven();
}

// --- pullcache-mirror-resolve ---

bool resolves_tags(const model::RegistryEntry& entry)
{
    if (entry.mode == model::PullMode::digest_only) return false;
    return std::ranges::any_of(entry.mirrors, [](const auto& mirror) { return mirror.can_pull && mirror.can_resolve; });
}

Verdict judge_resolve(const model::RegistryConfig& report, const std::vector<std::string>& by_tag, const Context& context)
{
    auto result = not_applicable("No pod pulls by tag from a registry that this node mirrors");
    NameList upstream;
    for (const auto& repository : by_tag) {
        const auto* entry = report.entry_of(repository);
        if (entry == nullptr || best_mirror(report, repository, context.parameters.list("internalDomains")) <= MirrorKind::upstream) continue;
        if (resolves_tags(*entry))
            result = worst(std::move(result), pass("Mirrors answer for tags too"));
        else
            upstream.add(entry->is_wildcard() ? repository.substr(0, repository.find('/')) : entry->host);
    }
    if (upstream.empty()) return result;
    return warn(fmt::format("Tags of {} are still resolved upstream: the mirror is used for what is asked by digest only", upstream.text()))
        .with("registries", upstream.values());
}

// --- pullcache-upstream-fallback ---

Verdict judge_fallback(const model::RegistryConfig& report, const Context& context)
{
    const auto& policy = context.parameters.text("policy");
    std::vector<std::string> observed;
    NameList different;
    for (const auto& registry : context.parameters.list("registries")) {
        const auto* entry = report.entry_of(registry);
        const bool asks = (entry == nullptr || (entry->upstream_fallback && !entry->blocked)) && !never_contacts_source(context, registry);
        observed.push_back(fmt::format("{}: {}", registry, asks ? "allow" : "deny"));
        if ((policy == "deny" && asks) || (policy == "allow" && !asks)) different.add(registry);
    }
    if (!different.empty()) {
        // `deny` of a registry whose entry may be in the file that could not be read.
        if (policy == "deny" && !report.errors.empty())
            return unknown(Reason::unavailable, fmt::format("A part of this node's configuration could not be read: {}", report.errors.front()))
                .needs_grant("NPR");
        return warn(policy == "deny" ? fmt::format("Where no mirror answers, this node asks {} itself", different.text())
                                     : fmt::format("Where no mirror answers, this node cannot pull from {}", different.text()))
            .with("observed", std::move(observed));
    }
    return pass(policy == "any" ? "Any policy will do; what is configured is in the evidence" : fmt::format("As declared: {}", policy))
        .proven()
        .with("observed", std::move(observed));
}

/// One result for each node that was asked; one for the cluster where the node-probe is not in use.
template <typename Judge>
void judge_each(const Context& context, Results& results, Judge judge)
{
    if (!has_node_reports(context)) return results.add(ObjectKey::cluster(), {}, probe_disabled());
    for (const auto& node : nodes_asked(context)) {
        if (node.node != nullptr && has_no_host(*node.node))
            results.add(node.key(), {}, not_applicable("A DaemonSet cannot look at this node").proven());
        else
            results.add(node.key(), {}, node.found.report ? judge(*node.found.report).with("level", "node") : node.found.unknown());
    }
}

} // namespace

void run_node_mirror(const Context& context, Results& results)
{
    if (!has_node_reports(context)) return results.add(ObjectKey::cluster(), {}, probe_disabled());
    const auto used = hosts_in_use(context);
    for (const auto& node : context.inventory.nodes)
        if (has_no_host(node))
            results.add(ObjectKey::of("v1", "Node", node.meta), {}, not_applicable("A DaemonSet cannot look at this node").proven());
    for (const auto& node : nodes_with_host(context))
        results.add(node.key(), {}, node.found.report ? judge_report(node, used, context) : node.found.unknown());
}

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
        return unknown(Reason::unavailable, fmt::format("{} do not report; the others of each pool agree", silent.text())).needs_grant("NPR");
    if (reported == 0) return not_applicable("There is no node that the node-probe could look at");
    return pass("The nodes of each pool have the same registry mirrors").with("pools", static_cast<std::int64_t>(pools.size()));
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

void run_mirror_tls(const Context& context, Results& results)
{
    judge_each(context, results, [](const auto& report) { return judge_node_tls(report); });
}

void run_mirror_resolve(const Context& context, Results& results)
{
    const auto by_tag = repositories_by_tag(context);
    judge_each(context, results, [&](const auto& report) { return judge_resolve(report, by_tag, context); });
}

void run_upstream_fallback(const Context& context, Results& results)
{
    judge_each(context, results, [&](const auto& report) { return judge_fallback(report, context); });
}

} // namespace seaworthy::controls
