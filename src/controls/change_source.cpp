// SPDX-License-Identifier: Apache-2.0
#include "controls/change_source.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "controls/change_tracking.hpp"
#include "controls/evidence.hpp"
#include "controls/metadata_subjects.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::MetadataSubject;
using check::Verdict;

constexpr std::string_view k_applications = "applications.argoproj.io";

/// Field managers of tools that keep the desired state in files.
bool is_declarative(std::string_view manager)
{
    return manager == "Terraform" || manager == "HashiCorp" || manager.starts_with("pulumi-");
}

std::string_view declarative_manager(const MetadataSubject& subject)
{
    if (subject.object == nullptr) return {};
    const auto found = std::ranges::find_if(subject.object->managers, [](const auto& entry) { return is_declarative(entry.manager); });
    return found == subject.object->managers.end() ? std::string_view{} : found->manager.view();
}

/// The value of a label by which Argo CD tracks objects in its label mode.
std::string_view instance_label(const MetadataSubject& subject, const Context& context)
{
    for (const auto& key : context.parameters.list("instanceLabelKeys"))
        if (const auto value = subject.meta.labels.get(key); !value.empty()) return value;
    return {};
}

bool has_application(std::string_view name, const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of(k_applications), [&](const auto& each) { return each.meta.name == name; });
}

using ApplicationNames = std::set<std::string>;

/// As tracking ids name them: by name, and where applications may be in any namespace by `<namespace>_<name>`.
ApplicationNames application_names(const Context& context)
{
    ApplicationNames names;
    for (const auto& application : context.inventory.documents_of(k_applications)) {
        names.insert(application.meta.name.str());
        names.insert(fmt::format("{}_{}", application.meta.ns.view(), application.meta.name.view()));
    }
    return names;
}

Verdict judge_tracking_id(const MetadataSubject& subject, std::string_view text, const ApplicationNames& applications, const Context& context)
{
    const auto id = parse_tracking_id(text);
    if (id.object != object_reference(subject))
        return check::warn("Its tracking id names another object: it was copied, and Argo CD does not manage it")
            .with("tracking-id", std::string{text});
    if (subject.meta.annotations.has("argocd.argoproj.io/installation-id"))
        return check::pass("Its tracking id names itself; its Argo CD runs elsewhere").proven();
    if (const auto* gap = context.gap(k_applications); gap != nullptr) {
        if (gap->reason == model::Reason::not_served) return check::pass("Its tracking id names itself; its Argo CD runs elsewhere").proven();
        return context.unknown_for(*gap);
    }
    if (!context.inventory.serves(k_applications)) return check::pass("Its tracking id names itself; its Argo CD runs elsewhere").proven();
    if (!applications.contains(std::string{id.application}))
        return check::warn(fmt::format("Its tracking id names Application {}, which does not exist", id.application))
            .with("application", std::string{id.application})
            .by_absence();
    return check::pass("Its tracking id names itself and an Application").proven();
}

Verdict judge_consistency(const MetadataSubject& subject, const ApplicationNames& applications, const Context& context)
{
    const auto tracking = subject.meta.annotations.get(k_tracking_id);
    if (!tracking.empty()) return judge_tracking_id(subject, tracking, applications, context);
    const auto release_namespace = subject.meta.annotations.get("meta.helm.sh/release-namespace");
    if (release_namespace.empty()) return check::not_applicable("Has no tracking annotation").proven();
    auto verdict = check::pass("Its Helm release is recorded").proven();
    if (release_namespace != subject.meta.ns.view())
        verdict.evidence.emplace_back("note", fmt::format("the Helm release is in namespace {}", release_namespace));
    return verdict;
}

} // namespace

Verdict judge_change_tracking(const MetadataSubject& subject, const Context& context)
{
    const auto traced = [](std::string_view tool) {
        return check::pass(fmt::format("{} tracks its changes", tool)).with("tool", std::string{tool}).proven();
    };
    if (const auto tool = delivered_by(subject.meta); !tool.empty()) return traced(tool);
    if (!subject.meta.annotations.get(k_change_cause).empty()) return check::pass("Its change-cause says why it changed").proven();
    if (const auto manager = declarative_manager(subject); !manager.empty()) return traced(manager);
    const auto instance = instance_label(subject, context);
    if (!instance.empty()) {
        if (has_application(instance, context)) return traced("Argo CD");
        if (const auto* gap = context.gap(k_applications); gap != nullptr && gap->reason != model::Reason::not_served)
            return context.unknown_for(*gap);
    }
    if (subject.object != nullptr && subject.object->applied)
        return check::warn("Applied with kubectl: what it was last told is known, not by whom or from which commit");
    return check::fail("Nothing on it says where its last change came from");
}

Verdict judge_stale_cause(const MetadataSubject& subject, const Context& context)
{
    if (subject.object == nullptr || subject.object->kind != model::WorkloadKind::deployment)
        return check::not_applicable("Not a Deployment").proven();
    std::map<std::string_view, std::set<std::string_view>> revisions; // hashes by cause
    std::size_t with_cause = 0;
    for (const auto* owned : context.index.owned_by(*subject.object)) {
        // A rollback takes an old ReplicaSet again, with the cause that it had.
        if (owned->kind != model::WorkloadKind::replica_set || owned->meta.annotations.has("deployment.kubernetes.io/revision-history")) continue;
        const auto cause = owned->meta.annotations.get(k_change_cause);
        if (cause.empty()) continue;
        ++with_cause;
        revisions[cause].insert(owned->meta.labels.get("pod-template-hash"));
    }
    const auto rest = [&](Verdict verdict) { return resting_on(std::move(verdict), context, subject.meta.ns, {"replicasets.apps"}); };
    for (const auto& [cause, hashes] : revisions)
        if (hashes.size() > 1)
            return check::warn(fmt::format("{} revisions have the same change-cause", hashes.size())).with("cause", std::string{cause});
    if (with_cause < 2) return rest(check::not_applicable("Fewer than two revisions have a change-cause"));
    return rest(check::pass("Each revision has a change-cause of its own"));
}

void judge_tracking_consistency(const Context& context, check::Results& results)
{
    const auto applications = application_names(context);
    judge_each_object(context, results, [&](const MetadataSubject& subject) { return judge_consistency(subject, applications, context); });
}

} // namespace seaworthy::controls
