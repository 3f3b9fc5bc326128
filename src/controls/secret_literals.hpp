// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Rules about credentials in clear text. Their parameters (`valueExclude`, `allow`…) are declared with the checks in secrets.cpp.
namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_literal_env(const model::Workload& workload, const check::Context& context);
[[nodiscard]] check::Verdict judge_literal_args(const model::Workload& workload, const check::Context& context);
[[nodiscard]] check::Verdict judge_config_map(const model::Document& config_map, const check::Context& context);

} // namespace seaworthy::controls
