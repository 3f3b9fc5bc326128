// SPDX-License-Identifier: Apache-2.0
#include "publish/http/host_names.hpp"

#include <arpa/inet.h>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::publish {

namespace {

bool is_address(const std::string& host)
{
    in6_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

/// A tunnel's end on this machine. Meshes' sidecars connect from other addresses of 127.0.0.0/8 (Istio: 127.0.0.6), for clients elsewhere.
bool is_this_machine(std::string_view peer)
{
    return peer == "127.0.0.1" || peer == "::1" || peer == "::ffff:127.0.0.1";
}

} // namespace

std::string_view host_of(std::string_view header)
{
    if (header.starts_with('[')) return header.substr(1, header.find(']') - 1);
    header = header.substr(0, header.find(':'));
    if (header.ends_with('.')) header.remove_suffix(1);
    return header;
}

bool is_loopback_address(std::string_view address)
{
    return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

bool HostNames::admit(const http::Request& request) const
{
    if (allowed.empty() && !on_loopback && !is_this_machine(request.peer)) return true;
    const auto host = to_lower(host_of(request.header("Host")));
    if (host.empty()) return true; // HTTP/1.0, which no browser speaks
    return host == "localhost" || host.ends_with(".localhost") || is_address(host) || glob_match_any(allowed, host);
}

} // namespace seaworthy::publish
