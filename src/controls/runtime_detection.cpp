// SPDX-License-Identifier: Apache-2.0
#include "controls/runtime_detection.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/attestations.hpp"
#include "controls/evidence.hpp"
#include "controls/log_shippers.hpp"
#include "controls/software.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;

constexpr Software k_sensors[] = {
    {"Falco", "falcosecurity/falco, falcosecurity/falco-no-driver"},
    {"Tetragon", "cilium/tetragon"},
    {"KubeArmor", "kubearmor/kubearmor"},
    {"Tracee", "aquasec/tracee, aquasecurity/tracee"},
    {"StackRox", "stackrox-io/collector, rhacs-collector-rhel8, stackrox-collector"},
    {"NeuVector", "neuvector/enforcer"},
    {"Sysdig", "sysdig/agent, sysdig/agent-slim"},
    {"CrowdStrike Falcon", "falcon-sensor"},
    {"Wiz", "wiz-sensor/sensor, wizsec/sensor"},
    {"Microsoft Defender", "azuredefender/stable/security-publisher, azuredefender/stable/low-level-collector"},
    {"Amazon GuardDuty", "aws-guardduty-agent"},
    {"Prisma Cloud", "twistlock/defender"},
};
constexpr Software k_falco_outputs[] = {{"Falcosidekick", "falcosecurity/falcosidekick"}};

Verdict without_sensor(const Context& context)
{
    if (auto unobservable = unobservable_in_manifests(context, "what watches containers")) return *std::move(unobservable);
    const std::string message = "Nothing on the nodes watches what containers do";
    auto verdict = (context.parameters.flag("required") ? check::fail(message) : check::warn(message)).by_absence();
    return or_attested(std::move(verdict), context, "runtimeDetection", "The provider watches containers", {"WL"});
}

} // namespace

Verdict judge_runtime_detection(const Context& context)
{
    auto sensors = find_software(context, k_sensors);
    std::erase_if(sensors, [](const auto& sensor) { return !runs_on_nodes(*sensor.workload); });
    if (sensors.empty()) return without_sensor(context);
    if (context.inventory.cluster.partial) return check::unknown(check::Reason::unobservable, "Manifests do not show on which nodes it runs");
    if (const auto* gap = first_gap(context, "*", {"nodes", "pods"})) return context.unknown_for(*gap);
    constexpr double k_enough = 95;
    const auto coverage = coverage_of(sensors, context);
    if (coverage.nodes == 0) return check::not_applicable("No ready node to judge");
    const auto share = coverage.percent();
    const auto name = sensors.front().software->name;
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("sensor", std::string{name}).with("share", share); };
    if (share < k_enough)
        return told(check::warn(fmt::format("{} watches {:.0f} percent of the nodes", name, share))).with("nodes", coverage.missing.values());
    if (name == "Falco" && find_software(context, k_falco_outputs).empty())
        return told(check::warn("Falco watches, and nothing takes what it finds: there is no Falcosidekick")).by_absence();
    if (name == "Tetragon") {
        if (const auto* gap = context.gap("tracingpolicies.cilium.io"); gap != nullptr && gap->reason != check::Reason::not_served)
            return context.unknown_for(*gap);
        if (context.inventory.documents_of("tracingpolicies.cilium.io").empty())
            return told(check::warn("Tetragon watches, and no TracingPolicy says for what")).by_absence();
    }
    return told(check::pass(fmt::format("{} watches every node", name)));
}

} // namespace seaworthy::controls
