// SPDX-License-Identifier: Apache-2.0
#include "controls/workload_images.hpp"

#include <algorithm>
#include <unordered_set>

namespace seaworthy::controls {

namespace {

class Images {
public:
    void add(const model::PodSpec& spec, const model::Workload* declared_in)
    {
        if (!m_seen.insert(&spec).second) return;
        for (const auto& container : spec.containers)
            if (container.kind != model::Container::Kind::ephemeral && (declared_in == nullptr || declared_in->declares_container(container.name)))
                add(container.name, container.image);
        for (const auto& volume : spec.volumes)
            if (volume.kind == model::Volume::Kind::image && (declared_in == nullptr || declares_volume(*declared_in, volume.name)))
                add(volume.name, volume.source);
    }
    std::vector<UsedImage> take() { return std::move(m_images); }

private:
    static bool declares_volume(const model::Workload& workload, std::string_view name)
    {
        return std::ranges::any_of(workload.templates, [&](const auto* pod_template) {
            return std::ranges::any_of(pod_template->spec->volumes, [&](const auto& volume) { return volume.name == name; });
        });
    }
    void add(std::string_view where, std::string_view text)
    {
        const auto same = [&](const UsedImage& image) { return image.where == where && image.text == text; };
        if (std::ranges::none_of(m_images, same)) m_images.push_back({where, text, model::parse_image_reference(text)});
    }

    std::unordered_set<const model::PodSpec*> m_seen;
    std::vector<UsedImage> m_images;
};

} // namespace

std::vector<UsedImage> images_of_templates(const model::Workload& workload)
{
    Images images;
    for (const auto* pod_template : workload.templates)
        images.add(*pod_template->spec, nullptr);
    return images.take();
}

std::vector<UsedImage> images_in_use(const model::Workload& workload)
{
    if (workload.pods.empty()) return images_of_templates(workload);
    Images images;
    for (const auto* pod : workload.pods)
        if (pod->spec() != nullptr) images.add(*pod->spec(), &workload);
    return images.take();
}

} // namespace seaworthy::controls
