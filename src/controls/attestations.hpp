// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string_view>

#include "seaworthy/check/context.hpp"

// What somebody states, where the cluster cannot show it (C17).
namespace seaworthy::controls {

/// The verdict, or an attested pass in its place where the configuration makes the statement `key` and it has not expired.
/// To be asked only for an `unknown` or a "there is none" (`by_absence`): what is seen stands, whatever is said. A statement is about what the
/// cluster cannot show, not about what could not be read: an unknown that a failed read left stays, and where one of `lists` ("WL" stands for
/// the workload kinds), which may hold the contrary, could not be read, the verdict is that unknown. Manifests are no cluster: there the
/// verdict stays as it is.
/// `statement`: the sentence of the pass, to which the name of who said so is added ("Events are kept").
[[nodiscard]] check::Verdict or_attested(check::Verdict verdict, const check::Context& context, std::string_view key, std::string_view statement,
                                         std::initializer_list<std::string_view> lists);

} // namespace seaworthy::controls
