// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/image_reference.hpp"

#include <algorithm>

#include "seaworthy/base/pattern.hpp"

namespace seaworthy::model {
namespace {

bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_alphanumeric(char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/// path-component := [a-z0-9]+ ( ( "." | "_" | "__" | "-"+ ) [a-z0-9]+ )*
bool is_path_component(std::string_view text)
{
    if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
    for (std::size_t i = 0; i < text.size();) {
        if (is_lower_or_digit(text[i])) {
            ++i;
            continue;
        }
        const char separator = text[i];
        std::size_t run = 0;
        while (i < text.size() && text[i] == separator) {
            ++i;
            ++run;
        }
        const bool allowed = (separator == '.' && run == 1) || (separator == '_' && run <= 2) || separator == '-';
        if (!allowed || !is_lower_or_digit(text[i])) return false;
    }
    return true;
}

/// domain := host ( ":" digits )?, host a DNS name, an IPv4 address, or an IPv6 address in brackets
bool is_domain(std::string_view text)
{
    const auto colon =
        text.starts_with('[') ? text.find(':', text.find(']') == std::string_view::npos ? text.size() : text.find(']')) : text.find(':');
    const auto host = text.substr(0, colon);
    if (colon != std::string_view::npos) {
        const auto port = text.substr(colon + 1);
        if (port.empty() || !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
    }
    if (host.starts_with('[')) return host.size() > 2 && host.ends_with(']');
    if (host.empty() || !is_alphanumeric(host.front()) || !is_alphanumeric(host.back()) || host.find("..") != std::string_view::npos) return false;
    return std::all_of(host.begin(), host.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

bool is_tag(std::string_view text)
{
    if (text.empty() || text.size() > 128 || text.front() == '.' || text.front() == '-') return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

/// digest := algorithm ":" hex of at least 32 digits
bool is_digest(std::string_view text)
{
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const auto hex = text.substr(colon + 1);
    return hex.size() >= 32 &&
           std::all_of(hex.begin(), hex.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool is_path(std::string_view text)
{
    while (true) {
        const auto slash = text.find('/');
        if (!is_path_component(text.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        text.remove_prefix(slash + 1);
    }
}

/// True if the text before the first `/` is a host and not a path component.
bool looks_like_host(std::string_view first)
{
    return first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
           std::any_of(first.begin(), first.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

} // namespace

std::string_view ImageReference::effective_tag() const
{
    if (!tag.empty()) return tag;
    return digest.empty() ? std::string_view{"latest"} : std::string_view{};
}

bool ImageReference::is_repository(std::string_view suffix) const
{
    std::string_view rest = path;
    const auto depth = [](std::string_view text) { return std::count(text.begin(), text.end(), '/'); };
    // `*` stays within one component, so only as many trailing components as the suffix has are compared.
    for (auto surplus = depth(rest) - depth(suffix); surplus > 0; --surplus)
        rest.remove_prefix(rest.find('/') + 1);
    if (depth(rest) != depth(suffix)) return false;
    while (true) {
        const auto slash = suffix.find('/');
        const auto cut = rest.find('/');
        if (!glob_match(suffix.substr(0, slash), rest.substr(0, cut))) return false;
        if (slash == std::string_view::npos) return true;
        suffix.remove_prefix(slash + 1);
        rest.remove_prefix(cut + 1);
    }
}

std::optional<ImageReference> parse_image_reference(std::string_view text)
{
    if (text.empty() || text.size() > 4096) return std::nullopt;
    ImageReference image;
    if (const auto at = text.find('@'); at != std::string_view::npos) {
        if (!is_digest(text.substr(at + 1))) return std::nullopt;
        image.digest = text.substr(at + 1);
        text = text.substr(0, at);
    }
    const auto last_slash = text.rfind('/');
    if (const auto colon = text.rfind(':'); colon != std::string_view::npos && (last_slash == std::string_view::npos || colon > last_slash)) {
        if (!is_tag(text.substr(colon + 1))) return std::nullopt;
        image.tag = text.substr(colon + 1);
        text = text.substr(0, colon);
    }
    const auto slash = text.find('/');
    if (slash != std::string_view::npos && looks_like_host(text.substr(0, slash))) {
        image.host = text.substr(0, slash);
        if (!is_domain(image.host)) return std::nullopt;
        image.host_written = true;
        text.remove_prefix(slash + 1);
    } else {
        image.host = "docker.io";
    }
    if (!is_path(text)) return std::nullopt;
    if (image.host == "index.docker.io") image.host = "docker.io";
    image.path = text;
    if (image.host == "docker.io" && image.path.find('/') == std::string::npos) image.path.insert(0, "library/");
    return image;
}

bool image_list_matches(std::string_view entry, const ImageReference& image)
{
    const std::string repository = image.repository();
    const std::string tagged = image.tag.empty() ? repository : repository + ":" + image.tag;
    const std::string pinned = image.digest.empty() ? repository : repository + "@" + image.digest;
    if (entry.find('*') != std::string_view::npos) {
        return glob_match(entry, repository) || glob_match(entry, tagged) || glob_match(entry, pinned);
    }
    while (entry.ends_with('/'))
        entry.remove_suffix(1);
    if (entry == repository || entry == tagged || entry == pinned || entry == tagged + "@" + image.digest) return true;
    return repository.starts_with(entry) && repository.size() > entry.size() && repository[entry.size()] == '/';
}

} // namespace seaworthy::model
