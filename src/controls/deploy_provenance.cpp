// SPDX-License-Identifier: Apache-2.0
#include "controls/deploy_provenance.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "controls/change_tracking.hpp"
#include "controls/evidence.hpp"
#include "controls/metadata_subjects.hpp"
#include "controls/names.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::MetadataSubject;
using check::Verdict;
using model::Document;

constexpr std::string_view k_applications = "applications.argoproj.io";
constexpr std::string_view k_kustomizations = "kustomizations.kustomize.toolkit.fluxcd.io";
constexpr std::string_view k_helm_releases = "helmreleases.helm.toolkit.fluxcd.io";

/// What the reconcilers last delivered.
struct Revisions {
    std::map<std::string, std::string, std::less<>> by_object;      ///< as object_reference() names it
    std::map<std::string, std::string, std::less<>> by_application; ///< as tracking ids name it
    std::map<std::string, std::string, std::less<>> by_flux;        ///< "Kustomization flux-system/shop"
};

/// With several sources an Application has a list of revisions.
std::string revision_of_application(const Document& application)
{
    const auto revision = application.at("status.sync.revision").text();
    if (!revision.empty()) return std::string{revision};
    const auto several = application.at("status.sync.revisions").items();
    return several.empty() ? std::string{} : std::string{several.front().text()};
}

std::string flux_key(std::string_view kind, std::string_view ns, std::string_view name)
{
    return fmt::format("{} {}/{}", kind, ns, name);
}

void add_applications(Revisions& found, const Context& context)
{
    for (const auto& application : context.inventory.documents_of(k_applications)) {
        const auto revision = revision_of_application(application);
        if (revision.empty()) continue;
        found.by_application.emplace(application.meta.name.str(), revision);
        found.by_application.emplace(fmt::format("{}_{}", application.meta.ns.view(), application.meta.name.view()), revision);
        for (const auto& each : application.at("status.resources").items())
            found.by_object.emplace(object_reference(each["group"].text(), each["kind"].text(), each["namespace"].text(), each["name"].text()),
                                    revision);
    }
}

Revisions find_revisions(const Context& context)
{
    Revisions found;
    add_applications(found, context);
    for (const auto& unit : context.inventory.documents_of(k_kustomizations)) {
        const std::string revision{unit.at("status.lastAppliedRevision").text()};
        if (revision.empty()) continue;
        found.by_flux.emplace(flux_key("Kustomization", unit.meta.ns, unit.meta.name), revision);
        for (const auto& entry : unit.at("status.inventory.entries").items())
            if (auto object = inventory_reference(entry["id"].text()); !object.empty()) found.by_object.emplace(std::move(object), revision);
    }
    for (const auto& unit : context.inventory.documents_of(k_helm_releases)) {
        const auto history = unit.at("status.history").items(); // newest first; since v2 it takes the place of lastAppliedRevision
        const auto revision = history.empty() ? unit.at("status.lastAppliedRevision").text() : history.front()["chartVersion"].text();
        if (!revision.empty()) found.by_flux.emplace(flux_key("HelmRelease", unit.meta.ns, unit.meta.name), std::string{revision});
    }
    return found;
}

template <typename Map>
std::string_view value_in(const Map& map, std::string_view key)
{
    const auto at = map.find(key);
    return at == map.end() ? std::string_view{} : std::string_view{at->second};
}

/// The revision that a reconciler delivered the object from; empty where none says so. A tracking id that names another object is a copy's.
std::string_view delivered_revision(const MetadataSubject& subject, const Revisions& revisions)
{
    const auto reference = object_reference(subject);
    if (const auto revision = value_in(revisions.by_object, reference); !revision.empty()) return revision;
    const auto id = parse_tracking_id(subject.meta.annotations.get(k_tracking_id));
    if (id.object == reference) return value_in(revisions.by_application, id.application);
    const auto& labels = subject.meta.labels;
    for (const auto& [kind, prefix] : {std::pair{"Kustomization", "kustomize"}, std::pair{"HelmRelease", "helm"}}) {
        const auto name = labels.get(fmt::format("{}.toolkit.fluxcd.io/name", prefix));
        const auto ns = labels.get(fmt::format("{}.toolkit.fluxcd.io/namespace", prefix));
        if (const auto revision = value_in(revisions.by_flux, flux_key(kind, ns, name)); !revision.empty()) return revision;
    }
    return {};
}

/// Where the object or its template names the version: "label helm.sh/chart"; empty where neither does.
std::string stamp_on(const MetadataSubject& subject, const Context& context)
{
    const auto* pod_template = subject.pod_template();
    for (const std::string_view label : {"app.kubernetes.io/version", "helm.sh/chart"})
        if (!subject.meta.labels.get(label).empty() || (pod_template != nullptr && !pod_template->labels.get(label).empty()))
            return fmt::format("label {}", label);
    for (const auto& key : context.parameters.list("provenanceKeys"))
        if (!subject.meta.annotations.get(key).empty() || (pod_template != nullptr && !pod_template->annotations.get(key).empty()))
            return fmt::format("annotation {}", key);
    return {};
}

/// True if the scanner read a revision or version in the labels of every image that runs.
bool images_are_labelled(const model::Workload* workload, const Context& context)
{
    if (workload == nullptr) return false;
    const auto containers = running_containers(*workload);
    return !containers.empty() && std::ranges::all_of(containers, [&](const RunningContainer& container) {
        const auto* report = trivy_report(context, k_vulnerability_reports, *workload, container);
        if (report == nullptr) return false;
        const auto& labels = report->at("report.artifact.labels");
        return !labels["org.opencontainers.image.revision"].text().empty() || !labels["org.opencontainers.image.version"].text().empty();
    });
}

/// A verdict on the tags, whatever else ties the version: warn for one that moves, unknown for what is no reference, else pass.
Verdict judge_tags(const model::PodSpec& spec, const Context& context)
{
    auto result = check::pass("No image floats").proven();
    const auto& floating = context.parameters.list("floatingTags");
    for (const auto& container : spec.containers) {
        if (container.kind == model::Container::Kind::ephemeral) continue;
        const auto image = model::parse_image_reference(container.image);
        if (!image) {
            result =
                worst(std::move(result), check::unknown(check::Reason::malformed, "An image is not a reference: a placeholder, or a typing error"));
        } else if (image->digest.empty() && (image->tag.empty() || std::ranges::find(floating, image->tag) != floating.end())) {
            result = worst(std::move(result), check::warn(fmt::format("Image {} can become another one at any time: its tag is {}",
                                                                      image->repository(), image->effective_tag())));
        }
    }
    return result;
}

/// The gap in a list that may hold what ties the version; that nobody serves it is an answer.
const model::Gap* hidden_source(const Context& context, std::string_view ns)
{
    for (const auto list : {k_applications, k_kustomizations, k_helm_releases})
        if (const auto* gap = context.gap(list); gap != nullptr && gap->reason != check::Reason::not_served) return gap;
    const auto* gap = context.gap(k_vulnerability_reports, ns);
    return gap != nullptr && gap->reason != check::Reason::not_served ? gap : nullptr;
}

Verdict judge_workload_provenance(const MetadataSubject& subject, const Revisions& revisions, const Context& context)
{
    const model::PodSpec* spec = subject.pod != nullptr ? subject.pod->spec() : subject.pod_template()->spec.get();
    if (spec != nullptr)
        if (auto tags = judge_tags(*spec, context); tags.status != check::Status::pass) return tags;
    if (const auto stamp = stamp_on(subject, context); !stamp.empty())
        return check::pass(fmt::format("Its {} says what runs", stamp)).with("source", stamp).proven();
    if (const auto revision = delivered_revision(subject, revisions); !revision.empty())
        return check::pass("A reconciler says from which revision it was delivered").with("revision", std::string{revision}).proven();
    if (const auto* workload = subject.object != nullptr ? context.index.root_of(*subject.object) : nullptr; images_are_labelled(workload, context))
        return resting_on_pods(check::pass("The labels of its images say from what they were built"), context, *workload);
    if (const auto* gap = hidden_source(context, subject.meta.ns)) return context.unknown_for(*gap);
    return check::warn("Nothing on it says which version, commit or release runs");
}

} // namespace

void judge_provenance(const Context& context, check::Results& results)
{
    const auto revisions = find_revisions(context);
    judge_each_object(context, results, [&](const MetadataSubject& subject) { return judge_workload_provenance(subject, revisions, context); });
}

} // namespace seaworthy::controls
