// SPDX-License-Identifier: Apache-2.0
// Checks on how the API server knows people.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_oidc_configured(const check::Context& context);
[[nodiscard]] check::Verdict judge_issuer_central(const check::Context& context);
[[nodiscard]] check::Verdict judge_claim_mapping(const check::Context& context);
[[nodiscard]] check::Verdict judge_key_fetches(const check::Context& context);
[[nodiscard]] check::Verdict judge_issuer_discovery(const check::Context& context);

} // namespace seaworthy::controls
