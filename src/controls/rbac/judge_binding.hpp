// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/evidence.hpp"
#include "seaworthy/check/check.hpp"

// How the checks on role bindings come to one verdict: each subject is judged by the rule, exceptions are applied, the worst stands.
namespace seaworthy::controls {

/// What one subject of a binding gets through it.
struct Grant {
    const model::RoleBinding& binding;
    const model::Role& role;
    const model::RolePowers& powers;
    model::Identity identity;

    [[nodiscard]] bool cluster_wide() const { return binding.is_cluster_binding(); }
    /// The reach of a power over namespaced objects.
    [[nodiscard]] model::Reach reach(model::Power power) const { return powers[power]; }
    /// The reach of a power over cluster-scoped objects: none through a RoleBinding.
    [[nodiscard]] model::Reach cluster_reach(model::Power power) const { return cluster_wide() ? powers[power] : model::Reach::none; }
    /// "ServiceAccount/shop/api".
    [[nodiscard]] std::string who() const { return identity.path(); }
    /// "in the whole cluster", "in namespace shop".
    [[nodiscard]] std::string where() const;
    /// "through ClusterRole/edit".
    [[nodiscard]] std::string how() const;
};

using GrantRule = check::Verdict (*)(const Grant&, const check::Context&);
using GrantTest = bool (*)(const Grant&);

/// The verdict of a rule that matched with this reach: `fail` by all, `warn` where resourceNames limit it, `pass` by none.
[[nodiscard]] check::Verdict by_reach(model::Reach reach, const Grant& grant, std::string_view what);

/// Judges every subject of the binding. Default bindings are not applicable, a role that does not exist grants nothing, a `fail` that the
/// parameter `exceptions` accepts is a `warn`, unless the subject is one that `inexcusable` names.
[[nodiscard]] check::Verdict judge_subjects(const model::RoleBinding& binding, const check::Context& context, GrantRule rule,
                                            GrantTest inexcusable = nullptr);

/// judge_subjects with a fixed rule, for the table of checks. Rests on roles and accounts, not on the list of namespaces.
template <GrantRule rule, GrantTest inexcusable = nullptr>
check::Verdict by_subject(const model::RoleBinding& binding, const check::Context& context)
{
    return resting_on(judge_subjects(binding, context, rule, inexcusable), context, binding.meta.ns,
                      {"roles.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io", "serviceaccounts"});
}

/// The worse of two by status, then by severity; of equals the first.
[[nodiscard]] check::Verdict worse(check::Verdict a, check::Verdict b);

/// The standing entry of `exceptions` for a subject and a role (empty: no role is concerned), or nullptr. `who`: "ServiceAccount/shop/api".
[[nodiscard]] const check::Record* exception_for(std::string_view who, std::string_view role, const check::Context& context);
/// The standing entry of `exceptions` that covers the subject and the role, or nullptr.
[[nodiscard]] const check::Record* exception_for(const Grant& grant, const check::Context& context);

} // namespace seaworthy::controls
