// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "seaworthy/check/context.hpp"

// What a verdict may rest on where lists are missing. A judge's `pass` rests on every list that its check needs; a check that can do
// without some of them says here which ones it did use.
namespace seaworthy::controls {

/// The first of the lists with a gap that concerns `ns` ("*" or empty: anywhere), or nullptr. `WL` stands for the workload kinds.
[[nodiscard]] const model::Gap* first_gap(const check::Context& context, std::string_view ns, std::initializer_list<std::string_view> resources);

/// The verdict, resting on just these lists: unknown where one of them has a gap and it was no proof, else proven.
[[nodiscard]] check::Verdict resting_on(check::Verdict verdict, const check::Context& context, std::string_view ns,
                                        std::initializer_list<std::string_view> resources);

/// The same for a verdict on what a workload's pods show: they are found through the pods and, for a Deployment, its ReplicaSets.
[[nodiscard]] check::Verdict resting_on_pods(check::Verdict verdict, const check::Context& context, const model::Workload& workload);

/// The verdict of a rule about what pods show, on a workload without any.
[[nodiscard]] check::Verdict without_pods(const check::Context& context, const model::Workload& workload);

/// A `fail` or `warn` that a template shows while no pod is visible: admission may have changed it, so it stands only where there is none.
/// In manifests, which hold no pods, templates stand for them.
[[nodiscard]] check::Verdict by_template(check::Verdict verdict, const check::Context& context, const model::Workload& workload);

/// C10 for rules that find their subjects themselves: the verdict on an object that is too young to judge.
[[nodiscard]] std::optional<check::Verdict> too_young(const model::ObjectMeta& meta, const check::Context& context);

/// True if the list was asked for and is complete: for optional grants, where "not read" is the default.
[[nodiscard]] bool is_readable(const check::Context& context, std::string_view resource, std::string_view ns);

} // namespace seaworthy::controls
