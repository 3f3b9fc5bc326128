// SPDX-License-Identifier: Apache-2.0
#include "controls/delivery_scope.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/login_components.hpp"
#include "controls/names.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Value;

constexpr std::string_view k_projects = "appprojects.argoproj.io";
constexpr std::string_view k_tenants = "tenants.capsule.clastix.io";
constexpr Software k_kustomize{"kustomize-controller", "fluxcd/kustomize-controller"};
constexpr Software k_helm{"helm-controller", "fluxcd/helm-controller"};

/// Tenants turn the warning into a failure, so whether there are any has to be known (C18).
Verdict finding(std::string message, const Context& context)
{
    const bool labelled = std::ranges::any_of(context.inventory.namespaces, [](const auto& ns) {
        return ns.meta.labels.has("capsule.clastix.io/tenant") || ns.meta.labels.has("projectcapsule.dev/tenant");
    });
    if (labelled) return check::fail(std::move(message));
    if (const auto* gap = context.gap(k_tenants); gap != nullptr && gap->reason != check::Reason::not_served) return context.unknown_for(*gap);
    return context.inventory.documents_of(k_tenants).empty() ? check::warn(std::move(message)) : check::fail(std::move(message));
}

// ---- Argo CD

bool allows_every_cluster_kind(const Document& project)
{
    return std::ranges::any_of(project.at("spec.clusterResourceWhitelist").items(),
                               [](const Value& entry) { return entry["group"].text() == "*" && entry["kind"].text() == "*"; });
}

/// As it is shipped: from any repository to any namespace.
bool is_wide_open(const Document& project)
{
    return project.at("spec.sourceRepos").contains("*") &&
           std::ranges::any_of(project.at("spec.destinations").items(), [](const Value& entry) { return entry["namespace"].text() == "*"; });
}

Verdict judge_application(const Document& application, const Context& context)
{
    const auto project = application.at("spec.project").text();
    if (!project.empty() && project != "default") return check::pass(fmt::format("It belongs to project {}", project)).proven();
    // Projects are beside Argo CD, Applications may be elsewhere; with several Argo CDs, the one in the Application's namespace is its own.
    const Document* shipped = nullptr;
    for (const auto& each : context.inventory.documents_of(k_projects))
        if (each.meta.name == "default" && (shipped == nullptr || each.meta.ns == application.meta.ns)) shipped = &each;
    if (shipped == nullptr) return resting_on(check::pass("There is no project default that would let it deploy"), context, "*", {k_projects});
    if (is_wide_open(*shipped)) return finding("Its project is default, which takes any repository to any namespace", context);
    return resting_on(check::pass("Its project is default, which is restricted here"), context, "*", {k_projects});
}

Verdict judge_project(const Document& project, const Context& context)
{
    if (project.meta.name == "default") return check::not_applicable("It is judged by the Applications that use it").proven();
    if (allows_every_cluster_kind(project)) return finding("It may create cluster-scoped objects of every kind, also rights for itself", context);
    return check::pass("It may not create every kind of cluster-scoped object").proven();
}

// ---- Flux

/// What the controllers of one kind are started with; each has to lock the door, since shards share the work.
struct Lockdown {
    bool found = false;
    bool impersonates = true; ///< --default-service-account
    bool keeps_apart = true;  ///< --no-cross-namespace-refs
};

Lockdown lockdown_of(const Software& software, const Context& context)
{
    Lockdown result;
    for (const auto& installation : find_software(context, std::span{&software, 1}))
        for_each_container(*installation.workload, [&](const model::Container& container, const model::PodTemplate&) {
            if (!is_image_of(container.image, software.repositories)) return;
            result.found = true;
            const auto account = find_flag(container, "default-service-account");
            const auto apart = find_flag(container, "no-cross-namespace-refs");
            result.impersonates = result.impersonates && account && !account->empty();
            result.keeps_apart = result.keeps_apart && apart && (apart->empty() || *apart == "true");
        });
    return result;
}

/// The namespace of a source that is not the unit's own; empty where it is.
std::string_view foreign_source(const Document& unit)
{
    for (const std::string_view path : {"spec.sourceRef.namespace", "spec.chart.spec.sourceRef.namespace", "spec.chartRef.namespace"})
        if (const auto ns = unit.at(path).text(); !ns.empty() && ns != unit.meta.ns.view()) return ns;
    return {};
}

Verdict judge_flux(const Document& unit, const Context& context)
{
    if (unit.at("spec.kubeConfig").exists()) return check::not_applicable("It delivers to another cluster, with that cluster's credentials").proven();
    const bool own_rights = !unit.at("spec.serviceAccountName").text().empty();
    const auto foreign = foreign_source(unit);
    if (own_rights && foreign.empty()) return check::pass("It delivers as a ServiceAccount of its namespace, from a source there").proven();
    const auto& software = unit.kind == "HelmRelease" ? k_helm : k_kustomize;
    const auto lockdown = lockdown_of(software, context);
    if (!lockdown.found) {
        if (const auto* gap = first_gap(context, "*", {"WL"})) return context.unknown_for(*gap);
        return check::unknown(check::Reason::unobservable, fmt::format("No {} was recognised: how it is started decides", software.name));
    }
    NameList reasons;
    if (!own_rights && !lockdown.impersonates)
        reasons.add(fmt::format("it delivers with the rights of {}, for it names no ServiceAccount", software.name));
    if (!foreign.empty() && !lockdown.keeps_apart) reasons.add(fmt::format("its source is in namespace {}", foreign));
    if (!reasons.empty())
        return finding(fmt::format("It reaches further than its namespace: {}", reasons.text()), context).with("reasons", reasons.values());
    // A shard in a list that was not read may lack the flags.
    return resting_on(check::pass(fmt::format("{} keeps it to its namespace", software.name)), context, "*", {"WL"});
}

} // namespace

Verdict judge_delivery_scope(const Document& unit, const Context& context)
{
    if (unit.kind == "Application") return judge_application(unit, context);
    if (unit.kind == "AppProject") return judge_project(unit, context);
    return judge_flux(unit, context);
}

} // namespace seaworthy::controls
