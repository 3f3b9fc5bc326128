// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

// How the API server stores Secrets in etcd.
namespace seaworthy::controls {

/// secret-encryption-at-rest
[[nodiscard]] check::Verdict judge_secret_encryption(const check::Context& context);
/// secret-encryption-kms
[[nodiscard]] check::Verdict judge_secret_encryption_key(const check::Context& context);

} // namespace seaworthy::controls
