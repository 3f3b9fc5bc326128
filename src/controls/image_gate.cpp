// SPDX-License-Identifier: Apache-2.0
#include "controls/image_gate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/admission_plugins.hpp"
#include "controls/api_server_flags.hpp"
#include "controls/evidence.hpp"
#include "controls/policy_cover.hpp"
#include "controls/value_selector.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Namespace;
using model::Value;

/// The strongest gate that was found, and its name.
struct Gate {
    Enforcement strength = Enforcement::none;
    std::string name;

    void offer(Enforcement candidate, std::string who)
    {
        if (candidate < strength || (candidate == strength && !name.empty() && name <= who)) return;
        strength = candidate;
        name = std::move(who);
    }
};

bool equals_enforce(std::string_view action)
{
    return action == "Enforce" || action == "enforce";
}

/// What the rules of a Kyverno policy that verify images do with one that fails.
Enforcement enforcement_of_verification(const Document& policy)
{
    auto found = Enforcement::none;
    const auto fallback = policy.at("spec.validationFailureAction").text();
    for (const auto& rule : policy.at("spec.rules").items())
        for (const auto& images : rule["verifyImages"].items()) {
            const auto own = images["failureAction"].text();
            found = std::max(found, equals_enforce(own.empty() ? fallback : own) ? Enforcement::denies : Enforcement::observes);
        }
    return found;
}

void add_kyverno(const Namespace& ns, const Context& context, Gate& gate)
{
    for_each_policy_in(ns, context, [&](const Document& policy, Enforcement) {
        const auto strength = enforcement_of_verification(policy);
        if (strength != Enforcement::none) gate.offer(strength, fmt::format("{} {}", policy.kind.view(), policy.meta.name.view()));
    });
    for (const auto& policy : context.inventory.documents_of("imagevalidatingpolicies.policies.kyverno.io"))
        if (namespace_selector_matches(policy.at("spec.matchConstraints.namespaceSelector"), ns.meta.labels, ns.meta.name))
            gate.offer(enforcement_by_actions(policy), fmt::format("ImageValidatingPolicy {}", policy.meta.name.view()));
}

void add_sigstore(const Namespace& ns, const Context& context, Gate& gate)
{
    if (!ns.meta.labels.is("policy.sigstore.dev/include", "true")) return;
    for (const auto& policy : context.inventory.documents_of("clusterimagepolicies.policy.sigstore.dev"))
        gate.offer(policy.at("spec.mode").text() == "warn" ? Enforcement::observes : Enforcement::denies,
                   fmt::format("ClusterImagePolicy {}", policy.meta.name.view()));
}

/// Connaisseur, Ratify and StackRox judge images behind a webhook of their own.
void add_webhooks(const Namespace& ns, const Context& context, Gate& gate)
{
    static constexpr std::string_view k_gates[] = {"*connaisseur*", "*ratify*", "*stackrox*"};
    for (const auto& configuration : context.inventory.documents_of(k_validating_webhooks))
        for (const auto& webhook : configuration["webhooks"].items()) {
            const auto known = [&](std::string_view glob) {
                return glob_match(glob, webhook["name"].text()) || glob_match(glob, configuration.meta.name);
            };
            if (std::ranges::none_of(k_gates, known)) continue;
            if (!namespace_selector_matches(webhook["namespaceSelector"], ns.meta.labels, ns.meta.name)) continue;
            gate.offer(webhook["failurePolicy"].text() == "Ignore" ? Enforcement::observes : Enforcement::denies,
                       fmt::format("webhook {}", webhook["name"].text()));
        }
}

void add_openshift(const Namespace& ns, const Context& context, Gate& gate)
{
    for (const auto& policy : context.inventory.documents_of("clusterimagepolicies.config.openshift.io"))
        gate.offer(Enforcement::denies, fmt::format("ClusterImagePolicy {}", policy.meta.name.view()));
    for (const auto* policy : context.index.documents_in("imagepolicies.config.openshift.io", ns.meta.name))
        gate.offer(Enforcement::denies, fmt::format("ImagePolicy {}", policy->meta.name.view()));
}

void add_plugin(const Context& context, Gate& gate)
{
    const auto servers = find_api_servers(context);
    if (!servers.empty() && std::ranges::all_of(servers, [&](const ApiServer& server) { return runs_plugin(server, "ImagePolicyWebhook", context); }))
        gate.offer(Enforcement::denies, "the plugin ImagePolicyWebhook");
}

bool has_engine(const Context& context)
{
    return std::ranges::any_of(policy_engines(), [&](const PolicyEngine& engine) { return is_served(engine, context); });
}

} // namespace

Verdict judge_image_gate(const Namespace& ns, const Context& context)
{
    Gate gate;
    add_kyverno(ns, context, gate);
    add_sigstore(ns, context, gate);
    add_webhooks(ns, context, gate);
    add_openshift(ns, context, gate);
    add_plugin(context, gate);
    if (gate.strength == Enforcement::denies) return check::pass(fmt::format("{} verifies images here", gate.name)).with("gate", gate.name).proven();
    for (const std::string_view list :
         {"clusterpolicies.kyverno.io", "policies.kyverno.io", "imagevalidatingpolicies.policies.kyverno.io",
          "clusterimagepolicies.policy.sigstore.dev", "clusterimagepolicies.config.openshift.io", "imagepolicies.config.openshift.io"})
        if (const auto* gap = context.gap(list); gap != nullptr && gap->reason != model::Reason::not_served) return context.unknown_for(*gap);
    if (const auto* gap = first_gap(context, "*", {k_validating_webhooks})) return context.unknown_for(*gap);
    if (context.inventory.cluster.platform == "gke")
        return check::unknown(check::Reason::unobservable, "GKE's Binary Authorization is not visible in the cluster");
    if (gate.strength == Enforcement::observes)
        return check::warn(fmt::format("{} only watches which images run", gate.name)).with("gate", gate.name);
    auto verdict = check::fail("Nothing asks at admission whether an image was signed or scanned");
    if (!has_engine(context)) return std::move(verdict).at(check::Severity::low);
    return verdict;
}

} // namespace seaworthy::controls
