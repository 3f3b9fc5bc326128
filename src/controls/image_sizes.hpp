// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// How large images are, by what nodes list and kubelets report.
namespace seaworthy::controls {

/// True if some node lists the image (by its tag or digest).
[[nodiscard]] bool is_listed_by_a_node(std::string_view image, const check::Context& context);

/// image-size-over-budget. Containerd reports compressed sizes, CRI-O and Docker uncompressed ones: each node has its own budget.
[[nodiscard]] check::Verdict judge_image_sizes(const model::Workload& workload, const check::Context& context);

} // namespace seaworthy::controls
