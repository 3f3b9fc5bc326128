// SPDX-License-Identifier: Apache-2.0
#include "controls/gitops.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/names.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;

constexpr std::chrono::hours k_settling{1};

bool is_application(const Document& unit)
{
    return unit.kind == "Application";
}

/// Applications may deploy to other clusters, which are other audits' affair.
bool deploys_here(const Document& application)
{
    const auto server = application.at("spec.destination.server").text();
    const auto name = application.at("spec.destination.name").text();
    return server.empty() ? name.empty() || name == "in-cluster" : server == "https://kubernetes.default.svc";
}

std::string_view target_namespace(const Document& unit)
{
    const auto target = is_application(unit) ? unit.at("spec.destination.namespace").text() : unit.at("spec.targetNamespace").text();
    return target.empty() ? unit.meta.ns.view() : target;
}

/// Since when it has been so, as far as one audit sees: the end of the last operation, else its own age.
bool has_lasted(const Document& unit, std::string_view since, std::chrono::seconds limit, Timestamp now)
{
    const auto time = parse_rfc3339(since);
    return (time.known() ? time : unit.meta.created).at_least(limit, now);
}

Verdict judge_application(const Document& unit, const Context& context)
{
    if (!deploys_here(unit)) return check::not_applicable("It deploys to another cluster").proven();
    const auto sync = unit.at("status.sync.status").text();
    const auto health = unit.at("status.health.status").text();
    const auto phase = unit.at("status.operationState.phase").text();
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("sync", std::string{sync}).with("health", std::string{health}); };
    if (sync.empty() && health.empty()) return check::warn("Argo CD has not looked at it yet");
    if (phase == "Failed" || phase == "Error") {
        const auto message = unit.at("status.operationState.message").text();
        return told(check::fail(fmt::format("Its last sync failed: {}", message.empty() ? phase : message)));
    }
    if ((health == "Degraded" || health == "Missing") &&
        has_lasted(unit, unit.at("status.health.lastTransitionTime").text(), k_settling, context.now))
        return told(check::fail(fmt::format("What it deploys is {}", health)));
    const bool automated = unit.at("spec.syncPolicy.automated").exists() && !unit.at("spec.syncPolicy.automated.enabled").is_false();
    const auto grace = automated ? context.parameters.duration("syncGrace") : context.parameters.duration("manualSyncGrace");
    if (sync == "OutOfSync" && has_lasted(unit, unit.at("status.operationState.finishedAt").text(), grace, context.now))
        return told(check::fail("What runs has differed from Git for too long"));
    if (sync == "Unknown" || health == "Unknown" || health == "Suspended")
        return told(check::warn(fmt::format("Argo CD cannot say more than {} and {}", sync, health)));
    return told(check::pass("What runs is what Git says, or is becoming it")).proven();
}

Verdict judge_flux(const Document& unit, const Context& context)
{
    constexpr std::chrono::hours k_long_suspended{24 * 7};
    const auto& ready = model::condition_of(unit, "Ready");
    const auto since = ready["lastTransitionTime"].text();
    if (unit.at("spec.suspend").is_true()) {
        if (has_lasted(unit, since, k_long_suspended, context.now))
            return check::warn("It has been suspended for a week: what runs may differ from Git");
        return check::pass("It is suspended for a while").proven();
    }
    if (!ready.exists()) return check::warn("Flux has not looked at it yet");
    if (ready["status"].text() == "False" && has_lasted(unit, since, k_settling, context.now)) {
        const auto message = ready["message"].text();
        return check::fail(fmt::format("Flux cannot apply it: {}", message.empty() ? ready["reason"].text() : message));
    }
    if (ready["status"].text() == "Unknown") return check::warn("Flux cannot say whether it is applied");
    if (ready["status"].text() != "True" && ready["status"].text() != "False")
        return check::unknown(check::Reason::unobservable, fmt::format("Ready is {}, which says nothing", ready["status"].text()));
    return check::pass("Flux applies what Git says").proven();
}

} // namespace

Verdict judge_sync(const Document& unit, const Context& context)
{
    return is_application(unit) ? judge_application(unit, context) : judge_flux(unit, context);
}

Verdict judge_automation(const Document& unit, const Context& context)
{
    if (is_application(unit) && !deploys_here(unit)) return check::not_applicable("It deploys to another cluster").proven();
    const auto ns = target_namespace(unit);
    if (glob_match_any(context.parameters.list("manualApprovalNamespaces"), ns))
        return check::not_applicable(fmt::format("Changes to {} wait for a person", ns)).proven();
    NameList off;
    if (is_application(unit)) {
        const auto& automated = unit.at("spec.syncPolicy.automated");
        if (!automated.exists() || automated["enabled"].is_false()) {
            off.add("automated");
        } else {
            if (!automated["prune"].is_true()) off.add("prune");
            if (!automated["selfHeal"].is_true()) off.add("selfHeal");
        }
    } else if (unit.kind == "Kustomization") {
        if (!unit.at("spec.prune").is_true()) off.add("prune");
    } else if (unit.at("spec.driftDetection.mode").text() != "enabled") {
        off.add("driftDetection");
    }
    if (off.empty()) return check::pass("Git's changes and deletions arrive by themselves, and other changes are undone").proven();
    return check::warn(fmt::format("Off: {}", off.text())).with("off", off.values());
}

Verdict judge_decryption(const Document& kustomization, const Context&)
{
    if (kustomization.at("spec.decryption.provider").text().empty()) return check::not_applicable("It decrypts nothing").proven();
    const auto& ready = model::condition_of(kustomization, "Ready");
    if (ready["status"].text() == "False" && ready["message"].text().find("decrypt") != std::string_view::npos)
        return check::fail("Flux cannot decrypt its secrets");
    return check::pass("Flux decrypts its secrets with SOPS").proven();
}

} // namespace seaworthy::controls
