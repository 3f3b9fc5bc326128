// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/model/objects.hpp"

namespace seaworthy::controls {

/// True if the CIDR (`10.0.0.0/8`, `fd00::/8`; without a slash the address alone) holds the address. False for what is neither.
[[nodiscard]] bool cidr_contains(std::string_view cidr, std::string_view address);
/// True for an ipBlock peer that holds the address and does not except it.
[[nodiscard]] bool block_admits(const model::NetworkPolicyPeer& peer, std::string_view address);

} // namespace seaworthy::controls
