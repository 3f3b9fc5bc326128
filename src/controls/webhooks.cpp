// SPDX-License-Identifier: Apache-2.0
#include "webhooks.hpp"

#include <algorithm>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/base/pattern.hpp"
#include "value_selector.hpp"

namespace seaworthy::controls {

namespace {

struct ResourceName {
    std::string_view resource;
    std::string_view subresource;
    explicit ResourceName(std::string_view text) : resource(text.substr(0, text.find('/')))
    {
        if (resource.size() < text.size()) subresource = text.substr(resource.size() + 1);
    }
};

/// As the API server matches (staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules): `*` is every resource but no
/// subresource, `pods/*` the resource and its subresources, `*/*` everything.
bool covers(std::string_view written, std::string_view asked)
{
    const ResourceName rule{written};
    const ResourceName object{asked};
    return (rule.resource == "*" || rule.resource == object.resource) && (rule.subresource == "*" || rule.subresource == object.subresource);
}

bool is_cluster_scoped(std::string_view resource)
{
    return resource == "nodes" || resource == "tokenreviews" || resource == "subjectaccessreviews";
}

} // namespace

bool Webhook::intercepts(std::string_view operation, std::string_view group, std::string_view resource) const
{
    return std::ranges::any_of(m_value["rules"].items(), [&](const model::Value& rule) {
        const auto scope = rule["scope"].text();
        if ((scope == "Cluster" && !is_cluster_scoped(resource)) || (scope == "Namespaced" && is_cluster_scoped(resource))) return false;
        const auto& operations = rule["operations"];
        const auto& groups = rule["apiGroups"];
        return (operations.contains("*") || operations.contains(operation)) && (groups.contains("*") || groups.contains(group)) &&
               std::ranges::any_of(rule["resources"].items(), [&](const model::Value& written) { return covers(written.text(), resource); });
    });
}

bool Webhook::intercepts_all_resources() const
{
    return std::ranges::any_of(m_value["rules"].items(),
                               [](const model::Value& rule) { return rule["resources"].contains("*") || rule["resources"].contains("*/*"); });
}

bool Webhook::selects_namespace(std::string_view name, const model::StringMap& labels) const
{
    return namespace_selector_matches(m_value["namespaceSelector"], labels, name);
}

bool belongs_to_policy_engine(const model::Document& configuration, const check::Context& context)
{
    const auto& labels = configuration.meta.labels;
    const auto& inventory = context.inventory;
    if (inventory.serves_group("templates.gatekeeper.sh") &&
        (labels.is("gatekeeper.sh/system", "yes") || glob_match("gatekeeper-*-webhook-configuration", configuration.meta.name)))
        return true;
    const bool kyverno = inventory.serves_group("kyverno.io") || inventory.serves_group("policies.kyverno.io");
    if (kyverno && (labels.has("webhook.kyverno.io/managed-by") || glob_match("kyverno-*-webhook-cfg", configuration.meta.name))) return true;
    if (!inventory.serves_group("policies.kubewarden.io")) return false;
    return labels.has("kubewarden") || labels.is("app.kubernetes.io/part-of", "kubewarden") ||
           std::ranges::any_of(configuration["webhooks"].items(),
                               [](const auto& webhook) { return webhook["name"].text().ends_with(".kubewarden.admission"); });
}

namespace {

template <std::size_t N>
bool is_named(const model::Document& configuration, const Webhook& webhook, const std::array<std::string_view, N>& words)
{
    return std::ranges::any_of(words, [&](std::string_view word) {
        return contains_ignoring_case(configuration.meta.name, word) || contains_ignoring_case(webhook.name(), word);
    });
}

constexpr std::array<std::string_view, 10> k_security_names{"gatekeeper", "kyverno",  "kubewarden", "policy.sigstore", "connaisseur",
                                                            "ratify",     "stackrox", "neuvector",  "podsecurity",     "pod-security"};
constexpr std::array<std::string_view, 5> k_injector_names{"sidecar-injector", "proxy-injector", "connect-injector", "agent-injector", "otel"};

} // namespace

bool is_security_webhook(const model::Document& configuration, const Webhook& webhook)
{
    return is_named(configuration, webhook, k_security_names);
}

bool is_injector(const model::Document& configuration, const Webhook& webhook)
{
    return is_named(configuration, webhook, k_injector_names);
}

std::string_view host_of_url(std::string_view url)
{
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (const auto user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
    if (url.starts_with('[')) return url.substr(1, url.find(']') == std::string_view::npos ? url.size() : url.find(']') - 1);
    return url.substr(0, url.find(':'));
}

bool is_loopback_url(std::string_view url)
{
    const auto host = host_of_url(url);
    const bool is_v4 = std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    return host == "localhost" || host == "::1" || (is_v4 && host.starts_with("127."));
}

} // namespace seaworthy::controls
