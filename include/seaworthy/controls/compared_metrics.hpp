// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace seaworthy::controls {

inline constexpr std::string_view k_fail_open_count = "apiserver_admission_webhook_fail_open_count";
inline constexpr std::string_view k_rejection_count = "apiserver_admission_webhook_rejection_count";
inline constexpr std::string_view k_process_start = "process_start_time_seconds";

/// Metrics of the API server that rules compare between scrapes: what has to be remembered of an earlier one.
inline constexpr std::string_view k_compared_metrics[] = {k_fail_open_count, k_rejection_count, k_process_start};

inline constexpr std::string_view k_audit_events = "apiserver_audit_event_total";
inline constexpr std::string_view k_storage_transformations = "apiserver_storage_transformation_operations_total";
inline constexpr std::string_view k_admission_plugins = "apiserver_admission_controller_admission_duration_seconds_count";
inline constexpr std::string_view k_admission_webhooks = "apiserver_admission_webhook_admission_duration_seconds_count";
inline constexpr std::string_view k_checked_policies = "apiserver_validating_admission_policy_check_total";
inline constexpr std::string_view k_authorization_decisions = "apiserver_authorization_decisions_total";
inline constexpr std::string_view k_login_latency = "apiserver_authentication_jwt_authenticator_latency_seconds_count";
inline constexpr std::string_view k_key_fetches = "apiserver_authentication_jwt_authenticator_jwks_fetch_last_timestamp_seconds";

/// Metrics of which a series above 0 proves that something is at work (C19). A scrape shows one replica of the API server: that another one
/// showed a series has to be remembered.
inline constexpr std::string_view k_proving_metrics[] = {k_audit_events,     k_storage_transformations, k_admission_plugins, k_admission_webhooks,
                                                         k_checked_policies, k_authorization_decisions, k_login_latency,     k_key_fetches};

/// The URL in an inventory's probes below which the remembered series stand, each with the value 1.
inline constexpr std::string_view k_seen_series = "apiserver:/metrics#seen";

} // namespace seaworthy::controls
