// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include "seaworthy/net/client.hpp"

namespace seaworthy::net {

/// True if a request of that reach may go to the address. IPv4 addresses that are written as IPv6 ones (RFC 4291 §2.5.5, NAT64) count as
/// what they lead to; a family other than the two is never allowed, but for Reach::any.
[[nodiscard]] bool allows(Reach reach, const sockaddr& address);

} // namespace seaworthy::net
