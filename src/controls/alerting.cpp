// SPDX-License-Identifier: Apache-2.0
#include "controls/alerting.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/attestations.hpp"
#include "controls/evidence.hpp"
#include "controls/metrics_stack.hpp"
#include "controls/names.hpp"
#include "controls/prometheus_operator.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Document;

constexpr std::string_view k_prometheuses = "prometheuses.monitoring.coreos.com";
constexpr std::string_view k_agents = "prometheusagents.monitoring.coreos.com";
constexpr SelectorPair k_rule_selectors{"ruleSelector", "ruleNamespaceSelector"};
constexpr SelectorPair k_receiver_selectors{"alertmanagerConfigSelector", "alertmanagerConfigNamespaceSelector"};

constexpr Software k_alertmanagers[] = {{"Alertmanager", "prom/alertmanager, prometheus/alertmanager, openshift4/ose-prometheus-alertmanager"}};
constexpr Software k_vmalert[] = {{"vmalert", "victoriametrics/vmalert"}};
constexpr Software k_google[] = {{"Google's rule evaluator", "prometheus-engine/rule-evaluator"}};
/// They evaluate rules that are in files or behind an API.
constexpr Software k_other_rulers[] = {
    {"Thanos", "thanos/thanos, thanosio/thanos"},
    {"Mimir", "grafana/mimir"},
};

bool is_ready(const Context& context, std::span<const Software> products)
{
    return std::ranges::any_of(find_software(context, products), [](const auto& each) { return each.readiness == Readiness::ready; });
}

/// A rule that raises an alert. Watchdog always fires, InfoInhibitor is for Alertmanager itself, and a recording rule alerts nobody.
bool has_alerts(const Document& rules)
{
    for (const auto& group : rules.at("spec.groups").items())
        for (const auto& rule : group["rules"].items()) {
            const auto name = rule["alert"].text();
            if (!name.empty() && name != "Watchdog" && name != "InfoInhibitor") return true;
        }
    return false;
}

const Document* find_alerts(const Context& context, std::initializer_list<std::string_view> lists)
{
    for (const auto list : lists)
        for (const auto& rules : context.inventory.documents_of(list))
            if (has_alerts(rules)) return &rules;
    return nullptr;
}

/// Rules that something evaluates, or nullptr.
const Document* find_evaluated_alerts(const Context& context)
{
    for (const auto& rules : context.inventory.documents_of("prometheusrules.monitoring.coreos.com"))
        if (has_alerts(rules) && std::ranges::any_of(context.inventory.documents_of(k_prometheuses),
                                                     [&](const Document& prometheus) { return takes(prometheus, k_rule_selectors, rules, context); }))
            return &rules;
    if (is_ready(context, k_vmalert))
        if (const auto* rules = find_alerts(context, {"vmrules.operator.victoriametrics.com"})) return rules;
    if (!is_ready(context, k_google)) return nullptr;
    return find_alerts(context,
                       {"rules.monitoring.googleapis.com", "clusterrules.monitoring.googleapis.com", "globalrules.monitoring.googleapis.com"});
}

// --- receivers ---

/// Names that stand for nobody: what Alertmanager's own example and Prometheus' operator call a receiver without a channel.
bool is_nobody(std::string_view receiver)
{
    constexpr std::string_view k_nobody[] = {"", "null", "Null", "watchdog", "Watchdog", "default", "blackhole"};
    return std::ranges::find(k_nobody, receiver) != std::end(k_nobody);
}

/// A receiver of an AlertmanagerConfig with at least one channel: `slackConfigs: [{…}]`. Empty where there is none.
std::string receiver_of(const Document& config)
{
    for (const auto& receiver : config.at("spec.receivers").items())
        for (const auto& [key, channels] : receiver.members())
            if (key.view().ends_with("Configs") && channels.size() > 0) return std::string{receiver["name"].text()};
    return {};
}

struct Receivers {
    std::string name;   ///< of one that somebody reads; empty: none is visible
    bool asked = false; ///< Alertmanager answered which it has
};

Receivers find_receivers(const Context& context)
{
    Receivers receivers;
    const auto* answer = context.inventory.probe(context.settings.outside.url_of("alertmanager", "/api/v2/receivers"));
    const auto list = answer != nullptr && answer->status == 200 ? model::JsonText::parse(answer->body) : std::nullopt;
    if (list && list->root().kind() == model::Value::Kind::array) {
        receivers.asked = true;
        for (const auto& receiver : list->root().items())
            if (receivers.name.empty() && !is_nobody(receiver["name"].text())) receivers.name = receiver["name"].text();
    }
    if (!receivers.name.empty() || !is_ready(context, k_alertmanagers)) return receivers;
    for (const auto& alertmanager : context.inventory.documents_of("alertmanagers.monitoring.coreos.com"))
        for (const auto& config : context.inventory.documents_of("alertmanagerconfigs.monitoring.coreos.com")) {
            const bool global =
                config.meta.ns == alertmanager.meta.ns && config.meta.name == alertmanager.at("spec.alertmanagerConfiguration.name").text();
            if (!global && !takes(alertmanager, k_receiver_selectors, config, context)) continue;
            if (auto name = receiver_of(config); receivers.name.empty() && !name.empty())
                receivers.name = fmt::format("{}/{}/{}", config.meta.ns.view(), config.meta.name.view(), name);
        }
    return receivers;
}

// --- the verdict ---

std::string named(const Document& rules)
{
    return rules.meta.ns.empty() ? rules.meta.name.str() : fmt::format("{}/{}", rules.meta.ns.view(), rules.meta.name.view());
}

Verdict without_receiver(const Document& rules, const Receivers& receivers, const Context& context)
{
    const auto told = [&](std::string message) { return check::warn(std::move(message)).by_absence().with("rules", named(rules)); };
    if (receivers.asked) return told("Rules raise alerts, and Alertmanager has no receiver but those that stand for nobody");
    if (!is_ready(context, k_alertmanagers)) return told("Rules raise alerts, and no Alertmanager that is ready sends them to anybody");
    return told("Rules raise alerts; who receives them is in a Secret, which is not read");
}

Verdict invisible(const Context& context, std::string message)
{
    // What is hidden may be what would decide.
    if (const auto* gap = first_gap(context, "*", {"WL", "namespaces", k_prometheuses, "prometheusrules.monitoring.coreos.com"}))
        return context.unknown_for(*gap);
    return check::unknown(Reason::unobservable, std::move(message));
}

Verdict without_rules(const Context& context)
{
    for (const auto& ruler : find_software(context, k_other_rulers))
        if (ruler.readiness == Readiness::ready)
            return invisible(context, fmt::format("{} may raise alerts by rules that the cluster's API does not show", ruler.software->name));
    if (const auto* plain = find_plain_prometheus(context)) return invisible(context, fmt::format("{} has its rules in a file", name_of(*plain)));
    if (const auto agent = find_hosted_agent(context); !agent.empty())
        return invisible(context, fmt::format("{} alerts from outside the cluster", agent));
    if (!context.inventory.documents_of(k_prometheuses).empty()) {
        if (const auto* gap = context.gap("namespaces")) return context.unknown_for(*gap);
        return check::fail("No rule that a Prometheus takes raises an alert").by_absence();
    }
    if (!context.inventory.documents_of(k_agents).empty()) return invisible(context, "The agents' metrics are judged outside the cluster");
    if (is_ready(context, k_vmalert) || is_ready(context, k_google)) return check::fail("No rule raises an alert").by_absence();
    if (auto verdict = unobservable_in_manifests(context, "what raises alerts")) return std::move(*verdict);
    return check::not_applicable("Nothing collects metrics that rules could judge: metrics-stack-present judges that");
}

/// What is there to tell people is seen to tell nobody: that is more than that nothing is seen.
bool tells_nobody(const Receivers& receivers, const Context& context)
{
    if (receivers.asked) return receivers.name.empty();
    const auto alertmanagers = find_software(context, k_alertmanagers);
    return !alertmanagers.empty() &&
           std::ranges::all_of(alertmanagers, [](const Installation& each) { return each.readiness == Readiness::not_ready; });
}

} // namespace

Verdict judge_alerting(const Context& context)
{
    const auto* rules = find_evaluated_alerts(context);
    const auto receivers = find_receivers(context);
    if (rules != nullptr && !receivers.name.empty())
        return check::pass(fmt::format("Rules raise alerts, and receiver {} gets them", receivers.name))
            .proven()
            .with("rules", named(*rules))
            .with("receiver", receivers.name);
    auto verdict = rules != nullptr ? without_receiver(*rules, receivers, context) : without_rules(context);
    if (verdict.status == check::Status::not_applicable || tells_nobody(receivers, context)) return verdict;
    return or_attested(std::move(verdict), context, "alerting", "Somebody is alerted",
                       {"WL", "namespaces", k_prometheuses, "prometheusrules.monitoring.coreos.com"});
}

} // namespace seaworthy::controls
