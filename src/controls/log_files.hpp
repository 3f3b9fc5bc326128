// SPDX-License-Identifier: Apache-2.0
// Configuration formats of log agents that are neither JSON nor YAML, read line by line for the outputs in them.
#pragma once

#include "controls/log_outputs.hpp"

namespace seaworthy::controls {

/// The outputs of a file of Fluent Bit's classic format, Fluentd, Vector's TOML or Alloy; nothing for any other text.
[[nodiscard]] std::optional<LogOutputs> outputs_of_lines(std::string_view text);
/// The kinds of what such a file (Fluent Bit, Alloy) takes logs from: "kubernetes_events", "loki.source.kubernetes_events".
[[nodiscard]] std::vector<std::string> inputs_of_lines(std::string_view text);

/// Host and port of a setting that holds a URL, an address or a list of them; empty for what comes from the environment.
[[nodiscard]] std::string host_of_setting(std::string_view value);

} // namespace seaworthy::controls
