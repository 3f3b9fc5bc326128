// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "seaworthy/model/image_reference.hpp"
#include "seaworthy/model/index.hpp"

namespace seaworthy::controls {

/// An image that a container or an image volume of a workload asks for.
struct UsedImage {
    std::string_view where;                         ///< name of the container or volume
    std::string_view text;                          ///< as written
    std::optional<model::ImageReference> reference; ///< nothing where the text is no image reference
};

/// What the workload's templates ask for: main, init and native sidecar containers, and image volumes. Each distinct pair once.
[[nodiscard]] std::vector<UsedImage> images_of_templates(const model::Workload& workload);
/// What its active pods ask for, since admission may have changed the names; the templates' images where no pod is active. Containers and
/// volumes that only pods have were injected and are left out (C5).
[[nodiscard]] std::vector<UsedImage> images_in_use(const model::Workload& workload);

} // namespace seaworthy::controls
