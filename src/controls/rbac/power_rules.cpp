// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "controls/rbac/checks.hpp"
#include "controls/rbac/judge_binding.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls::rbac {

using check::Context;
using check::Severity;
using check::Status;
using check::Verdict;
using model::Identity;
using model::Power;
using model::Reach;

namespace {

bool is_service_account(const Grant& grant)
{
    return grant.identity.kind == Identity::Kind::service_account || grant.identity.name.starts_with("system:serviceaccounts");
}

/// True from 1.35: a WebSocket to exec, attach or portforward needs `create` as well as `get`. False where the version is not known.
bool websockets_need_create(const Context& context)
{
    std::string_view version = context.inventory.cluster.version;
    if (version.starts_with('v')) version.remove_prefix(1);
    int major = 0;
    int minor = 0;
    const auto* end = version.data() + version.size();
    const auto [dot, bad_major] = std::from_chars(version.data(), end, major);
    if (bad_major != std::errc{} || dot == end || *dot != '.') return false;
    if (std::from_chars(dot + 1, end, minor).ec != std::errc{}) return false;
    return major > 1 || (major == 1 && minor >= 35);
}

} // namespace

bool is_dashboard(const Grant& grant)
{
    const auto& identity = grant.identity;
    return identity.kind == Identity::Kind::service_account &&
           std::ranges::any_of(std::array<std::string_view, 3>{"headlamp", "dashboard", "tiller"},
                               [&](auto word) { return identity.name.find(word) != std::string_view::npos; });
}

Verdict cluster_admin_binding(const Grant& grant, const Context& context)
{
    auto verdict = by_reach(grant.reach(Power::everything), grant, "do everything");
    if (verdict.status != Status::fail) return verdict;
    if (!grant.cluster_wide()) verdict.severity = Severity::high;
    const auto admins = context.rbac.admin_groups(grant.binding.meta.ns);
    if (grant.identity.kind == Identity::Kind::group && grant.identity.is_human() &&
        static_cast<double>(admins) <= context.parameters.number("maxAdmins")) {
        verdict.status = Status::warn;
        verdict.message += fmt::format("; {} of at most {} groups of administrators", admins, context.parameters.number("maxAdmins"));
    }
    return verdict;
}

Verdict secrets_read(const Grant& grant, const Context&)
{
    auto verdict = by_reach(grant.reach(Power::read_secrets), grant, "read Secrets");
    if (verdict.status != Status::fail) return verdict;
    if (grant.cluster_wide()) return std::move(verdict).at(Severity::high);
    return std::move(verdict).at(grant.identity.is_human() ? Severity::low : Severity::medium);
}

Verdict escalation_verbs(const Grant& grant, const Context&)
{
    const auto escalate = std::max(grant.reach(Power::escalate_roles), grant.cluster_reach(Power::escalate_cluster_roles));
    const auto bind = grant.reach(Power::bind_roles);
    const auto people = grant.cluster_reach(Power::impersonate_identities);
    const auto accounts = grant.reach(Power::impersonate_service_accounts);
    const auto level = grant.cluster_wide() ? Severity::critical : Severity::high;
    const auto reach = std::max({escalate, bind, people});
    if (reach == Reach::none && accounts != Reach::none) {
        // The default roles edit and admin carry this one: inside a namespace it is what their holders can do anyway.
        if (!grant.cluster_wide())
            return check::pass(
                       fmt::format("{} may impersonate ServiceAccounts {} {}, as edit and admin allow", grant.who(), grant.where(), grant.how()))
                .with("note", std::string{"impersonates ServiceAccounts of the namespace"});
        return check::warn(fmt::format("{} may impersonate ServiceAccounts {} {}", grant.who(), grant.where(), grant.how())).at(level);
    }
    std::string what;
    for (const auto& [held, name] : {std::pair{escalate, "escalate roles"}, {bind, "bind roles"}, {people, "impersonate users or groups"}}) {
        if (held == Reach::none || held < reach) continue;
        what += (what.empty() ? "" : " and ") + std::string{name};
    }
    if (what.empty()) what = "escalate, bind or impersonate";
    return by_reach(reach, grant, what).at(level);
}

Verdict workload_create(const Grant& grant, const Context&)
{
    const auto reach = grant.reach(Power::write_workloads);
    if (grant.cluster_wide() || reach == Reach::none) return by_reach(reach, grant, "create or change workloads");
    return check::pass(fmt::format("{} may create workloads {}, a normal right of its developers", grant.who(), grant.where()))
        .with("note", std::string{"limited to one namespace"});
}

Verdict pod_exec(const Grant& grant, const Context& context)
{
    auto reach = grant.reach(Power::enter_pods);
    if (!websockets_need_create(context)) reach = std::max(reach, grant.reach(Power::get_exec));
    if (!grant.cluster_wide() && grant.identity.is_human() && reach != Reach::none)
        return check::pass(fmt::format("{} may enter pods {}, a normal right of its developers", grant.who(), grant.where()))
            .with("note", std::string{"limited to one namespace"});
    return by_reach(reach, grant, "enter or debug pods").at(grant.cluster_wide() ? Severity::high : Severity::medium);
}

Verdict nodes_proxy(const Grant& grant, const Context&)
{
    auto verdict = by_reach(grant.cluster_reach(Power::proxy_nodes), grant, "reach the kubelets through nodes/proxy");
    if (verdict.status == Status::fail) verdict.message += "; even get runs commands there, nodes/metrics is enough for metrics";
    return verdict;
}

Verdict token_create(const Grant& grant, const Context&)
{
    if (grant.reach(Power::create_tokens) == Reach::named)
        return check::pass(fmt::format("{} may mint tokens of the ServiceAccounts that are named only", grant.who()));
    return by_reach(grant.reach(Power::create_tokens), grant, "mint tokens of any ServiceAccount");
}

Verdict csr_approve(const Grant& grant, const Context& context)
{
    if (!grant.cluster_wide()) return check::pass("A RoleBinding does not reach certificate requests");
    const auto approve = grant.powers[Power::approve_requests];
    const bool signs = grant.powers.has(Power::approve_client_signers);
    // Admission wants both halves of the same user, whichever bindings they come from.
    const auto& all = context.rbac.cluster_powers_of(grant.identity);
    const bool both = (approve != Reach::none || signs) && all.has(Power::approve_requests) && all.has(Power::approve_client_signers);
    const bool half = approve != Reach::none || signs;
    if (!both && half)
        if (const auto* gap = context.gap("clusterrolebindings.rbac.authorization.k8s.io"))
            return context.unknown_for(*gap); // the other half may be there
    if (!both) return by_reach(Reach::none, grant, "approve client certificates");
    return by_reach(std::min(all[Power::approve_requests], all[Power::approve_client_signers]), grant,
                    "approve client certificates for the API server");
}

Verdict webhook_write(const Grant& grant, const Context&)
{
    const auto reach = std::max(grant.cluster_reach(Power::write_cluster_admission), grant.reach(Power::write_namespaced_admission));
    return by_reach(reach, grant, "change webhooks or admission policies");
}

Verdict pv_create(const Grant& grant, const Context& context)
{
    const auto reach = grant.cluster_reach(Power::create_persistent_volumes);
    const auto& identity = grant.identity;
    const bool provisioner = identity.kind == Identity::Kind::service_account &&
                             (context.is_system(identity.ns) || glob_match("*csi*", identity.name) || glob_match("*provisioner*", identity.name));
    if (reach != Reach::none && provisioner) return check::pass(fmt::format("{} provisions volumes", grant.who()));
    return by_reach(reach, grant, "create PersistentVolumes");
}

Verdict namespace_patch(const Grant& grant, const Context&)
{
    // The Namespace object of a RoleBinding's own namespace is within its reach.
    return by_reach(grant.reach(Power::write_namespaces), grant, "relabel namespaces");
}

Verdict system_config_write(const Grant& grant, const Context& context)
{
    const bool reaches_kube_system = grant.cluster_wide() || grant.binding.meta.ns == "kube-system";
    const auto config = reaches_kube_system ? grant.reach(Power::write_system_config) : Reach::none;
    auto verdict = by_reach(config, grant, "change configuration in kube-system");
    if (verdict.status == Status::fail) return verdict;
    auto nodes = by_reach(grant.cluster_reach(Power::write_nodes), grant, "change nodes");
    if (nodes.status == Status::fail && is_service_account(grant) && context.is_system(grant.identity.ns)) {
        nodes.status = Status::warn;
        nodes.message += "; expected of network, storage and scaling components";
    }
    return worse(std::move(verdict), std::move(nodes));
}

} // namespace seaworthy::controls::rbac
