// SPDX-License-Identifier: Apache-2.0
#include "controls/pod_isolation.hpp"

#include <fmt/format.h>

#include "controls/names.hpp"
#include "controls/pod_shapes.hpp"
#include "controls/policy_rules.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::fail;
using check::not_applicable;
using check::pass;
using check::Verdict;
using check::warn;
using model::Direction;
using model::Isolation;
using model::NetworkIsolation;

/// How many of a workload's or a namespace's pods (or templates, where no pod runs) are in which state.

struct Tally {
    std::size_t isolated = 0;
    std::size_t open = 0;
    std::size_t reopened = 0;
    std::size_t external_only = 0;
    std::size_t unresolved = 0;
    std::size_t host_network = 0;
    std::string doubt; ///< a policy that leaves pods unresolved

    void add(Isolation isolation, std::size_t pods)
    {
        switch (isolation) {
        case Isolation::isolated: isolated += pods; break;
        case Isolation::open: open += pods; break;
        case Isolation::reopened: reopened += pods; break;
        case Isolation::external_only: external_only += pods; break;
        case Isolation::unresolved: unresolved += pods; break;
        }
    }
    [[nodiscard]] std::size_t judged() const { return isolated + open + reopened + external_only + unresolved; }
};

void tally_workload(const model::Workload& workload, const NetworkIsolation& isolation, Direction direction, Tally& tally)
{
    const auto add = [&](const model::PodIdentity& pod, std::size_t pods) {
        const auto found = isolation.of_pod(pod, direction);
        tally.add(found, pods);
        if (found == Isolation::unresolved && tally.doubt.empty()) tally.doubt = isolation.doubt(pod, direction);
    };
    const auto judge = [&](const model::StringMap& labels, const model::PodSpec* spec, std::size_t pods) {
        if (spec != nullptr && spec->host_network)
            tally.host_network += pods;
        else
            add(identity_of(workload.ns, labels, spec), pods);
    };
    for (const auto& alike : alike_pods(workload))
        judge(alike.first->labels(), alike.first->spec(), alike.pods);
    if (workload.pods.empty())
        for (const auto* pod_template : workload.templates)
            judge(pod_template->labels, pod_template->spec, 1);
}

std::string open_message(const Tally& tally, Direction direction)
{
    const auto what = direction == Direction::ingress ? "accepts traffic from every pod in the cluster" : "may open connections anywhere";
    return tally.reopened > 0 ? fmt::format("{}: the policies that select its pods allow all {}, which undoes any isolation", what, name(direction))
                              : fmt::format("{}: no policy isolates its pods for {}", what, name(direction));
}

Verdict judge_pods(const model::Workload& workload, const Context& context, Direction direction)
{
    Tally tally;
    tally_workload(workload, context.network, direction, tally);
    if (tally.judged() == 0) {
        if (tally.host_network > 0) return not_applicable("Its pods use the host's network, which no network policy filters").proven();
        return resting_on_policies(not_applicable("It has neither pods nor a template"), workload.ns, context);
    }
    if (const auto* gap = context.network.unread(workload.ns)) return context.unknown_for(*gap);
    if (tally.unresolved > 0) return unresolved_by(tally.doubt);
    const auto open = tally.open + tally.reopened;
    if (open == 0 && tally.external_only > 0)
        return warn("Only traffic that leaves the cluster is filtered; inside it pods may connect anywhere").with("word", "external-egress-only");
    if (open == 0) return resting_on_policies(pass(fmt::format("Every pod is isolated for {}", name(direction))), workload.ns, context);
    if (tally.isolated > 0 || tally.external_only > 0)
        return warn(fmt::format("{} of {} pods are not isolated for {}: their labels differ from the others'", open, tally.judged(), name(direction)))
            .with("open", static_cast<std::int64_t>(open))
            .with("pods", static_cast<std::int64_t>(tally.judged()));
    return fail(fmt::format("{} {}", workload.name.view(), open_message(tally, direction))).with("state", tally.reopened > 0 ? "open" : "unselected");
}

Verdict judge_default_deny(const model::Namespace& ns, const Context& context, Direction direction)
{
    if (ns.terminating()) return not_applicable("The namespace is being deleted").proven();
    const auto& isolation = context.network;
    Tally tally;
    for (const auto* workload : context.index.workloads_in(ns.meta.name))
        if (!workload->finished) tally_workload(*workload, isolation, direction, tally);
    if (tally.judged() == 0 && !context.parameters.flag("includeEmpty")) {
        // Templates stand for workloads without pods, so "nothing here" needs the lists of workloads too.
        for (const auto& kind : check::expand_needs("WL"))
            if (const auto* gap = context.gap(kind, ns.meta.name)) return context.unknown_for(*gap);
        return resting_on_policies(not_applicable("No pod here is reached by network policies"), ns.meta.name, context);
    }
    if (const auto* gap = isolation.unread(ns.meta.name)) return context.unknown_for(*gap);
    switch (isolation.of_any_pod(ns.meta.name, direction)) {
    case Isolation::isolated:
        if (isolation.of_any_pod_above_baseline(ns.meta.name, direction) != Isolation::isolated)
            return warn(fmt::format("Only the baseline tier denies {} by default, and any policy of the namespace takes its place", name(direction)))
                .with("word", "baseline-only");
        return resting_on_policies(pass(fmt::format("A policy that selects every pod denies {} by default", name(direction))), ns.meta.name, context);
    case Isolation::unresolved: return unresolved_by(isolation.doubt_about_any_pod(ns.meta.name, direction));
    case Isolation::reopened:
        return fail(fmt::format("What selects every pod allows all {}: policies are additive, so that undoes any default deny", name(direction)))
            .with("state", "open");
    case Isolation::external_only: return warn("Only traffic that leaves the cluster is denied by default").with("word", "external-egress-only");
    case Isolation::open: break;
    }
    if (tally.unresolved > 0) return unresolved_by(tally.doubt);
    if (tally.judged() > 0 && tally.isolated == tally.judged())
        return warn(fmt::format("Every present pod is isolated for {}, but a new one starts open: no policy selects every pod", name(direction)));
    return fail(fmt::format("No policy denies {} by default: {} of {} pods are open, and so is every new one", name(direction),
                            tally.judged() - tally.isolated, tally.judged()));
}

} // namespace

Verdict judge_pod_ingress(const model::Workload& workload, const Context& context)
{
    return judge_pods(workload, context, Direction::ingress);
}

Verdict judge_pod_egress(const model::Workload& workload, const Context& context)
{
    if (!context.parameters.flag("requireEgress")) return not_applicable("Egress isolation is not required here").proven();
    if (names_workload(context.parameters.list("exemptWorkloads"), workload))
        return not_applicable("The workload is exempt by exemptWorkloads").proven();
    return judge_pods(workload, context, Direction::egress);
}

Verdict judge_default_deny_ingress(const model::Namespace& ns, const Context& context)
{
    return judge_default_deny(ns, context, Direction::ingress);
}

Verdict judge_default_deny_egress(const model::Namespace& ns, const Context& context)
{
    if (!context.parameters.flag("required")) return not_applicable("A default deny for egress is not required here").proven();
    return judge_default_deny(ns, context, Direction::egress);
}

} // namespace seaworthy::controls
