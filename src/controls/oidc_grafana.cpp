// SPDX-License-Identifier: Apache-2.0
#include "controls/oidc_grafana.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/config_maps.hpp"
#include "controls/login_issuers.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Results;
using check::Verdict;
using model::Container;
using model::Document;
using model::Workload;

constexpr std::string_view k_operator = "grafanas.grafana.integreatly.org";
constexpr std::string_view k_file = "grafana.ini";

/// Providers by section, and where each sends people without an auth_url of its own.
struct Provider {
    std::string_view section;
    std::string_view address;
};
constexpr Provider k_providers[] = {
    {"auth.generic_oauth", ""},
    {"auth.azuread", ""},
    {"auth.okta", ""},
    {"auth.google", "https://accounts.google.com/"},
    {"auth.gitlab", "https://gitlab.com/"},
    {"auth.github", "https://github.com/"},
};
/// Ways in that hand people over from elsewhere; where from is not in Grafana's settings.
constexpr std::string_view k_other_ways[] = {"auth.jwt", "auth.proxy", "auth.saml", "auth.ldap"};

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string variable_name(std::string_view section, std::string_view key)
{
    auto name = fmt::format("GF_{}_{}", section, key);
    for (char& c : name)
        c = c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

/// True if a container mounts something at the path of Grafana's file.
bool mounts_file(const Workload& workload)
{
    bool mounts = false;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        for (const auto& mount : container.mounts)
            mounts = mounts || mount.mount_path == "/etc/grafana" || mount.mount_path.view().starts_with("/etc/grafana/grafana.ini");
    });
    return mounts;
}

/// Where the configured providers send people to: their own host, and that of their discovery documents.
bool is_central(std::string_view url, const Context& context)
{
    const auto& outside = context.settings.outside;
    std::vector<std::string_view> issuers;
    if (!outside.oidc.expected_issuer.empty()) issuers.push_back(outside.oidc.expected_issuer);
    for (const auto& issuer : outside.oidc.issuers)
        issuers.push_back(issuer.url);
    return std::ranges::any_of(issuers, [&](std::string_view issuer) {
        if (compare_issuers(url, issuer, outside.oidc) != SameIssuer::different) return true;
        const auto* answer = context.inventory.probe(check::Issuer{std::string{issuer}, {}}.discovery_url());
        const auto document = answer != nullptr && answer->status == 200 ? model::JsonText::parse(answer->body) : std::nullopt;
        return document && check::host_of_url((*document)["authorization_endpoint"].text()) == check::host_of_url(url);
    });
}

/// Where `GET /login/generic_oauth` redirects to, by Grafana's effective settings; empty where it was not asked or stays with itself.
std::string redirect_of(const Context& context, const Component& component)
{
    return redirect_to_provider(probe_of(context, component, "grafana", "/login/generic_oauth"),
                                context.settings.outside.url_of("grafana", "/login/generic_oauth"));
}

bool was_asked(const Context& context, const Component& component)
{
    const auto* answer = probe_of(context, component, "grafana", "/login/generic_oauth");
    return answer != nullptr && answer->error.empty() && answer->status != 0;
}

Verdict judge_address(std::string_view url, const Context& context)
{
    const auto host = check::host_of_url(url);
    if (host.empty()) return check::warn("A provider is on; its address is not visible");
    if (is_central(url, context)) return check::pass(fmt::format("People log in at {}", host)).with("host", host).proven();
    return check::warn(fmt::format("People log in at {}, which is not the configured identity provider", host)).with("host", host);
}

Verdict judge_login(const Component& component, const Context& context)
{
    if (is_behind_login(context, *component.workload)) return check::pass("A proxy in front of it asks for the login").proven();
    if (const auto redirect = redirect_of(context, component); !redirect.empty()) return judge_address(redirect, context);
    const GrafanaSettings settings{context, *component.workload};
    if (settings.has_provider() && !was_asked(context, component)) return judge_address(settings.login_url(), context);
    for (const auto way : k_other_ways)
        if (settings.is_on(way, "enabled")) return check::warn(fmt::format("People come through [{}]; from where is not visible", way));
    if (settings.unread()) return *settings.unread();
    if (const auto* gap = context.gap(k_operator, component.workload->ns); gap != nullptr && gap->reason != Reason::not_served)
        return context.unknown_for(*gap);
    if (!settings.visible() && !was_asked(context, component))
        return check::unknown(Reason::unobservable, "Nothing of its configuration is visible: name it in probes.components.grafana").needs_grant("H");
    return check::fail("People log in with passwords of Grafana itself");
}

Verdict judge_doors(const Component& component, const Context& context)
{
    const GrafanaSettings settings{context, *component.workload};
    const auto role = settings.get("auth.anonymous", "org_role");
    if (settings.is_on("auth.anonymous", "enabled") && (role == "Admin" || role == "Editor"))
        return check::fail(fmt::format("Whoever does not log in is {}", role)).with("role", std::string{role});
    for (const auto& provider : k_providers)
        if (settings.is_on(provider.section, "tls_skip_verify_insecure"))
            return check::fail("It does not verify the identity provider's certificate (tls_skip_verify_insecure)");
    // What was not read may hold worse than what follows.
    if (settings.unread()) return *settings.unread();
    if (!settings.visible()) return check::unknown(Reason::unobservable, "Nothing of its configuration is visible").needs_grant("CM");
    if (settings.is_on("auth.anonymous", "enabled")) return check::warn("Whoever does not log in may look at dashboards");
    if (settings.has_provider() && !settings.is_on("auth", "disable_login_form"))
        return check::warn("The form for passwords is still there, beside single sign-on");
    return check::pass("No anonymous access, and no password beside single sign-on").proven();
}

} // namespace

void for_each_ini_setting(std::string_view text, const std::function<void(std::string_view, std::string_view, std::string_view)>& visit)
{
    std::string_view section;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == ';' || line.front() == '#') continue;
        if (line.front() == '[' && line.back() == ']') {
            section = trimmed(line.substr(1, line.size() - 2));
            continue;
        }
        const auto equals = line.find('=');
        if (equals != std::string_view::npos) visit(section, trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
    }
}

std::vector<const Document*> grafana_files(const Context& context, const Workload& workload)
{
    std::vector<const Document*> files;
    const auto names = mounted_config_maps(workload);
    for (const auto* document : context.index.documents_in("configmaps", workload.ns))
        if (names.contains(document->meta.name) && (*document)["data"][k_file].exists()) files.push_back(document);
    return files;
}

GrafanaSettings::GrafanaSettings(const Context& context, const Workload& workload)
{
    read_files(context, workload);
    read_operator(context, workload);
    read_environment(workload); // last: it wins
}

void GrafanaSettings::read_files(const Context& context, const Workload& workload)
{
    const auto files = grafana_files(context, workload);
    for (const auto* file : files)
        for_each_ini_setting((*file)["data"][k_file].text(), [&](auto section, auto key, auto value) {
            m_values[fmt::format("{}\n{}", section, key)] = value;
            m_visible = true;
        });
    if (!files.empty() || !mounts_file(workload)) return;
    if (const auto* gap = context.gap("configmaps", workload.ns))
        m_unread = context.unknown_for(*gap);
    else if (!context.settings.grants.contains("CM"))
        m_unread = check::unknown(Reason::unobservable, "Its grafana.ini is in a ConfigMap, read with the optional grant CM").needs_grant("CM");
    else
        m_unread = check::unknown(Reason::unobservable, "Its grafana.ini is in a ConfigMap that the parameter configMaps does not name");
}

void GrafanaSettings::read_operator(const Context& context, const Workload& workload)
{
    for (const auto* grafana : context.index.documents_in(k_operator, workload.ns)) {
        // The operator calls the Deployment after the resource.
        if (workload.name != fmt::format("{}-deployment", grafana->meta.name.view()) && workload.name != grafana->meta.name) continue;
        for (const auto& [section, keys] : grafana->at("spec.config").members())
            for (const auto& [key, value] : keys.members()) {
                m_values[fmt::format("{}\n{}", section.view(), key.view())] = value.text();
                m_visible = true;
            }
    }
}

void GrafanaSettings::read_environment(const Workload& workload)
{
    std::vector<std::pair<std::string_view, std::string_view>> known{
        {"auth", "disable_login_form"}, {"auth.anonymous", "enabled"}, {"auth.anonymous", "org_role"}};
    for (const auto& provider : k_providers)
        for (const std::string_view key : {"enabled", "auth_url", "tls_skip_verify_insecure"})
            known.emplace_back(provider.section, key);
    for (const auto way : k_other_ways)
        known.emplace_back(way, "enabled");
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        for (const auto& variable : container.env)
            m_visible = m_visible || (variable.name.view().starts_with("GF_AUTH") && variable.source == model::EnvVar::Source::literal);
        for (const auto& [section, key] : known)
            if (const auto* variable = find_variable(container, variable_name(section, key)); variable != nullptr)
                m_values[fmt::format("{}\n{}", section, key)] = setting_of(*variable).value;
    });
}

std::string_view GrafanaSettings::get(std::string_view section, std::string_view key) const
{
    const auto found = m_values.find(fmt::format("{}\n{}", section, key));
    return found == m_values.end() ? std::string_view{} : std::string_view{found->second};
}

bool GrafanaSettings::has_provider() const
{
    return std::ranges::any_of(k_providers, [&](const Provider& each) { return is_on(each.section, "enabled"); });
}

std::string_view GrafanaSettings::login_url() const
{
    const auto* found = std::ranges::find_if(k_providers, [&](const Provider& each) { return is_on(each.section, "enabled"); });
    if (found == std::end(k_providers)) return {};
    const auto url = get(found->section, "auth_url");
    return url.empty() ? found->address : url;
}

void judge_grafana_sso(const Context& context, Results& results)
{
    judge_each(context, results, k_grafana, "grafana", judge_login);
}

void judge_grafana_hardening(const Context& context, Results& results)
{
    judge_each(context, results, k_grafana, "grafana", judge_doors);
}

} // namespace seaworthy::controls
