// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/http/server.hpp"

namespace seaworthy::publish {

/// The host of a Host header (RFC 9110 §7.2): without its port, brackets and final dot.
[[nodiscard]] std::string_view host_of(std::string_view header);
[[nodiscard]] bool is_loopback_address(std::string_view address);

/// By which names a page may be asked for. A foreign site can have its name resolve to any address (DNS rebinding), a developer's 127.0.0.1 above
/// all, and its scripts then count as ours for the browser. Its name still stands in the Host header.
struct HostNames {
    std::vector<std::string> allowed; ///< besides addresses and localhost; * as wildcard
    bool on_loopback = false;         ///< the listener is bound to a loopback address

    /// Without names of its own the configuration asks for strictness only where the rebinding is aimed at: a loopback listener, or a peer on this
    /// machine, as `kubectl port-forward` is one. In a cluster the names of Services, Ingresses and proxies are many and unknown to us.
    [[nodiscard]] bool admit(const http::Request& request) const;
};

} // namespace seaworthy::publish
