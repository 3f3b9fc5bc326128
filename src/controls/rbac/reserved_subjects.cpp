// SPDX-License-Identifier: Apache-2.0
// Subjects that nobody should bind: who did not log in, and the group that RBAC never asks about.
#include <algorithm>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/config_maps.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/rbac/checks.hpp"
#include "controls/rbac/default_objects.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls::rbac {
namespace {

using check::Context;
using check::Verdict;
using model::RoleBinding;
using model::Subject;

constexpr std::string_view k_masters = "system:masters";

bool is_anonymous(const Subject& subject)
{
    return (subject.kind == Subject::Kind::group && subject.name == "system:unauthenticated") ||
           (subject.kind == Subject::Kind::user && subject.name == "system:anonymous");
}

/// The two that Kubernetes and kubeadm ship: version and health for load balancers, and the cluster's address for nodes that join.
bool is_shipped(const RoleBinding& binding)
{
    if (binding.meta.ns.empty()) return binding.meta.name == "system:public-info-viewer" && binding.role_name == "system:public-info-viewer";
    return binding.meta.ns == "kube-public" && binding.meta.name == "kubeadm:bootstrap-signer-clusterinfo" &&
           binding.role_name == "kubeadm:bootstrap-signer-clusterinfo";
}

/// True if the role lets ask for health and version alone.
bool shows_health_alone(const model::Role& role)
{
    constexpr std::string_view k_paths[] = {"/healthz", "/livez", "/readyz", "/version"};
    const auto is_health = [&](const Text& url) {
        return std::ranges::any_of(k_paths, [&](std::string_view path) {
            return url.view() == path || (url.view().starts_with(path) && url.view().substr(path.size()).starts_with('/'));
        });
    };
    return !role.rules.empty() && std::ranges::all_of(role.rules, [&](const model::PolicyRule& rule) {
        return rule.resources.empty() && !rule.non_resource_urls.empty() && std::ranges::all_of(rule.non_resource_urls, is_health);
    });
}

/// Every API server refuses requests without credentials, and every one was seen.
bool refuses_anonymous(const Context& context)
{
    const auto servers = find_api_servers(context);
    const auto refuses = [](const ApiServer& server) {
        const auto* flag = server.find("anonymous-auth");
        return flag != nullptr && *flag == "false";
    };
    return !servers.empty() && std::ranges::all_of(servers, refuses) && first_gap(context, "*", {"pods", "nodes"}) == nullptr;
}

bool binds_masters(const RoleBinding& binding)
{
    return std::ranges::any_of(binding.subjects,
                               [](const Subject& subject) { return subject.kind == Subject::Kind::group && subject.name == k_masters; });
}

/// The entries of aws-auth that make somebody a master; nothing where one cannot be read.
std::optional<NameList> masters_of_aws_auth(const model::Document& config_map)
{
    NameList names;
    for (const std::string_view key : {"mapRoles", "mapUsers"}) {
        const auto text = config_map["data"][key].text();
        if (text.empty()) continue;
        const auto entries = model::JsonText::parse_yaml(text);
        if (!entries) return std::nullopt;
        for (const auto& entry : entries->root().items()) {
            if (!entry["groups"].contains(k_masters)) continue;
            const auto arn = entry[key == "mapRoles" ? "rolearn" : "userarn"].text();
            names.add(std::string{arn.empty() ? key : arn});
        }
    }
    return names;
}

Verdict judge_aws_auth(const Context& context)
{
    constexpr std::string_view k_ns = "kube-system";
    if (const auto* gap = context.gap("configmaps", k_ns)) return context.unknown_for(*gap);
    if (const auto* document = find_config_map(context, k_ns, "aws-auth")) {
        const auto masters = masters_of_aws_auth(*document);
        if (!masters) return check::unknown(check::Reason::malformed, "ConfigMap kube-system/aws-auth cannot be read: its mapping is no YAML");
        if (!masters->empty())
            return check::fail(fmt::format("ConfigMap kube-system/aws-auth makes {} members of {}", masters->text(), k_masters))
                .with("mapped", masters->values());
        return check::pass("Neither a binding nor aws-auth names system:masters");
    }
    if (!context.settings.grants.contains("CM"))
        return check::unknown(check::Reason::unobservable, "Whether ConfigMap kube-system/aws-auth names system:masters needs the optional grant CM")
            .needs_grant("CM");
    return check::pass("No binding names system:masters, and there is no aws-auth");
}

} // namespace

Verdict anonymous_binding(const RoleBinding& binding, const Context& context)
{
    if (std::ranges::none_of(binding.subjects, is_anonymous)) return check::not_applicable("Binds nobody anonymous").proven();
    if (is_shipped(binding)) return check::pass("Kubernetes ships it: version and health, or the cluster's address").proven();
    const auto role = fmt::format("{}/{}", binding.role_kind.view(), binding.role_name.view());
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("role", role); };
    if (is_default_binding(binding, context))
        return told(check::warn(fmt::format("The platform gives {} to whoever comes without credentials", role)));
    if (const auto* granted = context.rbac.role_of(binding); granted != nullptr && shows_health_alone(*granted))
        return told(check::warn(fmt::format("{} shows health and version to whoever comes without credentials", role)));
    if (refuses_anonymous(context))
        return told(
            check::warn(fmt::format("{} is bound to whoever comes without credentials; no API server lets them in (--anonymous-auth=false)", role)));
    return told(check::fail(fmt::format("Whoever comes without credentials has {}", role)));
}

Verdict masters_binding(const Context& context)
{
    NameList bindings;
    for (const auto& binding : context.inventory.role_bindings) {
        const bool built_in = binding.meta.ns.empty() && binding.meta.name == "cluster-admin" && binding.role_name == "cluster-admin";
        if (!built_in && binds_masters(binding))
            bindings.add(binding.meta.ns.empty() ? binding.meta.name.str() : fmt::format("{}/{}", binding.meta.ns.view(), binding.meta.name.view()));
    }
    if (!bindings.empty()) return check::fail(fmt::format("system:masters is bound by {}", bindings.text())).with("bindings", bindings.values());
    if (context.inventory.cluster.platform == "eks") return judge_aws_auth(context);
    return check::pass("Only the built-in binding names system:masters");
}

} // namespace seaworthy::controls::rbac
