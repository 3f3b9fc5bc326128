// SPDX-License-Identifier: Apache-2.0
#include "software.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "seaworthy/check/check.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {

namespace {

bool matches(const model::ImageReference& image, std::span<const std::string_view> repositories)
{
    return std::ranges::any_of(repositories, [&](std::string_view repository) { return image.is_repository(repository); });
}

/// The distinct images of a workload's templates.
std::vector<model::ImageReference> images_of(const model::Workload& workload)
{
    std::vector<model::ImageReference> images;
    for (const auto* pod_template : workload.templates) {
        for (const auto& container : pod_template->spec->containers) {
            if (container.kind == model::Container::Kind::ephemeral) continue;
            if (auto image = model::parse_image_reference(container.image)) images.push_back(std::move(*image));
        }
    }
    return images;
}

struct InOrder {
    bool operator()(const model::Workload* a, const model::Workload* b) const
    {
        return std::tuple{a->ns.view(), a->kind.view(), a->name.view(), a->api_version.view()} <
               std::tuple{b->ns.view(), b->kind.view(), b->name.view(), b->api_version.view()};
    }
};

/// Workloads that use an image of the repository. Looked up by its last component; a `*` there means looking at every distinct image.
void collect_workloads(const model::Index& index, std::string_view repository, std::set<const model::Workload*, InOrder>& workloads)
{
    const auto add = [&](const model::ImageUse& use) {
        if (use.reference.is_repository(repository)) workloads.insert(use.workloads.begin(), use.workloads.end());
    };
    const auto last = repository.substr(repository.rfind('/') + 1);
    if (last.find('*') == std::string_view::npos)
        for (const auto* use : index.images_named(last))
            add(*use);
    else
        for (const auto& use : index.images())
            add(use);
}

bool is_batch(const model::Workload& workload)
{
    return workload.kind == "Job" || workload.kind == "CronJob";
}

} // namespace

Readiness readiness_of(const model::Workload& workload)
{
    bool observed = false;
    for (const auto* controller : workload.controllers) {
        const bool daemon_set = controller->kind == model::WorkloadKind::daemon_set;
        if ((daemon_set ? controller->ready_replicas : controller->available_replicas) >= 1) return Readiness::ready;
        observed = observed || controller->has_status;
    }
    if (workload.controllers.empty()) {
        for (const auto* pod : workload.pods) {
            if (pod->ready) return Readiness::ready;
            observed = observed || pod->has_status;
        }
    }
    return observed ? Readiness::not_ready : Readiness::not_observed;
}

bool is_image_of(std::string_view image, std::string_view repositories)
{
    const auto reference = model::parse_image_reference(image);
    return reference && matches(*reference, check::split_list(repositories));
}

bool has_image(const model::Workload& workload, std::string_view repositories)
{
    const auto suffixes = check::split_list(repositories);
    return std::ranges::any_of(images_of(workload), [&](const auto& image) { return matches(image, suffixes); });
}

bool runs_on_nodes(const model::Workload& workload)
{
    return std::ranges::any_of(workload.controllers, [](const auto* object) { return object->kind == model::WorkloadKind::daemon_set; });
}

std::vector<Installation> find_software(const check::Context& context, std::span<const Software> products)
{
    std::vector<Installation> found;
    for (const auto& software : products) {
        std::set<const model::Workload*, InOrder> workloads;
        for (const auto repository : check::split_list(software.repositories))
            collect_workloads(context.index, repository, workloads);
        for (const auto* workload : workloads)
            if (!is_batch(*workload) && !workload->finished) found.push_back({&software, workload, readiness_of(*workload)});
    }
    return found;
}

std::optional<check::Verdict> unobservable_in_manifests(const check::Context& context, std::string_view what)
{
    if (!context.inventory.cluster.partial) return std::nullopt;
    return check::unknown(check::Reason::unobservable, fmt::format("Manifests do not show {}: only a running cluster does", what));
}

} // namespace seaworthy::controls
