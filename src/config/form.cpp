// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "config/reader.hpp"
#include "seaworthy/check/outside.hpp"

namespace seaworthy::config {

namespace {

bool is_alphanumeric(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_name_part(std::string_view text, std::string_view extra, std::size_t longest)
{
    return !text.empty() && text.size() <= longest && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
           std::ranges::all_of(text, [&](char c) { return is_alphanumeric(c) || extra.find(c) != std::string_view::npos; });
}

bool is_port(std::string_view text)
{
    unsigned port = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && port <= 65535;
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`. The host may be empty.
bool is_host_and_port(std::string_view text, bool port_required)
{
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || end == 1) return false;
        const auto address = text.substr(1, end - 1);
        if (!std::ranges::all_of(address, [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.'; }))
            return false;
        rest = text.substr(end + 1);
    } else {
        const auto colon = text.find(':');
        const auto host = text.substr(0, colon);
        if (!host.empty() && !is_name_part(host, "-._", 253)) return false;
        rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    }
    if (rest.empty()) return !port_required;
    return rest.front() == ':' && is_port(rest.substr(1));
}

bool is_url(std::string_view text)
{
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return false;
    if (text.substr(0, scheme) != "https" && text.substr(0, scheme) != "http") return false;
    const auto rest = text.substr(scheme + 3);
    const auto host = rest.substr(0, rest.find_first_of("/?#"));
    return !host.empty() && !host.starts_with(':') && is_host_and_port(host, false) &&
           std::ranges::none_of(rest, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

bool is_label_key(std::string_view text)
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return is_name_part(text, "-._", 63);
    return is_name_part(text.substr(0, slash), "-.", 253) && is_name_part(text.substr(slash + 1), "-._", 63);
}

bool is_object_name(std::string_view text)
{
    return is_name_part(text, "-", 63) && std::ranges::none_of(text, [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; });
}

} // namespace

std::optional<ByteSize> parse_size(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, unsigned>, 4> units{{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"B", 0}}};
    constexpr std::uint64_t largest = std::uint64_t{1} << 53U;
    std::uint64_t count = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
    if (parsed.ec != std::errc{}) return std::nullopt;
    const auto unit = text.substr(static_cast<std::size_t>(parsed.ptr - text.data()));
    for (const auto& [suffix, shift] : units)
        if (unit == suffix) return count <= (largest >> shift) ? std::optional{ByteSize{count << shift}} : std::nullopt;
    return std::nullopt;
}

std::string form_problem(Form form, std::string_view text)
{
    switch (form) {
    case Form::any: return {};
    case Form::url: return is_url(text) ? "" : "is no URL; write https://host[:port][/path]";
    case Form::listen_address: return is_host_and_port(text, true) ? "" : "is no address to listen on; write [host]:port, for example 127.0.0.1:9817";
    case Form::host_port:
        return !text.starts_with(':') && is_host_and_port(text, true) ? "" : "is no address; write host:port, for example siem.example:6514";
    case Form::label_key: return is_label_key(text) ? "" : "is no label key";
    case Form::object_name: return is_object_name(text) ? "" : "is no name of a Kubernetes object (lower-case letters, digits and -)";
    case Form::login_component:
        return check::parse_login_component(text)
                   ? ""
                   : "says not where an issuer is; write SELECTOR arg FLAG, env NAME, configmap NAME/KEY or probe URL, for example "
                     "app=backstage env AUTH_OIDC_ISSUER";
    case Form::image_host:
        return !text.empty() && !text.starts_with(':') && is_host_and_port(text, false) ? ""
                                                                                        : "is no registry host; write host[:port] without a scheme";
    }
    return {};
}

} // namespace seaworthy::config
