// SPDX-License-Identifier: Apache-2.0
#include "eso_stores.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "names.hpp"
#include "seaworthy/base/pattern.hpp"
#include "value_selector.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::fail;
using check::not_applicable;
using check::pass;
using check::unknown;
using check::Verdict;
using check::warn;

bool names_store(const model::Value& reference, std::string_view kind, std::string_view name)
{
    const auto written = reference["kind"].text();
    return reference["name"].text() == name && (written.empty() ? std::string_view{"SecretStore"} : written) == kind;
}

/// True if the spec of an ExternalSecret takes something from the store.
bool uses_store(const model::Value& spec, std::string_view kind, std::string_view name)
{
    if (names_store(spec["secretStoreRef"], kind, name)) return true;
    for (const std::string_view list : {"data", "dataFrom"})
        for (const auto& entry : spec[list].items())
            if (names_store(entry.at("sourceRef.storeRef"), kind, name)) return true;
    return false;
}

bool is_used(const model::Document& store, const Context& context)
{
    const bool cluster_wide = store.meta.ns.empty();
    const std::string_view kind = cluster_wide ? "ClusterSecretStore" : "SecretStore";
    for (const auto& secret : context.inventory.documents_of(k_cluster_external_secrets))
        if (uses_store(secret.at("spec.externalSecretSpec"), kind, store.meta.name)) return true;
    if (!cluster_wide)
        return std::ranges::any_of(context.index.documents_in(k_external_secrets, store.meta.ns),
                                   [&](const auto* secret) { return uses_store((*secret)["spec"], kind, store.meta.name); });
    return std::ranges::any_of(context.inventory.documents_of(k_external_secrets),
                               [&](const auto& secret) { return uses_store(secret["spec"], kind, store.meta.name); });
}

/// A store that the spec names and that does not exist.
std::optional<Verdict> missing_store(const model::Document& secret, const Context& context)
{
    const auto& reference = secret.at("spec.secretStoreRef");
    const auto name = reference["name"].text();
    if (name.empty()) return std::nullopt;
    const bool cluster_wide = reference["kind"].text() == "ClusterSecretStore";
    const auto is_it = [&](std::string_view found) { return found == name; };
    const bool exists =
        cluster_wide
            ? std::ranges::any_of(context.inventory.documents_of(k_cluster_stores), [&](const auto& store) { return is_it(store.meta.name); })
            : std::ranges::any_of(context.index.documents_in(k_stores, secret.meta.ns), [&](const auto* store) { return is_it(store->meta.name); });
    if (exists) return std::nullopt;
    if (const auto* gap = context.gap(cluster_wide ? k_cluster_stores : k_stores, secret.meta.ns)) return context.unknown_for(*gap);
    return fail(fmt::format("Its {} {} does not exist", cluster_wide ? "ClusterSecretStore" : "SecretStore", name));
}

// ---- eso-clusterstore-scope

/// The tenant of a namespace, by Capsule's label.
std::string_view tenant_of(const model::Namespace& ns)
{
    return ns.meta.labels.get("capsule.clastix.io/tenant");
}

bool condition_covers(const model::Value& condition, const model::Namespace& ns)
{
    if (condition["namespaces"].contains(ns.meta.name)) return true;
    for (const auto& expression : condition["namespaceRegexes"].items())
        if (const auto pattern = Pattern::compile(expression.text()); pattern && pattern->search(ns.meta.name)) return true;
    const auto& selector = condition["namespaceSelector"];
    return selector.exists() && namespace_selector_matches(selector, ns.meta.labels, ns.meta.name);
}

} // namespace

Verdict judge_not_ready(const model::Value& condition, std::string_view what, std::chrono::minutes limit, Timestamp now)
{
    const auto reason = condition["reason"].text();
    const auto message = fmt::format("{}: {}", what, reason.empty() ? std::string_view{"no reason given"} : reason);
    const auto since = parse_rfc3339(condition["lastTransitionTime"].text());
    if (since <= now && !since.at_least(limit, now)) return pass(message).with("note", "for a few minutes only").proven();
    return fail(message).with("reason", std::string{reason});
}

Verdict judge_store_ready(const model::Document& store, const Context& context)
{
    if (!is_used(store, context)) return not_applicable("No ExternalSecret uses the store");
    const auto& ready = model::condition_of(store, "Ready");
    if (!ready.exists()) return warn("No controller has looked at the store: spec.controller may name a class that nobody serves");
    if (ready["reason"].text() == "ValidationUnknown") return warn("The provider cannot say whether the store is usable (ValidationUnknown)");
    if (ready["status"].text() == "False") return judge_not_ready(ready, "The store is not usable", std::chrono::minutes{10}, context.now);
    if (ready["status"].text() != "True") return unknown(check::Reason::unobservable, "The controller does not say whether the store is usable");
    return pass("The store is usable").proven();
}

Verdict judge_sync_ready(const model::Document& secret, const Context& context)
{
    const auto& ready = model::condition_of(secret, "Ready");
    auto result = pass("The Secret is synced").proven();
    if (ready["status"].text() == "False")
        result = judge_not_ready(ready, "The Secret is not synced", std::chrono::minutes{15}, context.now);
    else if (model::condition_of(secret, "Deleted")["status"].text() == "True")
        result = warn("The entry in the store was deleted, and so is the Secret");
    else if (!ready.exists())
        result = warn("No controller has synced it yet");
    else if (ready["status"].text() != "True")
        result = unknown(check::Reason::unobservable, "The controller does not say whether the Secret is synced");
    if (auto missing = missing_store(secret, context)) return worst(std::move(result), *std::move(missing));
    return result;
}

Verdict judge_store_scope(const model::Document& store, const Context& context)
{
    const auto& conditions = store.at("spec.conditions");
    if (const auto* gap = context.gap("tenants.capsule.clastix.io"); gap != nullptr && gap->reason != check::Reason::not_served)
        return context.unknown_for(*gap);
    const bool tenants = !context.inventory.documents_of("tenants.capsule.clastix.io").empty();
    if (conditions.size() == 0) {
        const std::string message = "Every namespace of the cluster may take secrets from it";
        return tenants ? fail(message).at(check::Severity::high) : warn(message);
    }
    for (const auto& condition : conditions.items()) {
        std::set<std::string_view> covered;
        for (const auto& ns : context.inventory.namespaces)
            if (const auto tenant = tenant_of(ns); !tenant.empty() && condition_covers(condition, ns)) covered.insert(tenant);
        if (tenants && covered.size() > 1)
            return warn(fmt::format("One condition of it covers {} tenants", covered.size()))
                .with("tenants", std::vector<std::string>{covered.begin(), covered.end()});
    }
    return pass("Its conditions say which namespaces may use it");
}

} // namespace seaworthy::controls
