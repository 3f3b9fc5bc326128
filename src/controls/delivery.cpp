// SPDX-License-Identifier: Apache-2.0
#include "controls/delivery.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "controls/change_tracking.hpp"
#include "controls/evidence.hpp"
#include "controls/metadata_subjects.hpp"
#include "controls/names.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::MetadataSubject;
using check::Reason;
using check::Results;
using check::Verdict;

constexpr std::string_view k_applications = "applications.argoproj.io";
constexpr std::string_view k_kustomizations = "kustomizations.kustomize.toolkit.fluxcd.io";

/// What people write with.
constexpr std::string_view k_interactive[] = {
    "kubectl-edit",      "kubectl-patch", "kubectl-set", "kubectl-replace", "kubectl-run", "kubectl-create", "kubectl-expose",
    "kubectl-autoscale", "k9s",           "node-fetch",  "Mozilla*",        "*dashboard*", "headlamp*",      "rancher*"};
/// What people and scripts write with.
constexpr std::string_view k_ambiguous[] = {"kubectl-client-side-apply", "kubectl", "before-first-apply", "OpenAPI-Generator", "okhttp"};

bool is_one_of(std::span<const std::string_view> globs, std::string_view name)
{
    return std::ranges::any_of(globs, [&](std::string_view glob) { return glob_match(glob, name); });
}

bool holds(const std::vector<std::string>& list, std::string_view name)
{
    return std::ranges::find(list, name) != list.end();
}

/// An entry that counts: of the object itself, with fields of its spec.
bool writes_spec(const model::ManagedFieldsEntry& entry)
{
    return entry.subresource.empty() && entry.owns_spec;
}

/// What the reconcilers say that they own, and when each last did something.
struct Deliveries {
    std::set<std::string, std::less<>> owned;
    std::map<std::string, Timestamp, std::less<>> synced; ///< by Application
};

Deliveries find_deliveries(const Context& context)
{
    Deliveries found;
    for (const auto& application : context.inventory.documents_of(k_applications)) {
        for (const auto& resource : application.at("status.resources").items())
            found.owned.insert(
                object_reference(resource["group"].text(), resource["kind"].text(), resource["namespace"].text(), resource["name"].text()));
        found.synced[application.meta.name.str()] = parse_rfc3339(application.at("status.operationState.finishedAt").text());
    }
    for (const auto& kustomization : context.inventory.documents_of(k_kustomizations))
        for (const auto& entry : kustomization.at("status.inventory.entries").items())
            if (auto object = inventory_reference(entry["id"].text()); !object.empty()) found.owned.insert(std::move(object));
    return found;
}

/// The reconciler that owns the object; a tracking id that names another object is a copy's.
std::string_view reconciler_of(const MetadataSubject& subject, const Deliveries& deliveries)
{
    if (deliveries.owned.contains(object_reference(subject))) return "GitOps";
    const auto tracking = subject.meta.annotations.get(k_tracking_id);
    if (!tracking.empty()) return parse_tracking_id(tracking).object == object_reference(subject) ? "Argo CD" : std::string_view{};
    const auto tool = delivered_by(subject.meta);
    for (const std::string_view known : {"Flux", "Config Sync", "kapp", "Fleet", "Operator Lifecycle Manager"})
        if (tool == known) return known;
    return {};
}

Verdict judge_managed(const MetadataSubject& subject, const Deliveries& deliveries, const Context& context)
{
    if (const auto by = reconciler_of(subject, deliveries); !by.empty()) return check::pass(fmt::format("{} delivers it", by)).proven();
    const auto managers = subject.object != nullptr ? std::span{subject.object->managers.begin(), subject.object->managers.end()}
                                                    : std::span<const model::ManagedFieldsEntry>{};
    const auto& pipelines = context.parameters.list("ciManagers");
    for (const auto& entry : managers)
        if (writes_spec(entry) && entry.manager != "helm" && holds(pipelines, entry.manager))
            return check::pass(fmt::format("A pipeline writes it ({})", entry.manager.view())).proven();
    for (const auto list : {k_applications, k_kustomizations})
        if (const auto* gap = context.gap(list); gap != nullptr && gap->reason != Reason::not_served) return context.unknown_for(*gap);
    const bool helm = delivered_by(subject.meta) == "Helm" ||
                      std::ranges::any_of(managers, [](const auto& entry) { return writes_spec(entry) && entry.manager == "helm"; });
    if (helm) return check::warn("Helm installed it; from where is not known");
    if (std::ranges::none_of(managers, writes_spec))
        return check::unknown(Reason::unobservable, "Nothing says who wrote it: no managed fields of its spec");
    NameList names;
    bool only_people = true;
    for (const auto& entry : managers) {
        if (!writes_spec(entry)) continue;
        names.add(entry.manager.str());
        only_people = only_people && is_one_of(k_interactive, entry.manager);
    }
    if (only_people) return check::fail(fmt::format("Only people write it: {}", names.text())).with("managers", names.values());
    return check::warn(fmt::format("No pipeline that is known writes it: {}", names.text())).with("managers", names.values());
}

/// When a reconciler last had its say.
Timestamp last_sync(const MetadataSubject& subject, const Deliveries& deliveries, const Context& context)
{
    Timestamp last;
    const auto take = [&](Timestamp time) {
        if (time.known()) last = last.known() ? std::max(last, time) : time;
    };
    for (const auto& entry : subject.object->managers)
        if (holds(context.parameters.list("gitopsManagers"), entry.manager)) take(entry.time);
    const auto tracking = subject.meta.annotations.get(k_tracking_id);
    if (const auto found = deliveries.synced.find(tracking.substr(0, tracking.find(':'))); found != deliveries.synced.end()) take(found->second);
    return last;
}

Verdict judge_manual(const MetadataSubject& subject, const Deliveries& deliveries, const Context& context)
{
    if (subject.object == nullptr) return check::not_applicable("A pod is made once and not changed").proven();
    if (subject.object->managers.empty()) return check::unknown(Reason::unobservable, "Its managed fields were stripped: who wrote it is not known");
    const auto synced = last_sync(subject, deliveries, context);
    const bool reconciled = !reconciler_of(subject, deliveries).empty();
    const auto window = context.parameters.duration("window");
    const auto counts = [&](const auto& entry) {
        if (!writes_spec(entry) || (synced.known() && entry.time <= synced)) return false;
        const auto age = entry.time.age(context.now);
        return !age || *age <= window;
    };
    NameList people;
    NameList unclear;
    for (const auto& entry : subject.object->managers) {
        if (!counts(entry)) continue;
        if (is_one_of(k_interactive, entry.manager))
            people.add(entry.manager.str());
        else if (is_one_of(k_ambiguous, entry.manager) && !holds(context.parameters.list("ciManagers"), entry.manager))
            unclear.add(entry.manager.str());
    }
    if (!people.empty()) {
        const auto message = fmt::format("Somebody changed its spec by hand: {}", people.text());
        return (reconciled ? check::fail(message) : check::warn(message)).with("managers", people.values());
    }
    if (!unclear.empty())
        return check::warn(fmt::format("Changed with {}, which people and scripts use alike", unclear.text())).with("managers", unclear.values());
    return check::pass("Nobody changed its spec by hand lately");
}

} // namespace

bool is_written_by(const model::WorkloadObject& object, const std::vector<std::string>& managers)
{
    return std::ranges::any_of(object.managers, [&](const auto& entry) { return writes_spec(entry) && holds(managers, entry.manager); });
}

void judge_delivery(const Context& context, Results& results)
{
    const auto deliveries = find_deliveries(context);
    judge_each_object(context, results, [&](const MetadataSubject& subject) { return judge_managed(subject, deliveries, context); });
}

void judge_manual_changes(const Context& context, Results& results)
{
    const auto deliveries = find_deliveries(context);
    judge_each_object(context, results, [&](const MetadataSubject& subject) { return judge_manual(subject, deliveries, context); });
}

} // namespace seaworthy::controls
