// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_cover.hpp"
#include "controls/kubernetes_version.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/api_server_metrics.hpp"
#include "controls/evidence.hpp"
#include "controls/value_selector.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Document;
using model::Value;

bool any_glob(const Value& globs, std::string_view name)
{
    return std::ranges::any_of(globs.items(), [&](const Value& glob) { return glob_match(glob.text(), name); });
}

bool includes(const Value& selector, const model::Namespace& ns)
{
    return namespace_selector_matches(selector, ns.meta.labels, ns.meta.name);
}

bool constraint_includes(const Document& constraint, const model::Namespace& ns)
{
    const auto& match = constraint.at("spec.match");
    if (match["scope"].text() == "Cluster") return false;
    if (match["namespaces"].size() > 0 && !any_glob(match["namespaces"], ns.meta.name)) return false;
    return !any_glob(match["excludedNamespaces"], ns.meta.name) && includes(match["namespaceSelector"], ns);
}

/// `resources` of one filter of a Kyverno rule, as far as it chooses namespaces.
bool filter_includes(const Value& filter, const model::Namespace& ns)
{
    const auto& resources = filter["resources"];
    return (resources["namespaces"].size() == 0 || any_glob(resources["namespaces"], ns.meta.name)) && includes(resources["namespaceSelector"], ns);
}

bool match_includes(const Value& match, const model::Namespace& ns)
{
    const auto includes_it = [&](const Value& filter) { return filter_includes(filter, ns); };
    if (match["any"].size() > 0) return std::ranges::any_of(match["any"].items(), includes_it);
    if (match["all"].size() > 0) return std::ranges::all_of(match["all"].items(), includes_it);
    return filter_includes(match, ns);
}

/// An exclusion that takes a namespace out, not single objects of it.
bool filter_excludes(const Value& filter, const model::Namespace& ns)
{
    const auto& resources = filter["resources"];
    const bool by_namespace = resources["namespaces"].size() > 0 || resources["namespaceSelector"].exists();
    const bool by_object = resources["names"].size() > 0 || resources["name"].exists() || resources["selector"].exists() ||
                           filter["subjects"].size() > 0 || filter["roles"].size() > 0 || filter["clusterRoles"].size() > 0;
    return by_namespace && !by_object && filter_includes(filter, ns);
}

bool cluster_policy_includes(const Document& policy, const model::Namespace& ns)
{
    return std::ranges::any_of(policy.at("spec.rules").items(), [&](const Value& rule) { return rule_includes(rule, ns); });
}

struct Source {
    std::string_view resource;
    Enforcement (*enforcement)(const Document&);
    bool (*includes)(const Document&, const model::Namespace&); ///< nullptr: policies of a namespace, for that one
};

constexpr Source k_sources[] = {
    {"*.constraints.gatekeeper.sh", enforcement_of_constraint, constraint_includes},
    {"clusterpolicies.kyverno.io", enforcement_of_kyverno_policy, cluster_policy_includes},
    {"policies.kyverno.io", enforcement_of_kyverno_policy, nullptr},
    {"validatingpolicies.policies.kyverno.io", enforcement_by_actions,
     [](const Document& policy, const model::Namespace& ns) { return includes(policy.at("spec.matchConstraints.namespaceSelector"), ns); }},
    {"namespacedvalidatingpolicies.policies.kyverno.io", enforcement_by_actions, nullptr},
    {"clusteradmissionpolicies.policies.kubewarden.io", enforcement_of_kubewarden_policy,
     [](const Document& policy, const model::Namespace& ns) { return includes(policy.at("spec.namespaceSelector"), ns); }},
    {"admissionpolicies.policies.kubewarden.io", enforcement_of_kubewarden_policy, nullptr},
    {"clusteradmissionpolicygroups.policies.kubewarden.io", enforcement_of_kubewarden_policy,
     [](const Document& policy, const model::Namespace& ns) { return includes(policy.at("spec.namespaceSelector"), ns); }},
    {"admissionpolicygroups.policies.kubewarden.io", enforcement_of_kubewarden_policy, nullptr},
};

void strengthen(PolicyCover& cover, Enforcement enforcement, std::string_view kind, std::string_view name)
{
    auto by = fmt::format("{} {}", kind, name);
    // Of equally strong ones the first by name, whatever the order of reading.
    if (enforcement < cover.strongest || (enforcement == cover.strongest && !cover.by.empty() && cover.by <= by)) return;
    cover.strongest = enforcement;
    cover.by = std::move(by);
}

using PolicyVisit = std::function<void(const Document&, Enforcement)>;

void visit_admission_policies(const model::Namespace& ns, const Context& context, const PolicyVisit& visit)
{
    const auto& policies = context.inventory.documents_of(k_admission_policies);
    for (const auto& binding : context.inventory.documents_of(k_admission_policy_bindings)) {
        const auto name = binding.at("spec.policyName").text();
        if (!is_user_policy(name) || !includes(binding.at("spec.matchResources.namespaceSelector"), ns)) continue;
        const auto policy = std::ranges::find_if(policies, [&](const Document& each) { return each.meta.name == name; });
        if (policy == policies.end() || !includes(policy->at("spec.matchConstraints.namespaceSelector"), ns)) continue;
        visit(*policy, enforcement_by_actions(binding));
    }
}

std::string_view label(const model::Namespace& ns, std::string_view mode)
{
    return ns.meta.labels.get(fmt::format("pod-security.kubernetes.io/{}", mode));
}

bool is_level(std::string_view level)
{
    return level == "baseline" || level == "restricted";
}

bool has_admission_configuration(const Context& context)
{
    return std::ranges::any_of(find_api_servers(context),
                               [](const ApiServer& server) { return server.find("admission-control-config-file") != nullptr; });
}

Verdict judge_unenforced(const model::Namespace& ns, const Context& context)
{
    const auto cover = policy_cover(ns, context);
    const auto level = label(ns, "enforce");
    if (cover.strongest == Enforcement::denies)
        return check::warn(fmt::format("Pod Security enforces nothing here; {} acts instead", cover.by)).with("policy", cover.by);
    if (const auto* gap = policy_gap(context)) return context.unknown_for(*gap);
    if (level == "privileged") return check::fail("Pod Security enforces privileged, which refuses nothing").with("level", std::string{level});
    if (const auto* gap = first_gap(context, "kube-system", {"pods"})) return context.unknown_for(*gap);
    if (has_admission_configuration(context))
        return check::unknown(Reason::unobservable,
                              "The API server has an --admission-control-config-file, which may set a level for every namespace");
    if (is_level(label(ns, "warn")) || is_level(label(ns, "audit"))) return check::warn("Pod Security only warns and audits");
    return check::fail("Pod Security enforces nothing: the namespace has no level");
}

} // namespace

bool rule_includes(const Value& rule, const model::Namespace& ns)
{
    if (!match_includes(rule["match"], ns)) return false;
    const auto& exclude = rule["exclude"];
    const auto excludes = [&](const Value& filter) { return filter_excludes(filter, ns); };
    return !std::ranges::any_of(exclude["any"].items(), excludes) &&
           !(exclude["all"].size() > 0 && std::ranges::all_of(exclude["all"].items(), excludes)) && !filter_excludes(exclude, ns);
}

void for_each_policy_in(const model::Namespace& ns, const Context& context, const PolicyVisit& visit)
{
    for (const auto& source : k_sources) {
        for (const auto* policy : documents_of(source.resource, context)) {
            const bool here = source.includes != nullptr ? source.includes(*policy, ns) : policy->meta.ns == ns.meta.name;
            const auto enforcement = here ? source.enforcement(*policy) : Enforcement::none;
            if (enforcement != Enforcement::none) visit(*policy, enforcement);
        }
    }
    visit_admission_policies(ns, context, visit);
}

PolicyCover policy_cover(const model::Namespace& ns, const Context& context)
{
    PolicyCover cover;
    for_each_policy_in(ns, context,
                       [&](const Document& policy, Enforcement enforcement) { strengthen(cover, enforcement, policy.kind, policy.meta.name); });
    return cover;
}

const model::Gap* policy_gap(const Context& context)
{
    for (const auto& source : k_sources) {
        const bool group = source.resource.starts_with("*.");
        const auto* gap = group ? gap_in_group(source.resource.substr(2), context) : context.gap(source.resource);
        if (gap != nullptr && gap->reason != Reason::not_served) return gap;
    }
    return first_gap(context, "*", {k_admission_policies, k_admission_policy_bindings});
}

bool has_policy_from_disk(const Context& context)
{
    struct Series {
        std::string_view metric;
        std::string_view label;
    };
    constexpr Series k_series[] = {
        {k_admission_webhooks, "name"},
        {k_checked_policies, "policy"},
    };
    for (const auto& series : k_series)
        if (const auto samples = api_server_proofs(context, series.metric))
            for (const auto& sample : *samples)
                if (sample.label(series.label).ends_with(".static.k8s.io")) return true;
    return false;
}

Verdict judge_policy_control(const model::Namespace& ns, const Context& context)
{
    if (is_level(label(ns, "enforce"))) return check::pass(fmt::format("Pod Security enforces {}", label(ns, "enforce"))).proven();
    if (context.inventory.cluster.platform == "openshift") return check::pass("OpenShift's security context constraints act on every pod").proven();
    const auto cover = policy_cover(ns, context);
    if (cover.strongest == Enforcement::denies) return check::pass(fmt::format("{} acts here", cover.by)).with("policy", cover.by).proven();
    if (const auto* gap = policy_gap(context)) return context.unknown_for(*gap);
    if (has_policy_from_disk(context))
        return check::unknown(Reason::unobservable, "The API server read a policy from a file; where it acts is not visible");
    if (cover.strongest == Enforcement::observes)
        return check::warn(fmt::format("{} observes and refuses nothing", cover.by)).with("policy", cover.by);
    if (is_level(label(ns, "warn")) || is_level(label(ns, "audit"))) return check::warn("Pod Security only warns and audits");
    return check::fail("No policy refuses any pod here");
}

Verdict judge_pod_security(const model::Namespace& ns, const Context& context)
{
    constexpr int k_old = 3;
    const auto level = label(ns, "enforce");
    if (is_level(level)) {
        const auto pinned = label(ns, "enforce-version"); // "v1.30" or "latest"
        const auto version = pinned.starts_with('v') ? minor_version(pinned) : std::nullopt;
        const auto current = minor_version(context.inventory.cluster.version);
        if (version && current && *current - *version > k_old)
            return check::warn(fmt::format("Pod Security enforces {} as it was in Kubernetes 1.{}", level, *version))
                .with("enforceVersion", std::string{pinned});
        return check::pass(fmt::format("Pod Security enforces {}", level)).proven();
    }
    if (level.empty() && context.inventory.cluster.platform == "openshift")
        return check::not_applicable("OpenShift's security context constraints decide; it syncs the labels itself").proven();
    return judge_unenforced(ns, context);
}

} // namespace seaworthy::controls
