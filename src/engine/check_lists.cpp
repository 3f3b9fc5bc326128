// SPDX-License-Identifier: Apache-2.0
#include "engine/check_lists.hpp"

#include <algorithm>
#include <unordered_map>

#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/model/resource.hpp"

namespace seaworthy::engine {
namespace {

using check::Check;
using check::Scope;

struct ScopeSubjects {
    Scope scope;
    std::string_view resources;
};
constexpr ScopeSubjects k_subjects[] = {
    {Scope::workload, "WL,pods"},
    {Scope::namespace_, "namespaces"},
    {Scope::role_binding, "rolebindings.rbac.authorization.k8s.io,clusterrolebindings.rbac.authorization.k8s.io"},
    {Scope::service, "services"},
    {Scope::network_policy, "networkpolicies.networking.k8s.io"},
    {Scope::node, "nodes"},
    {Scope::service_account, "serviceaccounts"},
    {Scope::config_map, "configmaps"},
};

bool contains(const std::vector<std::string>& list, std::string_view item)
{
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<std::string> subjects_of(const Check& check, const std::vector<std::string>& needs)
{
    std::string_view resources = check.subjects;
    if (resources.empty()) {
        for (const auto& row : k_subjects)
            if (row.scope == check.scope) resources = row.resources;
    }
    std::vector<std::string> subjects;
    for (auto& resource : check::expand_needs(resources))
        // Namespaces are always read, so a rule about them need not say so.
        if (contains(needs, resource) || resource == "namespaces") subjects.push_back(std::move(resource));
    return subjects;
}

CheckLists make_lists(const Check& check)
{
    const auto needs = check::expand_needs(check.needs);
    const auto grants = check::split_list(check.grants);
    const auto requires_grant = [&](std::string_view grant) { return std::ranges::find(grants, grant) != grants.end(); };
    CheckLists lists;
    lists.subjects = subjects_of(check, needs);
    // A subject that is in hand does not need the rest of its list; everything else that the check needs is evidence.
    // Pods are both where the rule reads their status, which the catalogue says by a PO that is not optional.
    lists.pods_are_evidence = check.judge_workload != nullptr && requires_grant("PO");
    for (const auto& need : needs) {
        if (need == "pods" && check.scope == Scope::workload ? lists.pods_are_evidence : !contains(lists.subjects, need))
            lists.evidence.push_back(need);
        if ((need == "secrets" || need == "configmaps") && requires_grant(model::grant_of(need))) lists.granted.push_back(need);
    }
    return lists;
}

std::unordered_map<const Check*, CheckLists> make_all()
{
    std::unordered_map<const Check*, CheckLists> all;
    for (const auto* control : controls::catalog())
        for (const auto& check : control->checks)
            all.emplace(&check, make_lists(check));
    return all;
}

} // namespace

const CheckLists& lists_of(const Check& check)
{
    static const auto all = make_all();
    return all.at(&check);
}

} // namespace seaworthy::engine
