// SPDX-License-Identifier: Apache-2.0
#include "controls/stalled_canaries.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::Document;
using model::Value;

constexpr std::chrono::hours k_failed_for{1};

// ---- releases of a controller

Verdict waiting(std::string message, Timestamp since, const Context& context)
{
    if (!since.at_least(context.parameters.duration("approvalGrace"), context.now)) return check::pass(std::move(message)).proven();
    return check::warn(message + ", for longer than an approval should take");
}

Verdict judge_rollout(const Document& rollout, const Context& context)
{
    const auto phase = rollout.at("status.phase").text();
    if (phase == "Degraded" || rollout.at("status.abort").is_true()) {
        const auto& condition = model::condition_of(rollout, "Progressing");
        const auto since = parse_rfc3339(condition["lastTransitionTime"].text());
        if (!since.at_least(k_failed_for, context.now)) return check::pass("It has just failed").proven();
        return check::fail(rollout.at("status.abort").is_true() ? "It was aborted, and nobody has acted" : "It is degraded, and nobody has acted");
    }
    if (phase == "Paused") {
        Timestamp since;
        for (const auto& pause : rollout.at("status.pauseConditions").items()) {
            const auto time = parse_rfc3339(pause["startTime"].text());
            since = since.known() ? std::min(since, time) : time;
        }
        return waiting("It is paused", since, context);
    }
    if (phase.empty()) return check::unknown(check::Reason::unobservable, "No controller has looked at it");
    return check::pass(fmt::format("It is {}", phase)).proven();
}

Verdict judge_flagger(const Document& canary, const Context& context)
{
    const auto phase = canary.at("status.phase").text();
    const auto since = parse_rfc3339(canary.at("status.lastTransitionTime").text());
    if (phase.empty()) return check::unknown(check::Reason::unobservable, "No controller has looked at it");
    if (phase == "Failed") {
        if (!since.at_least(k_failed_for, context.now)) return check::pass("It has just failed").proven();
        return check::fail("It failed, and nobody has acted");
    }
    if (phase.starts_with("Waiting")) return waiting(fmt::format("It waits ({})", phase), since, context);
    return check::pass(fmt::format("It is {}", phase)).proven();
}

// ---- who sets a route's weights

/// Depth of `trafficRouting` in a Rollout: a plugin's own fields are three levels down, the rest is room.
constexpr int k_max_depth = 8;

bool holds_text(const Value& value, std::string_view wanted, int depth = 0)
{
    if (depth > k_max_depth) return false;
    const auto below = [&](const Value& each) { return holds_text(each, wanted, depth + 1); };
    return value.text() == wanted || std::ranges::any_of(value.items(), below) ||
           std::ranges::any_of(value.members(), [&](const model::Member& member) { return below(member.value); });
}

/// Each router has its own field for the route's name, plugins have what they like: the name counts wherever it stands.
/// Istio's may be `<name>.<namespace>`; a plugin may write the namespace beside the name.
bool names_route(const Value& routing, std::string_view ns, const Document& route)
{
    const auto name = route.meta.name.view();
    if (holds_text(routing, fmt::format("{}.{}", name, route.meta.ns.view()))) return true;
    return holds_text(routing, name) && (ns == route.meta.ns.view() || holds_text(routing, route.meta.ns));
}

/// A plugin may find its routes by label instead; they still lead to the Service of the new version.
bool leads_to_canary(const Document& rollout, const std::vector<Split>& splits)
{
    const auto service = rollout.at("spec.strategy.canary.canaryService").text();
    if (service.empty()) return false;
    return std::ranges::any_of(splits, [&](const Split& split) {
        return rollout.meta.ns == split.route->meta.ns &&
               std::ranges::any_of(split.backends, [&](const WeightedBackend& backend) { return backend.service == service; });
    });
}

bool drives(const Document& rollout, const Document& route, const std::vector<Split>& splits)
{
    for (const std::string_view path :
         {"spec.strategy.canary.trafficRouting", "spec.strategy.canary.trafficRoutings", "spec.strategy.blueGreen.trafficRoutings"}) {
        const auto& routing = rollout.at(path);
        if (routing.exists() && (names_route(routing, rollout.meta.ns, route) || leads_to_canary(rollout, splits))) return true;
    }
    return false;
}

constexpr std::string_view k_rollouts[] = {"rollouts.argoproj.io", "rollouts.rollouts.kruise.io"};

/// What changes the weights step by step, as "Canary web"; empty: nobody but people.
std::string driver_of(const Document& route, const std::vector<Split>& splits, const Context& context)
{
    const auto& owner = route.meta.controller;
    if (owner != nullptr && (owner->kind == "Canary" || owner->kind == "Rollout"))
        return fmt::format("{} {}", owner->kind.view(), owner->name.view());
    for (const auto list : k_rollouts)
        for (const auto& rollout : context.inventory.documents_of(list))
            if (drives(rollout, route, splits)) return fmt::format("Rollout {}", rollout.meta.name.view());
    return {};
}

// ---- weights that people set

/// When somebody last changed where requests go, by the managers of the fields; else the creation. An Ingress holds its weights in annotations,
/// and of annotations the inventory does not say who wrote which: there every write but that of a status counts.
Timestamp last_change(const Document& route)
{
    const bool by_annotation = route.kind == "Ingress";
    Timestamp newest;
    for (const auto& entry : route.at("metadata.managedFields").items()) {
        if (by_annotation ? !entry["subresource"].text().empty() : !entry["fieldsV1"]["f:spec"].exists()) continue;
        const auto time = parse_rfc3339(entry["time"].text());
        if (time.known()) newest = newest.known() ? std::max(newest, time) : time;
    }
    return newest.known() ? newest : route.meta.created;
}

/// How it shares requests out by what people wrote: a canary Ingress, or the first split with a share for two backends. Empty: it does not.
/// 100 to 0 is a finished release.
std::string sharing(const Document& route, const std::vector<Split>& splits)
{
    if (route.meta.annotations.is("nginx.ingress.kubernetes.io/canary", "true")) return "It is a canary Ingress";
    for (const auto& split : splits) {
        NameList shares;
        for (const auto& backend : split.backends)
            if (backend.written && backend.weight > 0)
                shares.add(fmt::format("{}{}{} {:g}", backend.service, backend.subset.empty() ? "" : "/", backend.subset, backend.weight));
        if (shares.size() > 1) return fmt::format("It shares its requests out ({})", shares.text());
    }
    return {};
}

Verdict judge_weights(const Document& route, const std::string& shares, const std::vector<Split>& splits, const Context& context)
{
    if (const auto driver = driver_of(route, splits, context); !driver.empty())
        return check::not_applicable(fmt::format("{} sets its weights", driver)).proven();
    const auto limit = context.parameters.duration("manualGrace");
    if (!last_change(route).at_least(limit, context.now)) return check::pass(shares).proven();
    // An unread Rollout may be the one that sets them.
    return resting_on(check::warn(fmt::format("{}, and nobody has changed that for {}", shares, format_age(limit))).by_absence(), context, "*",
                      {k_rollouts[0], k_rollouts[1]});
}

} // namespace

void judge_stalled_canaries(const Context& context, Results& results)
{
    const auto add = [&](const Document& document, Verdict verdict) {
        auto young = too_young(document.meta, context);
        results.add(ObjectKey::of(document), document.meta.ns, young ? *std::move(young) : std::move(verdict));
    };
    for (const auto& rollout : context.inventory.documents_of("rollouts.argoproj.io"))
        add(rollout, judge_rollout(rollout, context));
    for (const auto& canary : context.inventory.documents_of("canaries.flagger.app"))
        add(canary, judge_flagger(canary, context));
    for (const auto list : k_weighted_routes) {
        for (const auto& route : context.inventory.documents_of(list)) {
            const auto splits = splits_of(route);
            if (const auto shares = sharing(route, splits); !shares.empty()) add(route, judge_weights(route, shares, splits, context));
        }
    }
}

} // namespace seaworthy::controls
