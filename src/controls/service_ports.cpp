// SPDX-License-Identifier: Apache-2.0
#include "service_ports.hpp"

#include <algorithm>
#include <string>

namespace seaworthy::controls {

bool carries_metrics(const model::ServicePort& port)
{
    return port.name.view().find("metrics") != std::string_view::npos || port.name.view().find("prometheus") != std::string_view::npos;
}

PortOwners containers_behind(const model::PodTemplate& pod_template, const model::ServicePort& port)
{
    const auto target = port.target_port.empty() ? std::to_string(port.port) : port.target_port.str();
    const bool by_number = std::ranges::all_of(target, [](char c) { return c >= '0' && c <= '9'; });
    PortOwners owners;
    std::vector<const model::Container*> serving;
    for (const auto& container : pod_template.spec->containers) {
        if (container.kind != model::Container::Kind::main && container.kind != model::Container::Kind::sidecar) continue;
        serving.push_back(&container);
        const auto is_target = [&](const model::ContainerPort& declared) {
            return by_number ? std::to_string(declared.container_port) == target : declared.name == target;
        };
        if (std::ranges::any_of(container.ports, is_target)) owners.containers.push_back(&container);
    }
    if (owners.containers.empty() && by_number) {
        owners.containers = serving;
        owners.certain = serving.size() == 1;
    }
    return owners;
}

} // namespace seaworthy::controls
