// SPDX-License-Identifier: Apache-2.0
#include "controls/oidc_api_server.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/api_server_metrics.hpp"
#include "controls/evidence.hpp"
#include "controls/login_issuers.hpp"
#include "controls/wording.hpp"
#include "seaworthy/base/digest.hpp"
#include "seaworthy/controls/compared_metrics.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::ProbeAnswer;

std::string hash_of(std::string_view issuer)
{
    return "sha256:" + sha256_hex(issuer);
}

// ---- oidc-apiserver-configured

/// Users whose name is prefixed as the API server prefixes those of a token.
bool binds_token_users(const Context& context)
{
    const auto is_prefixed = [](const model::Subject& subject) {
        const auto name = subject.name.view();
        if (subject.kind != model::Subject::Kind::user && subject.kind != model::Subject::Kind::group) return false;
        return name.starts_with("oidc:") || (name.starts_with("https://") && name.find('#') != std::string_view::npos);
    };
    return std::ranges::any_of(context.inventory.role_bindings,
                               [&](const model::RoleBinding& binding) { return std::ranges::any_of(binding.subjects, is_prefixed); });
}

Verdict nothing_found(const Context& context, const LoginIssuers& issuers)
{
    if (issuers.openshift) return check::fail("OpenShift has no OpenID Connect provider").by_absence();
    if (!issuers.servers.empty())
        return check::fail(fmt::format("{} knows people by certificates and static tokens alone", first_few(issuers.servers))).by_absence();
    if (const auto* gap = issuer_gap(context)) return context.unknown_for(*gap);
    const auto& platform = context.inventory.cluster.platform;
    if (context.parameters.flag("acceptProviderIAM") && (platform == "eks" || platform == "gke" || platform == "aks"))
        return check::not_applicable("People come through the provider's own identities").with("platform", platform).proven();
    return hidden_control_plane(context);
}

// ---- oidc-issuer-central

/// The issuer or another one of its provider, by the digests that metrics show.
bool is_hashed(const LoginIssuers& issuers, const check::Oidc& oidc)
{
    std::set<std::string> wanted{hash_of(oidc.expected_issuer)};
    for (const auto& aliases : oidc.issuer_aliases)
        if (std::ranges::find(aliases, oidc.expected_issuer) != aliases.end())
            for (const auto& alias : aliases)
                wanted.insert(hash_of(alias));
    return std::ranges::any_of(issuers.hashes, [&](const std::string& hash) { return wanted.contains(hash); });
}

// ---- oidc-claim-mapping-safe

struct Claims {
    std::string where;
    std::string username_claim = "sub";
    std::string username_prefix; ///< "-": none
    std::string groups_claim;
    std::string groups_prefix;
};

std::optional<Claims> claims_of(const ApiServer& server)
{
    if (server.find("oidc-issuer-url") == nullptr) return std::nullopt;
    Claims claims{.where = server.name};
    const auto take = [&](std::string_view flag, std::string& into) {
        if (const auto* value = server.find(flag)) into = *value;
    };
    take("oidc-username-claim", claims.username_claim);
    take("oidc-username-prefix", claims.username_prefix);
    take("oidc-groups-claim", claims.groups_claim);
    take("oidc-groups-prefix", claims.groups_prefix);
    // Without a prefix of its own the API server writes the issuer before every claim but this.
    if (claims.username_prefix.empty()) claims.username_prefix = claims.username_claim == "email" ? "-" : "issuer#";
    return claims;
}

/// AuthenticationSpec's claim mappings, as OpenShift's config/v1 defaults them.
Claims claims_of(const model::Value& provider)
{
    Claims claims{.where = "Authentication/cluster"};
    const auto& username = provider.at("claimMappings.username");
    if (const auto claim = username["claim"].text(); !claim.empty()) claims.username_claim = claim;
    const auto policy = username["prefixPolicy"].text();
    if (policy == "Prefix")
        claims.username_prefix = username.at("prefix.prefixString").text();
    else
        claims.username_prefix = policy == "NoPrefix" || claims.username_claim == "email" ? "-" : "issuer#";
    claims.groups_claim = provider.at("claimMappings.groups.claim").text();
    claims.groups_prefix = provider.at("claimMappings.groups.prefix").text();
    return claims;
}

Verdict judge_claims(const Claims& claims)
{
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("where", claims.where).with("usernameClaim", claims.username_claim); };
    const bool bare = claims.username_prefix == "-" || claims.username_prefix.empty();
    const bool editable = claims.username_claim == "name" || claims.username_claim == "preferred_username" || claims.username_claim == "nickname";
    if (bare && editable)
        return told(check::fail(fmt::format("{}: people choose their {} themselves, and it becomes the user's name without a prefix", claims.where,
                                            claims.username_claim)));
    if (bare) return told(check::warn(fmt::format("{}: the claim {} becomes the user's name without a prefix", claims.where, claims.username_claim)));
    if (claims.groups_claim.empty()) return told(check::warn(fmt::format("{}: no claim gives groups, so no group can be bound", claims.where)));
    if (claims.groups_prefix.empty())
        return told(check::warn(fmt::format("{}: groups have no prefix, so the provider's system:masters would be the cluster's", claims.where)));
    return told(check::pass(fmt::format("{}: users and groups are prefixed", claims.where)));
}

// ---- oidc-jwks-fetch-healthy

struct LastTimes {
    double success = 0;
    double failure = 0;
    [[nodiscard]] bool failing() const { return failure > success; }
};

using Fetches = std::map<std::string, LastTimes>;

/// The newest of each kind by its other labels; nothing without metrics.
std::optional<Fetches> last_times(const Context& context, std::string_view metric, std::string_view result_label)
{
    const auto samples = api_server_samples(context, metric);
    if (!samples) return std::nullopt;
    Fetches fetches;
    for (const auto& sample : *samples) {
        auto& times = fetches[fmt::format("{} {}", sample.label("jwt_issuer_hash"), sample.label("apiserver_id_hash"))];
        auto& newest = sample.label(result_label) == "success" ? times.success : times.failure;
        newest = std::max(newest, sample.value);
    }
    return fetches;
}

std::optional<Fetches> key_fetches(const Context& context)
{
    return last_times(context, k_key_fetches, "result");
}

bool any_failing(const Fetches& fetches)
{
    return std::ranges::any_of(fetches, [](const auto& entry) { return entry.second.failing(); });
}

// ---- oidc-issuer-discovery-valid

std::set<std::string, std::less<>> accepted_algorithms(const Context& context)
{
    std::set<std::string, std::less<>> algorithms;
    for (const auto& server : find_api_servers(context)) {
        const auto* flag = server.find("oidc-signing-algs");
        for (const auto name : check::split_list(flag == nullptr ? std::string_view{} : std::string_view{*flag}))
            algorithms.emplace(name);
    }
    if (algorithms.empty()) algorithms.emplace("RS256");
    return algorithms;
}

/// Why a probe has no answer, as a verdict; nothing where it has one.
std::optional<Verdict> unanswered(const ProbeAnswer* answer, std::string_view what, const check::Issuer& issuer, const Context& context)
{
    if (answer == nullptr) return check::unknown(Reason::unobservable, fmt::format("{} has not been asked for", what)).needs_grant("H");
    const auto& error = answer->error;
    if (error.empty()) return std::nullopt;
    if (error == "tls_expired" || error == "tls_name" || error == "plain_http" || (error == "tls_untrusted" && !issuer.ca_file.empty()))
        return check::fail(fmt::format("{} is not served by valid TLS: {}", what, error)).with("error", error);
    if (const auto fetches = key_fetches(context); fetches && any_failing(*fetches))
        return check::fail(fmt::format("{} cannot be read ({}), and the API server cannot get the keys either", what, error)).with("error", error);
    return check::unknown(Reason::unobservable, fmt::format("{} cannot be read from here: {}", what, error)).with("error", error);
}

Verdict judge_keys(const std::string& url, const check::Issuer& issuer, const Context& context)
{
    const auto* answer = context.inventory.probe(url);
    if (auto verdict = unanswered(answer, "The key set", issuer, context)) return std::move(*verdict);
    const auto keys = answer->status == 200 ? model::JsonText::parse(answer->body) : std::nullopt;
    if (!keys) return check::fail(fmt::format("The key set is no JSON document: HTTP {}", answer->status)).with("url", url);
    const auto signs = [](const model::Value& key) {
        const auto type = key["kty"].text();
        const auto use = key["use"].text();
        return (type == "RSA" || type == "EC" || type == "OKP") && (use.empty() || use == "sig");
    };
    if (std::ranges::none_of((*keys)["keys"].items(), signs)) return check::fail("The key set has no key that signs").with("url", url);
    return check::pass(fmt::format("{} publishes a valid document and keys", issuer.url)).proven();
}

Verdict judge_issuer(const check::Issuer& issuer, const Context& context)
{
    if (!issuer.url.starts_with("https://")) return check::fail(fmt::format("{} is not an https URL", issuer.url));
    const auto* answer = context.inventory.probe(issuer.discovery_url());
    if (auto verdict = unanswered(answer, "The discovery document", issuer, context)) return std::move(*verdict);
    const auto document = answer->status == 200 ? model::JsonText::parse(answer->body) : std::nullopt;
    if (!document) return check::fail(fmt::format("{} answers no JSON document: HTTP {}", issuer.discovery_url(), answer->status));
    const auto named = (*document)["issuer"].text();
    if (named != issuer.url)
        return check::fail(fmt::format("The document is of the issuer {}, not of {}", named.empty() ? std::string_view{"(none)"} : named, issuer.url))
            .with("issuer", std::string{named});
    const auto keys = (*document)["jwks_uri"].text();
    if (!keys.starts_with("https://"))
        return check::fail("The document names no https URL of its keys (jwks_uri)").with("jwksUri", std::string{keys});
    const auto accepted = accepted_algorithms(context);
    const auto& offered = (*document)["id_token_signing_alg_values_supported"];
    if (offered.exists() && std::ranges::none_of(offered.items(), [&](const model::Value& name) { return accepted.contains(name.text()); })) {
        // RS256 is what an API server takes that is not told otherwise, and this one was not seen.
        if (const auto* gap = first_gap(context, "*", {"pods"})) return context.unknown_for(*gap);
        return check::fail("The API server accepts none of the algorithms that the issuer signs with")
            .with("accepted", std::vector<std::string>{accepted.begin(), accepted.end()});
    }
    std::vector<std::string> missing;
    for (const std::string_view member : {"authorization_endpoint", "token_endpoint", "response_types_supported", "subject_types_supported"})
        if (!(*document)[member].exists()) missing.emplace_back(member);
    auto verdict = judge_keys(std::string{keys}, issuer, context);
    if (!missing.empty())
        return check::worst(std::move(verdict),
                            check::warn(fmt::format("The document lacks {}", first_few(missing, missing.size()))).with("missing", missing));
    const auto& types = (*document)["response_types_supported"].items();
    const auto has_code =
        std::ranges::any_of(types, [](const model::Value& type) { return fmt::format(" {} ", type.text()).find(" code ") != std::string::npos; });
    if (!has_code) return check::worst(std::move(verdict), check::warn("The issuer does not offer the response type code"));
    return verdict;
}

} // namespace

Verdict judge_oidc_configured(const Context& context)
{
    const auto issuers = find_login_issuers(context);
    const auto& expected = context.settings.outside.oidc.expected_issuer;
    if (!issuers.urls.empty() && !issuers.without.empty() && !issuers.openshift)
        return check::warn(fmt::format("{} has no OpenID Connect provider, other API servers have", first_few(issuers.without)))
            .with("issuers", as_evidence(issuers.urls))
            .with("without", as_evidence(issuers.without));
    if (!issuers.urls.empty()) {
        auto verdict = check::pass(fmt::format("People come from {}", first_few(issuers.urls))).with("issuers", as_evidence(issuers.urls));
        return issuers.servers.empty() ? std::move(verdict).proven() : resting_on(std::move(verdict), context, "*", {"pods", "nodes"});
    }
    if (!issuers.hashes.empty())
        return check::pass("The API server takes tokens of an issuer")
            .with("issuerHashes", as_evidence(issuers.hashes))
            .with("expectedIssuer", !expected.empty() && is_hashed(issuers, context.settings.outside.oidc))
            .proven();
    if (issuers.hidden_file) return check::warn("The API server has an --authentication-config; what it says is on the node").by_absence();
    if (issuers.webhook) return check::warn("Tokens go to a webhook; who vouches for people there is not visible").by_absence();
    if (binds_token_users(context)) return check::warn("No issuer is visible; roles are bound to names that look like a token's").by_absence();
    return nothing_found(context, issuers);
}

Verdict judge_issuer_central(const Context& context)
{
    const auto& oidc = context.settings.outside.oidc;
    if (oidc.expected_issuer.empty()) return check::not_applicable("oidc.expectedIssuer is not set").proven();
    const auto issuers = find_login_issuers(context);
    std::vector<std::string> others;
    bool central = false;
    for (const auto& url : issuers.urls) {
        if (std::ranges::find(oidc.additional_issuers, url) != oidc.additional_issuers.end()) continue;
        if (compare_issuers(url, oidc.expected_issuer, oidc) == SameIssuer::different)
            others.push_back(url);
        else
            central = true;
    }
    if (!others.empty())
        return check::fail(fmt::format("The API server trusts {}, which is not {}", first_few(others), oidc.expected_issuer))
            .with("issuers", as_evidence(others));
    if (!central && is_hashed(issuers, oidc)) central = true;
    if (const auto* gap = issuer_gap(context)) return context.unknown_for(*gap);
    if (central) return check::pass(fmt::format("The API server trusts {}", oidc.expected_issuer)).proven();
    if (!issuers.urls.empty())
        return check::fail(fmt::format("The API server trusts additional issuers alone, not {}", oidc.expected_issuer))
            .with("issuers", as_evidence(issuers.urls));
    if (!issuers.hashes.empty() || issuers.hidden_file || issuers.webhook)
        return check::unknown(Reason::unobservable, "The API server takes tokens; of which issuer is not visible");
    if (issuers.servers.empty() && !issuers.openshift) return hidden_control_plane(context);
    return check::not_applicable("The API server has no OpenID Connect provider").proven();
}

Verdict judge_claim_mapping(const Context& context)
{
    std::optional<Verdict> verdict;
    const auto take = [&](Verdict next) { verdict = verdict ? check::worst(std::move(*verdict), std::move(next)) : std::move(next); };
    bool openshift = false;
    for (const auto& document : context.inventory.documents_of(k_authentications)) {
        if (document.meta.name != "cluster") continue;
        openshift = true;
        if (document.at("spec.type").text() == "OIDC")
            for (const auto& provider : document.at("spec.oidcProviders").items())
                take(judge_claims(claims_of(provider)));
    }
    const auto servers = openshift ? std::vector<ApiServer>{} : find_api_servers(context);
    for (const auto& server : servers) {
        if (server.find("authentication-config") != nullptr)
            take(check::unknown(Reason::unobservable, "The claim mappings are in the file of --authentication-config, on the node"));
        else if (const auto claims = claims_of(server))
            take(judge_claims(*claims));
    }
    if (verdict && verdict->status == check::Status::fail) return std::move(*verdict);
    if (const auto* gap = first_gap(context, "*", {"pods", "nodes", k_authentications})) return context.unknown_for(*gap);
    if (verdict) return std::move(*verdict).proven();
    if (servers.empty() && !openshift) return hidden_control_plane(context);
    return check::not_applicable("The API server maps no claims: no OpenID Connect provider is configured by flags").proven();
}

Verdict judge_key_fetches(const Context& context)
{
    const auto fetches = key_fetches(context);
    if (!fetches) {
        if (const auto* gap = context.gap("apiserver:/metrics")) return context.unknown_for(*gap);
        return check::unknown(Reason::unobservable, "The API server's metrics were not read").needs_grant("ME");
    }
    if (any_failing(*fetches)) return check::fail("The API server's last attempt to get an issuer's keys failed");
    const auto reloads = last_times(context, "apiserver_authentication_config_controller_automatic_reload_last_timestamp_seconds", "status");
    if (reloads && any_failing(*reloads)) return check::fail("The API server could not read its changed authentication configuration");
    if (fetches->empty() && (!reloads || reloads->empty())) return check::not_applicable("The API server has fetched no keys").proven();
    return check::pass("The API server gets its issuers' keys").proven();
}

Verdict judge_issuer_discovery(const Context& context)
{
    std::optional<Verdict> verdict;
    for (const auto& issuer : context.settings.outside.oidc.issuers) {
        auto next = judge_issuer(issuer, context).with("configuredIssuer", issuer.url);
        verdict = verdict ? check::worst(std::move(*verdict), std::move(next)) : std::move(next);
    }
    return verdict ? std::move(*verdict) : check::not_applicable("oidc.issuers is empty").proven();
}

} // namespace seaworthy::controls
