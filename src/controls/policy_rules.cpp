// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_rules.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "controls/evidence.hpp"

namespace seaworthy::controls {
std::int32_t port_number(std::string_view text)
{
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

std::string_view protocol_of(Text protocol)
{
    return protocol.empty() ? std::string_view{"TCP"} : protocol.view();
}

std::vector<model::PodIdentity> filtered_pods(const model::Workload& workload, const std::function<bool(const model::PodSpec&)>& counts)
{
    std::vector<model::PodIdentity> found;
    const auto add = [&](const model::StringMap& labels, const model::PodSpec* spec) {
        if (spec == nullptr || spec->host_network || !counts(*spec)) return;
        const auto pod = model::identity_of(workload.ns, labels, spec);
        const auto is_alike = [&](const model::PodIdentity& each) { return each.labels == labels && each.service_account == pod.service_account; };
        if (std::ranges::none_of(found, is_alike)) found.push_back(pod);
    };
    for (const auto* pod : workload.pods)
        add(pod->labels(), pod->spec());
    if (workload.pods.empty())
        for (const auto* pod_template : workload.templates)
            add(pod_template->labels, pod_template->spec);
    return found;
}

check::Verdict unresolved_by(std::string_view policy)
{
    auto verdict = check::unknown(check::Reason::unobservable, fmt::format("What {} says of the pods cannot be resolved", policy));
    return std::move(verdict).with("word", std::string{"unresolved-policies"}).with("policy", std::string{policy});
}

check::Verdict resting_on_policies(check::Verdict verdict, std::string_view ns, const check::Context& context)
{
    if (verdict.basis == check::Verdict::Basis::proof) return verdict;
    static const auto k_lists = check::expand_needs("NP+CN, pods, WL, namespaces");
    for (const auto& list : k_lists)
        if (const auto* gap = list.starts_with("tiers.") ? nullptr : context.gap(list, ns)) return context.unknown_for(*gap);
    return std::move(verdict).proven();
}

check::Verdict resting_on_each_pod(check::Verdict verdict, const model::Workload& workload, const check::Context& context)
{
    if (workload.kind != "Deployment") return resting_on(std::move(verdict), context, workload.ns, {"networkpolicies.networking.k8s.io", "pods"});
    return resting_on(std::move(verdict), context, workload.ns, {"networkpolicies.networking.k8s.io", "pods", "replicasets.apps"});
}

} // namespace seaworthy::controls
