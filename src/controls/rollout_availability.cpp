// SPDX-License-Identifier: Apache-2.0
#include "controls/rollout_availability.hpp"
#include "controls/disruption_budgets.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "controls/environment_labels.hpp"
#include "controls/evidence.hpp"
#include "controls/service_ports.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Value;
using model::Workload;
using model::WorkloadKind;

constexpr std::string_view k_autoscalers = "horizontalpodautoscalers.autoscaling";
constexpr std::string_view k_scaled_objects = "scaledobjects.keda.sh";
constexpr std::string_view k_budgets = "poddisruptionbudgets.policy";

bool targets(const Document& scaler, const Workload& workload)
{
    const auto& target = scaler.at("spec.scaleTargetRef");
    const auto kind = target["kind"].text();
    return target["name"].text() == workload.name.view() && (kind.empty() ? workload.kind == "Deployment" : kind == workload.kind.view());
}

const Document* scaler_of(std::string_view list, const Workload& workload, const Context& context)
{
    for (const auto* scaler : context.index.documents_in(list, workload.ns))
        if (targets(*scaler, workload)) return scaler;
    return nullptr;
}

/// How many pods there are at least: an autoscaler's word counts before the workload's own.
std::int32_t least_replicas(const Workload& workload, const Context& context)
{
    if (const auto* scaled = scaler_of(k_scaled_objects, workload, context))
        return static_cast<std::int32_t>(scaled->at("spec.minReplicaCount").number_or(0));
    if (const auto* autoscaler = scaler_of(k_autoscalers, workload, context))
        return static_cast<std::int32_t>(autoscaler->at("spec.minReplicas").number_or(1));
    return workload.object->replicas.value_or(1);
}

bool keeps_replicas(const Workload& workload)
{
    return workload.object != nullptr && (workload.object->kind == WorkloadKind::deployment || workload.object->kind == WorkloadKind::stateful_set);
}

/// True if a Service of it carries more than metrics.
bool serves(const Workload& workload, const Context& context)
{
    return std::ranges::any_of(context.index.services_of(workload), [](const model::Service* service) {
        return std::ranges::any_of(service->ports, [](const auto& port) { return !carries_metrics(port); });
    });
}

bool elects_a_leader(const Workload& workload)
{
    bool found = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto& list : {container.command, container.args})
            for (const auto& word : list)
                found = found || (word.view().find("leader-elect") != std::string_view::npos && !word.view().ends_with("=false"));
    });
    return found;
}

/// A Deployment's pods share a claim, which most volumes let one node mount.
bool shares_a_claim(const Workload& workload)
{
    return workload.object->kind == WorkloadKind::deployment && std::ranges::any_of(workload.templates, [](const auto* each) {
               return std::ranges::any_of(each->spec->volumes,
                                          [](const auto& volume) { return volume.kind == model::Volume::Kind::persistent_volume_claim; });
           });
}

bool is_flagger_target(const Workload& workload, const Context& context)
{
    return std::ranges::any_of(context.index.documents_in("canaries.flagger.app", workload.ns), [&](const Document* canary) {
        return canary->at("spec.targetRef.name").text() == workload.name.view() && canary->at("spec.targetRef.kind").text() == workload.kind.view();
    });
}

// ---- rollout-pdb

/// A budget's number or percentage of so many pods, rounded up as the disruption controller does; nothing where it is not set.
std::optional<double> resolved(const Value& value, std::int32_t replicas)
{
    if (value.kind() == Value::Kind::number) return value.number_or(0);
    auto text = value.text();
    if (!text.ends_with('%')) return std::nullopt;
    text.remove_suffix(1);
    int percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return std::ceil(static_cast<double>(percent) * replicas / 100.0);
}

/// Why nobody may evict a pod; empty where one may go.
std::string blocks(const Document& budget, std::int32_t replicas)
{
    if (const auto most = resolved(budget.at("spec.maxUnavailable"), replicas); most && *most < 1) return "maxUnavailable is 0";
    if (const auto least = resolved(budget.at("spec.minAvailable"), replicas); least && *least >= replicas)
        return fmt::format("minAvailable asks for {:.0f} of {}", *least, replicas);
    return {};
}

} // namespace

Verdict judge_min_replicas(const Workload& workload, const Context& context)
{
    if (!keeps_replicas(workload)) return check::not_applicable("It keeps no replicas").proven();
    if (elects_a_leader(workload)) return check::not_applicable("One pod leads, another only waits").proven();
    if (shares_a_claim(workload)) return check::not_applicable("Its pods share a volume that one node may mount").proven();
    const auto environment = environment_of_namespace(workload.ns, context);
    if (!environment.empty() && environment != k_production) return check::not_applicable(fmt::format("Its namespace is {}", environment)).proven();
    if (!serves(workload, context))
        return resting_on(check::not_applicable("No Service of it carries more than metrics"), context, workload.ns, {"services"});
    if (is_flagger_target(workload, context)) return check::not_applicable("Flagger scales it").proven();
    const auto* scaled = scaler_of(k_scaled_objects, workload, context);
    const auto replicas = least_replicas(workload, context);
    if (scaled != nullptr && replicas == 0) return check::not_applicable("KEDA scales it to zero on purpose").proven();
    const auto wanted = context.parameters.number("min");
    if (replicas >= wanted) return check::pass(fmt::format("At least {} replicas", replicas));
    const auto message = fmt::format("{} replica{}: each change or drain is an interruption", replicas, replicas == 1 ? "" : "s");
    auto verdict = is_exposed(workload, context) ? check::fail(message + " that everybody notices") : check::warn(message);
    return std::move(verdict).with("replicas", std::int64_t{replicas}).by_absence();
}

Verdict judge_disruption_budget(const Workload& workload, const Context& context)
{
    if (!keeps_replicas(workload)) return check::not_applicable("It keeps no replicas").proven();
    const auto replicas = least_replicas(workload, context);
    if (replicas < 2) return resting_on(check::not_applicable("Fewer than two replicas"), context, workload.ns, {k_autoscalers, k_scaled_objects});
    const Document* last = nullptr;
    for (const auto* budget : context.index.documents_in(k_budgets, workload.ns)) {
        if (!budget_selects(*budget, workload)) continue;
        if (const auto why = blocks(*budget, replicas); !why.empty())
            return check::fail(fmt::format("PodDisruptionBudget {} lets no pod go, and so no node be drained: {}", budget->meta.name.view(), why))
                .with("budget", budget->meta.name.str())
                .by_absence();
        if (last == nullptr || budget->meta.name < last->meta.name) last = budget;
    }
    if (last == nullptr) {
        if (!serves(workload, context)) return check::not_applicable("No Service needs it to stay up");
        return check::warn(fmt::format("A drain may take all of its {} replicas at once", replicas)).by_absence();
    }
    auto verdict = check::pass(fmt::format("PodDisruptionBudget {} keeps it up", last->meta.name.view()));
    if (last->at("spec.unhealthyPodEvictionPolicy").text() != "AlwaysAllow")
        verdict.evidence.emplace_back("note", std::string{"pods that never become ready block drains (unhealthyPodEvictionPolicy)"});
    return verdict;
}

} // namespace seaworthy::controls
