// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// alerting-configured: whether rules raise alerts and somebody receives them.
[[nodiscard]] check::Verdict judge_alerting(const check::Context& context);

inline constexpr check::Fields k_alerting_fields[] = {
    {"prometheusrules.monitoring.coreos.com", "spec.groups.rules.alert"},
    {"vmrules.operator.victoriametrics.com", "spec.groups.rules.alert"},
    {"rules.monitoring.googleapis.com", "spec.groups.rules.alert"},
    {"clusterrules.monitoring.googleapis.com", "spec.groups.rules.alert"},
    {"globalrules.monitoring.googleapis.com", "spec.groups.rules.alert"},
    {"prometheuses.monitoring.coreos.com", "spec.ruleSelector, spec.ruleNamespaceSelector"},
    {"alertmanagers.monitoring.coreos.com",
     "spec.alertmanagerConfigSelector, spec.alertmanagerConfigNamespaceSelector, spec.alertmanagerConfiguration.name"},
    {"alertmanagerconfigs.monitoring.coreos.com", "spec.receivers"},
};

} // namespace seaworthy::controls
