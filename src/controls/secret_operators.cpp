// SPDX-License-Identifier: Apache-2.0
#include "controls/secret_operators.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::Document;
using model::Value;

/// `http://` to another host: on loopback a sidecar encrypts.
bool is_plain(std::string_view url)
{
    constexpr std::string_view k_scheme = "http://";
    if (!url.starts_with(k_scheme)) return false;
    const auto host = check::host_of_url(url);
    return !host.starts_with("127.") && !host.starts_with("[::1]") && host != "localhost" && !host.starts_with("localhost:");
}

// ---- vso-sync

constexpr std::chrono::minutes k_sync_limit{15};

/// The condition of these types that has been False for too long, or nullptr. RolloutRestart says nothing about the secret.
const Value* failing_condition(const Document& object, Timestamp now)
{
    for (const std::string_view type : {"SecretSynced", "Healthy", "Ready"}) {
        const auto& condition = model::condition_of(object, type);
        if (condition["status"].text() == "False" && parse_rfc3339(condition["lastTransitionTime"].text()).at_least(k_sync_limit, now))
            return &condition;
    }
    return nullptr;
}

/// Seconds since 1970 in the status; 0 where there is none.
bool has_ended(double unix_seconds, Timestamp now)
{
    return unix_seconds > 0 && now.known() && unix_seconds < static_cast<double>(now.unix_seconds());
}

bool lease_has_ended(const Document& object, Timestamp now)
{
    const auto renewed = object.at("status.lastRenewalTime").number_or(0);
    const auto duration = object.at("status.secretLease.duration").number_or(0);
    return (renewed > 0 && duration > 0 && has_ended(renewed + duration, now)) || has_ended(object.at("status.expiration").number_or(0), now);
}

bool is_observed(const Document& object)
{
    return object.at("status.conditions").size() > 0 || object.at("status.valid").exists() || !object.at("status.secretMAC").text().empty();
}

// ---- sealedsecret-sync

constexpr std::array k_sealed_secrets{Software{"Sealed Secrets", "sealed-secrets-controller, sealed-secrets"}};

Verdict judge_sealed_secret(const Document& secret)
{
    const auto& synced = model::condition_of(secret, "Synced");
    if (synced["status"].text() == "False") {
        const auto why = synced["message"].text();
        return check::fail(fmt::format("It could not be unsealed: {}", why.empty() ? std::string_view{"no reason given"} : why));
    }
    if (secret.meta.annotations.is("sealedsecrets.bitnami.com/cluster-wide", "true"))
        return check::warn("It is sealed for the whole cluster: whoever copies it into another namespace gets its values there");
    if (!synced.exists()) return check::warn("No controller has unsealed it yet");
    if (synced["status"].text() != "True") return check::unknown(check::Reason::unobservable, "Its controller does not say whether it is unsealed");
    return check::pass("It is unsealed").proven();
}

bool never_renews_its_key(const model::Workload& workload)
{
    bool never = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto& list : {container.command, container.args})
            never = never ||
                    std::ranges::any_of(list, [](const Text& text) { return text == "--key-renew-period=0" || text == "--key-renew-period=0s"; });
    });
    return never;
}

} // namespace

Verdict judge_store_provider(const Document& store, const Context&)
{
    const auto providers = store.at("spec.provider").members();
    if (providers.size() != 1) return check::unknown(check::Reason::malformed, "spec.provider does not name one provider");
    const auto name = providers.front().key.view();
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("provider", std::string{name}); };
    if (name == "fake") return told(check::fail("Its provider is fake: the values stand in the store itself"));
    if (is_plain(providers.front().value["server"].text())) return told(check::fail(fmt::format("Its {} is asked over plain HTTP", name)));
    for (const std::string_view weak : {"kubernetes", "crd", "webhook", "github", "gitlab"})
        if (name == weak) return told(check::warn(fmt::format("Its provider {} is no store that audits and rotates", name)));
    return told(check::pass(fmt::format("Its provider is {}", name))).proven();
}

Verdict judge_store_credential(const Document& store, const Context&)
{
    const auto providers = store.at("spec.provider").members();
    if (providers.size() != 1) return check::unknown(check::Reason::malformed, "spec.provider does not name one provider");
    const auto name = providers.front().key.view();
    const auto& provider = providers.front().value;
    const auto& auth = provider["auth"];
    const auto has_any = [&](std::initializer_list<std::string_view> keys) {
        return std::ranges::any_of(keys, [&](std::string_view key) { return auth[key].exists(); });
    };
    bool fixed = false;
    if (name == "vault" || name == "openBao")
        fixed = has_any({"tokenSecretRef", "appRole", "userPass", "ldap"});
    else if (name == "aws" || name == "gcpsm")
        fixed = auth["secretRef"].exists();
    else if (name == "azurekv")
        fixed = provider["authType"].text() == "ServicePrincipal" || (provider["authType"].text().empty() && provider["authSecretRef"].exists());
    else
        return check::not_applicable(fmt::format("How {} authenticates is not judged", name)).proven();
    if (fixed)
        return check::warn(fmt::format("Its credential for {} lies in a Secret and does not expire by itself", name))
            .with("provider", std::string{name});
    return check::pass(fmt::format("It authenticates to {} by an identity of the workload", name)).proven();
}

Verdict judge_refresh(const Document& secret, const Context& context)
{
    constexpr int k_stuck = 3;
    const auto& ready = model::condition_of(secret, "Ready");
    if (ready["status"].text() != "True") return check::not_applicable("It is not synced, which is another check's finding").proven();
    const auto is_generated = [](const Value& source) { return source.at("sourceRef.generatorRef").exists(); };
    const auto& sources = secret.at("spec.dataFrom").items();
    if (secret.at("spec.data").size() == 0 && !sources.empty() && std::ranges::all_of(sources, is_generated))
        return check::not_applicable("Its values are generated and must stay").proven();
    const auto policy = secret.at("spec.refreshPolicy").text();
    if (policy == "CreatedOnce" || policy == "OnChange") return check::warn(fmt::format("It is never read again (refreshPolicy {})", policy));
    const auto text = secret.at("spec.refreshInterval").text();
    const auto interval = text.empty() ? std::optional{std::chrono::milliseconds{std::chrono::hours{1}}} : parse_duration(text);
    if (!interval) return check::unknown(check::Reason::malformed, fmt::format("refreshInterval {} is no duration", text));
    if (interval->count() == 0) return check::warn("It is never read again (refreshInterval 0)");
    const auto last = parse_rfc3339(secret.at("status.refreshTime").text());
    if (last.known() && last.at_least(std::chrono::ceil<seconds>(*interval * k_stuck), context.now)) {
        const auto message = fmt::format("It was last read at {}, and should be every {}", format_rfc3339(last), text.empty() ? "1h" : text);
        return secret.at("spec.syncWindows").exists() ? check::warn(message) : check::fail(message);
    }
    if (*interval > std::chrono::milliseconds{context.parameters.duration("maxInterval")})
        return check::warn(fmt::format("It is read every {}: a rotated value arrives that late", text));
    return check::pass("A rotated value arrives in time").proven();
}

Verdict judge_vault_connection(const Document& connection, const Context&)
{
    const auto address = connection.at("spec.address").text();
    if (connection.at("spec.skipTLSVerify").is_true()) return check::fail("It does not verify Vault's certificate (skipTLSVerify)");
    if (is_plain(address)) return check::fail("It speaks to Vault over plain HTTP").with("address", std::string{address});
    if (address.starts_with("http://")) return check::not_applicable("It speaks to a sidecar on loopback").proven();
    return check::pass("It speaks to Vault over verified TLS").proven();
}

Verdict judge_vault_object(const Document& object, const Context& context)
{
    if (const auto* condition = failing_condition(object, context.now)) {
        const auto reason = (*condition)["reason"].text();
        return check::fail(
            fmt::format("{} is False: {}", (*condition)["type"].text(), reason.empty() ? std::string_view{"no reason given"} : reason));
    }
    if (object.at("status.valid").is_false()) return check::fail("The operator finds it not valid");
    if (lease_has_ended(object, context.now)) return check::fail("Its lease or certificate has ended and was not renewed");
    if (!is_observed(object)) return check::warn("The operator has not looked at it yet");
    for (const std::string_view type : {"SecretSynced", "Healthy", "Ready"})
        if (const auto status = model::condition_of(object, type)["status"].text(); !status.empty() && status != "True" && status != "False")
            return check::unknown(check::Reason::unobservable, fmt::format("The operator does not know: {} is {}", type, status));
    if (object.kind == "VaultStaticSecret" && object.at("spec.refreshAfter").text().empty() && !object.at("spec.syncConfig.instantUpdates").is_true())
        return check::warn("It is read once: neither refreshAfter nor instantUpdates is set");
    return check::pass("The operator keeps it up to date").proven();
}

void judge_sealed_secrets(const Context& context, Results& results)
{
    for (const auto& secret : context.inventory.documents_of("sealedsecrets.bitnami.com")) {
        auto young = too_young(secret.meta, context);
        results.add(ObjectKey::of(secret), secret.meta.ns, young ? std::move(*young) : judge_sealed_secret(secret));
    }
    for (const auto& installation : find_software(context, k_sealed_secrets))
        if (never_renews_its_key(*installation.workload))
            return results.add(ObjectKey::cluster(), {}, check::warn("Its controller never renews the sealing key (--key-renew-period=0)"));
}

} // namespace seaworthy::controls
