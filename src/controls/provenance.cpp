// SPDX-License-Identifier: Apache-2.0
#include "controls/provenance.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "controls/change_tracking.hpp"
#include "controls/names.hpp"
#include "controls/scan_reports.hpp"
#include "controls/template_parts.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::StringMap;
using model::Workload;

constexpr std::array<std::string_view, 2> k_release_labels{"app.kubernetes.io/version", "helm.sh/chart"};
/// The names of the OCI image specification for the source's commit.
constexpr std::array<std::string_view, 2> k_image_labels{"org.opencontainers.image.revision", "org.label-schema.vcs-ref"};
/// Tags that move by design.
constexpr std::array<std::string_view, 8> k_floating{"latest", "edge", "nightly", "dev", "main", "master", "head", "snapshot"};

std::string_view value_of(const StringMap& map, std::string_view key)
{
    const auto* value = map.find(key);
    return value != nullptr ? value->view() : std::string_view{};
}

/// "label app.kubernetes.io/version 1.4.2"; nothing where none of the keys is there.
std::optional<std::string> by_metadata(const StringMap& labels, const StringMap& annotations, const std::vector<std::string>& keys)
{
    for (const auto key : k_release_labels)
        if (const auto value = value_of(labels, key); !value.empty()) return fmt::format("label {} {}", key, value);
    for (const auto& key : keys) {
        if (const auto value = value_of(annotations, key); !value.empty()) return fmt::format("annotation {} {}", key, value);
        if (const auto value = value_of(labels, key); !value.empty()) return fmt::format("label {} {}", key, value);
    }
    return std::nullopt;
}

const model::Document* find_document(std::string_view resource, std::string_view ns, std::string_view name, const Context& context)
{
    for (const auto& document : context.inventory.documents_of(resource))
        if (document.meta.name == name && (ns.empty() || document.meta.ns == ns)) return &document;
    return nullptr;
}

/// The revision that a reconciler says it has brought the object to.
std::optional<std::string> by_reconciler(const model::ObjectMeta& meta, const Context& context)
{
    // An Application of another namespace than Argo CD's own writes <namespace>_<name>.
    auto application = parse_tracking_id(value_of(meta.annotations, k_tracking_id)).application;
    std::string_view ns;
    if (const auto underscore = application.find('_'); underscore != std::string_view::npos) {
        ns = application.substr(0, underscore);
        application.remove_prefix(underscore + 1);
    }
    if (!application.empty())
        if (const auto* found = find_document("applications.argoproj.io", ns, application, context)) {
            auto revision = found->at("status.sync.revision").text();
            if (const auto all = found->at("status.sync.revisions").items(); revision.empty() && !all.empty()) revision = all.front().text();
            if (!revision.empty()) return fmt::format("Argo CD's Application {} at {}", application, revision);
        }
    struct Unit {
        std::string_view labels;
        std::string_view resource;
        std::string_view kind;
    };
    constexpr Unit k_units[] = {{"kustomize.toolkit.fluxcd.io", "kustomizations.kustomize.toolkit.fluxcd.io", "Kustomization"},
                                {"helm.toolkit.fluxcd.io", "helmreleases.helm.toolkit.fluxcd.io", "HelmRelease"}};
    for (const auto& unit : k_units) {
        const auto name = value_of(meta.labels, fmt::format("{}/name", unit.labels));
        if (name.empty()) continue;
        const auto* found = find_document(unit.resource, value_of(meta.labels, fmt::format("{}/namespace", unit.labels)), name, context);
        if (found == nullptr) continue;
        for (const std::string_view field : {"status.lastAppliedRevision", "status.lastAttemptedRevision"})
            if (const auto revision = found->at(field).text(); !revision.empty()) return fmt::format("Flux' {} {} at {}", unit.kind, name, revision);
    }
    return std::nullopt;
}

/// The commit that each image was built from, where a scanner read its labels.
std::optional<std::string> by_images(const Workload& workload, const Context& context)
{
    std::optional<std::string> found;
    for (const auto& container : running_containers(workload)) {
        const auto* report = trivy_report(context, k_vulnerability_reports, workload, container);
        if (report == nullptr) return std::nullopt;
        const auto& labels = report->at("report.artifact")["labels"];
        const auto* const key = std::ranges::find_if(k_image_labels, [&](std::string_view label) { return !labels[label].text().empty(); });
        if (key == k_image_labels.end()) return std::nullopt;
        found = fmt::format("image label {} {}", *key, labels[*key].text());
    }
    return found;
}

bool is_floating(std::string_view text)
{
    const auto image = model::parse_image_reference(text);
    if (!image || !image->digest.empty()) return false;
    return image->tag.empty() || std::ranges::find(k_floating, image->tag) != k_floating.end();
}

} // namespace

Verdict judge_provenance(const Workload& workload, const Context& context)
{
    if (workload.operator_owned()) return check::not_applicable("An operator decides what it runs").proven();
    const auto& keys = context.parameters.list("provenanceKeys");
    std::optional<std::string> source;
    if (workload.object != nullptr) {
        source = by_metadata(workload.object->meta.labels, workload.object->meta.annotations, keys);
        if (!source) source = by_reconciler(workload.object->meta, context);
    }
    for (const auto* pod_template : workload.templates)
        if (!source) source = by_metadata(pod_template->labels, pod_template->annotations, keys);
    if (!source) source = by_images(workload, context);
    if (!source) return check::warn("No version, chart, commit or reconciler's revision says what runs here").by_absence();
    NameList floating;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        if (is_floating(container.image)) floating.add(container.image.str());
    });
    if (!floating.empty())
        return check::warn(fmt::format("It says where it is from ({}), but its images can become others: {}", *source, floating.text()))
            .with("images", floating.values());
    return check::pass(fmt::format("It can be followed by {}", *source)).proven();
}

} // namespace seaworthy::controls
