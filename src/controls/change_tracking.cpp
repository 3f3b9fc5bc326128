// SPDX-License-Identifier: Apache-2.0
#include "controls/change_tracking.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace seaworthy::controls {

namespace {

using check::Context;

long revision_of(std::string_view text)
{
    long revision = 0;
    std::from_chars(text.data(), text.data() + text.size(), revision);
    return revision;
}

/// Keeps the newest of a history.
class History {
public:
    void add(long revision, std::string_view cause)
    {
        if (m_history.revisions++ == 0 || revision > m_newest) {
            m_newest = revision;
            m_history.newest_cause = cause;
        }
    }
    [[nodiscard]] RevisionHistory get() const { return m_history; }

private:
    RevisionHistory m_history;
    long m_newest = 0;
};

} // namespace

std::string delivered_by(const model::ObjectMeta& meta)
{
    const auto& labels = meta.labels;
    const auto& annotations = meta.annotations;
    if (annotations.has("argocd.argoproj.io/tracking-id")) return "Argo CD";
    if (labels.has("kustomize.toolkit.fluxcd.io/name") && labels.has("kustomize.toolkit.fluxcd.io/namespace")) return "Flux";
    if (labels.has("helm.toolkit.fluxcd.io/name") && labels.has("helm.toolkit.fluxcd.io/namespace")) return "Flux";
    if (annotations.has("meta.helm.sh/release-name") && annotations.has("meta.helm.sh/release-namespace") &&
        labels.is("app.kubernetes.io/managed-by", "Helm"))
        return "Helm";
    if (annotations.is("configmanagement.gke.io/managed", "enabled") && annotations.has("configsync.gke.io/resource-id")) return "Config Sync";
    if (annotations.has("kapp.k14s.io/identity")) return "kapp";
    if (annotations.has("objectset.rio.cattle.io/id")) return "Fleet";
    if (labels.has("olm.owner")) return "Operator Lifecycle Manager";
    if (labels.has("applyset.kubernetes.io/part-of")) return "kubectl apply with an ApplySet";
    return {};
}

TrackingId parse_tracking_id(std::string_view text)
{
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return {};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string object_reference(std::string_view group, std::string_view kind, std::string_view ns, std::string_view name)
{
    return fmt::format("{}/{}:{}/{}", group, kind, ns, name);
}

std::string object_reference(const check::MetadataSubject& subject)
{
    const auto slash = subject.api_version.find('/');
    const auto group = slash == std::string_view::npos ? std::string_view{} : subject.api_version.substr(0, slash);
    return object_reference(group, subject.kind, subject.meta.ns, subject.meta.name);
}

std::string inventory_reference(std::string_view id)
{
    std::vector<std::string_view> parts; // none of them holds an underscore
    while (!id.empty()) {
        const auto end = std::min(id.find('_'), id.size());
        parts.push_back(id.substr(0, end));
        id.remove_prefix(std::min(end + 1, id.size()));
    }
    return parts.size() == 4 ? object_reference(parts[2], parts[3], parts[0], parts[1]) : std::string{};
}

RevisionHistory history_of(const model::WorkloadObject& object, const Context& context)
{
    History history;
    for (const auto* owned : context.index.owned_by(object))
        if (owned->kind == model::WorkloadKind::replica_set)
            history.add(revision_of(owned->meta.annotations.get("deployment.kubernetes.io/revision")), owned->meta.annotations.get(k_change_cause));
    if (object.kind == model::WorkloadKind::deployment) return history.get();
    for (const auto* revision : context.index.documents_in("controllerrevisions.apps", object.meta.ns)) {
        const auto owner = revision->meta.controller;
        if (owner != nullptr && owner->kind == model::kind_name(object.kind) && owner->name == object.meta.name)
            history.add(static_cast<long>((*revision)["revision"].number_or(0)), revision->meta.annotations.get(k_change_cause));
    }
    return history.get();
}

} // namespace seaworthy::controls
