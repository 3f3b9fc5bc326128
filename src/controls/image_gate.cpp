// SPDX-License-Identifier: Apache-2.0
#include "controls/image_gate.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "controls/admission_plugins.hpp"
#include "controls/api_server_flags.hpp"
#include "controls/evidence.hpp"
#include "controls/image_patterns.hpp"
#include "controls/names.hpp"
#include "controls/policy_cover.hpp"
#include "controls/value_selector.hpp"
#include "controls/workload_images.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Namespace;

/// The images that a namespace runs, or would: those of its active pods, and of the templates of workloads that have none. Each once.
using Images = std::map<std::string, UsedImage, std::less<>>;

/// Something that verifies images in the namespace.
struct Gate {
    Enforcement strength = Enforcement::none;
    std::string name;
    std::map<std::string_view, Cover> images; ///< those that it does not cover for sure; empty: it covers whatever runs
};
using Gates = std::vector<Gate>;

/// `cover(image)` tells whether the gate's patterns name an image.
template <typename Covers>
void add_gate(Gates& gates, Enforcement strength, std::string name, const Images& images, Covers cover)
{
    Gate gate{strength, std::move(name), {}};
    for (const auto& [text, image] : images)
        if (const auto covered = image.reference ? cover(PatternedImage{text, *image.reference}) : Cover::maybe; covered != Cover::yes)
            gate.images.emplace(text, covered);
    gates.push_back(std::move(gate));
}

void add_gate_of_all(Gates& gates, Enforcement strength, std::string name)
{
    gates.push_back({strength, std::move(name), {}});
}

bool equals_enforce(std::string_view action)
{
    return action == "Enforce" || action == "enforce";
}

/// One gate an entry of `verifyImages`: each says for its images whether to refuse.
void add_kyverno_policy(const Document& policy, const Namespace& ns, const Images& images, Gates& gates)
{
    const auto fallback = policy.at("spec.validationFailureAction").text();
    for (const auto& rule : policy.at("spec.rules").items()) {
        if (!rule_includes(rule, ns)) continue;
        for (const auto& verification : rule["verifyImages"].items()) {
            const auto own = verification["failureAction"].text();
            const auto strength = equals_enforce(own.empty() ? fallback : own) ? Enforcement::denies : Enforcement::observes;
            add_gate(gates, strength, fmt::format("{} {}", policy.kind.view(), policy.meta.name.view()), images,
                     [&](const PatternedImage& image) { return covered_by_verification(verification, image); });
        }
    }
}

void add_kyverno(const Namespace& ns, const Context& context, const Images& images, Gates& gates)
{
    for_each_policy_in(ns, context, [&](const Document& policy, Enforcement) {
        if (policy.kind == "ClusterPolicy" || policy.kind == "Policy") add_kyverno_policy(policy, ns, images, gates);
    });
    for (const auto& policy : context.inventory.documents_of("imagevalidatingpolicies.policies.kyverno.io"))
        if (namespace_selector_matches(policy.at("spec.matchConstraints.namespaceSelector"), ns.meta.labels, ns.meta.name))
            add_gate(gates, enforcement_by_actions(policy), fmt::format("ImageValidatingPolicy {}", policy.meta.name.view()), images,
                     [&](const PatternedImage& image) { return covered_by_references(policy.at("spec.matchImageReferences"), image); });
}

void add_sigstore(const Namespace& ns, const Context& context, const Images& images, Gates& gates)
{
    if (!ns.meta.labels.is("policy.sigstore.dev/include", "true")) return;
    for (const auto& policy : context.inventory.documents_of("clusterimagepolicies.policy.sigstore.dev"))
        add_gate(gates, policy.at("spec.mode").text() == "warn" ? Enforcement::observes : Enforcement::denies,
                 fmt::format("ClusterImagePolicy {}", policy.meta.name.view()), images,
                 [&](const PatternedImage& image) { return covered_by_images(policy.at("spec.images"), image); });
}

/// Connaisseur, Ratify and StackRox judge images behind a webhook of their own; for which ones, is in their configuration.
void add_webhooks(const Namespace& ns, const Context& context, Gates& gates)
{
    static constexpr std::string_view k_gates[] = {"*connaisseur*", "*ratify*", "*stackrox*"};
    for (const auto& configuration : context.inventory.documents_of(k_validating_webhooks))
        for (const auto& webhook : configuration["webhooks"].items()) {
            const auto known = [&](std::string_view glob) {
                return glob_match(glob, webhook["name"].text()) || glob_match(glob, configuration.meta.name);
            };
            if (std::ranges::none_of(k_gates, known)) continue;
            if (!namespace_selector_matches(webhook["namespaceSelector"], ns.meta.labels, ns.meta.name)) continue;
            add_gate_of_all(gates, webhook["failurePolicy"].text() == "Ignore" ? Enforcement::observes : Enforcement::denies,
                            fmt::format("webhook {}", webhook["name"].text()));
        }
}

void add_openshift(const Namespace& ns, const Context& context, const Images& images, Gates& gates)
{
    const auto add = [&](const Document& policy) {
        add_gate(gates, Enforcement::denies, fmt::format("{} {}", policy.kind.view(), policy.meta.name.view()), images,
                 [&](const PatternedImage& image) { return covered_by_scopes(policy.at("spec.scopes"), image); });
    };
    for (const auto& policy : context.inventory.documents_of("clusterimagepolicies.config.openshift.io"))
        add(policy);
    for (const auto* policy : context.index.documents_in("imagepolicies.config.openshift.io", ns.meta.name))
        add(*policy);
}

void add_plugin(const Context& context, Gates& gates)
{
    const auto servers = find_api_servers(context);
    if (!servers.empty() && std::ranges::all_of(servers, [&](const ApiServer& server) { return runs_plugin(server, "ImagePolicyWebhook", context); }))
        add_gate_of_all(gates, Enforcement::denies, "the plugin ImagePolicyWebhook");
}

/// What no policy covers: image volumes, which are no containers, and containers that somebody injected (C5).
Images images_of(const Namespace& ns, const Context& context)
{
    Images images;
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        if (workload->finished) continue;
        for (auto& image : images_in_use(*workload))
            if (workload->declares_container(image.where)) images.emplace(image.text, std::move(image));
    }
    return images;
}

/// The strongest gate that surely covers an image (empty: that covers all of them), the first among equals; nullptr: none does.
const Gate* strongest_gate(const Gates& gates, std::string_view image)
{
    const Gate* strongest = nullptr;
    for (const auto& gate : gates) {
        if (gate.strength == Enforcement::none || (image.empty() ? !gate.images.empty() : gate.images.contains(image))) continue;
        if (strongest == nullptr || gate.strength > strongest->strength) strongest = &gate;
    }
    return strongest;
}

/// The first gate that would refuse the image if it covers it, which is not known; nullptr: none.
const Gate* doubtful_gate(const Gates& gates, std::string_view image)
{
    const auto found = std::ranges::find_if(gates, [&](const Gate& gate) {
        const auto at = gate.images.find(image);
        return gate.strength == Enforcement::denies && at != gate.images.end() && at->second == Cover::maybe;
    });
    return found == gates.end() ? nullptr : &*found;
}

/// A policy that was not read, or is not in the API, may cover what the others leave out.
std::optional<Verdict> hidden_gate(const Context& context)
{
    for (const std::string_view list :
         {"clusterpolicies.kyverno.io", "policies.kyverno.io", "imagevalidatingpolicies.policies.kyverno.io",
          "clusterimagepolicies.policy.sigstore.dev", "clusterimagepolicies.config.openshift.io", "imagepolicies.config.openshift.io"})
        if (const auto* gap = context.gap(list); gap != nullptr && gap->reason != model::Reason::not_served) return context.unknown_for(*gap);
    if (const auto* gap = first_gap(context, "*", {k_validating_webhooks})) return context.unknown_for(*gap);
    if (context.inventory.cluster.platform == "gke")
        return check::unknown(check::Reason::unobservable, "GKE's Binary Authorization is not visible in the cluster");
    return std::nullopt;
}

bool has_engine(const Context& context)
{
    return std::ranges::any_of(policy_engines(), [&](const PolicyEngine& engine) { return is_served(engine, context); });
}

/// The images of a namespace by what becomes of one that is not signed.
struct SortedImages {
    NameList open;    ///< no gate covers them
    NameList watched; ///< a gate lets them through and says so
    const Gate* doubtful = nullptr;
    std::string doubted; ///< the image that `doubtful` may cover
};

SortedImages sort_images(const Images& images, const Gates& gates)
{
    SortedImages sorted;
    for (const auto& [text, image] : images) {
        const auto* strongest = strongest_gate(gates, text);
        if (strongest != nullptr && strongest->strength == Enforcement::denies) continue;
        const auto name = image.reference ? image.reference->repository() : text;
        if (const auto* doubtful = doubtful_gate(gates, text)) {
            if (sorted.doubtful == nullptr) sorted.doubted = name;
            sorted.doubtful = sorted.doubtful == nullptr ? doubtful : sorted.doubtful;
        } else {
            (strongest != nullptr ? sorted.watched : sorted.open).add(name);
        }
    }
    return sorted;
}

Verdict judge_images(const Images& images, const Gates& gates)
{
    const auto* whole = strongest_gate(gates, {});
    const auto verifies = [](const Gate& gate) { return check::pass(fmt::format("{} verifies images here", gate.name)).with("gate", gate.name); };
    const auto watches = [](const Gate& gate) {
        return check::warn(fmt::format("{} only watches which images run", gate.name)).with("gate", gate.name);
    };
    if (whole != nullptr && whole->strength == Enforcement::denies) return verifies(*whole);
    const auto* first = gates.empty() ? nullptr : &*std::ranges::max_element(gates, {}, &Gate::strength);
    if (first == nullptr || first->strength == Enforcement::none)
        return check::fail("Nothing asks at admission whether an image was signed or scanned");
    if (images.empty()) return watches(*first);
    const auto sorted = sort_images(images, gates);
    if (!sorted.open.empty())
        return check::fail(fmt::format("{} verifies images here, but not {}", first->name, sorted.open.text()))
            .with("gate", first->name)
            .with("images", sorted.open.values());
    if (sorted.doubtful != nullptr)
        return check::unknown(check::Reason::unobservable,
                              fmt::format("Whether {} verifies {} is not visible", sorted.doubtful->name, sorted.doubted))
            .with("gate", sorted.doubtful->name)
            .with("image", sorted.doubted);
    if (!sorted.watched.empty()) return watches(*first).with("images", sorted.watched.values());
    return verifies(*first);
}

} // namespace

Verdict judge_image_gate(const Namespace& ns, const Context& context)
{
    const auto images = images_of(ns, context);
    Gates gates;
    add_kyverno(ns, context, images, gates);
    add_sigstore(ns, context, images, gates);
    add_webhooks(ns, context, gates);
    add_openshift(ns, context, images, gates);
    add_plugin(context, gates);
    std::ranges::stable_sort(gates, {}, &Gate::name); // which of several equals is named must not depend on the order of reading
    auto judged = judge_images(images, gates);
    if (judged.status == check::Status::pass) return resting_on(judged, context, ns.meta.name, {"pods", "WL"});
    if (auto hidden = hidden_gate(context)) return *std::move(hidden);
    if (judged.status != check::Status::fail || has_engine(context)) return judged;
    return Verdict{judged}.at(check::Severity::low);
}

} // namespace seaworthy::controls
