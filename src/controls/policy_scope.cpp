// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_scope.hpp"
#include "controls/config_maps.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/software.hpp"
#include "controls/value_selector.hpp"
#include "controls/webhooks.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::Document;
using model::Value;

// ---- policy-webhook-scope-gap

/// A kind of Kyverno's `match`: "Pod", "v1/Pod", "*/*", "apps/v1/Deployment".
bool is_pod_kind(std::string_view kind)
{
    const auto last = kind.substr(kind.rfind('/') == std::string_view::npos ? 0 : kind.rfind('/') + 1);
    return last == "Pod" || last == "*";
}

bool filter_names_pods(const Value& filter)
{
    return std::ranges::any_of(filter.at("resources.kinds").items(), [](const Value& kind) { return is_pod_kind(kind.text()); });
}

bool judges_pods(const Document& policy)
{
    for (const auto& rule : policy.at("spec.rules").items()) {
        const auto& match = rule["match"];
        if (filter_names_pods(match) || std::ranges::any_of(match["any"].items(), filter_names_pods) ||
            std::ranges::any_of(match["all"].items(), filter_names_pods))
            return true;
    }
    return std::ranges::any_of(policy.at("spec.matchConstraints.resourceRules").items(),
                               [](const Value& rule) { return rule["resources"].contains("pods") || rule["resources"].contains("*"); });
}

bool has_pod_policy(const PolicyEngine& engine, const Context& context)
{
    if (engine.name == "Gatekeeper") return true; // its webhook is to see everything, whatever the constraints of today ask for
    for (const auto resource : check::split_list(engine.policies))
        if (std::ranges::any_of(documents_of(resource, context), [](const Document* policy) { return judges_pods(*policy); })) return true;
    return false;
}

/// The parts of workload writes that no webhook of the engine is asked about.
NameList unseen_writes(const std::vector<const Value*>& webhooks)
{
    struct Write {
        std::string_view operation;
        std::string_view resource;
    };
    constexpr Write k_writes[] = {{"UPDATE", "pods"}, {"UPDATE", "pods/ephemeralcontainers"}};
    NameList unseen;
    for (const auto& write : k_writes)
        if (std::ranges::none_of(webhooks, [&](const Value* each) { return Webhook{*each}.intercepts(write.operation, "", write.resource); }))
            unseen.add(fmt::format("{} of {}", write.operation, write.resource));
    return unseen;
}

Verdict judge_engine_scope(const PolicyEngine& engine, const std::vector<const Value*>& webhooks)
{
    const auto sees_pods = [](const Value* each) { return Webhook{*each}.intercepts("CREATE", "", "pods"); };
    if (std::ranges::none_of(webhooks, sees_pods)) return check::fail(fmt::format("{} is not asked when a pod is created", engine.name));
    const auto conditional = [](const Value* each) { return (*each)["matchConditions"].size() > 0; };
    if (std::ranges::any_of(webhooks, conditional))
        return check::unknown(check::Reason::unobservable,
                              fmt::format("A webhook of {} has matchConditions: which writes they leave out is not evaluated", engine.name));
    const auto selective = [](const Value* each) { return !selector_is_empty((*each)["objectSelector"]); };
    if (std::ranges::any_of(webhooks, selective))
        return check::warn(fmt::format("A webhook of {} chooses objects by a label, which whoever writes the object may set", engine.name));
    if (const auto unseen = unseen_writes(webhooks); !unseen.empty())
        return check::warn(fmt::format("{} is not asked about {}", engine.name, unseen.text())).with("unseen", unseen.values());
    return check::pass(fmt::format("{} sees every write of pods", engine.name));
}

// ---- policy-namespace-exempt

constexpr std::string_view k_gatekeeper_configs = "configs.config.gatekeeper.sh";

/// Whether Gatekeeper's Config takes the namespace out of a process: "webhook" or "audit".
bool config_excludes(std::string_view process, std::string_view ns, const Context& context)
{
    for (const auto& config : context.inventory.documents_of(k_gatekeeper_configs))
        for (const auto& match : config.at("spec.match").items()) {
            const auto& processes = match["processes"];
            if (!processes.contains(process) && !processes.contains("*")) continue;
            for (const auto& glob : match["excludedNamespaces"].items())
                if (glob_match(glob.text(), ns)) return true;
        }
    return false;
}

/// True if a filter `[kinds,namespace,name]` of Kyverno's ConfigMap takes every object of the namespace out.
bool filters_exclude(std::string_view filters, std::string_view ns)
{
    for (auto at = filters.find('['); at != std::string_view::npos; at = filters.find('[', at + 1)) {
        const auto end = filters.find(']', at);
        if (end == std::string_view::npos) return false;
        const auto parts = check::split_list(filters.substr(at + 1, end - at - 1));
        if (parts.size() < 2) continue;
        const bool any_kind = parts[0] == "*" || parts[0] == "*/*";
        const bool any_name = parts.size() == 2 || parts[2] == "*";
        if (any_kind && any_name && glob_match(parts[1], ns)) return true;
    }
    return false;
}

/// An installed engine, and what decides about namespaces: looked up once, not for each of them.
struct Installed {
    const PolicyEngine& engine;
    std::vector<const Value*> webhooks;
    std::set<std::string_view> own; ///< namespaces that it runs in
    std::string_view filters;       ///< Kyverno's resourceFilters
};

std::vector<Installed> installed_engines(const Context& context)
{
    std::vector<Installed> found;
    for (const auto& engine : policy_engines()) {
        if (!is_served(engine, context)) continue;
        Installed installed{engine, webhooks_of(engine, context), {}, {}};
        const Software software{engine.name, engine.repositories};
        for (const auto& installation : find_software(context, std::span{&software, 1}))
            installed.own.insert(installation.workload->ns);
        if (engine.name == "Kyverno")
            if (const auto* config = find_config_map(context, "kyverno", "kyverno")) installed.filters = (*config)["data"]["resourceFilters"].text();
        found.push_back(std::move(installed));
    }
    return found;
}

/// True if no webhook of the engine asks about the namespace; nothing is to be said where it has none.
bool is_left_out(const Installed& installed, const model::Namespace& ns)
{
    return !installed.webhooks.empty() && std::ranges::none_of(installed.webhooks, [&](const Value* webhook) {
        return namespace_selector_matches((*webhook)["namespaceSelector"], ns.meta.labels, ns.meta.name);
    });
}

Verdict judge_exempt(const Installed& installed, const model::Namespace& ns, const Context& context)
{
    const auto name = ns.meta.name.view();
    const auto engine = installed.engine.name;
    if (installed.own.contains(name)) return check::not_applicable(fmt::format("{} itself runs here", engine));
    if (is_left_out(installed, ns)) return check::fail(fmt::format("The webhooks of {} do not select this namespace", engine));
    if (engine == "Gatekeeper") {
        if (config_excludes("webhook", name, context)) return check::fail("Gatekeeper's Config takes this namespace out of admission");
        if (config_excludes("audit", name, context)) return check::warn("Gatekeeper's Config takes this namespace out of its audit");
    }
    if (filters_exclude(installed.filters, name)) return check::fail("Kyverno's resourceFilters take out every object of this namespace");
    return check::pass(fmt::format("{} acts on this namespace", engine));
}

// ---- policy-audit-stale

constexpr std::chrono::minutes k_audit_limit{15};
constexpr std::chrono::seconds k_default_interval{60};

/// The value of `--audit-interval` in seconds, of the workload that audits.
std::chrono::seconds audit_interval(const Context& context)
{
    const Software gatekeeper{"Gatekeeper", policy_engines().front().repositories};
    constexpr std::string_view k_flag = "--audit-interval=";
    for (const auto& installation : find_software(context, std::span{&gatekeeper, 1}))
        for (const auto* pod_template : installation.workload->templates)
            for (const auto& container : pod_template->spec->containers)
                for (const auto& argument : container.args)
                    if (argument.view().starts_with(k_flag)) {
                        const auto seconds = parse_duration(fmt::format("{}s", argument.view().substr(k_flag.size())));
                        if (seconds) return std::chrono::duration_cast<std::chrono::seconds>(*seconds);
                    }
    return k_default_interval;
}

/// False for a constraint whose scoped actions leave the audit out.
bool is_audited_by_gatekeeper(const Document& constraint)
{
    if (constraint.at("spec.enforcementAction").text() != "scoped") return true;
    const auto audits = [](const Value& point) { return point["name"].text() == "audit.gatekeeper.sh" || point["name"].text() == "*"; };
    return std::ranges::any_of(constraint.at("spec.scopedEnforcementActions").items(),
                               [&](const Value& entry) { return std::ranges::any_of(entry["enforcementPoints"].items(), audits); });
}

// ---- policy-exception-broad

constexpr std::chrono::hours k_old_exception{24 * 180};

bool gives_every_name(const Value& filter)
{
    const auto& resources = filter["resources"];
    const auto& names = resources["names"];
    return names.size() == 0 ? resources["name"].text().empty() || resources["name"].text() == "*" : names.contains("*");
}

bool names_every_object(const Document& exception)
{
    if (exception.at("spec.policyRefs").exists()) return exception.at("spec.matchConditions").size() == 0;
    const auto& match = exception.at("spec.match");
    if (match["any"].size() > 0) return std::ranges::any_of(match["any"].items(), gives_every_name);
    if (match["all"].size() > 0) return std::ranges::all_of(match["all"].items(), gives_every_name);
    return gives_every_name(match);
}

bool excepts_every_rule(const Document& exception)
{
    return std::ranges::any_of(exception.at("spec.exceptions").items(), [](const Value& entry) { return entry["ruleNames"].contains("*"); });
}

bool never_ends(const Document& exception, const Context& context)
{
    if (!exception.meta.created.known() || !exception.meta.created.at_least(k_old_exception, context.now)) return false;
    return std::ranges::none_of(context.parameters.list("expiryKeys"),
                                [&](const auto& key) { return exception.meta.labels.has(key) || exception.meta.annotations.has(key); });
}

Verdict judge_exception(const Document& exception, const Context& context)
{
    NameList faults;
    if (!context.is_system(exception.meta.ns) && names_every_object(exception)) faults.add("it names no object");
    if (excepts_every_rule(exception)) faults.add("it excepts every rule of a policy");
    if (never_ends(exception, context)) faults.add("it is older than 180 days and says no end");
    if (faults.empty()) return check::pass("The exception is narrow").proven();
    return check::warn(fmt::format("The exception is wider than needed: {}", faults.text())).with("faults", faults.values());
}

/// True if every namespace that the pattern can match is the system's. `kube-` is Kubernetes' own prefix.
bool stays_in_system(std::string_view glob, const Context& context)
{
    const auto star = glob.find('*');
    if (star == std::string_view::npos) return true; // names one namespace: an exact exclusion
    const auto prefix = glob.substr(0, star);
    return prefix.starts_with("kube-") || (!prefix.empty() && context.is_system(fmt::format("{}x", prefix)));
}

Verdict judge_exclusions(const Document& constraint, const Context& context)
{
    NameList wide;
    for (const auto& glob : constraint.at("spec.match.excludedNamespaces").items())
        if (!stays_in_system(glob.text(), context)) wide.add(std::string{glob.text()});
    if (wide.empty()) return check::pass("It leaves out named namespaces or the system's").proven();
    return check::warn(fmt::format("It leaves out whatever namespace matches {}", wide.text())).with("excludedNamespaces", wide.values());
}

Verdict judge_selector(const Document& binding)
{
    constexpr std::string_view k_name = "kubernetes.io/metadata.name";
    NameList keys;
    const auto& selector = binding.at("spec.matchResources.namespaceSelector");
    for (const auto& [key, value] : selector["matchLabels"].members())
        if (key != k_name) keys.add(key.str());
    for (const auto& term : selector["matchExpressions"].items())
        if (term["key"].text() != k_name) keys.add(std::string{term["key"].text()});
    if (keys.empty()) return check::pass("It chooses namespaces by name").proven();
    return check::warn(fmt::format("Whoever may label a namespace takes it out: it is chosen by {}", keys.text())).with("labels", keys.values());
}

} // namespace

Verdict judge_webhook_scope(const Context& context)
{
    auto verdict = check::not_applicable("No policy engine with a policy for pods is asked");
    for (const auto& engine : policy_engines()) {
        if (engine.name == "Kubewarden") continue; // a webhook a policy, each as narrow as its policy
        const auto webhooks = webhooks_of(engine, context);
        if (!webhooks.empty() && has_pod_policy(engine, context)) verdict = check::worst(std::move(verdict), judge_engine_scope(engine, webhooks));
    }
    return verdict;
}

void judge_exempt_namespaces(const Context& context, Results& results)
{
    const auto engines = installed_engines(context);
    bool judged = false;
    for (const auto& ns : context.inventory.namespaces) {
        auto verdict = too_young(ns.meta, context);
        if (!verdict && context.is_system(ns.meta.name)) verdict = check::not_applicable("Not judged in a system namespace").proven();
        if (!verdict) {
            verdict = check::not_applicable("There is no policy engine");
            judged = true;
            for (const auto& engine : engines)
                verdict = check::worst(*std::move(verdict), judge_exempt(engine, ns, context));
            verdict = resting_on(*std::move(verdict), context, "*", {k_validating_webhooks, k_gatekeeper_configs, "WL"});
        }
        results.add(ObjectKey::of("v1", "Namespace", ns.meta), ns.meta.name, *std::move(verdict));
    }
    const bool kyverno = std::ranges::any_of(engines, [](const auto& each) { return each.engine.name == "Kyverno"; });
    if (!judged || !kyverno || find_config_map(context, "kyverno", "kyverno") != nullptr) return;
    if (const auto* gap = context.gap("configmaps", "kyverno"))
        results.add(ObjectKey::cluster(), {}, context.unknown_for(*gap));
    else if (!context.settings.grants.contains("CM"))
        results.add(
            ObjectKey::cluster(), {},
            check::unknown(check::Reason::unobservable, "Kyverno's resourceFilters are in ConfigMap kyverno/kyverno: reading it needs the grant CM")
                .needs_grant("CM"));
}

Verdict judge_policy_audit(const Context& context)
{
    const auto constraints = documents_of("*.constraints.gatekeeper.sh", context);
    const auto* gap = gap_in_group(k_constraint_group, context);
    if (gap != nullptr && gap->reason == model::Reason::not_served) gap = nullptr;
    const auto interval = audit_interval(context);
    if (interval.count() == 0) return check::not_applicable("Gatekeeper's audit is off").proven();
    Timestamp newest;
    NameList waiting;
    bool audited = false;
    for (const auto* constraint : constraints) {
        if (!is_audited_by_gatekeeper(*constraint)) continue;
        audited = true;
        const auto time = parse_rfc3339(constraint->at("status.auditTimestamp").text());
        if (time.known())
            newest = newest.known() ? std::max(newest, time) : time;
        else if (constraint->meta.created.at_least(k_audit_limit, context.now))
            waiting.add(fmt::format("{}/{}", constraint->kind.view(), constraint->meta.name.view()));
    }
    if (gap != nullptr) return context.unknown_for(*gap);
    if (!audited) return check::not_applicable("No constraint that Gatekeeper would audit");
    const auto limit = std::max<std::chrono::seconds>(k_audit_limit, 5 * interval);
    if (newest.known() && newest.at_least(limit, context.now))
        return check::fail(fmt::format("Gatekeeper's last audit was {} ago", format_age(*newest.age(context.now))))
            .with("last", format_rfc3339(newest));
    if (!waiting.empty()) return check::warn(fmt::format("No audit has looked at {}", waiting.text())).with("constraints", waiting.values());
    if (!newest.known()) return check::not_applicable("The constraints are younger than an audit takes");
    return check::pass("Gatekeeper's audit is fresh");
}

void judge_policy_exceptions(const Context& context, Results& results)
{
    const auto add = [&](const Document& document, Verdict verdict) {
        auto young = too_young(document.meta, context);
        results.add(ObjectKey::of(document), document.meta.ns, young ? *std::move(young) : std::move(verdict));
    };
    for (const std::string_view resource : {"policyexceptions.kyverno.io", "policyexceptions.policies.kyverno.io"})
        for (const auto& exception : context.inventory.documents_of(resource))
            add(exception, judge_exception(exception, context));
    for (const auto* constraint : documents_of("*.constraints.gatekeeper.sh", context))
        if (constraint->at("spec.match.excludedNamespaces").size() > 0) add(*constraint, judge_exclusions(*constraint, context));
    for (const auto& binding : context.inventory.documents_of(k_admission_policy_bindings))
        if (is_user_policy(binding.meta.name) && !selector_is_empty(binding.at("spec.matchResources.namespaceSelector")))
            add(binding, judge_selector(binding));
}

} // namespace seaworthy::controls
