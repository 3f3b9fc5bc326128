// SPDX-License-Identifier: Apache-2.0
// What the registries that the configuration names answered, as seen from the pod network.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

void judge_registry_availability(const check::Context& context, check::Results& results);
void judge_registry_certificates(const check::Context& context, check::Results& results);
void judge_anonymous_pull(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls
