// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace seaworthy::controls {

inline constexpr std::string_view k_fail_open_count = "apiserver_admission_webhook_fail_open_count";
inline constexpr std::string_view k_rejection_count = "apiserver_admission_webhook_rejection_count";
inline constexpr std::string_view k_process_start = "process_start_time_seconds";

/// Metrics of the API server that rules compare between scrapes: what has to be remembered of an earlier one.
inline constexpr std::string_view k_compared_metrics[] = {k_fail_open_count, k_rejection_count, k_process_start};

} // namespace seaworthy::controls
