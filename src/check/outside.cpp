// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/check/outside.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "seaworthy/base/letter_case.hpp"

namespace seaworthy::check {
namespace {

/// Fixed paths of each component that is asked (interfaces.md §7): GET, without credentials.
struct ComponentPath {
    std::string_view component;
    std::string_view path;
};
constexpr ComponentPath k_paths[] = {
    {"argocd", "/api/v1/settings"},
    {"grafana", "/login/generic_oauth"},
    {"headlamp", "/config"},
    {"harbor", "/api/v2.0/systeminfo"},
    {"harbor", "/api/v2.0/projects?with_detail=true"},
    {"vault", "/v1/sys/health"},
    {"prometheus", "/api/v1/query?query=count%20by%20%28namespace%29%20%28max_over_time%28up%5B15m%5D%29%20%3D%3D%200%29"},
    {"prometheus", "/api/v1/query?query=count%20by%20%28namespace%29%20%28up%29"},
    {"alertmanager", "/api/v2/receivers"},
};

std::string without_last_slash(std::string_view url)
{
    if (url.ends_with('/')) url.remove_suffix(1);
    return std::string{url};
}

/// The value of `name="value"` among a challenge's parameters (RFC 9110 §11.2); empty if there is none.
std::string parameter(std::string_view challenge, std::string_view name)
{
    for (auto at = challenge.find(name); at != std::string_view::npos; at = challenge.find(name, at + 1)) {
        const bool whole_word = at == 0 || challenge[at - 1] == ' ' || challenge[at - 1] == ',';
        auto rest = challenge.substr(at + name.size());
        if (!whole_word || !rest.starts_with("=\"")) continue;
        rest.remove_prefix(2);
        return std::string{rest.substr(0, rest.find('"'))};
    }
    return {};
}

std::string query_value(std::string_view text)
{
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                std::string_view{"-._~/:"}.find(c) != std::string_view::npos;
        if (unreserved) {
            out += c;
        } else {
            out += '%';
            out += k_digits[byte >> 4U];
            out += k_digits[byte & 15U];
        }
    }
    return out;
}

constexpr std::pair<std::string_view, LoginComponent::Source> k_login_sources[] = {
    {"arg", LoginComponent::Source::arg},
    {"env", LoginComponent::Source::env},
    {"configmap", LoginComponent::Source::configmap},
    {"probe", LoginComponent::Source::probe},
};

/// Cuts the last word off; empty where there is but one.
std::string_view take_last_word(std::string_view& text)
{
    const auto space = text.rfind(' ');
    if (space == std::string_view::npos) return {};
    const auto word = text.substr(space + 1);
    text = text.substr(0, text.find_last_not_of(' ', space) + 1);
    return word;
}

} // namespace

std::optional<LoginComponent> parse_login_component(std::string_view text)
{
    const auto path = take_last_word(text);
    const auto source = take_last_word(text); // what is left is the selector, which may hold spaces
    const auto* row = std::ranges::find(k_login_sources, source, &std::pair<std::string_view, LoginComponent::Source>::first);
    if (row == std::end(k_login_sources) || path.empty() || text.empty()) return std::nullopt;
    if (row->second == LoginComponent::Source::arg && path.starts_with('-')) return std::nullopt;
    if (row->second == LoginComponent::Source::configmap && path.find('/') == std::string_view::npos) return std::nullopt;
    if (row->second == LoginComponent::Source::probe && host_of_url(path).empty()) return std::nullopt;
    auto selector = model::LabelQuery::parse(text);
    if (!selector) return std::nullopt;
    return LoginComponent{std::move(*selector), row->second, std::string{path}};
}

std::string Registry::base() const
{
    if (!api_url.empty()) return without_last_slash(api_url);
    return "https://" + (host == "docker.io" ? std::string{"registry-1.docker.io"} : host);
}

std::string Registry::ping_url() const
{
    return base() + "/v2/";
}

std::string Registry::manifest_url() const
{
    if (repo.empty() || tag.empty()) return {};
    return base() + "/v2/" + repo + "/manifests/" + tag;
}

std::string Issuer::discovery_url() const
{
    return without_last_slash(url) + "/.well-known/openid-configuration";
}

std::vector<std::string> Outside::urls_of(std::string_view component) const
{
    std::vector<std::string> urls;
    const auto at = components.find(component);
    if (at == components.end()) return urls;
    for (const auto& row : k_paths)
        if (row.component == component) urls.push_back(without_last_slash(at->second) + std::string{row.path});
    return urls;
}

std::string Outside::url_of(std::string_view component, std::string_view path) const
{
    const auto urls = urls_of(component);
    const auto at = std::ranges::find_if(urls, [&](const std::string& url) { return url.ends_with(path); });
    return at == urls.end() ? std::string{} : *at;
}

std::vector<std::string> Outside::login_urls() const
{
    std::vector<std::string> urls;
    for (const auto& text : oidc.extra_components)
        if (auto component = parse_login_component(text); component && component->source == LoginComponent::Source::probe)
            urls.push_back(std::move(component->path));
    return urls;
}

bool Outside::names_registry_host(std::string_view host) const
{
    return std::ranges::any_of(registries, [&](const Registry& registry) { return registry.host == host || host_of_url(registry.base()) == host; });
}

bool is_bearer_challenge(std::string_view www_authenticate)
{
    return starts_with_ignoring_case(www_authenticate, "bearer ");
}

std::optional<std::string> token_url(const Outside& outside, const Registry& registry, std::string_view www_authenticate)
{
    if (!is_bearer_challenge(www_authenticate)) return std::nullopt;
    const auto realm = parameter(www_authenticate, "realm");
    const auto host = host_of_url(realm);
    if (host.empty() || (host != host_of_url(registry.base()) && !outside.names_registry_host(host))) return std::nullopt;
    std::string url = realm;
    url += realm.find('?') == std::string::npos ? '?' : '&';
    if (const auto service = parameter(www_authenticate, "service"); !service.empty()) url += "service=" + query_value(service) + '&';
    return url + "scope=" + query_value("repository:" + registry.repo + ":pull");
}

std::string host_of_url(std::string_view url)
{
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!starts_with_ignoring_case(url, scheme)) continue;
        url.remove_prefix(scheme.size());
        const auto host = url.substr(0, url.find_first_of("/?#"));
        return host.find('@') == std::string_view::npos ? to_lower(host) : std::string{}; // credentials, or a trick
    }
    return {};
}

} // namespace seaworthy::check
