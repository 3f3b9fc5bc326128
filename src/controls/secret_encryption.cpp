// SPDX-License-Identifier: Apache-2.0
#include "controls/secret_encryption.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/api_server_metrics.hpp"
#include "controls/attestations.hpp"
#include "controls/evidence.hpp"
#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;

constexpr std::string_view k_openshift_api_servers = "apiservers.config.openshift.io";
constexpr std::string_view k_openshift_operator = "kubeapiservers.operator.openshift.io";

/// The transformers that Secrets were written through since the API server that answered started: "k8s:enc:kms:v2:", "identity".
std::set<std::string, std::less<>> written_through(const Context& context)
{
    std::set<std::string, std::less<>> prefixes;
    const auto samples = api_server_proofs(context, k_storage_transformations);
    if (!samples) return prefixes;
    for (const auto& sample : *samples) {
        const auto resource = sample.label("resource"); // newer servers only
        if (sample.value > 0 && sample.label("transformation_type") == "to_storage" && sample.label("status") == "OK" &&
            (resource.empty() || resource == "secrets"))
            prefixes.emplace(sample.label("transformer_prefix"));
    }
    return prefixes;
}

bool encrypts(std::string_view prefix)
{
    constexpr std::string_view k_provider[] = {"k8s:enc:aescbc", "k8s:enc:aesgcm", "k8s:enc:secretbox", "k8s:enc:kms"};
    return std::ranges::any_of(k_provider, [&](std::string_view provider) { return prefix.starts_with(provider); });
}

/// OpenShift writes every Secret anew when the type changes; until it has, some lie in etcd as they were.
bool migrating(const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of(k_openshift_operator), [](const model::Document& operand) {
        return operand.meta.name == "cluster" && model::condition_of(operand, "Encrypted")["status"].text() == "False";
    });
}

Verdict judge_openshift(const Context& context)
{
    for (const auto kind : {k_openshift_api_servers, k_openshift_operator})
        if (const auto* gap = context.gap(kind)) return context.unknown_for(*gap);
    for (const auto& document : context.inventory.documents_of(k_openshift_api_servers)) {
        if (document.meta.name != "cluster") continue;
        const auto type = document.at("spec.encryption.type").text();
        if (type.empty() || type == "identity") return check::fail("Secrets are stored as they are: the encryption type is identity");
        if (type != "aescbc" && type != "aesgcm" && type != "KMS")
            return check::unknown(check::Reason::unobservable, fmt::format("The encryption type {} is not one that is known", type));
        if (migrating(context)) return check::warn("OpenShift has not yet encrypted every Secret").with("type", std::string{type});
        return check::pass("Secrets are encrypted in etcd").with("type", std::string{type}).proven();
    }
    return check::unknown(check::Reason::unobservable, "There is no APIServer named cluster that tells the encryption type");
}

/// A k3s or RKE2 server that encrypts says so on its Node.
bool node_encrypts(const Context& context, const ApiServer& server)
{
    constexpr std::string_view k_node = "Node/";
    if (!server.name.starts_with(k_node)) return false;
    const auto* node = context.index.find_node(std::string_view{server.name}.substr(k_node.size()));
    if (node == nullptr) return false;
    const auto& annotations = node->meta.annotations;
    for (const std::string_view hash : {"k3s.io/encryption-config-hash", "rke2.io/encryption-config-hash"})
        if (!annotations.get(hash).empty()) return true;
    for (const std::string_view key : {"k3s.io/node-args", "rke2.io/node-args"})
        for (const std::string_view argument : {R"("--secrets-encryption")", R"("--secrets-encryption=true")"})
            if (annotations.get(key).find(argument) != std::string_view::npos) return true;
    return false;
}

bool has_kms_check(const Context& context)
{
    const auto* ready = context.inventory.probe("apiserver:/readyz");
    return ready != nullptr && ready->body.find("kms-provider") != std::string::npos;
}

Verdict judge_hidden(const Context& context)
{
    return or_attested(hidden_control_plane(context), context, "encryptionAtRest", "Secrets are stored encrypted",
                       {"pods", "nodes", "apiserver:/metrics"});
}

} // namespace

Verdict judge_secret_encryption(const Context& context)
{
    if (context.inventory.serves(k_openshift_api_servers)) return judge_openshift(context);
    const auto prefixes = written_through(context);
    if (const auto at = std::ranges::find_if(prefixes, encrypts); at != prefixes.end())
        return check::pass("The API server writes Secrets encrypted").with("transformer", *at).with("confidence", std::string{"high"}).proven();

    const auto servers = find_api_servers(context);
    // The file that the flag names, and the order of its providers, are on the node.
    const auto configured = [&](const ApiServer& server) {
        const auto* file = server.find("encryption-provider-config");
        return (file != nullptr && !file->empty()) || node_encrypts(context, server);
    };
    const auto without = std::ranges::find_if_not(servers, configured);
    if (without != servers.end()) return check::fail(fmt::format("{} stores Secrets unencrypted", without->name)).with("apiServer", without->name);
    // An API server that is not seen may have no flag, which is worse.
    if (const auto* gap = first_gap(context, "*", {"pods", "nodes"}); gap != nullptr && prefixes.contains("identity"))
        return context.unknown_for(*gap);
    if (prefixes.contains("identity"))
        return check::warn("The API server writes Secrets unencrypted: identity is the first provider").with("transformer", std::string{"identity"});
    if (servers.empty() && !has_kms_check(context)) return judge_hidden(context);
    auto verdict = check::pass("Encryption of Secrets is configured").with("confidence", std::string{"low"});
    return servers.empty() ? std::move(verdict).proven() : resting_on(std::move(verdict), context, "*", {"pods", "nodes"});
}

Verdict judge_secret_encryption_key(const Context& context)
{
    const auto prefixes = written_through(context);
    const auto at = std::ranges::find_if(prefixes, encrypts);
    if (at == prefixes.end()) {
        if (prefixes.contains("identity")) return check::not_applicable("Secrets are not encrypted").proven();
        if (const auto* gap = context.gap("apiserver:/metrics")) return context.unknown_for(*gap);
        return check::unknown(check::Reason::unobservable, "The API server's metrics do not show how Secrets are encrypted").needs_grant("ME");
    }
    if (at->starts_with("k8s:enc:kms:v2")) return check::pass("The key is held by a KMS").with("transformer", *at).proven();
    const auto why = at->starts_with("k8s:enc:kms") ? "KMS v1 is deprecated" : "the key lies in a file on the control plane";
    return check::warn(fmt::format("Secrets are encrypted with {}: {}", *at, why)).with("transformer", *at);
}

} // namespace seaworthy::controls
