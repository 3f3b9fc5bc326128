// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/net/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include <arpa/inet.h>
#include <curl/curl.h>

#include "seaworthy/base/letter_case.hpp"

namespace seaworthy::net {
namespace {

struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct FreeText {
    void operator()(char* text) const { curl_free(text); }
};

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0)
{
    char* raw = nullptr;
    if (curl_url_get(url, which, &raw, flags) != CURLUE_OK) return {};
    const std::unique_ptr<char, FreeText> text{raw};
    return text ? std::string{text.get()} : std::string{};
}

/// For messages: what stands between the scheme and an `@` is a password or a user name.
std::string without_credentials(std::string_view url)
{
    const auto at = url.rfind('@');
    if (at == std::string_view::npos) return std::string{url.substr(0, 200)};
    const auto scheme = url.find("://");
    const auto from = scheme == std::string_view::npos || scheme > at ? 0 : scheme + 3;
    return std::string{url.substr(0, from)} + "***" + std::string{url.substr(at).substr(0, 200)};
}

struct Address {
    std::array<unsigned char, 16> bytes{};
    std::size_t size = 0;
};

std::string_view unbracketed(std::string_view host)
{
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
    return host;
}

std::optional<Address> parse_address(std::string_view text)
{
    const std::string host{unbracketed(text)};
    Address address;
    if (inet_pton(AF_INET, host.c_str(), address.bytes.data()) == 1) {
        address.size = 4;
        return address;
    }
    if (inet_pton(AF_INET6, host.c_str(), address.bytes.data()) == 1) {
        address.size = 16;
        return address;
    }
    return std::nullopt;
}

bool in_network(const Address& address, const Address& network, unsigned bits)
{
    if (address.size != network.size || bits > network.size * 8) return false;
    const std::size_t whole = bits / 8;
    if (std::memcmp(address.bytes.data(), network.bytes.data(), whole) != 0) return false;
    const unsigned rest = bits % 8;
    if (rest == 0) return true;
    const unsigned mask = 0xFFU << (8 - rest) & 0xFFU;
    return (address.bytes[whole] & mask) == (network.bytes[whole] & mask);
}

bool matches_name(std::string_view entry, std::string_view host)
{
    if (entry.substr(0, 2) == "*.") entry.remove_prefix(1);
    if (entry.front() == '.') return host.size() > entry.size() && host.substr(host.size() - entry.size()) == entry;
    if (host == entry) return true;
    return host.size() > entry.size() && host.substr(host.size() - entry.size()) == entry && host[host.size() - entry.size() - 1] == '.';
}

/// Cuts `:port` off an entry; false if the entry names another port.
bool take_port(std::string_view& entry, std::uint16_t port)
{
    const auto colon = entry.rfind(':');
    if (colon == std::string_view::npos || parse_address(entry)) return true;
    std::uint16_t wanted = 0;
    const auto digits = entry.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), wanted);
    if (error != std::errc{} || end != digits.data() + digits.size()) return true;
    entry = entry.substr(0, colon);
    return wanted == port;
}

bool entry_matches(std::string_view entry, std::string_view host, std::uint16_t port)
{
    if (entry == "*") return true;
    const auto address = parse_address(host);
    if (const auto slash = entry.find('/'); slash != std::string_view::npos) {
        unsigned bits = 0;
        const auto digits = entry.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        const auto network = parse_address(entry.substr(0, slash));
        return error == std::errc{} && end == digits.data() + digits.size() && address && network && in_network(*address, *network, bits);
    }
    if (!take_port(entry, port) || entry.empty()) return false;
    if (const auto other = parse_address(entry)) return address && in_network(*address, *other, static_cast<unsigned>(other->size * 8));
    return !address && matches_name(entry, host);
}

} // namespace

std::string Url::origin() const
{
    const bool usual = (scheme == "https" && port == 443) || (scheme == "http" && port == 80);
    return scheme + "://" + host + (usual ? std::string{} : ":" + std::to_string(port));
}

Result<Url> parse_url(std::string_view text)
{
    const std::string copy{text};
    const std::unique_ptr<CURLU, FreeUrl> url{curl_url()};
    const CURLUcode code = url ? curl_url_set(url.get(), CURLUPART_URL, copy.c_str(), CURLU_NON_SUPPORT_SCHEME) : CURLUE_OUT_OF_MEMORY;
    if (code != CURLUE_OK || text.find('\0') != std::string_view::npos) {
        return failure(Error::Kind::usage, "\"" + without_credentials(text) + "\" is no URL: " + curl_url_strerror(code),
                       "Write it with its scheme, such as https://host:6443.");
    }
    Url result;
    result.scheme = to_lower(part(url.get(), CURLUPART_SCHEME));
    result.host = to_lower(part(url.get(), CURLUPART_HOST));
    result.path = part(url.get(), CURLUPART_PATH);
    result.has_credentials = !part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty();
    const std::string port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    std::from_chars(port.data(), port.data() + port.size(), result.port);
    if (result.host.empty()) return failure(Error::Kind::usage, "\"" + without_credentials(text) + "\" has no host");
    return result;
}

bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port)
{
    const std::string wanted = to_lower(host);
    while (!no_proxy.empty()) {
        const auto comma = no_proxy.find(',');
        std::string entry = to_lower(no_proxy.substr(0, comma));
        no_proxy = comma == std::string_view::npos ? std::string_view{} : no_proxy.substr(comma + 1);
        std::erase_if(entry, [](char c) { return c == ' ' || c == '\t'; });
        if (!entry.empty() && entry_matches(entry, wanted, port)) return true;
    }
    return false;
}

bool is_loopback(std::string_view host)
{
    const auto address = parse_address(host);
    if (!address) return to_lower(host) == "localhost";
    if (address->size == 4) return address->bytes[0] == 127;
    return std::all_of(address->bytes.begin(), address->bytes.end() - 1, [](unsigned char b) { return b == 0; }) && address->bytes[15] == 1;
}

} // namespace seaworthy::net
