// SPDX-License-Identifier: Apache-2.0
#include "sops_secrets.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "eso_stores.hpp"
#include "names.hpp"
#include "value_selector.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Value;

constexpr std::chrono::minutes k_settling{10};

/// Every encrypted value begins like this. Empty ones stay empty.
bool is_encrypted(std::string_view value)
{
    return value.empty() || value.starts_with("ENC[AES256_GCM,");
}

void find_clear(const Value& entries, NameList& clear)
{
    for (const auto& entry : entries.items())
        for (const std::string_view part : {"data", "stringData"})
            for (const auto& [key, value] : entry[part].members())
                if (!is_encrypted(value.text())) clear.add(fmt::format("{}.{}", entry["name"].text(), key.view()));
}

/// isindir's operator has one message for everything.
Verdict judge_message(const Document& secret)
{
    const auto message = secret.at("status.message").text();
    if (message == "Healthy") return check::pass("It is decrypted").proven();
    if (message == "Reconciliation is suspended") return check::warn("Its reconciliation is suspended");
    if (message.empty()) return check::warn("No operator has looked at it");
    return check::fail(fmt::format("It is not decrypted: {}", message));
}

Verdict judge_items(const Document& secret, const Context& context)
{
    const auto& list = model::condition_of(secret, "Ready");
    const auto& ready = list.exists() ? list : secret.at("status.condition"); // older versions have one, not a list
    NameList failed;
    for (const auto& item : secret.at("status.secrets").items()) {
        const auto reason = item.at("condition.reason").text();
        if (!reason.empty() && reason != "Loaded") failed.add(fmt::format("{} ({})", item["name"].text(), reason));
    }
    if (!failed.empty() && (!ready.exists() || ready["status"].text() == "True"))
        return check::fail(fmt::format("Not decrypted: {}", failed.text())).with("secrets", failed.values());
    if (!ready.exists()) return check::warn("No operator has looked at it");
    if (ready["status"].text() == "True") return check::pass("It is decrypted").proven();
    if (ready["status"].text() != "False") return check::unknown(check::Reason::unobservable, "The operator does not say whether it is decrypted");
    return judge_not_ready(ready, failed.empty() ? std::string{"It is not decrypted"} : fmt::format("Not decrypted: {}", failed.text()), k_settling,
                           context.now);
}

/// A selector of providers that takes any key for any secret.
bool takes_everything(const Value& selectors)
{
    return std::ranges::any_of(selectors.items(),
                               [](const Value& selector) { return selector_is_empty(selector) && !selector["namespaceSelector"].exists(); });
}

Verdict judge_provider(const Document& provider, const Context& context)
{
    if (provider.at("status.size").number_or(provider.at("status.providers").size() > 0 ? 1 : 0) < 1)
        return check::warn("It has no key: nothing that needs it is decrypted");
    const bool tenants = !context.inventory.documents_of("tenants.capsule.clastix.io").empty();
    if (tenants && (takes_everything(provider.at("spec.sops")) || takes_everything(provider.at("spec.keys"))))
        return check::warn("It takes the keys and secrets of every tenant: one tenant's key decrypts another's secrets");
    return check::pass("It has keys");
}

} // namespace

Verdict judge_sops_plaintext(const Document& secret, const Context&)
{
    NameList clear;
    find_clear(secret.at("spec.secrets"), clear);
    find_clear(secret.at("spec.secretTemplates"), clear);
    if (!clear.empty())
        return check::fail(fmt::format("Values are not encrypted, and whoever may get the object reads them: {}", clear.text()))
            .with("keys", clear.values());
    if (secret.at("sops.mac").text().empty()) return check::fail("It was never encrypted by SOPS: there is no sops.mac");
    return check::pass("Every value is encrypted").proven();
}

Verdict judge_sops_sync(const Document& object, const Context& context)
{
    if (object.kind == "SopsProvider") return judge_provider(object, context);
    if (object.api_version.view().starts_with("isindir.github.com/")) return judge_message(object);
    return judge_items(object, context);
}

} // namespace seaworthy::controls
