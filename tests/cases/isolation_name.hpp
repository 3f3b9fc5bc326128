// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seaworthy/model/network_isolation.hpp"

namespace seaworthy::test {

/// As a failed comparison shows it.
inline std::string name_of(model::Isolation isolation)
{
    switch (isolation) {
    case model::Isolation::open: return "open";
    case model::Isolation::reopened: return "reopened";
    case model::Isolation::isolated: return "isolated";
    case model::Isolation::external_only: return "external_only";
    case model::Isolation::unresolved: break;
    }
    return "unresolved";
}

} // namespace seaworthy::test
