// SPDX-License-Identifier: Apache-2.0
// Webhook configurations as rules read them (admissionregistration.k8s.io/v1).
#pragma once

#include <string_view>

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

inline constexpr std::string_view k_webhook_lists =
    "validatingwebhookconfigurations.admissionregistration.k8s.io, mutatingwebhookconfigurations.admissionregistration.k8s.io";

/// One webhook of a configuration: a view with the API's defaults applied.
class Webhook {
public:
    explicit Webhook(const model::Value& value) : m_value(value) {}

    [[nodiscard]] const model::Value& operator[](std::string_view key) const { return m_value[key]; }
    [[nodiscard]] std::string_view name() const { return m_value["name"].text(); }
    /// failurePolicy Fail, which is the default.
    [[nodiscard]] bool fails_closed() const { return m_value["failurePolicy"].text() != "Ignore"; }
    [[nodiscard]] std::string_view url() const { return m_value.at("clientConfig.url").text(); }
    [[nodiscard]] std::string_view service_namespace() const { return m_value.at("clientConfig.service.namespace").text(); }
    [[nodiscard]] std::string_view service_name() const { return m_value.at("clientConfig.service.name").text(); }
    [[nodiscard]] std::int32_t service_port() const { return static_cast<std::int32_t>(m_value.at("clientConfig.service.port").number_or(443)); }
    /// A rule covers this operation on the resource, by the API server's own matching: `*` and `pods/*` include `pods`.
    [[nodiscard]] bool intercepts(std::string_view operation, std::string_view group, std::string_view resource) const;
    /// A rule covers every resource.
    [[nodiscard]] bool intercepts_all_resources() const;
    /// The namespace selector matches a namespace with these labels.
    [[nodiscard]] bool selects_namespace(std::string_view name, const model::StringMap& labels) const;

private:
    const model::Value& m_value;
};

/// True if the configuration belongs to a policy engine whose API is served (Gatekeeper, Kyverno, Kubewarden): the policy-engine control
/// judges its readiness, replicas and failure policy.
[[nodiscard]] bool belongs_to_policy_engine(const model::Document& configuration, const check::Context& context);

/// True if its name or its configuration's names a product that refuses what is unsafe, or one that adds containers.
[[nodiscard]] bool is_security_webhook(const model::Document& configuration, const Webhook& webhook);
[[nodiscard]] bool is_injector(const model::Document& configuration, const Webhook& webhook);

/// True for https://127.0.0.1, ::1 or localhost: a process beside the API server.
[[nodiscard]] bool is_loopback_url(std::string_view url);
/// The host of a URL, without port and user; empty where there is none.
[[nodiscard]] std::string_view host_of_url(std::string_view url);

} // namespace seaworthy::controls
