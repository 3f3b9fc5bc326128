// SPDX-License-Identifier: Apache-2.0
#include "scan_reports.hpp"

#include <algorithm>
#include <tuple>

#include "pod_shapes.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {

namespace {

/// "sha256:…" of `docker-pullable://host/repo@sha256:…`, `host/repo@sha256:…` or a bare digest.
std::string_view digest_of(std::string_view image_id)
{
    const auto at = image_id.find("sha256:");
    return at == std::string_view::npos ? std::string_view{} : image_id.substr(at);
}

std::string_view status_digest(const model::Pod& pod, std::string_view container)
{
    for (const auto& status : pod.container_statuses())
        if (status.name == container) return digest_of(status.image_id);
    return {};
}

void add_containers(const model::Workload& workload, const model::PodSpec& spec, const model::Pod* pod, std::vector<RunningContainer>& found)
{
    for (const auto& container : spec.containers) {
        if (container.kind == model::Container::Kind::ephemeral || !workload.declares_container(container.name)) continue;
        const RunningContainer running{container.name, container.image, pod != nullptr ? status_digest(*pod, container.name) : std::string_view{}};
        const auto same = [&](const RunningContainer& other) {
            return std::tie(other.name, other.image, other.digest) == std::tie(running.name, running.image, running.digest);
        };
        if (std::ranges::none_of(found, same)) found.push_back(running);
    }
}

/// The report's owner: the workload itself, or the ReplicaSet (or Job) that owns one of its active pods. Of a workload scaled to zero any of its
/// own: whether the report is about the image that it would run now is the caller's next question.
bool is_owner(const check::Context& context, const model::Workload& workload, std::string_view kind, std::string_view name)
{
    if (workload.kind == kind && workload.name == name) return true;
    if (workload.pods.empty() && workload.object != nullptr)
        return std::ranges::any_of(context.index.owned_by(*workload.object), [&](const model::OwnedController* owned) {
            return owned->meta.name == name && model::kind_name(owned->kind) == kind;
        });
    return std::ranges::any_of(workload.pods, [&](const model::Pod* pod) {
        const auto* controller = pod->controller();
        return controller != nullptr && controller->kind == kind && controller->name == name;
    });
}

/// Names over 63 bytes do not fit a label: the operator writes a hash there and the name into an annotation.
std::string_view resource_name(const model::ObjectMeta& meta)
{
    const auto* label = meta.labels.find("trivy-operator.resource.name");
    return label != nullptr ? label->view() : meta.annotations.get("trivy-operator.resource.name");
}

bool is_same_image(const model::Value& artifact, const RunningContainer& container)
{
    const auto digest = artifact["digest"].text();
    if (!digest.empty() && digest == container.digest) return true;
    // The digest of an index differs from that of its platform's manifest, so the name decides where digests do not agree.
    const auto image = model::parse_image_reference(container.image);
    if (!image) return false;
    if (!image->digest.empty() && image->digest == digest) return true;
    auto repository = artifact["repository"].text();
    const auto tag = artifact["tag"].text();
    const bool same_path =
        repository == image->path || image->path == std::string{"library/"} + std::string{repository} || repository == image->repository();
    return same_path && !tag.empty() && tag == image->effective_tag();
}

Timestamp updated(const model::Document& report)
{
    const auto time = parse_rfc3339(report.at("report.updateTimestamp").text());
    return time.known() ? time : report.meta.created;
}

} // namespace

std::vector<RunningContainer> running_containers(const model::Workload& workload)
{
    std::vector<RunningContainer> found;
    for (const auto& alike : alike_pods(workload))
        if (alike.first->spec() != nullptr) add_containers(workload, *alike.first->spec(), alike.first, found);
    if (workload.pods.empty())
        for (const auto* pod_template : workload.templates)
            add_containers(workload, *pod_template->spec, nullptr, found);
    return found;
}

bool is_report_about(const model::Document& report, const RunningContainer& container)
{
    return is_same_image(report.at("report.artifact"), container);
}

const model::Document* trivy_report(const check::Context& context, std::string_view resource, const model::Workload& workload,
                                    const RunningContainer& container)
{
    const model::Document* newest = nullptr;
    for (const auto* report : context.index.documents_in(resource, workload.ns)) {
        if (!report->meta.labels.is("trivy-operator.container.name", container.name)) continue;
        if (!is_owner(context, workload, report->meta.labels.get("trivy-operator.resource.kind"), resource_name(report->meta))) continue;
        if (!is_same_image(report->at("report.artifact"), container)) continue;
        if (newest == nullptr || updated(*newest) < updated(*report)) newest = report;
    }
    return newest;
}

const model::Document* kubescape_summary(const check::Context& context, const model::Workload& workload, const RunningContainer& container)
{
    for (const auto& summary : context.inventory.documents_of(k_kubescape_summaries)) {
        const auto& labels = summary.meta.labels;
        if (labels.is("kubescape.io/workload-namespace", workload.ns) && labels.is("kubescape.io/workload-name", workload.name) &&
            labels.is("kubescape.io/workload-container-name", container.name) &&
            is_owner(context, workload, labels.get("kubescape.io/workload-kind"), workload.name))
            return &summary;
    }
    return nullptr;
}

} // namespace seaworthy::controls
