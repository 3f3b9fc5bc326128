// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Rules about webhook configurations, one verdict a configuration: the worst of its webhooks. Their parameters are declared with the
// checks in admission_controllers.cpp.
namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_webhook_backend(const model::Document& configuration, const check::Context& context);
[[nodiscard]] check::Verdict judge_webhook_ca_bundle(const model::Document& configuration, const check::Context& context);
[[nodiscard]] check::Verdict judge_webhook_failure_policy(const model::Document& configuration, const check::Context& context);
[[nodiscard]] check::Verdict judge_webhook_scope(const model::Document& configuration, const check::Context& context);
[[nodiscard]] check::Verdict judge_webhook_ha(const model::Document& configuration, const check::Context& context);
[[nodiscard]] check::Verdict judge_webhook_external_url(const model::Document& configuration, const check::Context& context);
[[nodiscard]] check::Verdict judge_webhook_hygiene(const model::Document& configuration, const check::Context& context);
void run_webhook_timeout(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls
