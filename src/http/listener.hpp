// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "http/transport.hpp"
#include "seaworthy/base/error.hpp"

namespace seaworthy::http {

struct Listener {
    Descriptor socket; ///< non-blocking, listening
    std::uint16_t port = 0;
};

/// Binds "host:port", "[v6]:port" or ":port" (all addresses, both families where the kernel has both), or "unix:/path": a socket that only its
/// owner may connect to; one that a process left behind is replaced.
/// Not shared by SO_REUSEPORT: a second process on the same port is an error, not a silent split of the clients.
[[nodiscard]] Result<Listener> open_listener(const std::string& address);

struct Peer {
    Descriptor socket; ///< non-blocking
    std::string address;
};

/// The next waiting connection. A descriptor of -1 with errno set when there is none.
[[nodiscard]] Peer accept_peer(int listener);

} // namespace seaworthy::http
