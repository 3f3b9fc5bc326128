// SPDX-License-Identifier: Apache-2.0
// Rules about the registry mirrors that nodes are configured with, by the reports of the node-probe.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

void run_node_mirror(const check::Context& context, check::Results& results);
void run_default_registries(const check::Context& context, check::Results& results);
[[nodiscard]] check::Verdict judge_node_consistency(const check::Context& context);
[[nodiscard]] check::Verdict judge_probe_coverage(const check::Context& context);
void run_mirror_tls(const check::Context& context, check::Results& results);
void run_mirror_resolve(const check::Context& context, check::Results& results);
void run_upstream_fallback(const check::Context& context, check::Results& results);

/// Reports of at least this share of the ready nodes say more than what the API shows.
inline constexpr double k_decisive_coverage = 0.8;

} // namespace seaworthy::controls
