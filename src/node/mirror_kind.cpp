// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "node/sources.hpp"
#include "seaworthy/base/ipv4.hpp"

namespace seaworthy::node {
namespace {

using model::MirrorKind;

struct Block {
    std::uint32_t network;
    std::uint32_t mask;
};
constexpr std::array k_private{
    Block{0x0A000000, 0xFF000000}, // 10/8
    Block{0xAC100000, 0xFFF00000}, // 172.16/12
    Block{0xC0A80000, 0xFFFF0000}, // 192.168/16
    Block{0x64400000, 0xFFC00000}, // 100.64/10, RFC 6598
};
constexpr int k_first_node_port = 30000;
constexpr int k_last_node_port = 32767;

struct Host {
    std::string name; ///< lower case, an IPv6 address without brackets
    int port = 0;
    bool is_address = false;
    std::uint32_t ipv4 = 0;
};

Host split(std::string_view authority)
{
    Host host;
    auto name = authority;
    const auto bracket = authority.find(']');
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        name = authority.substr(0, colon);
        std::from_chars(authority.data() + colon + 1, authority.data() + authority.size(), host.port);
    }
    if (name.starts_with('[') && name.ends_with(']')) {
        name = name.substr(1, name.size() - 2);
        host.is_address = true;
    }
    host.name = name;
    std::ranges::transform(host.name, host.name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    host.ipv4 = parse_ipv4(host.name);
    host.is_address = host.is_address || host.ipv4 != 0;
    return host;
}

bool is_loopback(const Host& host)
{
    return host.name == "localhost" || (host.ipv4 >> 24U) == 127 || (host.is_address && host.name == "::1");
}

bool is_private(const Host& host)
{
    if (host.ipv4 != 0) return std::ranges::any_of(k_private, [&](const Block& block) { return (host.ipv4 & block.mask) == block.network; });
    if (host.is_address) return host.name.starts_with("fc") || host.name.starts_with("fd"); // RFC 4193
    // Names that no public resolver answers: RFC 6762, ICANN's reservation of .internal, and names without a dot.
    constexpr std::string_view k_suffixes[] = {".internal", ".local", ".svc", ".lan", ".home.arpa"};
    return host.name.find('.') == std::string::npos ||
           std::ranges::any_of(k_suffixes, [&](std::string_view suffix) { return host.name.ends_with(suffix); });
}

} // namespace

MirrorKind classify(std::string_view url, std::string_view registry, const ReaderOptions& options)
{
    const auto authority = model::authority_of(url);
    if (model::canonical_registry(authority) == model::canonical_registry(registry.substr(0, registry.find('/')))) return MirrorKind::upstream;
    const auto host = split(authority);
    for (const auto& domain : options.internal_domains)
        if (host.name == domain || host.name.ends_with("." + domain)) return MirrorKind::internal;
    const bool own = std::ranges::find(options.addresses, host.name) != options.addresses.end();
    const bool node_port = host.is_address && is_private(host) && host.port >= k_first_node_port && host.port <= k_last_node_port;
    if (is_loopback(host) || own || node_port) return MirrorKind::peer_to_peer;
    return is_private(host) ? MirrorKind::internal : MirrorKind::public_cache;
}

} // namespace seaworthy::node
