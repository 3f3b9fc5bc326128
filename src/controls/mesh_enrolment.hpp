// SPDX-License-Identifier: Apache-2.0
// Which service mesh a namespace and a pod belong to (Istio sidecar and ambient, Linkerd, Kuma, Consul).
#pragma once

#include <string_view>
#include <vector>

#include "seaworthy/model/index.hpp"

namespace seaworthy::controls {

enum class Mesh { istio_sidecar, istio_ambient, linkerd, kuma, consul };
[[nodiscard]] std::string_view name(Mesh mesh); ///< "Istio (ambient)"

/// What the labels and annotations of a namespace ask for. `istio-injection` wins over `istio.io/rev`, as in Istio itself.
[[nodiscard]] std::vector<Mesh> enrolments(const model::Namespace& ns);
/// True if a label or annotation keeps the namespace out of a mesh in so many words.
[[nodiscard]] bool opts_out(const model::Namespace& ns);
/// The same for a pod.
[[nodiscard]] bool opts_out(const model::Pod& pod);

/// True if the mesh's proxy takes the pod's traffic: its container (also as native sidecar) with the injector's annotation, or for
/// ambient the redirection that the node agent notes.
[[nodiscard]] bool is_in_mesh(const model::Pod& pod, Mesh mesh);
/// True for the mesh's own gateways: the proxy is their main container.
[[nodiscard]] bool is_gateway(const model::Workload& workload);

} // namespace seaworthy::controls
