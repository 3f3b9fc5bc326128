// SPDX-License-Identifier: Apache-2.0
// Who vouches for people at the API server. The issuer of service account tokens is not one of these and is never looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

struct LoginIssuers {
    std::vector<std::string> urls;    ///< that the cluster shows, each once
    std::vector<std::string> hashes;  ///< of the API server's metrics: "sha256:" and the hex digest of an issuer's URL
    std::vector<std::string> servers; ///< API servers whose flags are visible
    std::vector<std::string> without; ///< those of them with no authenticator for people
    bool hidden_file = false;         ///< --authentication-config: its content is on the node
    bool webhook = false;             ///< --authentication-token-webhook-config-file
    bool openshift = false;           ///< OpenShift's own configuration decides, flags do not
    [[nodiscard]] bool any() const { return !urls.empty() || !hashes.empty(); }
};

[[nodiscard]] LoginIssuers find_login_issuers(const check::Context& context);
/// The lists that the answer rests on.
[[nodiscard]] const model::Gap* issuer_gap(const check::Context& context);

enum class SameIssuer { same, same_provider, different };
/// One provider may have several issuers: the same host, the same Entra tenant, or one list of oidc.issuerAliases.
[[nodiscard]] SameIssuer compare_issuers(std::string_view a, std::string_view b, const check::Oidc& oidc);

// Field paths of the resources that are read.
inline constexpr std::string_view k_authentications = "authentications.config.openshift.io";
inline constexpr std::string_view k_oauths = "oauths.config.openshift.io";
inline constexpr std::string_view k_pinniped_authenticators = "jwtauthenticators.authentication.concierge.pinniped.dev";
inline constexpr std::string_view k_gke_client_configs = "clientconfigs.authentication.gke.io";
inline constexpr check::Fields k_issuer_fields[] = {
    {k_authentications, "spec.type, spec.oidcProviders"},
    {k_oauths, "spec.identityProviders.type, spec.identityProviders.openID.issuer"},
    {k_pinniped_authenticators, "spec.issuer"},
    {k_gke_client_configs, "spec.authentication.oidc.issuerURI"},
};

} // namespace seaworthy::controls
