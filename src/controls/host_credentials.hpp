// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/check/verdict.hpp"
#include "seaworthy/model/index.hpp"

namespace seaworthy::controls {

/// What one hostPath volume of a template gives access to: not_applicable where node plugins and log shippers need the path, pass where it
/// holds no credentials, warn where it is narrowed down enough, fail otherwise.
[[nodiscard]] check::Status judge_host_path(const model::Volume& volume, const model::PodSpec& spec);

} // namespace seaworthy::controls
