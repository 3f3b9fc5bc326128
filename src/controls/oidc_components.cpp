// SPDX-License-Identifier: Apache-2.0
#include "controls/oidc_components.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Reason;
using check::Results;
using check::Verdict;
using model::Container;
using model::Document;
using model::EnvVar;
using model::JsonText;
using model::Workload;

constexpr Software k_argocd{"Argo CD", "argoproj/argocd"};
constexpr Software k_headlamp{"Headlamp", "headlamp-k8s/headlamp"};
constexpr Software k_harbor{"Harbor", "goharbor/harbor-core"};
constexpr std::string_view k_auth_proxies = "oauth2-proxy/oauth2-proxy, bitnami/oauth2-proxy, pomerium/pomerium";
constexpr std::string_view k_ingresses = "ingresses.networking.k8s.io";

// ---- what is common

/// A component as it is found: the workload that people log in to, and what its configured URL answered.
struct Component {
    const Workload* workload = nullptr;
    bool probed = false; ///< probes.components names it
};

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

/// Every installation. The configured URL belongs to the one whose Ingress has its host, or to the only one.
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

/// What a component's fixed path answered, as JSON; nothing where it was not asked or did not answer.
std::optional<JsonText> answer_of(const Context& context, const Component& component, std::string_view name, std::string_view path)
{
    if (!component.probed) return std::nullopt;
    const auto* answer = context.inventory.probe(context.settings.outside.url_of(name, path));
    return answer != nullptr && answer->status == 200 ? JsonText::parse(answer->body) : std::nullopt;
}

/// A proxy in front that asks for a login: a container beside it, or the Ingress of one of its Services.
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

template <typename Judge>
void judge_each(const Context& context, Results& results, const Software& product, std::string_view component, Judge judge)
{
    for (const auto& found : find_components(context, product, component)) {
        const auto& workload = *found.workload;
        model::ObjectMeta meta;
        meta.created = workload.created;
        auto young = too_young(meta, context);
        results.add(ObjectKey::of(workload), workload.ns, young ? std::move(*young) : judge(found, context));
    }
}

// ---- Argo CD

/// A ConfigMap of Argo CD; only those of namespace argocd are read.
struct Settings {
    const Document* document = nullptr;
    std::optional<Verdict> unread;

    [[nodiscard]] std::string_view get(std::string_view key) const
    {
        return document == nullptr ? std::string_view{} : (*document)["data"][key].text();
    }
};

Settings settings_of(const Context& context, std::string_view ns, std::string_view name)
{
    Settings settings;
    for (const auto& document : context.inventory.documents_of("configmaps"))
        if (document.meta.ns == ns && document.meta.name == name) settings.document = &document;
    if (settings.document != nullptr) return settings;
    if (const auto* gap = context.gap("configmaps", ns))
        settings.unread = context.unknown_for(*gap);
    else if (!context.settings.grants.contains("CM"))
        settings.unread =
            check::unknown(Reason::unobservable, fmt::format("ConfigMap {}/{} is read with the optional grant CM", ns, name)).needs_grant("CM");
    else if (ns != "argocd")
        settings.unread = check::unknown(Reason::unobservable, fmt::format("ConfigMap {} is read in namespace argocd alone", name));
    return settings;
}

bool has_dex_connector(std::string_view yaml)
{
    const auto config = JsonText::parse_yaml(yaml);
    return config && !(*config)["connectors"].items().empty();
}

std::string issuer_of(std::string_view yaml)
{
    const auto config = JsonText::parse_yaml(yaml);
    return config ? std::string{(*config)["issuer"].text()} : std::string{};
}

bool operator_sets_sso(const Context& context, std::string_view ns)
{
    return std::ranges::any_of(context.inventory.documents_of("argocds.argoproj.io"), [&](const Document& instance) {
        return instance.meta.ns == ns && (!instance.at("spec.oidcConfig").text().empty() || instance.at("spec.sso").size() > 0);
    });
}

Verdict judge_argocd_login(const Component& component, const Context& context)
{
    const auto& ns = component.workload->ns;
    if (is_behind_login(context, *component.workload)) return check::pass("A proxy in front of it asks for the login").proven();
    const auto settings = settings_of(context, ns, "argocd-cm");
    const auto issuer = issuer_of(settings.get("oidc.config"));
    if (!issuer.empty() || has_dex_connector(settings.get("dex.config"))) {
        if (settings.get("url").empty()) return check::warn("An identity provider is configured, and url is not: no login through it can return");
        return check::pass(issuer.empty() ? std::string{"People come through a connector of Dex"} : fmt::format("People come from {}", issuer))
            .proven();
    }
    if (operator_sets_sso(context, ns)) return check::pass("Its operator configures single sign-on").proven();
    if (const auto answer = answer_of(context, component, "argocd", "/api/v1/settings")) {
        const bool sso = !(*answer)["oidcConfig"]["issuer"].text().empty() || !(*answer)["dexConfig"]["connectors"].items().empty();
        if (sso) return check::pass("Its settings name an identity provider").proven();
        return check::fail("People log in with passwords of Argo CD itself");
    }
    if (const auto* gap = context.gap("argocds.argoproj.io", ns)) return context.unknown_for(*gap);
    if (settings.unread) return *settings.unread;
    return check::fail("Neither oidc.config nor a connector of dex.config is set: people log in with passwords of Argo CD itself");
}

Verdict judge_argocd_doors(const Component& component, const Context& context)
{
    const auto& ns = component.workload->ns;
    const auto settings = settings_of(context, ns, "argocd-cm");
    if (settings.unread) return *settings.unread;
    if (settings.get("oidc.tls.insecure.skip.verify") == "true") return check::fail("It does not verify the identity provider's certificate");
    const bool sso = !issuer_of(settings.get("oidc.config")).empty() || has_dex_connector(settings.get("dex.config"));
    if (settings.get("users.anonymous.enabled") == "true") {
        const auto policies = settings_of(context, ns, "argocd-rbac-cm");
        if (policies.unread) return *policies.unread;
        const auto role = policies.get("policy.default");
        if (!role.empty()) return check::fail(fmt::format("Whoever does not log in has {}", role)).with("policyDefault", std::string{role});
        return check::warn("Anonymous access is on; policy.default gives it nothing");
    }
    if (sso && settings.get("admin.enabled") != "false") return check::warn("The local admin is still there, beside single sign-on");
    return check::pass("No anonymous access, and no password beside single sign-on").proven();
}

// ---- Headlamp

/// A setting of a container: literal, or there and not readable.
struct Setting {
    bool set = false;
    std::string value; ///< empty: it comes from a Secret or ConfigMap
};

const EnvVar* find_variable(const Container& container, std::string_view name)
{
    const auto at = std::ranges::find_if(container.env, [&](const EnvVar& variable) { return variable.name == name; });
    return at == container.env.end() ? nullptr : &*at;
}

Setting setting_of(const EnvVar& variable)
{
    return {true, variable.source == EnvVar::Source::literal ? variable.value.str() : std::string{}};
}

/// `$(NAME)`, which Kubernetes expands from the container's environment.
Setting expanded(const Container& container, std::string_view value)
{
    if (!value.starts_with("$(") || !value.ends_with(')')) return {!value.empty(), std::string{value}};
    const auto name = value.substr(2, value.size() - 3);
    if (const auto* variable = find_variable(container, name)) return setting_of(*variable);
    return {!container.env_from.empty(), {}};
}

/// `-name=value`, `--name value` or a bare `-name` among the arguments.
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

/// The flag wins over the variable.
Setting find_setting(const Container& container, std::string_view flag, std::initializer_list<std::string_view> variables)
{
    if (const auto value = find_flag(container, flag)) return expanded(container, *value);
    for (const auto name : variables)
        if (const auto* variable = find_variable(container, name)) return setting_of(*variable);
    return {};
}

Verdict judge_headlamp_login(const Component& component, const Context& context)
{
    const auto& workload = *component.workload;
    if (is_behind_login(context, workload)) return check::pass("A proxy in front of it asks for the login").proven();
    Setting client;
    Setting issuer;
    bool unverified = false;
    bool from_secret = false;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        if (!is_image_of(container.image, k_headlamp.repositories)) return;
        client = find_setting(container, "oidc-client-id", {"HEADLAMP_CONFIG_OIDC_CLIENT_ID", "OIDC_CLIENT_ID"});
        issuer = find_setting(container, "oidc-idp-issuer-url", {"HEADLAMP_CONFIG_OIDC_IDP_ISSUER_URL", "OIDC_ISSUER_URL"});
        unverified = find_flag(container, "oidc-skip-tls-verify").value_or("false") != "false";
        from_secret =
            std::ranges::any_of(container.env_from, [](const model::EnvFrom& source) { return source.source == model::EnvFrom::Source::secret; });
    });
    if (client.set && issuer.set) {
        if (unverified) return check::warn("It does not verify the identity provider's certificate (-oidc-skip-tls-verify)");
        if (issuer.value.empty()) return check::warn("It has an identity provider; which one is in a Secret");
        return check::pass(fmt::format("People come from {}", issuer.value)).with("issuer", issuer.value).proven();
    }
    if (const auto answer = answer_of(context, component, "headlamp", "/config")) {
        const auto& clusters = (*answer)["clusters"].items();
        if (std::ranges::any_of(clusters, [](const model::Value& cluster) { return cluster["auth_type"].text() == "oidc"; }))
            return check::pass("It offers the login of an identity provider").proven();
    }
    if (from_secret) return check::warn("Its environment comes from a Secret, which may name an identity provider");
    return check::fail("People paste tokens into it: no identity provider is configured");
}

// ---- Harbor

/// By the variable that overrides the settings in Harbor's database.
std::string overridden_mode(const Workload& workload)
{
    std::string mode;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        const auto* variable = find_variable(container, "CONFIG_OVERWRITE_JSON");
        if (variable == nullptr || variable->source != EnvVar::Source::literal) return;
        if (const auto settings = JsonText::parse(variable->value)) mode = (*settings)["auth_mode"].text();
    });
    return mode;
}

Verdict judge_harbor_login(const Component& component, const Context& context)
{
    if (is_behind_login(context, *component.workload)) return check::pass("A proxy in front of it asks for the login").proven();
    auto mode = overridden_mode(*component.workload);
    if (mode.empty())
        if (const auto answer = answer_of(context, component, "harbor", "/api/v2.0/systeminfo")) mode = (*answer)["auth_mode"].text();
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("authMode", mode); };
    if (mode == "oidc_auth") return told(check::pass("People come from an OpenID Connect provider")).proven();
    if (mode == "ldap_auth" || mode == "uaa_auth" || mode == "http_auth") return told(check::warn(fmt::format("People come through {}", mode)));
    if (mode == "db_auth") return told(check::fail("People have passwords in Harbor's own database"));
    return check::unknown(Reason::unobservable, "Its settings are in its database: name it in probes.components.harbor").needs_grant("H");
}

Verdict judge_harbor_doors(const Component& component, const Context& context)
{
    const auto answer = answer_of(context, component, "harbor", "/api/v2.0/systeminfo");
    if (!answer || !(*answer)["auth_mode"].exists())
        return check::unknown(Reason::unobservable, "Its settings are in its database: name it in probes.components.harbor").needs_grant("H");
    if ((*answer)["self_registration"].is_true()) return check::fail("Whoever reaches it may register himself");
    if ((*answer)["auth_mode"].text() == "oidc_auth" && !(*answer)["primary_auth_mode"].is_true())
        return check::warn("The form for passwords is still the first thing that people see (primary_auth_mode)");
    return check::pass("Nobody registers himself").proven();
}

} // namespace

void judge_argocd_sso(const Context& context, Results& results)
{
    judge_each(context, results, k_argocd, "argocd", judge_argocd_login);
}

void judge_argocd_hardening(const Context& context, Results& results)
{
    judge_each(context, results, k_argocd, "argocd", judge_argocd_doors);
}

void judge_headlamp_sso(const Context& context, Results& results)
{
    judge_each(context, results, k_headlamp, "headlamp", judge_headlamp_login);
}

void judge_harbor_sso(const Context& context, Results& results)
{
    judge_each(context, results, k_harbor, "harbor", judge_harbor_login);
}

void judge_harbor_hardening(const Context& context, Results& results)
{
    judge_each(context, results, k_harbor, "harbor", judge_harbor_doors);
}

} // namespace seaworthy::controls
