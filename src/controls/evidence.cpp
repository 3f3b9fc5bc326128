// SPDX-License-Identifier: Apache-2.0
#include "controls/evidence.hpp"

namespace seaworthy::controls {

using check::Context;
using check::Verdict;

namespace {

constexpr std::string_view k_workload_lists[] = {"deployments.apps", "statefulsets.apps", "daemonsets.apps",
                                                 "replicasets.apps", "jobs.batch",        "cronjobs.batch"};

} // namespace

const model::Gap* first_gap(const Context& context, std::string_view ns, std::initializer_list<std::string_view> resources)
{
    const auto where = ns.empty() ? std::string_view{"*"} : ns;
    for (const auto resource : resources) {
        if (resource != "WL") {
            if (const auto* gap = context.gap(resource, where)) return gap;
            continue;
        }
        for (const auto list : k_workload_lists)
            if (const auto* gap = context.gap(list, where)) return gap;
    }
    return nullptr;
}

Verdict resting_on(Verdict verdict, const Context& context, std::string_view ns, std::initializer_list<std::string_view> resources)
{
    if (verdict.basis == Verdict::Basis::proof) return verdict;
    if (const auto* gap = first_gap(context, ns, resources)) return context.unknown_for(*gap);
    return std::move(verdict).proven();
}

Verdict resting_on_pods(Verdict verdict, const Context& context, const model::Workload& workload)
{
    verdict = workload.kind == "Deployment" ? resting_on(std::move(verdict), context, workload.ns, {"pods", "replicasets.apps"})
                                            : resting_on(std::move(verdict), context, workload.ns, {"pods"});
    return verdict;
}

Verdict without_pods(const Context& context, const model::Workload& workload)
{
    if (context.inventory.cluster.partial && workload.runs())
        return check::unknown(check::Reason::unobservable, "Manifests do not show how pods fare");
    return resting_on_pods(check::not_applicable("No pod runs"), context, workload);
}

Verdict by_template(Verdict verdict, const Context& context, const model::Workload& workload)
{
    if (context.inventory.cluster.partial && !workload.templates.empty()) return std::move(verdict).proven();
    if (!workload.pods.empty() || workload.bare_pod != nullptr) return verdict;
    return std::move(verdict).by_absence();
}

std::optional<Verdict> too_young(const model::ObjectMeta& meta, const Context& context)
{
    if (meta.created.at_least(context.settings.min_age, context.now)) return std::nullopt;
    return check::not_applicable("younger than " + format_age(context.settings.min_age)).proven();
}

bool is_readable(const Context& context, std::string_view resource, std::string_view ns)
{
    return context.inventory.listed.contains(resource) && context.gap(resource, ns) == nullptr;
}

} // namespace seaworthy::controls
