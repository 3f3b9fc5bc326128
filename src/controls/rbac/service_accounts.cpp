// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/rbac/checks.hpp"
#include "controls/rbac/default_objects.hpp"
#include "controls/wording.hpp"

namespace seaworthy::controls::rbac {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::Power;

namespace {

constexpr std::string_view k_token_mount = "/var/run/secrets/kubernetes.io/serviceaccount";

bool grants_something(const model::RoleBinding& binding, const Context& context)
{
    const auto& powers = context.rbac.powers_of(binding);
    return powers.has(Power::write_anything) || powers.has(Power::read_anything) || powers.has(Power::everything) || powers.has(Power::proxy_nodes);
}

/// True if a binding of `default` refers to a role that was not read.
const model::Gap* unread_role(std::span<const model::RoleBinding* const> bindings, const Context& context)
{
    for (const auto* binding : bindings) {
        if (context.rbac.role_of(*binding) != nullptr) continue;
        const bool role = binding->role_kind == "Role";
        if (const auto* gap = context.gap(role ? "roles.rbac.authorization.k8s.io" : "clusterroles.rbac.authorization.k8s.io",
                                          role ? binding->meta.ns.view() : "*"))
            return gap;
    }
    return nullptr;
}

std::vector<const model::RoleBinding*> all_bindings_of_default(std::string_view ns, const Context& context)
{
    std::vector<const model::RoleBinding*> bindings;
    for (const auto list : {context.rbac.bindings_of_service_account(ns, "default"), context.rbac.bindings_of_service_accounts_in(ns)})
        bindings.insert(bindings.end(), list.begin(), list.end());
    return bindings;
}

Verdict judge_default(std::string_view ns, const Context& context)
{
    const auto all = all_bindings_of_default(ns, context);
    const auto own = own_bindings_of_default(ns, context);
    if (!own.empty()) {
        std::vector<std::string> names;
        for (const auto* binding : own)
            names.push_back(fmt::format("{}/{}", binding->is_cluster_binding() ? "ClusterRoleBinding" : "RoleBinding", binding->meta.name.view()));
        names = as_evidence(std::move(names));
        return check::fail(fmt::format("Every pod of {} without a ServiceAccount of its own has the rights of {}", ns, first_few(names)))
            .with("bindings", names);
    }
    if (const auto* gap = unread_role(all, context)) return context.unknown_for(*gap);
    if (!all.empty() && context.is_system(ns)) return check::not_applicable("Bound by the platform's own bindings only");
    return check::pass("Has no rights beyond those of every authenticated identity");
}

std::string_view account_name(const model::PodSpec& spec)
{
    return spec.service_account.empty() ? std::string_view{"default"} : spec.service_account.view();
}

/// True where a container of the workload's own template mounts the API token.
bool mounts_token(const model::PodSpec& spec, const model::Workload& workload)
{
    return std::ranges::any_of(spec.containers, [&](const model::Container& container) {
        if (!workload.declares_container(container.name)) return false; // C5: injected
        return std::ranges::any_of(container.mounts, [](const model::VolumeMount& mount) { return mount.mount_path == k_token_mount; });
    });
}

/// Whether the token would be mounted into pods of the template: the pod's word, else the ServiceAccount's, else yes.
bool automounts(const model::PodSpec& spec, std::string_view ns, const Context& context)
{
    if (spec.automount_service_account_token) return *spec.automount_service_account_token;
    const auto* account = context.index.find_service_account(ns, account_name(spec));
    return account == nullptr || account->automount_service_account_token.value_or(true);
}

bool runs_as_default(const model::PodSpec& spec)
{
    return account_name(spec) == "default";
}

bool has_token(const model::Workload& workload, const Context& context)
{
    if (!workload.pods.empty())
        return std::ranges::any_of(workload.pods, [&](const model::Pod* pod) {
            return pod->spec() != nullptr && runs_as_default(*pod->spec()) && mounts_token(*pod->spec(), workload);
        });
    return std::ranges::any_of(workload.templates, [&](const model::PodTemplate* pod_template) {
        return pod_template->spec != nullptr && runs_as_default(*pod_template->spec) && automounts(*pod_template->spec, workload.ns, context);
    });
}

/// The accounts whose token containers of the workload mount: of its pods, or of its templates where none runs.
std::set<std::string_view> accounts_with_token(const model::Workload& workload, const Context& context)
{
    std::set<std::string_view> accounts;
    for (const auto* pod : workload.pods)
        if (pod->spec() != nullptr && mounts_token(*pod->spec(), workload)) accounts.insert(account_name(*pod->spec()));
    if (workload.pods.empty())
        for (const auto* pod_template : workload.templates)
            if (pod_template->spec != nullptr && automounts(*pod_template->spec, workload.ns, context))
                accounts.insert(account_name(*pod_template->spec));
    return accounts;
}

std::vector<const model::RoleBinding*> bindings_of_account(std::string_view ns, std::string_view account, const Context& context)
{
    std::vector<const model::RoleBinding*> bindings;
    for (const auto list : {context.rbac.bindings_of_service_account(ns, account), context.rbac.bindings_of_service_accounts_in(ns),
                            context.rbac.bindings_of_all_service_accounts()})
        bindings.insert(bindings.end(), list.begin(), list.end());
    return bindings;
}

/// True if some pod gets its secrets from Vault's agent, which logs in with the token.
bool uses_vault_agent(const model::Workload& workload)
{
    constexpr std::string_view k_inject = "vault.hashicorp.com/agent-inject";
    return std::ranges::any_of(workload.templates, [&](const auto* each) { return each->annotations.is(k_inject, "true"); }) ||
           std::ranges::any_of(workload.pods, [&](const auto* pod) { return pod->annotations().is(k_inject, "true"); });
}

} // namespace

Verdict token_unneeded(const model::Workload& workload, const Context& context)
{
    if (workload.pods.empty() && workload.templates.empty()) return check::not_applicable("No pod and no template");
    const auto accounts = accounts_with_token(workload, context);
    if (accounts.empty()) return check::pass("No container mounts an API token");
    if (uses_vault_agent(workload)) return check::pass("Vault's agent logs in with the token").with("note", std::string{"vault-agent"});
    for (const auto account : accounts) {
        const auto bindings = bindings_of_account(workload.ns, account, context);
        const bool entitled = std::ranges::any_of(
            bindings, [&](const auto* binding) { return !is_default_binding(*binding, context) && grants_something(*binding, context); });
        if (entitled || exception_for(fmt::format("ServiceAccount/{}/{}", workload.ns.view(), account), {}, context) != nullptr) continue;
        if (const auto* gap = unread_role(bindings, context)) return context.unknown_for(*gap);
        return check::warn(fmt::format("Mounts the token of ServiceAccount {}, which may do nothing with it", account))
            .with("serviceAccount", std::string{account})
            .by_absence();
    }
    return check::pass("Its ServiceAccount has rights to use, or is accepted");
}

std::vector<const model::RoleBinding*> own_bindings_of_default(std::string_view ns, const Context& context)
{
    auto bindings = all_bindings_of_default(ns, context);
    std::erase_if(bindings, [&](const auto* binding) { return is_default_binding(*binding, context) || !grants_something(*binding, context); });
    return bindings;
}

void default_sa_bound(const Context& context, Results& results)
{
    std::set<std::string_view> seen;
    for (const auto& account : context.inventory.service_accounts) {
        const auto key = ObjectKey::of("v1", "ServiceAccount", account.meta);
        if (account.meta.name == "default") {
            seen.insert(account.meta.ns);
            auto young = too_young(account.meta, context);
            results.add(key, account.meta.ns, young ? std::move(*young) : judge_default(account.meta.ns, context));
        } else {
            results.add(key, account.meta.ns, check::not_applicable("Not the default ServiceAccount").proven());
        }
    }
    // The account may not have been read, and what is bound to it is proof all the same.
    for (const auto ns : context.index.namespace_names()) {
        if (seen.contains(ns) || own_bindings_of_default(ns, context).empty()) continue;
        results.add({"v1", "ServiceAccount", ns.str(), "default", ""}, ns, judge_default(ns, context));
    }
}

Verdict default_sa_used(const model::Workload& workload, const Context& context)
{
    if (workload.pods.empty() && workload.templates.empty()) return check::not_applicable("No pod and no template");
    // A template shows the account but not the mount, which the pods that were not read would.
    const bool by_template = workload.pods.empty() && !context.inventory.cluster.partial;
    const auto rest = [&](Verdict verdict) { return by_template ? std::move(verdict).by_absence() : std::move(verdict); };
    if (!has_token(workload, context)) return check::pass("Runs as an account of its own, or without an API token");
    const auto bound = own_bindings_of_default(workload.ns, context);
    if (!bound.empty())
        return rest(check::fail("Runs as the default ServiceAccount, which has rights of its own, and mounts its token")
                        .with("binding", bound.front()->meta.name.str()));
    return rest(check::warn("Runs as the default ServiceAccount and mounts its token"));
}

} // namespace seaworthy::controls::rbac
