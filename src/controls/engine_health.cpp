// SPDX-License-Identifier: Apache-2.0
#include "controls/engine_health.hpp"
#include "controls/disruption_budgets.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/policy_engines.hpp"
#include "controls/software.hpp"
#include "controls/webhooks.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Workload;

/// A budget of the namespace that selects a pod template behind the Service.
bool has_budget(const model::Service& service, const Context& context)
{
    const auto covers = [&](const model::StringMap& labels) {
        return model::map_selects(service.selector, labels) && controls::has_budget(service.meta.ns, labels, context);
    };
    return std::ranges::any_of(context.index.workloads_in(service.meta.ns), [&](const Workload* workload) {
        return std::ranges::any_of(workload->templates, [&](const model::PodTemplate* pod_template) { return covers(pod_template->labels); });
    });
}

Verdict judge_webhook(const PolicyEngine& engine, const Webhook& webhook, const Context& context)
{
    const auto told = [&](Verdict verdict) {
        return std::move(verdict).with("engine", std::string{engine.name}).with("webhook", std::string{webhook.name()});
    };
    if (!webhook.url().empty())
        return told(check::unknown(Reason::unobservable, fmt::format("{} is asked at a URL outside: {}", engine.name, webhook.name())));
    const auto* service = context.index.find_service(webhook.service_namespace(), webhook.service_name());
    const auto ready = service == nullptr ? 0U : context.index.ready_endpoints(*service);
    if (ready == 0) {
        const auto effect = webhook.fails_closed() ? "writes are refused" : "its policies are silently off";
        return told(check::fail(fmt::format("Nobody answers for {} ({}): {}", engine.name, webhook.name(), effect))).by_absence();
    }
    if (ready == 1) return told(check::warn(fmt::format("One pod answers for {}", engine.name))).by_absence();
    if (!has_budget(*service, context))
        return told(check::warn(fmt::format("No disruption budget keeps {} up during drains", engine.name))).by_absence();
    return told(check::pass(fmt::format("{} pods answer for {}", ready, engine.name)));
}

/// Gatekeeper's audit is one pod by design: it has to be ready, not to be many.
bool has_unready_audit(const Context& context)
{
    return std::ranges::any_of(context.index.workloads(), [](const Workload& workload) {
        const bool audit = std::ranges::any_of(
            workload.templates, [](const model::PodTemplate* pod_template) { return pod_template->labels.is("gatekeeper.sh/operation", "audit"); });
        return audit && readiness_of(workload) == Readiness::not_ready;
    });
}

} // namespace

Verdict judge_engine_health(const Context& context)
{
    if (context.inventory.cluster.partial) return check::unknown(Reason::unobservable, "Manifests do not show how many backends are ready");
    std::optional<Verdict> worst;
    const auto take = [&](Verdict verdict) { worst = worst ? check::worst(std::move(*worst), std::move(verdict)) : std::move(verdict); };
    bool served = false;
    for (const auto& engine : policy_engines()) {
        if (!is_served(engine, context)) continue;
        served = true;
        for (const auto* value : webhooks_of(engine, context))
            take(judge_webhook(engine, Webhook{*value}, context));
        if (engine.name == "Gatekeeper" && has_unready_audit(context)) take(check::warn("Gatekeeper's audit is not ready").by_absence());
    }
    if (worst) return std::move(*worst);
    return check::not_applicable(served ? "No webhook asks a policy engine about workloads" : "No policy engine is installed");
}

} // namespace seaworthy::controls
