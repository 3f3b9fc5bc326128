// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// metrics-workload-scraped: whether anything collects what a workload measures of itself.
[[nodiscard]] check::Verdict judge_workload_scraped(const model::Workload& workload, const check::Context& context);
/// metrics-monitor-dangling: whether a ServiceMonitor or PodMonitor leads from a Prometheus to pods.
[[nodiscard]] check::Verdict judge_monitor(const model::Document& monitor, const check::Context& context);

inline constexpr check::Fields k_monitor_fields[] = {
    {"servicemonitors.monitoring.coreos.com",
     "spec.selector, spec.namespaceSelector, spec.endpoints.port, spec.endpoints.targetPort, spec.endpoints.path"},
    {"podmonitors.monitoring.coreos.com", "spec.selector, spec.namespaceSelector, spec.podMetricsEndpoints.port, "
                                          "spec.podMetricsEndpoints.portNumber, spec.podMetricsEndpoints.targetPort, spec.podMetricsEndpoints.path"},
    {"prometheuses.monitoring.coreos.com", "spec.serviceMonitorSelector, spec.serviceMonitorNamespaceSelector, spec.podMonitorSelector, "
                                           "spec.podMonitorNamespaceSelector"},
    {"prometheusagents.monitoring.coreos.com", "spec.serviceMonitorSelector, spec.serviceMonitorNamespaceSelector, spec.podMonitorSelector, "
                                               "spec.podMonitorNamespaceSelector"},
    {"vmservicescrapes.operator.victoriametrics.com",
     "spec.selector, spec.namespaceSelector, spec.endpoints.port, spec.endpoints.targetPort, spec.endpoints.path"},
    {"vmpodscrapes.operator.victoriametrics.com", "spec.selector, spec.namespaceSelector, spec.podMetricsEndpoints.port, "
                                                  "spec.podMetricsEndpoints.targetPort, spec.podMetricsEndpoints.path"},
    {"podmonitorings.monitoring.googleapis.com", "spec.selector, spec.endpoints.port, spec.endpoints.path"},
    {"clusterpodmonitorings.monitoring.googleapis.com", "spec.selector, spec.endpoints.port, spec.endpoints.path"},
    {"servicemonitors.azmonitoring.coreos.com",
     "spec.selector, spec.namespaceSelector, spec.endpoints.port, spec.endpoints.targetPort, spec.endpoints.path"},
    {"podmonitors.azmonitoring.coreos.com",
     "spec.selector, spec.namespaceSelector, spec.podMetricsEndpoints.port, "
     "spec.podMetricsEndpoints.portNumber, spec.podMetricsEndpoints.targetPort, spec.podMetricsEndpoints.path"},
    {"vmagents.operator.victoriametrics.com", "spec.serviceScrapeSelector, spec.serviceScrapeNamespaceSelector, spec.podScrapeSelector, "
                                              "spec.podScrapeNamespaceSelector, spec.selectAllByDefault"},
    {"vmsingles.operator.victoriametrics.com", "spec.serviceScrapeSelector, spec.serviceScrapeNamespaceSelector, spec.podScrapeSelector, "
                                               "spec.podScrapeNamespaceSelector, spec.selectAllByDefault"},
};

} // namespace seaworthy::controls
