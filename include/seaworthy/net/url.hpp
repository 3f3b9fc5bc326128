// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "seaworthy/base/error.hpp"

namespace seaworthy::net {

/// A URL in parts, as libcurl reads it (RFC 3986; WHATWG quirks are refused).
struct Url {
    std::string scheme;     ///< lower case
    std::string host;       ///< IPv6 in brackets; no credentials
    std::uint16_t port = 0; ///< the scheme's default where the URL has none
    std::string path;       ///< "/" at least; no query
    bool has_credentials = false;

    /// `scheme://host:port`, the port left out where it is the scheme's default.
    [[nodiscard]] std::string origin() const;
};

/// An error quotes the URL without its credentials.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

/// True if a NO_PROXY list exempts the host: `*`, a name and the names below it, `.suffix`, an address, a CIDR, each perhaps with
/// `:port`. Go's golang.org/x/net/http/httpproxy, which kubectl follows.
[[nodiscard]] bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port);

/// True for `localhost` and loopback addresses.
[[nodiscard]] bool is_loopback(std::string_view host);

} // namespace seaworthy::net
