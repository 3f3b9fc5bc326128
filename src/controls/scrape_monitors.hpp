// SPDX-License-Identifier: Apache-2.0
// The resources by which operators are told what to scrape: ServiceMonitor, PodMonitor and their like at other vendors.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "controls/prometheus_operator.hpp"

namespace seaworthy::controls {

struct MonitorKind {
    enum class Targets { services, pods };
    enum class Taker { prometheus, victoria_metrics, provider }; ///< provider: an agent of the platform, which takes all
    std::string_view list;
    std::string_view kind;
    std::string_view endpoints; ///< the member of spec that lists ports
    Targets targets = Targets::services;
    Taker taker = Taker::prometheus;
    SelectorPair selectors; ///< of the taker
};
[[nodiscard]] std::span<const MonitorKind> monitor_kinds();
/// The kind of a ServiceMonitor or PodMonitor of Prometheus' operator.
[[nodiscard]] const MonitorKind* monitor_kind_of(const model::Document& monitor);

/// How a monitor fits a workload, best last.
enum class Fit {
    none,
    no_port, ///< selected by its labels, without a port of that name
    mesh,    ///< what its mesh's proxy counts, not what it counts itself
    fits,
};
/// `services`: those of the workload, which stay the same for all monitors.
[[nodiscard]] Fit fit_of(const MonitorKind& kind, const model::Document& monitor, const model::Workload& workload,
                         std::span<const model::Service* const> services);

/// True if a monitor looks for its targets in the namespace.
[[nodiscard]] bool looks_in(const model::Document& monitor, std::string_view ns);
/// True if the port that an endpoint names is one of the Service, or where it goes by the container's port.
[[nodiscard]] bool has_port(const model::Value& endpoint, const model::Service& service);

enum class Taken { no, perhaps, yes }; ///< perhaps: by something that is configured elsewhere
[[nodiscard]] Taken is_taken(const MonitorKind& kind, const model::Document& monitor, const check::Context& context);

} // namespace seaworthy::controls
