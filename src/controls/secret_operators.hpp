// SPDX-License-Identifier: Apache-2.0
// Objects of the operators that bring secrets into a cluster: where they read from, and whether they still do.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_store_provider(const model::Document& store, const check::Context& context);
[[nodiscard]] check::Verdict judge_store_credential(const model::Document& store, const check::Context& context);
[[nodiscard]] check::Verdict judge_refresh(const model::Document& secret, const check::Context& context);
[[nodiscard]] check::Verdict judge_vault_connection(const model::Document& connection, const check::Context& context);
[[nodiscard]] check::Verdict judge_vault_object(const model::Document& object, const check::Context& context);
void judge_sealed_secrets(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls
