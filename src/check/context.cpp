// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/check/context.hpp"

#include <fmt/format.h>

#include "seaworthy/model/resource.hpp"

namespace seaworthy::check {

bool Context::is_system(std::string_view ns) const
{
    return model::is_system_namespace(ns) || glob_match_any(settings.system_namespaces, ns);
}

Verdict Context::unknown_for(const model::Gap& gap) const
{
    const auto grant = gap.reason == Reason::forbidden ? model::grant_of(gap.resource) : std::string_view{};
    const auto where = gap.ns == "*" ? std::string{} : fmt::format(" in namespace {}", gap.ns);
    auto verdict =
        unknown(gap.reason, fmt::format("{} could not be read{}: {}", gap.resource, where, gap.message.empty() ? name(gap.reason) : gap.message));
    verdict.grant = grant;
    verdict.evidence.emplace_back("missing", gap.resource);
    return verdict;
}

const Attestation* Context::attested(std::string_view key) const
{
    const auto at = settings.attestations.find(key);
    if (at == settings.attestations.end() || !at->second.value || !at->second.until.known() || at->second.until < now) return nullptr;
    return &at->second;
}

ObjectKey ObjectKey::of(const model::Workload& workload)
{
    return {workload.api_version.str(), workload.kind.str(), workload.ns.str(), workload.name.str(), workload.uid.str()};
}

ObjectKey ObjectKey::of(std::string_view api_version, std::string_view kind, const model::ObjectMeta& meta)
{
    return {std::string{api_version}, std::string{kind}, meta.ns.str(), meta.name.str(), meta.uid.str()};
}

ObjectKey ObjectKey::of(const model::Document& document)
{
    return of(document.api_version, document.kind, document.meta);
}

ObjectKey ObjectKey::of(const model::Role& role)
{
    return of("rbac.authorization.k8s.io/v1", role.is_cluster_role() ? "ClusterRole" : "Role", role.meta);
}

ObjectKey ObjectKey::of(const model::RoleBinding& binding)
{
    return of("rbac.authorization.k8s.io/v1", binding.is_cluster_binding() ? "ClusterRoleBinding" : "RoleBinding", binding.meta);
}

ObjectKey ObjectKey::cluster()
{
    return {"seaworthy.dev/v1", "Cluster", "", "", ""};
}
ObjectKey ObjectKey::registry(std::string_view host)
{
    return {"seaworthy.dev/v1", "Registry", "", std::string{host}, ""};
}

} // namespace seaworthy::check
