// SPDX-License-Identifier: Apache-2.0
#include "controls/oidc_platform.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/names.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::Container;
using model::Document;
using model::JsonText;
using model::Workload;

constexpr std::string_view k_argocd_namespace = "argocd";

// ---- oidc-components-same-issuer

/// A component that people log in to, and the identity provider that it names; empty: not visible.
struct Known {
    std::string component;
    std::string issuer;
};

/// The issuer in argocd-cm: of oidc.config, or of the one connector of Dex that speaks OpenID Connect.
std::string argocd_issuer(const Context& context, const Component& component)
{
    const auto settings = settings_of(context, component.workload->ns, "argocd-cm", k_argocd_namespace);
    if (const auto config = JsonText::parse_yaml(settings.get("oidc.config")))
        if (const auto issuer = (*config)["issuer"].text(); !issuer.empty()) return std::string{issuer};
    if (const auto dex = JsonText::parse_yaml(settings.get("dex.config")))
        for (const auto& connector : (*dex)["connectors"].items())
            if (const auto issuer = connector.at("config.issuer").text(); !issuer.empty()) return std::string{issuer};
    if (const auto answer = answer_of(context, component, "argocd", "/api/v1/settings")) return std::string{answer->at("oidcConfig.issuer").text()};
    return {};
}

std::string headlamp_issuer(const Context&, const Component& component)
{
    std::string issuer;
    for_each_container(*component.workload, [&](const Container& container, const model::PodTemplate&) {
        if (is_image_of(container.image, k_headlamp.repositories))
            issuer = find_setting(container, "oidc-idp-issuer-url", {"HEADLAMP_CONFIG_OIDC_IDP_ISSUER_URL", "OIDC_ISSUER_URL"}).value;
    });
    return issuer;
}

std::string harbor_issuer(const Context&, const Component& component)
{
    std::string issuer;
    for_each_container(*component.workload, [&](const Container& container, const model::PodTemplate&) {
        const auto* variable = find_variable(container, "CONFIG_OVERWRITE_JSON");
        if (variable == nullptr) return;
        if (const auto settings = JsonText::parse(setting_of(*variable).value)) issuer = (*settings)["oidc_endpoint"].text();
    });
    return issuer;
}

std::string grafana_issuer(const Context& context, const Component& component)
{
    return std::string{GrafanaSettings{context, *component.workload}.login_url()};
}

struct Source {
    const Software& software;
    std::string_view component;
    std::string (*issuer)(const Context&, const Component&);
};

/// What `text` holds at `path`, a YAML document; the whole text for an empty one.
std::string read_value(std::string_view text, std::string_view path)
{
    if (path.empty()) return std::string{text};
    const auto document = JsonText::parse_yaml(text);
    return document ? std::string{document->at(path).text()} : std::string{};
}

std::string extra_issuer(const Context& context, const Workload& workload, const check::LoginComponent& component)
{
    using Source = check::LoginComponent::Source;
    if (component.source == Source::configmap) {
        const std::string_view path = component.path;
        const auto slash = path.find('/');
        const auto second = path.find('/', slash + 1);
        const auto settings = settings_of(context, workload.ns, path.substr(0, slash), {});
        const auto key = path.substr(slash + 1, second == std::string_view::npos ? second : second - slash - 1);
        return read_value(settings.get(key), second == std::string_view::npos ? std::string_view{} : path.substr(second + 1));
    }
    if (component.source == Source::probe) return redirect_to_provider(context.inventory.probe(component.path), component.path);
    std::string issuer;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        if (!issuer.empty()) return;
        if (component.source == Source::arg)
            issuer = find_setting(container, component.path, {}).value;
        else if (const auto* variable = find_variable(container, component.path))
            issuer = setting_of(*variable).value;
    });
    return issuer;
}

void add_extra(const Context& context, std::vector<Known>& known)
{
    for (const auto& text : context.settings.outside.oidc.extra_components) {
        const auto component = check::parse_login_component(text);
        if (!component) continue; // the configuration's reader refuses it
        for (const auto& workload : context.index.workloads()) {
            if (workload.templates.empty() || !component->selector.matches(workload.templates.front()->labels)) continue;
            known.push_back({fmt::format("{} {}/{}", workload.kind.view(), workload.ns.view(), workload.name.view()),
                             extra_issuer(context, workload, *component)});
        }
    }
}

std::vector<Known> find_known(const Context& context)
{
    static constexpr Source k_sources[] = {{k_argocd, "argocd", argocd_issuer},
                                           {k_grafana, "grafana", grafana_issuer},
                                           {k_harbor, "harbor", harbor_issuer},
                                           {k_headlamp, "headlamp", headlamp_issuer}};
    std::vector<Known> known;
    const auto login = find_login_issuers(context);
    for (const auto& url : login.urls)
        known.push_back({"the API server", url});
    if (login.urls.empty() && login.any()) known.push_back({"the API server", {}});
    for (const auto& source : k_sources)
        for (const auto& component : find_components(context, source.software, source.component))
            known.push_back({std::string{source.software.name}, source.issuer(context, component)});
    add_extra(context, known);
    return known;
}

// ---- oidc-client-secret-inline

/// `$secret:key` and `$name` are references of Argo CD; `${…}` and `$__file{…}` of Grafana.
bool is_literal(std::string_view value)
{
    return !value.empty() && !value.starts_with('$');
}

bool holds_client_secret(const model::Value& value)
{
    if (is_literal(value["clientSecret"].text())) return true;
    return std::ranges::any_of(value["connectors"].items(), [](const model::Value& connector) {
        const auto& config = connector["config"];
        return is_literal(config["clientSecret"].text()) || is_literal(config["client_secret"].text());
    });
}

Verdict judge_argocd_cm(const Document& config_map)
{
    NameList found;
    for (const std::string_view key : {"oidc.config", "dex.config"})
        if (const auto config = JsonText::parse_yaml(config_map["data"][key].text()); config && holds_client_secret(config->root()))
            found.add(std::string{key});
    if (found.empty()) return check::pass("Its client secrets are references").proven();
    return check::fail(fmt::format("A client secret is written out in {}", found.text())).with("keys", found.values());
}

Verdict judge_grafana_ini(const Document& config_map)
{
    NameList found;
    for_each_ini_setting(config_map["data"]["grafana.ini"].text(), [&](auto section, auto key, auto value) {
        if (key == "client_secret" && is_literal(value)) found.add(fmt::format("[{}]", section));
    });
    if (found.empty()) return check::pass("Its client secrets are references").proven();
    return check::fail(fmt::format("A client secret is written out in {} of grafana.ini", found.text())).with("sections", found.values());
}

bool names_client_secret(std::string_view variable)
{
    std::string upper{variable};
    std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return upper.find("CLIENT_SECRET") != std::string::npos && !upper.ends_with("_FILE");
}

Verdict judge_workload(const Workload& workload)
{
    NameList found;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        for (const auto& variable : container.env)
            if (variable.source == model::EnvVar::Source::literal && names_client_secret(variable.name) && is_literal(variable.value))
                found.add(fmt::format("variable {} of container {}", variable.name.view(), container.name.view()));
        if (const auto flag = find_flag(container, "oidc-client-secret"); flag && is_literal(*flag))
            found.add(fmt::format("-oidc-client-secret of container {}", container.name.view()));
    });
    if (found.empty()) return check::pass("Its client secrets are references").proven();
    return check::fail(fmt::format("A client secret is written out: {}", found.text())).with("places", found.values());
}

void judge_argocd_maps(const Context& context, Results& results)
{
    for (const auto& component : find_components(context, k_argocd, "argocd")) {
        const auto settings = settings_of(context, component.workload->ns, "argocd-cm", k_argocd_namespace);
        const auto ns = component.workload->ns.view();
        if (settings.document != nullptr)
            results.add(ObjectKey::of(*settings.document), ns, judge_argocd_cm(*settings.document));
        else if (settings.unread)
            results.add({"v1", "ConfigMap", std::string{ns}, "argocd-cm", {}}, ns, *settings.unread);
    }
}

void judge_grafana_maps(const Context& context, Results& results)
{
    for (const auto& component : find_components(context, k_grafana, "grafana")) {
        const auto& workload = *component.workload;
        for (const auto* file : grafana_files(context, workload))
            results.add(ObjectKey::of(*file), workload.ns, judge_grafana_ini(*file));
        const GrafanaSettings settings{context, workload};
        auto verdict = judge_workload(workload);
        if (settings.unread() && verdict.status != check::Status::fail) verdict = *settings.unread();
        results.add(ObjectKey::of(workload), workload.ns, std::move(verdict));
    }
}

} // namespace

Verdict judge_same_issuer(const Context& context)
{
    const auto known = find_known(context);
    const Known* first = nullptr;
    NameList hidden;
    for (const auto& each : known) {
        if (each.issuer.empty()) {
            hidden.add(each.component);
            continue;
        }
        if (first == nullptr) {
            first = &each;
        } else if (compare_issuers(first->issuer, each.issuer, context.settings.outside.oidc) == SameIssuer::different) {
            return check::fail(fmt::format("{} and {} have different identity providers", first->component, each.component))
                .with("issuers", std::vector<std::string>{first->issuer, each.issuer});
        }
    }
    if (known.size() < 2) return check::not_applicable("Fewer than two components that people log in to");
    if (!hidden.empty())
        return check::warn(fmt::format("Which identity provider {} uses is not visible", hidden.text())).with("components", hidden.values());
    return check::pass(fmt::format("All of {} components share one identity provider", known.size()));
}

void judge_client_secrets(const Context& context, Results& results)
{
    judge_argocd_maps(context, results);
    judge_grafana_maps(context, results);
    for (const auto* software : {&k_argocd, &k_harbor, &k_headlamp})
        for (const auto& component : find_components(context, *software, software == &k_argocd ? "argocd" : ""))
            results.add(ObjectKey::of(*component.workload), component.workload->ns, judge_workload(*component.workload));
}

} // namespace seaworthy::controls
