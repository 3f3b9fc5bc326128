// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_engines.hpp"

#include <algorithm>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using model::Document;
using model::Value;

constexpr PolicyEngine k_engines[] = {
    {"Gatekeeper", "templates.gatekeeper.sh, constraints.gatekeeper.sh, config.gatekeeper.sh", "*.constraints.gatekeeper.sh",
     "openpolicyagent/gatekeeper, gatekeeper, policycontroller/*"},
    {"Kyverno", "kyverno.io, policies.kyverno.io",
     "clusterpolicies.kyverno.io, policies.kyverno.io, validatingpolicies.policies.kyverno.io, namespacedvalidatingpolicies.policies.kyverno.io, "
     "imagevalidatingpolicies.policies.kyverno.io, mutatingpolicies.policies.kyverno.io",
     "kyverno/kyverno, kyverno"},
    {"Kubewarden", "policies.kubewarden.io",
     "clusteradmissionpolicies.policies.kubewarden.io, admissionpolicies.policies.kubewarden.io, "
     "clusteradmissionpolicygroups.policies.kubewarden.io, "
     "admissionpolicygroups.policies.kubewarden.io",
     "kubewarden/policy-server, kubewarden/kubewarden-controller, policy-server, kubewarden-controller"},
};

bool names_admission_point(const Value& points)
{
    return std::ranges::any_of(points.items(), [](const Value& point) {
        const auto name = point["name"].text();
        return name == "validation.gatekeeper.sh" || name == "vap.k8s.io" || name == "*";
    });
}

} // namespace

std::span<const PolicyEngine> policy_engines()
{
    return k_engines;
}

bool is_served(const PolicyEngine& engine, const Context& context)
{
    const auto groups = check::split_list(engine.groups);
    return std::ranges::any_of(groups, [&](auto group) { return context.inventory.serves_group(group); });
}

bool is_engine_webhook(const PolicyEngine& engine, const Document& configuration, const Value& value)
{
    const auto webhook = value["name"].text();
    if (engine.name == "Gatekeeper") // its other webhook guards the label that exempts namespaces
        return webhook == "validation.gatekeeper.sh";
    if (engine.name == "Kyverno") {
        const bool own = configuration.meta.labels.has("webhook.kyverno.io/managed-by") || glob_match("kyverno-*", configuration.meta.name);
        return own && (glob_match("validate.kyverno.svc*", webhook) || glob_match("vpol.*", webhook));
    }
    return configuration.meta.labels.has("kubewarden") || glob_match("*.kubewarden.admission", webhook);
}

std::vector<const Value*> webhooks_of(const PolicyEngine& engine, const Context& context)
{
    std::vector<const Value*> webhooks;
    for (const auto& configuration : context.inventory.documents_of(k_validating_webhooks))
        for (const auto& webhook : configuration["webhooks"].items())
            if (webhook["rules"].size() > 0 && is_engine_webhook(engine, configuration, webhook)) webhooks.push_back(&webhook);
    return webhooks;
}

std::vector<const Document*> documents_of(std::string_view resource, const Context& context)
{
    std::vector<const Document*> found;
    const auto add = [&](const std::deque<Document>& documents) {
        for (const auto& document : documents)
            found.push_back(&document);
    };
    if (!resource.starts_with("*.")) {
        add(context.inventory.documents_of(resource));
        return found;
    }
    for (const auto& [id, documents] : context.inventory.documents)
        if (id.ends_with(resource.substr(1)) && id != resource) add(documents);
    return found;
}

const model::Gap* gap_in_group(std::string_view group, const Context& context)
{
    const auto found = std::ranges::find_if(context.inventory.gaps, [&](const model::Gap& gap) {
        const std::string_view resource = gap.resource;
        const auto dot = resource.find('.');
        return dot != std::string_view::npos && resource.substr(dot + 1) == group;
    });
    return found == context.inventory.gaps.end() ? nullptr : &*found;
}

bool is_user_policy(std::string_view name)
{
    static constexpr std::string_view k_others[] = {"gatekeeper-*", "kyverno-*",   "cpol-*",        "vpol-*",         "eks-*",
                                                    "eks.*",        "gke-*",       "gke.*",         "aks-*",          "aks.*",
                                                    "azure-*",      "openshift-*", "cert-manager*", "*.static.k8s.io"};
    return std::ranges::none_of(k_others, [&](auto glob) { return glob_match(glob, name); });
}

Enforcement enforcement_of_constraint(const Document& constraint)
{
    const auto action = constraint.at("spec.enforcementAction").text();
    if (action.empty() || action == "deny") return Enforcement::denies;
    if (action != "scoped") return Enforcement::observes;
    const auto& scoped = constraint.at("spec.scopedEnforcementActions");
    const bool denies = std::ranges::any_of(
        scoped.items(), [](const Value& entry) { return entry["action"].text() == "deny" && names_admission_point(entry["enforcementPoints"]); });
    return denies ? Enforcement::denies : Enforcement::observes;
}

Enforcement enforcement_of_kyverno_policy(const Document& policy)
{
    auto found = Enforcement::none;
    const auto fallback = policy.at("spec.validationFailureAction").text();
    for (const auto& rule : policy.at("spec.rules").items()) {
        const bool images = rule["verifyImages"].exists();
        if (!rule["validate"].exists() && !images) continue;
        auto action = rule.at("validate.failureAction").text();
        for (const auto& image : rule["verifyImages"].items())
            if (action.empty()) action = image["failureAction"].text();
        if (action.empty()) action = fallback;
        found = std::max(found, equal_ignoring_case(action, "Enforce") ? Enforcement::denies : Enforcement::observes);
    }
    return found;
}

Enforcement enforcement_by_actions(const Document& policy)
{
    const auto& actions = policy.at("spec.validationActions");
    if (actions.size() == 0) return Enforcement::denies; // Kyverno's default; the API server wants at least one
    return actions.contains("Deny") ? Enforcement::denies : Enforcement::observes;
}

Enforcement enforcement_of_kubewarden_policy(const Document& policy)
{
    return policy.at("spec.mode").text() == "monitor" ? Enforcement::observes : Enforcement::denies;
}

} // namespace seaworthy::controls
