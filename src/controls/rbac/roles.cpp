// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/rbac/checks.hpp"
#include "controls/rbac/default_objects.hpp"
#include "controls/wording.hpp"

namespace seaworthy::controls::rbac {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Severity;
using check::Verdict;
using model::PolicyRule;
using model::Role;

namespace {

bool holds(std::span<const Text> list, std::string_view item)
{
    return std::ranges::any_of(list, [&](Text entry) { return entry == item; });
}

bool only_reads(const PolicyRule& rule)
{
    return std::ranges::all_of(rule.verbs, [](std::string_view verb) { return verb == "get" || verb == "list" || verb == "watch"; });
}

/// True for one group that is not Kubernetes' own.
bool on_one_custom_group(const PolicyRule& rule)
{
    return rule.api_groups.size() == 1 && rule.api_groups.front() != "*" && !model::is_builtin_group(rule.api_groups.front());
}

bool any_verb_on_core(const PolicyRule& rule)
{
    return holds(rule.verbs, "*") && std::ranges::any_of(rule.api_groups, [](std::string_view group) {
               return group.empty() || group == "*" || group == "apps" || group == "rbac.authorization.k8s.io";
           });
}

std::string joined(std::span<const Text> list)
{
    std::string text;
    for (const auto entry : list)
        text += (text.empty() ? "" : ",") + (entry.empty() ? std::string{"\"\""} : entry.str());
    return text;
}

std::string written_out(const PolicyRule& rule)
{
    return fmt::format("verbs {} on {} of {}", joined(rule.verbs), joined(rule.resources), joined(rule.api_groups));
}

Verdict judge_wildcards(const PolicyRule& rule)
{
    if (rule.resources.empty()) {
        if (holds(rule.non_resource_urls, "*")) return check::warn("A rule covers every non-resource URL");
        return check::pass("No wildcard");
    }
    const bool resources = holds(rule.resources, "*");
    const bool verbs = any_verb_on_core(rule);
    if (!resources && !verbs) return check::pass("No wildcard");
    const auto what = written_out(rule);
    if (!verbs && only_reads(rule) && on_one_custom_group(rule))
        return check::pass(fmt::format("Reads every resource of one custom group: {}", what)).with("note", what);
    const bool every_verb = holds(rule.verbs, "*");
    auto verdict = check::fail(fmt::format("A rule uses wildcards: {}", what))
                       .at(resources && every_verb ? Severity::high : Severity::medium)
                       .with("rule", what);
    if (!rule.resource_names.empty()) {
        verdict.status = check::Status::warn;
        verdict.message += ", limited to certain names";
    }
    return verdict;
}

Verdict judge_role(const Role& role, const Context& context)
{
    if (is_default_role(role, context)) return check::not_applicable("The role comes with Kubernetes or the platform").proven();
    auto verdict = check::pass("No rule uses a wildcard");
    for (const auto& rule : role.rules)
        verdict = worse(std::move(verdict), judge_wildcards(rule));
    const bool finding = verdict.status == check::Status::fail || verdict.status == check::Status::warn;
    if (finding && context.rbac.bindings_of_role(role).empty())
        return check::pass(fmt::format("{}, but nobody is bound to the role", verdict.message)).with("note", std::string{"unbound"});
    return verdict;
}

/// Rights that a role hands on to everybody with `view`.
Verdict judge_into_view(const Role& role, const model::RolePowers& powers)
{
    if (powers.has(model::Power::read_secrets)) return check::fail("Adds reading Secrets to view, edit and admin");
    if (powers.has(model::Power::enter_pods) || powers.has(model::Power::get_exec)) return check::fail("Adds entering pods to view, edit and admin");
    for (const auto& rule : role.rules) {
        if (model::has_write_verb(rule)) return check::fail(fmt::format("Adds write access to view, edit and admin: {}", written_out(rule)));
        const bool wildcard = holds(rule.resources, "*") || holds(rule.api_groups, "*") || holds(rule.non_resource_urls, "*");
        // An operator lets everybody read the kinds of its own group.
        if (wildcard && !on_one_custom_group(rule)) return check::fail(fmt::format("Adds wildcards to view, edit and admin: {}", written_out(rule)));
    }
    return check::pass("Adds reading of named kinds to view");
}

Verdict judge_into_edit(const Role& role)
{
    for (const auto& rule : role.rules) {
        const bool wildcard = holds(rule.api_groups, "*") || (holds(rule.resources, "*") && !on_one_custom_group(rule));
        const bool impersonate = std::ranges::any_of(rule.verbs, [](std::string_view verb) { return verb.starts_with("impersonate"); });
        const bool rbac = model::rule_matches_group(rule, "rbac.authorization.k8s.io");
        const bool nodes = model::rule_matches_group(rule, "") && std::ranges::any_of(rule.resources, [](std::string_view resource) {
                               return resource == "nodes" || resource.starts_with("nodes/");
                           });
        const std::string_view what = wildcard ? "wildcards" : impersonate ? "impersonation" : rbac ? "RBAC objects" : nodes ? "nodes" : "";
        if (!what.empty()) return check::warn(fmt::format("Adds {} to edit or admin: {}", what, written_out(rule)));
    }
    return check::pass("Adds named kinds to edit or admin");
}

} // namespace

void wildcard_rule(const Context& context, Results& results)
{
    for (const auto& role : context.inventory.roles) {
        auto verdict = too_young(role.meta, context);
        if (!verdict)
            verdict = resting_on(judge_role(role, context), context, role.meta.ns,
                                 {"rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io", "serviceaccounts"});
        results.add(ObjectKey::of(role), role.meta.ns, std::move(*verdict));
    }
}

void aggregation_poisoned(const Context& context, Results& results)
{
    for (const auto& role : context.inventory.roles) {
        if (!role.is_cluster_role()) continue;
        const auto feeds = [&](std::string_view target) {
            return role.meta.labels.is("rbac.authorization.k8s.io/aggregate-to-" + std::string{target}, "true");
        };
        const bool view = feeds("view");
        if (!view && !feeds("edit") && !feeds("admin")) continue;
        auto verdict = too_young(role.meta, context);
        if (!verdict && is_default_role(role, context)) verdict = check::not_applicable("The role comes with Kubernetes or the platform").proven();
        if (!verdict) {
            verdict = judge_into_edit(role);
            if (view) verdict = worse(judge_into_view(role, context.rbac.powers_of(role)), std::move(*verdict));
        }
        results.add(ObjectKey::of(role), {}, std::move(*verdict));
    }
}

} // namespace seaworthy::controls::rbac
