// SPDX-License-Identifier: Apache-2.0
#include "node_mirrors.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "mirror_sets.hpp"
#include "names.hpp"
#include "node_reports.hpp"
#include "seaworthy/base/ipv4.hpp"

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
    return fail(fmt::format("{} is taken from {} over {}", entry.is_wildcard() ? "Every other registry" : entry.host, mirror.url, how))
        .with("mirror", mirror.url);
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

/// The registries for which a node does something else than `policy`.
NameList different_from(std::string_view policy, const model::RegistryConfig& report, const Context& context, std::vector<std::string>& observed)
{
    NameList different;
    for (const auto& registry : context.parameters.list("registries")) {
        const auto* entry = report.entry_of(registry);
        const bool asks = (entry == nullptr || (entry->upstream_fallback && !entry->blocked)) && !never_contacts_source(context, registry);
        observed.push_back(fmt::format("{}: {}", registry, asks ? "allow" : "deny"));
        if ((policy == "deny" && asks) || (policy == "allow" && !asks)) different.add(registry);
    }
    return different;
}

Verdict judge_fallback(const model::RegistryConfig& report, const Context& context)
{
    const auto& policy = context.parameters.text("policy");
    std::vector<std::string> observed;
    const auto different = different_from(policy, report, context, observed);
    // What was not read may hold the entry or the mirror set that forbids the registry itself.
    if (policy == "deny" && !different.empty() && !report.errors.empty())
        return unknown(Reason::unavailable, fmt::format("A part of this node's configuration could not be read: {}", report.errors.front()))
            .needs_grant("NPR");
    auto verdict = policy == "any"     ? pass("Any policy will do; what is configured is in the evidence").proven()
                   : different.empty() ? pass(fmt::format("As declared: {}", policy))
                   : policy == "deny"  ? warn(fmt::format("Where no mirror answers, this node asks {} itself", different.text())).by_absence()
                                       : warn(fmt::format("Where no mirror answers, this node cannot pull from {}", different.text()));
    return std::move(verdict).with("observed", std::move(observed));
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
