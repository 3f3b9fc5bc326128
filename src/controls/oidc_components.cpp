// SPDX-License-Identifier: Apache-2.0
#include "controls/oidc_components.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "controls/login_components.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Results;
using check::Verdict;
using model::Container;
using model::Document;
using model::EnvVar;
using model::JsonText;
using model::Workload;

// ---- Argo CD

/// Where its ConfigMaps are read.
constexpr std::string_view k_argocd_namespace = "argocd";

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
    const auto settings = settings_of(context, ns, "argocd-cm", k_argocd_namespace);
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
    const auto settings = settings_of(context, ns, "argocd-cm", k_argocd_namespace);
    if (settings.unread) return *settings.unread;
    if (settings.get("oidc.tls.insecure.skip.verify") == "true") return check::fail("It does not verify the identity provider's certificate");
    const bool sso = !issuer_of(settings.get("oidc.config")).empty() || has_dex_connector(settings.get("dex.config"));
    if (settings.get("users.anonymous.enabled") == "true") {
        const auto policies = settings_of(context, ns, "argocd-rbac-cm", k_argocd_namespace);
        if (policies.unread) return *policies.unread;
        const auto role = policies.get("policy.default");
        if (!role.empty()) return check::fail(fmt::format("Whoever does not log in has {}", role)).with("policyDefault", std::string{role});
        return check::warn("Anonymous access is on; policy.default gives it nothing");
    }
    if (sso && settings.get("admin.enabled") != "false") return check::warn("The local admin is still there, beside single sign-on");
    return check::pass("No anonymous access, and no password beside single sign-on").proven();
}

// ---- Headlamp

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
