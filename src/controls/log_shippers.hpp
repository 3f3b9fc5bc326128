// SPDX-License-Identifier: Apache-2.0
// What collects the logs of containers, and on which nodes.
#pragma once

#include <vector>

#include "controls/names.hpp"
#include "controls/software.hpp"

namespace seaworthy::controls {

struct Shippers {
    std::vector<Installation> found;           ///< on nodes, with the logs of containers in reach
    std::vector<Installation> agents;          ///< general agents, whatever they collect
    const Installation* through_api = nullptr; ///< one of `agents`: Alloy that is no DaemonSet may read logs through the API server
};

[[nodiscard]] Shippers find_shippers(const check::Context& context);
/// Everything that can ship logs, whether it runs on nodes or gathers what others send.
[[nodiscard]] std::vector<Installation> find_log_software(const check::Context& context);

/// True if it is an image of anything that can ship logs.
[[nodiscard]] bool is_log_software(std::string_view image);

/// Nodes on which a DaemonSet cannot run, or that are too new or too broken to judge.
[[nodiscard]] bool is_left_out(const model::Node& node, Timestamp now);

/// On how many of the nodes that count a ready pod of one of the installations runs.
struct NodeCoverage {
    std::size_t nodes = 0;
    NameList missing;

    [[nodiscard]] double percent() const;
};
[[nodiscard]] NodeCoverage coverage_of(const std::vector<Installation>& installations, const check::Context& context);

[[nodiscard]] check::Verdict judge_log_shipper(const check::Context& context);
[[nodiscard]] check::Verdict judge_shipper_coverage(const check::Context& context);
[[nodiscard]] check::Verdict judge_log_opt_out(const model::Workload& workload, const check::Context& context);

} // namespace seaworthy::controls
