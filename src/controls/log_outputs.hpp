// SPDX-License-Identifier: Apache-2.0
// Where log agents send what they collect, by their own configuration files and by the custom resources of their operators.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/model/document.hpp"

namespace seaworthy::controls {

struct LogOutput {
    std::string kind; ///< as the product calls it: "splunk", "splunk_hec_logs", "loki"
    std::string host; ///< with its port where one is written; empty where it is not visible
};
using LogOutputs = std::vector<LogOutput>;

/// What an output does with logs.
enum class OutputRank {
    none,    ///< not an output of logs: metrics, or a switch between others
    nowhere, ///< leaves them where they were: standard output, a file, nothing
    relay,   ///< hands them to the next agent
    store,   ///< keeps them
};
[[nodiscard]] OutputRank rank_of(const LogOutput& output);

/// The outputs of one file of Fluent Bit, Fluentd, Vector, Alloy, Promtail, Filebeat or an OpenTelemetry collector; nothing for any other text.
[[nodiscard]] std::optional<LogOutputs> outputs_of_text(std::string_view text);
/// The same for a collector's configuration as a tree: exporters of its pipelines for logs.
[[nodiscard]] LogOutputs outputs_of_collector(const model::Value& config);
/// Operators that give each output a member of its spec: `spec: {splunk: {…}}`.
[[nodiscard]] LogOutputs outputs_of_spec(const model::Value& spec);
/// OpenShift: outputs that a pipeline of a ClusterLogForwarder refers to.
[[nodiscard]] LogOutputs outputs_of_forwarder(const model::Value& spec);

/// True if the kind is one of `kinds`, whatever its product's way of writing it: `splunkHec`, `splunk_hec_logs` and `splunk_hec` are one.
[[nodiscard]] bool is_kind_of(std::string_view kind, const std::vector<std::string>& kinds);

} // namespace seaworthy::controls
