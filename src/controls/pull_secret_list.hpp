// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

// What a list of Secrets, by name, type and age, says of registry credentials (C12).
namespace seaworthy::controls {

/// pullsecret-type-invalid
void judge_pull_secret_types(const check::Context& context, check::Results& results);
/// pullsecret-rotation-age
void judge_pull_secret_age(const check::Context& context, check::Results& results);
/// pullsecret-unused
void judge_unused_pull_secrets(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls
