// SPDX-License-Identifier: Apache-2.0
#include "controls/canaries.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/software.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Value;

constexpr Software k_controllers[] = {
    {"Argo Rollouts", "argoproj/argo-rollouts"},
    {"Flagger", "fluxcd/flagger, weaveworks/flagger"},
    {"OpenKruise Rollouts", "openkruise/kruise-rollout"},
    {"Knative Serving", "knative.dev/serving/cmd/controller, knative-serving/controller"},
};
/// What sends a share of the requests to another version, if somebody sets the weights.
constexpr Software k_routers[] = {
    {"Istio", "istio/pilot"},
    {"Linkerd", "linkerd/controller"},
    {"Traefik", "library/traefik, rancher/mirrored-library-traefik"},
    {"Contour", "projectcontour/contour"},
    {"ingress-nginx", "ingress-nginx/controller"},
    {"OpenShift Router", "openshift/origin-haproxy-router"},
    {"AWS Load Balancer Controller", "eks/aws-load-balancer-controller"},
};

// ---- canary-spec-valid

Verdict judge_canary_steps(const Value& canary, double replicas)
{
    const auto steps = canary["steps"].items();
    if (steps.empty()) return check::warn("It has no steps: the new version gets everything at once");
    bool limits = false;
    bool waits = false;
    bool routes = false;
    double smallest = 100;
    for (const auto& step : steps) {
        if (step["setWeight"].exists()) {
            const auto weight = step["setWeight"].number_or(100);
            limits = limits || weight < 100;
            smallest = std::min(smallest, weight);
        }
        routes = routes || step["setHeaderRoute"].exists() || step["setMirrorRoute"].exists();
        waits = waits || step["pause"].exists() || step["analysis"].exists() || step["experiment"].exists();
    }
    if (!limits && !routes) return check::warn("No step sends less than everything to the new version");
    if (!waits) return check::warn("Nothing pauses or analyses between its steps");
    if (!canary["trafficRouting"].exists() && !routes && smallest * replicas / 100 < 1)
        return check::warn(fmt::format("Without trafficRouting a weight of {:.0f} percent of {:.0f} replicas is no whole pod", smallest, replicas));
    auto verdict = check::pass("Its steps limit what a bad version reaches").proven();
    const bool analyses = canary["analysis"].exists() || std::ranges::any_of(steps, [](const Value& step) { return step["analysis"].exists(); });
    if (!analyses) verdict.evidence.emplace_back("note", std::string{"no analysis decides, a person does"});
    return verdict;
}

Verdict judge_rollout(const Document& rollout)
{
    const auto& strategy = rollout.at("spec.strategy");
    if (strategy["blueGreen"].exists()) {
        const auto& blue_green = strategy["blueGreen"];
        if (blue_green["prePromotionAnalysis"].exists() || blue_green["postPromotionAnalysis"].exists())
            return check::not_applicable("Blue and green, with an analysis").proven();
        return check::warn("Blue and green without an analysis: everything goes over at once, and nothing looks at it");
    }
    return judge_canary_steps(strategy["canary"], rollout.at("spec.replicas").number_or(1));
}

Verdict judge_flagger(const Document& canary)
{
    if (canary.at("spec.skipAnalysis").is_true()) return check::fail("Its analysis is skipped (skipAnalysis)");
    const auto& current = canary.at("spec.analysis");
    const auto& analysis = current.exists() ? current : canary.at("spec.canaryAnalysis");
    if (!analysis.exists()) return check::fail("It has no analysis");
    if (analysis["metrics"].items().empty() && analysis["webhooks"].items().empty())
        return check::fail("Its analysis looks at no metric and asks no webhook");
    if (analysis["maxWeight"].number_or(0) >= 100 && analysis["stepWeight"].number_or(0) >= 50)
        return check::warn("Its first step is half of all requests, its second all of them");
    return check::pass("Its analysis decides about small steps").proven();
}

} // namespace

Verdict judge_canary_tools(const Context& context)
{
    const auto controllers = find_software(context, k_controllers);
    const auto ready = std::ranges::find(controllers, Readiness::ready, &Installation::readiness);
    if (ready != controllers.end()) return check::pass(fmt::format("{} releases step by step", ready->software->name)).proven();
    for (const auto& gateway : context.inventory.documents_of("gatewayclasses.gateway.networking.k8s.io"))
        if (model::condition_of(gateway, "Accepted")["status"].text() == "True")
            return check::pass(fmt::format("GatewayClass {} takes weights; people set them", gateway.meta.name.view()))
                .with("word", std::string{"manual"})
                .proven();
    const auto routers = find_software(context, k_routers);
    const auto router = std::ranges::find(routers, Readiness::ready, &Installation::readiness);
    if (router != routers.end())
        return check::pass(fmt::format("{} takes weights; people set them", router->software->name)).with("word", std::string{"manual"}).proven();
    if (auto unobservable = unobservable_in_manifests(context, "what releases step by step")) return *std::move(unobservable);
    return check::warn("Nothing here can send a part of the requests to a new version").by_absence();
}

Verdict judge_canary_spec(const Document& canary, const Context&)
{
    if (canary.kind == "Canary") return judge_flagger(canary);
    return judge_rollout(canary);
}

} // namespace seaworthy::controls
