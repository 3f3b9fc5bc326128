// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seaworthy/check/check.hpp"

namespace seaworthy::engine {

/// What a check's `needs` are to it.
struct CheckLists {
    std::vector<std::string> subjects; ///< resources that its verdicts are about
    std::vector<std::string> evidence; ///< those that a verdict about a subject in hand rests on
    std::vector<std::string> granted;  ///< lists that an optional grant gives and without which there is nothing to say
    bool pods_are_evidence = false;    ///< the rule about workloads reads their pods' status
};

/// Of a check of the catalogue. Made out once in the life of the process; thread-safe.
[[nodiscard]] const CheckLists& lists_of(const check::Check& check);

} // namespace seaworthy::engine
