// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_rules.hpp"

#include <algorithm>
#include <charconv>

#include "controls/evidence.hpp"

namespace seaworthy::controls {
namespace {

bool admits_port(const model::NetworkPolicyPort& port, std::string_view protocol, const Target& target)
{
    if (protocol_of(port.protocol) != protocol) return false;
    if (port.port.empty()) return true;
    const auto first = port_number(port.port);
    if (first == 0) return !target.name.empty() && port.port == target.name;
    return target.number == first || (port.end_port >= first && target.number >= first && target.number <= port.end_port);
}

} // namespace

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

bool admits_port(const model::NetworkPolicyRule& rule, std::string_view protocol, const Target& target)
{
    return rule.ports.empty() || std::ranges::any_of(rule.ports, [&](const auto& port) { return admits_port(port, protocol, target); });
}

std::vector<const model::StringMap*> filtered_pods(const model::Workload& workload, const std::function<bool(const model::PodSpec&)>& counts)
{
    std::vector<const model::StringMap*> found;
    const auto add = [&](const model::StringMap& labels, const model::PodSpec* spec) {
        if (spec == nullptr || spec->host_network || !counts(*spec)) return;
        if (std::ranges::none_of(found, [&](const auto* each) { return *each == labels; })) found.push_back(&labels);
    };
    for (const auto* pod : workload.pods)
        add(pod->labels(), pod->spec());
    if (workload.pods.empty())
        for (const auto* pod_template : workload.templates)
            add(pod_template->labels, pod_template->spec);
    return found;
}

check::Verdict unresolved_by_other_policies()
{
    return check::unknown(check::Reason::unobservable, "Policies of a CNI's own API could select its pods and are not evaluated")
        .with("word", std::string{"unresolved-policies"});
}

check::Verdict resting_on_each_pod(check::Verdict verdict, const model::Workload& workload, const check::Context& context)
{
    if (workload.kind != "Deployment") return resting_on(std::move(verdict), context, workload.ns, {"networkpolicies.networking.k8s.io", "pods"});
    return resting_on(std::move(verdict), context, workload.ns, {"networkpolicies.networking.k8s.io", "pods", "replicasets.apps"});
}

} // namespace seaworthy::controls
