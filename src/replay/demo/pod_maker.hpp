// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "replay/json.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::replay::demo {

/// What a pod is made for.
struct Owner {
    std::string api_version;
    std::string kind;
    std::string name;
    std::string uid;
};

/// What admission knows of the pod's surroundings.
struct Surroundings {
    Timestamp now;
    bool mesh_injects = false;        ///< the namespace is enrolled in the mesh
    bool account_mounts_token = true; ///< of the pod's service account
};

enum class PodState { running, succeeded, image_pull_backoff };

/// A pod as the API server shows it: the template with defaults, sidecar and token volume filled in, scheduled, with the status of its kubelet.
[[nodiscard]] Json make_pod(const Json& pod_template, const std::string& namespace_, const std::string& name, const std::string& node,
                            const Owner& owner, PodState state, const Surroundings& surroundings);

/// A reference from a controlled object to its controller.
[[nodiscard]] Json owner_reference(const Owner& owner);
/// RFC 3339, some days before `now`: between `least` and `most`, always the same for the same text.
[[nodiscard]] std::string days_ago(Timestamp now, std::string_view text, int least, int most);

} // namespace seaworthy::replay::demo
