// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Stores and secrets of the External Secrets Operator, as its controller reports on them.
namespace seaworthy::controls {

inline constexpr std::string_view k_stores = "secretstores.external-secrets.io";
inline constexpr std::string_view k_cluster_stores = "clustersecretstores.external-secrets.io";
inline constexpr std::string_view k_external_secrets = "externalsecrets.external-secrets.io";
inline constexpr std::string_view k_cluster_external_secrets = "clusterexternalsecrets.external-secrets.io";

/// eso-store-ready
[[nodiscard]] check::Verdict judge_store_ready(const model::Document& store, const check::Context& context);
/// eso-sync-ready
[[nodiscard]] check::Verdict judge_sync_ready(const model::Document& secret, const check::Context& context);
/// eso-clusterstore-scope
[[nodiscard]] check::Verdict judge_store_scope(const model::Document& store, const check::Context& context);

/// The verdict on a Ready condition that is not True: `fail` once it is older than the limit, or claims to change in the future.
[[nodiscard]] check::Verdict judge_not_ready(const model::Value& condition, std::string_view what, std::chrono::minutes limit, Timestamp now);

} // namespace seaworthy::controls
