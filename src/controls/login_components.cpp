// SPDX-License-Identifier: Apache-2.0
#include "controls/login_components.hpp"
#include "controls/config_maps.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using model::Container;
using model::Document;
using model::EnvVar;
using model::JsonText;
using model::Workload;

constexpr std::string_view k_auth_proxies = "oauth2-proxy/oauth2-proxy, bitnami/oauth2-proxy, pomerium/pomerium";
constexpr std::string_view k_ingresses = "ingresses.networking.k8s.io";

bool is_argocd_server(const Workload& workload)
{
    bool server = false;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate& pod_template) {
        const auto names_it = [](const Text& word) { return word == "argocd-server" || word.view().ends_with("/argocd-server"); };
        server = server || std::ranges::any_of(container.command, names_it) || std::ranges::any_of(container.args, names_it) ||
                 pod_template.labels.is("app.kubernetes.io/name", "argocd-server");
    });
    return server;
}

bool has_ingress_of(const Context& context, std::string_view ns, std::string_view host)
{
    return std::ranges::any_of(context.inventory.documents_of(k_ingresses), [&](const Document& ingress) {
        const auto& rules = ingress.at("spec.rules").items();
        return ingress.meta.ns == ns && std::ranges::any_of(rules, [&](const model::Value& rule) { return rule["host"].text() == host; });
    });
}

/// `$(NAME)`, which Kubernetes expands from the container's environment.
Setting expanded(const Container& container, std::string_view value)
{
    if (!value.starts_with("$(") || !value.ends_with(')')) return {!value.empty(), std::string{value}};
    const auto name = value.substr(2, value.size() - 3);
    if (const auto* variable = find_variable(container, name)) return setting_of(*variable);
    return {!container.env_from.empty(), {}};
}

} // namespace

std::vector<Component> find_components(const Context& context, const Software& product, std::string_view component)
{
    std::vector<Component> found;
    for (const auto& installation : find_software(context, std::span{&product, 1}))
        if (component != "argocd" || is_argocd_server(*installation.workload)) found.push_back({installation.workload});
    const auto url = context.settings.outside.components.find(component);
    if (url == context.settings.outside.components.end()) return found;
    const auto host = check::host_of_url(url->second);
    for (auto& each : found)
        each.probed = found.size() == 1 || has_ingress_of(context, each.workload->ns, host);
    return found;
}

const model::ProbeAnswer* probe_of(const Context& context, const Component& component, std::string_view name, std::string_view path)
{
    return component.probed ? context.inventory.probe(context.settings.outside.url_of(name, path)) : nullptr;
}

std::optional<JsonText> answer_of(const Context& context, const Component& component, std::string_view name, std::string_view path)
{
    const auto* answer = probe_of(context, component, name, path);
    return answer != nullptr && answer->status == 200 ? JsonText::parse(answer->body) : std::nullopt;
}

std::string redirect_to_provider(const model::ProbeAnswer* answer, std::string_view asked_url)
{
    if (answer == nullptr || answer->status / 100 != 3) return {};
    const auto location = answer->headers.find("location");
    if (location == answer->headers.end()) return {};
    const auto host = check::host_of_url(location->second);
    return host.empty() || host == check::host_of_url(asked_url) ? std::string{} : location->second;
}

bool is_behind_login(const Context& context, const Workload& workload)
{
    if (has_image(workload, k_auth_proxies)) return true;
    const auto leads_here = [&](std::string_view service_name) {
        return std::ranges::any_of(context.index.services_in(workload.ns), [&](const model::Service* service) {
            if (service->meta.name != service_name || service->selector.empty()) return false;
            return std::ranges::any_of(workload.templates, [&](const model::PodTemplate* pod_template) {
                return std::ranges::all_of(service->selector, [&](const auto& term) { return pod_template->labels.is(term.key, term.value); });
            });
        });
    };
    return std::ranges::any_of(context.inventory.documents_of(k_ingresses), [&](const Document& ingress) {
        if (ingress.meta.ns != workload.ns || ingress.meta.annotations.get("nginx.ingress.kubernetes.io/auth-url").empty()) return false;
        for (const auto& rule : ingress.at("spec.rules").items())
            for (const auto& path : rule.at("http.paths").items())
                if (leads_here(path.at("backend.service.name").text())) return true;
        return false;
    });
}

Settings settings_of(const Context& context, std::string_view ns, std::string_view name, std::string_view read_in)
{
    Settings settings;
    settings.document = find_config_map(context, ns, name);
    if (settings.document != nullptr) return settings;
    if (const auto* gap = context.gap("configmaps", ns))
        settings.unread = context.unknown_for(*gap);
    else if (!context.settings.grants.contains("CM"))
        settings.unread =
            check::unknown(Reason::unobservable, fmt::format("ConfigMap {}/{} is read with the optional grant CM", ns, name)).needs_grant("CM");
    else if (!read_in.empty() && ns != read_in)
        settings.unread = check::unknown(Reason::unobservable, fmt::format("ConfigMap {} is read in namespace {} alone", name, read_in));
    return settings;
}

const EnvVar* find_variable(const Container& container, std::string_view name)
{
    const auto at = std::ranges::find_if(container.env, [&](const EnvVar& variable) { return variable.name == name; });
    return at == container.env.end() ? nullptr : &*at;
}

Setting setting_of(const EnvVar& variable)
{
    return {true, variable.source == EnvVar::Source::literal ? variable.value.str() : std::string{}};
}

std::optional<std::string_view> find_flag(const Container& container, std::string_view name)
{
    std::vector<std::string_view> words;
    for (const auto& list : {container.command, container.args})
        for (const auto& word : list)
            words.push_back(word);
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto word = words[i];
        if (!word.starts_with('-')) continue;
        word.remove_prefix(word.starts_with("--") ? 2 : 1);
        if (!word.starts_with(name)) continue;
        word.remove_prefix(name.size());
        if (word.starts_with('=')) return word.substr(1);
        if (word.empty()) return i + 1 < words.size() && !words[i + 1].starts_with('-') ? words[i + 1] : std::string_view{};
    }
    return std::nullopt;
}

Setting find_setting(const Container& container, std::string_view flag, std::initializer_list<std::string_view> variables)
{
    if (const auto value = find_flag(container, flag)) return expanded(container, *value);
    for (const auto name : variables)
        if (const auto* variable = find_variable(container, name)) return setting_of(*variable);
    return {};
}

} // namespace seaworthy::controls
