// SPDX-License-Identifier: Apache-2.0
#include "controls/delivery_scope.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Value;

constexpr std::string_view k_projects = "appprojects.argoproj.io";

/// C18: somebody else's teams share the cluster.
bool has_tenants(const Context& context)
{
    if (!context.inventory.documents_of("tenants.capsule.clastix.io").empty()) return true;
    return std::ranges::any_of(context.inventory.namespaces, [](const auto& ns) {
        return ns.meta.labels.has("capsule.clastix.io/tenant") || ns.meta.labels.has("projectcapsule.dev/tenant");
    });
}

/// What a single team may do knowingly, tenants must not be able to.
Verdict too_broad(std::string message, const Context& context)
{
    if (has_tenants(context)) return check::fail(std::move(message));
    // Who says that there are no tenants needs their list.
    if (const auto* gap = context.gap("tenants.capsule.clastix.io"); gap != nullptr && model::is_missing(gap->reason))
        return context.unknown_for(*gap);
    return check::warn(std::move(message));
}

bool holds_star(const Value& list)
{
    return list.contains("*");
}

/// The state in which Argo CD ships it: any repository to any namespace of any cluster.
bool allows_everything(const Document& project)
{
    const auto& spec = project["spec"];
    return holds_star(spec["sourceRepos"]) && std::ranges::any_of(spec["destinations"].items(), [](const Value& destination) {
               const bool anywhere = destination["server"].text() == "*" || destination["name"].text() == "*";
               return destination["namespace"].text() == "*" && anywhere;
           });
}

Verdict judge_application(const Document& application, const Context& context)
{
    const auto project = application.at("spec.project").text();
    if (!project.empty() && project != "default") return check::pass(fmt::format("It is bound to project {}", project)).proven();
    const auto& projects = context.inventory.documents_of(k_projects);
    const auto found = std::ranges::find(projects, std::string_view{"default"}, [](const Document& each) { return each.meta.name.view(); });
    if (found == projects.end()) {
        if (const auto* gap = context.gap(k_projects)) return context.unknown_for(*gap);
        return check::unknown(check::Reason::unobservable, "It is of project default, which was not found");
    }
    if (!allows_everything(*found)) return check::pass("It is of project default, which is restricted here").proven();
    return too_broad("It is of project default, which allows any repository to deploy anything anywhere", context);
}

Verdict judge_project(const Document& project, const Context& context)
{
    if (project.meta.name == "default") return check::not_applicable("Argo CD makes it; who uses it is judged").proven();
    const bool everything = std::ranges::any_of(project.at("spec.clusterResourceWhitelist").items(),
                                                [](const Value& entry) { return entry["group"].text() == "*" && entry["kind"].text() == "*"; });
    if (everything) return too_broad("Its Applications may write every cluster-scoped resource: clusterResourceWhitelist is */*", context);
    return check::pass("It does not let its Applications write every cluster-scoped resource").proven();
}

/// A flag of a controller's containers, as `--flag` or `--flag=value`; nothing where it is not there.
std::optional<std::string_view> flag_of(const model::Workload& controller, std::string_view flag)
{
    std::optional<std::string_view> found;
    for_each_container(controller, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto* list : {&container.command, &container.args})
            for (const Text argument : *list) {
                const auto text = argument.view();
                if (!text.starts_with(flag)) continue;
                const auto rest = text.substr(flag.size());
                if (rest.empty()) found = "true";
                if (rest.starts_with('=')) found = rest.substr(1);
            }
    });
    return found;
}

std::string_view other_namespace(const Document& unit)
{
    for (const std::string_view path : {"spec.sourceRef.namespace", "spec.chart.spec.sourceRef.namespace", "spec.chartRef.namespace"})
        if (const auto ns = unit.at(path).text(); !ns.empty() && ns != unit.meta.ns.view()) return ns;
    return {};
}

Verdict judge_flux(const Document& unit, const Context& context)
{
    constexpr std::array k_kustomize{Software{"kustomize-controller", "fluxcd/kustomize-controller, kustomize-controller"}};
    constexpr std::array k_helm{Software{"helm-controller", "fluxcd/helm-controller, helm-controller"}};
    if (unit.at("spec.kubeConfig").exists()) return check::not_applicable("It deploys to another cluster").proven();
    const auto controllers = unit.kind == "HelmRelease" ? find_software(context, k_helm) : find_software(context, k_kustomize);
    if (std::ranges::any_of(controllers, [&](const auto& each) { return each.workload->ns == unit.meta.ns; }))
        return check::not_applicable("It lies beside its controller: the platform's own").proven();
    const bool impersonates = !unit.at("spec.serviceAccountName").text().empty();
    const auto from = other_namespace(unit);
    if (impersonates && from.empty()) return check::pass("It delivers as a ServiceAccount of its namespace, from its own source").proven();
    if (controllers.empty()) {
        if (const auto* gap = first_gap(context, "*", {"WL"})) return context.unknown_for(*gap);
        return check::unknown(check::Reason::unobservable, "Its controller was not found, so its flags are not known");
    }
    const auto& controller = *controllers.front().workload;
    if (!impersonates && flag_of(controller, "--default-service-account").value_or("").empty())
        return too_broad("It delivers with the controller's own rights: no serviceAccountName, and the controller has no --default-service-account",
                         context);
    if (!from.empty() && flag_of(controller, "--no-cross-namespace-refs").value_or("false") != "true")
        return too_broad(fmt::format("It takes its source from namespace {}, which the controller's flags allow", from), context);
    return check::pass("The controller's flags bind it to its namespace").proven();
}

} // namespace

Verdict judge_delivery_scope(const Document& unit, const Context& context)
{
    if (unit.kind == "Application") return judge_application(unit, context);
    return unit.kind == "AppProject" ? judge_project(unit, context) : judge_flux(unit, context);
}

} // namespace seaworthy::controls
