// SPDX-License-Identifier: Apache-2.0
#include "controls/login_issuers.hpp"

#include <algorithm>
#include <set>

#include "controls/api_server_flags.hpp"
#include "controls/api_server_metrics.hpp"
#include "controls/evidence.hpp"
#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;

void add(std::vector<std::string>& list, std::string_view text)
{
    if (!text.empty() && std::ranges::find(list, text) == list.end()) list.emplace_back(text);
}

void add_from_openshift(const Context& context, LoginIssuers& issuers)
{
    for (const auto& document : context.inventory.documents_of(k_authentications)) {
        if (document.meta.name != "cluster") continue;
        issuers.openshift = true;
        const auto type = document.at("spec.type").text();
        if (type == "OIDC")
            for (const auto& provider : document.at("spec.oidcProviders").items())
                add(issuers.urls, provider.at("issuer.issuerURL").text());
        if (!type.empty() && type != "IntegratedOAuth") continue;
        for (const auto& oauth : context.inventory.documents_of(k_oauths))
            if (oauth.meta.name == "cluster")
                for (const auto& provider : oauth.at("spec.identityProviders").items())
                    if (provider["type"].text() == "OpenID") add(issuers.urls, provider.at("openID.issuer").text());
    }
}

void add_from_flags(const Context& context, LoginIssuers& issuers)
{
    for (const auto& server : find_api_servers(context)) {
        issuers.servers.push_back(server.name);
        const auto* issuer = server.find("oidc-issuer-url");
        const bool file = server.find("authentication-config") != nullptr;
        const bool webhook = server.find("authentication-token-webhook-config-file") != nullptr;
        if (issuer != nullptr) add(issuers.urls, *issuer);
        issuers.hidden_file = issuers.hidden_file || file;
        issuers.webhook = issuers.webhook || webhook;
        if (issuer == nullptr && !file && !webhook) issuers.without.push_back(server.name);
    }
}

/// The tenant of a Microsoft Entra issuer: `https://login.microsoftonline.com/<tenant>/v2.0`, `https://sts.windows.net/<tenant>/`.
std::string_view entra_tenant(std::string_view issuer)
{
    for (const std::string_view host : {"https://login.microsoftonline.com/", "https://sts.windows.net/"})
        if (issuer.starts_with(host)) return issuer.substr(host.size(), issuer.substr(host.size()).find('/'));
    return {};
}

} // namespace

LoginIssuers find_login_issuers(const Context& context)
{
    LoginIssuers issuers;
    add_from_openshift(context, issuers);
    for (const auto& document : context.inventory.documents_of(k_pinniped_authenticators))
        add(issuers.urls, document.at("spec.issuer").text());
    for (const auto& document : context.inventory.documents_of(k_gke_client_configs))
        for (const auto& method : document.at("spec.authentication").items())
            add(issuers.urls, method.at("oidc.issuerURI").text());
    add_from_flags(context, issuers);
    for (const std::string_view metric : {k_key_fetches, k_login_latency})
        if (const auto samples = api_server_proofs(context, metric))
            for (const auto& sample : *samples)
                add(issuers.hashes, sample.label("jwt_issuer_hash"));
    for (auto* list : {&issuers.urls, &issuers.hashes, &issuers.servers, &issuers.without})
        std::ranges::sort(*list); // not in the order of reading
    return issuers;
}

const model::Gap* issuer_gap(const Context& context)
{
    return first_gap(context, "*", {"pods", "nodes", k_authentications, k_oauths, k_pinniped_authenticators, k_gke_client_configs});
}

SameIssuer compare_issuers(std::string_view a, std::string_view b, const check::Oidc& oidc)
{
    if (a == b) return SameIssuer::same;
    for (const auto& aliases : oidc.issuer_aliases)
        if (std::ranges::find(aliases, a) != aliases.end() && std::ranges::find(aliases, b) != aliases.end()) return SameIssuer::same_provider;
    const auto tenant_a = entra_tenant(a);
    const auto tenant_b = entra_tenant(b);
    if (!tenant_a.empty() || !tenant_b.empty()) return tenant_a == tenant_b ? SameIssuer::same_provider : SameIssuer::different;
    const auto host = check::host_of_url(a);
    return !host.empty() && host == check::host_of_url(b) ? SameIssuer::same_provider : SameIssuer::different;
}

} // namespace seaworthy::controls
