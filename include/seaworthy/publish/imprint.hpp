// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>

#include "seaworthy/check/check.hpp"

namespace seaworthy::publish {

/// What every publication of a report states beside it: the catalogue that the report's indices point into, the weights that
/// made its scores, and the version of the program. The catalogue must outlive it.
struct Imprint {
    std::span<const check::Control* const> catalog;
    std::map<std::string, double, std::less<>> control_weights; ///< only what differs from the catalogue (check::Settings)
    std::string version;

    [[nodiscard]] double weight_of(const check::Control& control) const
    {
        const auto found = control_weights.find(control.id);
        return found == control_weights.end() ? control.weight : found->second;
    }
};

} // namespace seaworthy::publish
