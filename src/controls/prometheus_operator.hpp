// SPDX-License-Identifier: Apache-2.0
// What Prometheus' operator (and those that follow it) takes from where: monitors, rules, receivers.
#pragma once

#include <string_view>

#include "controls/software.hpp"

namespace seaworthy::controls {

/// A pair of members of an operator's resource that select other objects by their labels and by those of their namespaces.
struct SelectorPair {
    std::string_view objects;    ///< "ruleSelector": absent selects none, empty all
    std::string_view namespaces; ///< "ruleNamespaceSelector": absent is its own namespace, empty all
};
/// True if the resource takes the object. Rests on the labels of namespaces where its selector asks for them.
[[nodiscard]] bool takes(const model::Document& owner, const SelectorPair& pair, const model::Document& object, const check::Context& context);
/// True if the selector of namespaces, present or not, selects the object's.
[[nodiscard]] bool takes_namespace(const model::Document& owner, std::string_view selector, const model::Document& object,
                                   const check::Context& context);

/// A Prometheus or vmagent that no operator made, and that is ready: such a one may go by annotations, or have rules in files. Or nullptr.
[[nodiscard]] const model::Workload* find_plain_prometheus(const check::Context& context);
/// What else takes the operator's resources, by a configuration of its own (a target allocator of OpenTelemetry, Grafana Alloy); or nullptr.
[[nodiscard]] const model::Workload* find_other_taker(const check::Context& context);

} // namespace seaworthy::controls
