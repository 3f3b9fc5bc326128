// SPDX-License-Identifier: Apache-2.0
// A URL of a kubeconfig, an issuer, a registry. Its origin is a URL of the same place, and no error shows a password.
#include "fuzz/fuzz_target.hpp"
#include "seaworthy/base/percent_encode.hpp"
#include "seaworthy/net/url.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(url, input)
{
    static_cast<void>(net::is_loopback(input));
    for (const char c : percent_encode(input))
        fuzz::require(c > ' ' && c < '\x7f');
    const auto url = net::parse_url(input);
    if (!url) return;
    fuzz::require(url->path.starts_with('/') && url->host.find('@') == std::string::npos);
    const auto again = net::parse_url(url->origin());
    fuzz::require(again && again->scheme == url->scheme && again->host == url->host && again->port == url->port);
}
