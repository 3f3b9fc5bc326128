// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_loading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/policy_engines.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::Document;
using model::Value;

/// The first error that a pod of Gatekeeper reports, or nothing.
std::string first_error(const Document& object)
{
    for (const auto& pod : object.at("status.byPod").items())
        for (const auto& error : pod["errors"].items()) {
            const auto message = error["message"].text();
            return std::string{message.empty() ? std::string_view{"no message"} : message};
        }
    return {};
}

Verdict not_looked_at()
{
    return check::warn("Its engine has not reported on it yet");
}

Verdict judge_template(const Document& object)
{
    if (const auto error = first_error(object); !error.empty())
        return check::fail(fmt::format("Gatekeeper cannot load it: {}", error)).with("error", error);
    if (!object["status"].exists()) return not_looked_at();
    if (!object.at("status.created").is_true()) return check::fail("Gatekeeper has not made its kind of constraint (status.created)");
    return check::pass("Gatekeeper has loaded it").proven();
}

Verdict judge_constraint(const Document& object)
{
    if (const auto error = first_error(object); !error.empty())
        return check::fail(fmt::format("Gatekeeper cannot load it: {}", error)).with("error", error);
    const auto pods = object.at("status.byPod").items();
    if (pods.empty()) return not_looked_at();
    if (std::ranges::none_of(pods, [](const Value& pod) { return pod["enforced"].is_true(); }))
        return check::fail("No pod of Gatekeeper enforces it");
    return check::pass("Gatekeeper enforces it").proven();
}

/// A condition that has to be True, as Kyverno's and Kubewarden's first kinds have it.
Verdict judge_condition(const Document& object, std::string_view type)
{
    const auto& condition = model::condition_of(object, type);
    if (!condition.exists()) return not_looked_at();
    if (condition["status"].text() == "True") return check::pass("Its engine has loaded it").proven();
    const auto message = condition["message"].text();
    return check::fail(fmt::format("Its engine has not loaded it: {}", message.empty() ? std::string_view{"no message"} : message));
}

Verdict judge_kyverno(const Document& object)
{
    return judge_condition(object, "Ready");
}

Verdict judge_kubewarden(const Document& object)
{
    return judge_condition(object, "PolicyActive");
}

/// Kyverno's newer kinds keep `ready` beside their conditions.
Verdict judge_kyverno_cel(const Document& object)
{
    const auto& status = object.at("status.conditionStatus");
    if (!status["ready"].exists()) return not_looked_at();
    if (status["ready"].is_true()) return check::pass("Kyverno has loaded it").proven();
    const auto message = status["message"].text();
    return check::fail(fmt::format("Kyverno has not loaded it: {}", message.empty() ? std::string_view{"no message"} : message));
}

struct Kind {
    std::string_view resource;
    Verdict (*judge)(const Document&);
};
constexpr Kind k_kinds[] = {
    {"constrainttemplates.templates.gatekeeper.sh", judge_template},
    {"*.constraints.gatekeeper.sh", judge_constraint},
    {"clusterpolicies.kyverno.io", judge_kyverno},
    {"policies.kyverno.io", judge_kyverno},
    {"validatingpolicies.policies.kyverno.io", judge_kyverno_cel},
    {"namespacedvalidatingpolicies.policies.kyverno.io", judge_kyverno_cel},
    {"imagevalidatingpolicies.policies.kyverno.io", judge_kyverno_cel},
    {"mutatingpolicies.policies.kyverno.io", judge_kyverno_cel},
    {"clusteradmissionpolicies.policies.kubewarden.io", judge_kubewarden},
    {"admissionpolicies.policies.kubewarden.io", judge_kubewarden},
    {"clusteradmissionpolicygroups.policies.kubewarden.io", judge_kubewarden},
    {"admissionpolicygroups.policies.kubewarden.io", judge_kubewarden},
};

} // namespace

void judge_policy_loading(const Context& context, Results& results)
{
    if (const auto* gap = gap_in_group(k_constraint_group, context)) results.add(ObjectKey::cluster(), {}, context.unknown_for(*gap));
    for (const auto& kind : k_kinds) {
        for (const auto* policy : documents_of(kind.resource, context)) {
            auto young = too_young(policy->meta, context);
            auto verdict = young                               ? std::move(*young)
                           : context.inventory.cluster.partial ? check::not_applicable("Manifests do not show whether it is loaded").proven()
                                                               : kind.judge(*policy);
            results.add(ObjectKey::of(*policy), policy->meta.ns, std::move(verdict));
        }
    }
}

} // namespace seaworthy::controls
