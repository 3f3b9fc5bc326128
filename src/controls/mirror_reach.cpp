// SPDX-License-Identifier: Apache-2.0
#include "mirror_reach.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "mirror_sets.hpp"
#include "node_reports.hpp"

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

/// Peers have an address on each node: a few of them stand for all.
constexpr std::size_t k_most_peers = 20;
/// A node that lies may name very many: those that most nodes name are judged.
constexpr std::size_t k_most_mirrors = 200;

struct Mirror {
    std::string url; ///< where it is asked
    std::size_t nodes = 0;
    std::size_t dialled = 0;
    std::size_t unreachable = 0; ///< of those that dialled
    bool peer = false;
    bool own_authority = false; ///< nodes trust a certificate authority for it that is a file of theirs
    std::string error;          ///< what a node's dial says
};

using Mirrors = std::map<std::string, Mirror>; ///< by host

void add(Mirrors& mirrors, const model::RegistryMirror& mirror, const model::RegistryEntry& entry, const Context& context)
{
    const auto kind = kind_of(mirror, entry.host, context.parameters.list("internalDomains"));
    const auto host = std::string{model::authority_of(mirror.url)};
    if (kind == MirrorKind::upstream || host.empty()) return;
    const bool peer = kind == MirrorKind::peer_to_peer;
    auto& known = mirrors[host];
    if (known.url.empty()) known.url = model::ping_url_of(mirror.url);
    known.peer = peer;
    known.own_authority = known.own_authority || !mirror.ca.empty();
    ++known.nodes;
    if (mirror.dial.empty()) return;
    ++known.dialled;
    if (mirror.dial == "ok") return;
    ++known.unreachable;
    known.error = mirror.dial;
}

/// Sets of a cluster whose nodes do not report; read where the check that needs them has them read.
void add_mirror_sets(const Context& context, Mirrors& mirrors)
{
    const auto add_set = [&](std::string_view resource, std::string_view list) {
        for (const auto& set : context.inventory.documents_of(resource))
            for (const auto& entry : set.at(list).items())
                for (const auto& mirror : entry["mirrors"].items())
                    if (const auto host = std::string{model::authority_of(mirror.text())}; !host.empty())
                        mirrors.emplace(host, Mirror{.url = model::ping_url_of(host)});
    };
    add_set(k_digest_sets, "spec.imageDigestMirrors");
    add_set(k_tag_sets, "spec.imageTagMirrors");
}

Mirrors find_mirrors(const Context& context)
{
    Mirrors mirrors;
    add_mirror_sets(context, mirrors);
    for (const auto& node : nodes_asked(context)) {
        if (!node.found.report) continue;
        const auto& report = *node.found.report;
        for (const auto& entry : report.registries)
            for (const auto& mirror : entry.mirrors)
                add(mirrors, mirror, entry, context);
        if (!report.wildcard) continue;
        for (const auto& mirror : report.wildcard->mirrors)
            add(mirrors, mirror, *report.wildcard, context);
    }
    return mirrors;
}

void keep_most_named(Mirrors& mirrors)
{
    if (mirrors.size() <= k_most_mirrors) return;
    std::vector<std::pair<std::size_t, std::string>> by_nodes;
    for (const auto& [host, mirror] : mirrors)
        by_nodes.emplace_back(mirror.nodes, host);
    std::ranges::stable_sort(by_nodes, [](const auto& a, const auto& b) { return a.first > b.first; });
    for (auto row = by_nodes.begin() + k_most_mirrors; row != by_nodes.end(); ++row)
        mirrors.erase(row->second);
}

/// A registry answers 200, or 401 with its challenge (distribution-spec end-1); 429 is one that throttles.
bool is_registry(const model::ProbeAnswer& answer)
{
    return answer.status == 200 || answer.status == 429 || (answer.status == 401 && answer.headers.contains("www-authenticate"));
}

Verdict judge(const std::string& host, const Mirror& mirror, const Context& context)
{
    if (mirror.peer) return not_applicable("Peers are reached from their own node only").proven();
    const auto* answer = context.inventory.probe(mirror.url);
    if (answer == nullptr)
        return unknown(Reason::unobservable,
                       fmt::format("Nobody asked {} from here: name it in probes.registries, or set probes.nodeProbe.askMirrors", host))
            .needs_grant("H");
    if (is_registry(*answer)) return pass("The mirror answers").proven();
    const auto said = answer->error.empty() ? fmt::format("HTTP {}", answer->status) : answer->error;
    if (answer->error == "tls_untrusted" && mirror.own_authority && mirror.unreachable == 0)
        return unknown(Reason::unobservable,
                       fmt::format("{} answers, by a certificate authority that only nodes know: name it in probes.registries with caFile", host))
            .needs_grant("H");
    const bool nowhere = mirror.nodes > 0 && mirror.dialled == mirror.nodes && mirror.unreachable == mirror.dialled;
    if (nowhere)
        return fail(fmt::format("{} answers neither here ({}) nor on any node ({}): pulls go upstream without a word", host, said, mirror.error));
    return warn(fmt::format("{} does not answer as a registry from the pod network ({}); nodes may be better off", host, said))
        .with("url", mirror.url);
}

} // namespace

void run_mirror_reachable(const Context& context, Results& results)
{
    auto mirrors = find_mirrors(context);
    keep_most_named(mirrors);
    if (mirrors.empty() && !has_node_reports(context)) return results.add(ObjectKey::cluster(), {}, probe_disabled());
    if (mirrors.empty()) return results.add(ObjectKey::cluster(), {}, not_applicable("No report names a mirror"));
    std::size_t peers = 0;
    for (const auto& [host, mirror] : mirrors)
        if (!mirror.peer || ++peers <= k_most_peers) results.add(ObjectKey::registry(host), {}, judge(host, mirror, context));
}

} // namespace seaworthy::controls
