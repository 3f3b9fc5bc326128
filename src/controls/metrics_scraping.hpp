// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Whether metrics of workloads are collected: the chain from a monitor to what it selects, and from a collector to the monitor.
namespace seaworthy::controls {

/// metrics-workload-scraped
[[nodiscard]] check::Verdict judge_scraping(const model::Workload& workload, const check::Context& context);
/// metrics-monitor-dangling
[[nodiscard]] check::Verdict judge_monitor(const model::Document& monitor, const check::Context& context);

inline constexpr check::Fields k_scraping_fields[] = {
    {"servicemonitors.monitoring.coreos.com", "spec.selector, spec.namespaceSelector, spec.endpoints.port, spec.endpoints.targetPort"},
    {"podmonitors.monitoring.coreos.com",
     "spec.selector, spec.namespaceSelector, spec.podMetricsEndpoints.port, spec.podMetricsEndpoints.portNumber, "
     "spec.podMetricsEndpoints.targetPort"},
    {"servicemonitors.azmonitoring.coreos.com", "spec.selector, spec.namespaceSelector, spec.endpoints.port, spec.endpoints.targetPort"},
    {"podmonitors.azmonitoring.coreos.com",
     "spec.selector, spec.namespaceSelector, spec.podMetricsEndpoints.port, spec.podMetricsEndpoints.portNumber, "
     "spec.podMetricsEndpoints.targetPort"},
    {"vmservicescrapes.operator.victoriametrics.com", "spec.selector, spec.namespaceSelector, spec.endpoints.port, spec.endpoints.targetPort"},
    {"vmpodscrapes.operator.victoriametrics.com",
     "spec.selector, spec.namespaceSelector, spec.podMetricsEndpoints.port, spec.podMetricsEndpoints.portNumber, "
     "spec.podMetricsEndpoints.targetPort"},
    {"podmonitorings.monitoring.googleapis.com", "spec.selector, spec.endpoints.port"},
    {"clusterpodmonitorings.monitoring.googleapis.com", "spec.selector, spec.endpoints.port"},
    {"prometheuses.monitoring.coreos.com",
     "spec.serviceMonitorSelector, spec.serviceMonitorNamespaceSelector, spec.podMonitorSelector, spec.podMonitorNamespaceSelector"},
    {"prometheusagents.monitoring.coreos.com",
     "spec.serviceMonitorSelector, spec.serviceMonitorNamespaceSelector, spec.podMonitorSelector, spec.podMonitorNamespaceSelector"},
    {"vmagents.operator.victoriametrics.com",
     "spec.selectAllByDefault, spec.serviceScrapeSelector, spec.serviceScrapeNamespaceSelector, spec.podScrapeSelector, "
     "spec.podScrapeNamespaceSelector"},
    {"vmsingles.operator.victoriametrics.com",
     "spec.selectAllByDefault, spec.serviceScrapeSelector, spec.serviceScrapeNamespaceSelector, spec.podScrapeSelector, "
     "spec.podScrapeNamespaceSelector"},
};

} // namespace seaworthy::controls
