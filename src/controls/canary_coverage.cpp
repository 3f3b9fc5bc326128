// SPDX-License-Identifier: Apache-2.0
#include "controls/canary_coverage.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "controls/exposure.hpp"
#include "seaworthy/model/image_reference.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Service;
using model::StringMap;
using model::Value;
using model::Workload;

// ---- controllers of canaries

bool names(const Value& reference, const Workload& workload)
{
    return reference["name"].text() == workload.name.view() && (reference["kind"].text().empty() || reference["kind"].text() == workload.kind.view());
}

std::optional<Verdict> by_rollout(const Document& rollout)
{
    const auto& strategy = rollout.at("spec.strategy");
    if (!strategy.at("canary.steps").items().empty())
        return check::pass(fmt::format("Rollout {} sends a new version a part of the requests first", rollout.meta.name.view())).proven();
    if (strategy["blueGreen"].exists())
        return check::pass(fmt::format("Rollout {} keeps the old version beside the new one", rollout.meta.name.view()))
            .proven()
            .with("partial", true);
    return std::nullopt;
}

/// The Rollout or Canary that releases the workload.
std::optional<Verdict> by_controller(const Workload& workload, const Context& context)
{
    for (const auto* rollout : context.index.documents_in("rollouts.argoproj.io", workload.ns)) {
        const bool own = workload.kind == "Rollout" && workload.api_version.view().starts_with("argoproj.io/") && rollout->meta.name == workload.name;
        if (own || names(rollout->at("spec.workloadRef"), workload))
            if (auto verdict = by_rollout(*rollout)) return verdict;
    }
    for (const auto* canary : context.index.documents_in("canaries.flagger.app", workload.ns))
        if (names(canary->at("spec.targetRef"), workload))
            return check::pass(fmt::format("Flagger's Canary {} releases it", canary->meta.name.view())).proven();
    for (const auto* rollout : context.index.documents_in("rollouts.rollouts.kruise.io", workload.ns))
        if (names(rollout->at("spec.workloadRef"), workload) || names(rollout->at("spec.objectRef.workloadRef"), workload))
            return check::pass(fmt::format("OpenKruise's Rollout {} releases it", rollout->meta.name.view())).proven();
    return std::nullopt;
}

// ---- routes with weights

struct Backend {
    std::string service;
    std::string version; ///< a subset of it
};
using Split = std::vector<Backend>; ///< backends between which one route divides requests

void add_split(std::vector<Split>& splits, std::span<const Value> backends, std::string_view name)
{
    Split split;
    for (const auto& backend : backends)
        split.push_back({std::string{backend[name].text()}, {}});
    if (split.size() > 1) splits.push_back(std::move(split));
}

void add_mesh_splits(std::vector<Split>& splits, const Document& virtual_service)
{
    for (const auto& rule : virtual_service.at("spec.http").items()) {
        Split split;
        for (const auto& target : rule["route"].items()) {
            const auto host = target.at("destination.host").text();
            split.push_back({std::string{host.substr(0, host.find('.'))}, std::string{target.at("destination.subset").text()}});
        }
        if (split.size() > 1) splits.push_back(std::move(split));
    }
}

/// `alb.ingress.kubernetes.io/actions.<name>`: {"forwardConfig": {"targetGroups": [{"serviceName": "web", "weight": 90}]}}
void add_alb_splits(std::vector<Split>& splits, const Document& ingress)
{
    for (const auto& [key, value] : ingress.meta.annotations) {
        if (!key.view().starts_with("alb.ingress.kubernetes.io/actions.")) continue;
        if (const auto action = model::JsonText::parse(value)) add_split(splits, action->at("forwardConfig.targetGroups").items(), "serviceName");
    }
}

std::vector<Split> splits_in(std::string_view ns, const Context& context)
{
    struct Kind {
        std::string_view resource;
        std::string_view rules;    ///< the list of rules; empty: `backends` lies in the object itself
        std::string_view backends; ///< of a rule, or a path
        std::string_view name;
    };
    constexpr Kind k_kinds[] = {
        {"httproutes.gateway.networking.k8s.io", "spec.rules", "backendRefs", "name"},
        {"grpcroutes.gateway.networking.k8s.io", "spec.rules", "backendRefs", "name"},
        {"ingressroutes.traefik.io", "spec.routes", "services", "name"},
        {"httpproxies.projectcontour.io", "spec.routes", "services", "name"},
        {"traefikservices.traefik.io", "", "spec.weighted.services", "name"},
        {"trafficsplits.split.smi-spec.io", "", "spec.backends", "service"},
    };
    std::vector<Split> splits;
    for (const auto& kind : k_kinds)
        for (const auto* route : context.index.documents_in(kind.resource, ns)) {
            if (kind.rules.empty()) add_split(splits, route->at(kind.backends).items(), kind.name);
            for (const auto& rule : kind.rules.empty() ? std::span<const Value>{} : route->at(kind.rules).items())
                add_split(splits, rule[kind.backends].items(), kind.name);
        }
    for (const auto* route : context.index.documents_in("routes.route.openshift.io", ns)) {
        Split split{{std::string{route->at("spec.to.name").text()}, {}}};
        for (const auto& backend : route->at("spec.alternateBackends").items())
            split.push_back({std::string{backend["name"].text()}, {}});
        if (split.size() > 1) splits.push_back(std::move(split));
    }
    for (const auto* route : context.index.documents_in("virtualservices.networking.istio.io", ns))
        add_mesh_splits(splits, *route);
    for (const auto* ingress : context.index.documents_in("ingresses.networking.k8s.io", ns))
        add_alb_splits(splits, *ingress);
    return splits;
}

// ---- versions of one application

std::string_view app_of(const StringMap& labels)
{
    for (const std::string_view key : {"app.kubernetes.io/name", "app", "k8s-app"})
        if (const auto value = labels.get(key); !value.empty()) return value;
    return {};
}

std::set<std::string> repositories(const Workload& workload)
{
    std::set<std::string> found;
    for (const auto* pod_template : workload.templates)
        for (const auto& container : pod_template->spec->containers)
            if (const auto image = model::parse_image_reference(container.image)) found.insert(image->repository());
    return found;
}

bool shares_image(const Workload& a, const Workload& b)
{
    const auto of_a = repositories(a);
    return std::ranges::any_of(repositories(b), [&](const auto& repository) { return of_a.contains(repository); });
}

/// Another version of it: the same application by its label, or by its image where a label is missing.
bool is_same_app(const Workload& a, const Workload& b)
{
    if (a.templates.empty() || b.templates.empty()) return false;
    const auto app = app_of(a.templates.front()->labels);
    const auto other = app_of(b.templates.front()->labels);
    return !app.empty() && !other.empty() ? app == other : shares_image(a, b);
}

bool is_behind(const Workload& workload, std::string_view service_name, const Context& context)
{
    const auto* service = context.index.find_service(workload.ns, service_name);
    return service != nullptr && std::ranges::any_of(workload.templates, [&](const auto* pod_template) {
               return model::map_selects(service->selector, pod_template->labels);
           });
}

/// A route divides requests between this workload and another version of it, or two subsets of its Service.
bool is_split(const Workload& workload, const Context& context)
{
    return std::ranges::any_of(splits_in(workload.ns, context), [&](const Split& split) {
        const auto own = std::ranges::find_if(split, [&](const Backend& backend) { return is_behind(workload, backend.service, context); });
        if (own == split.end()) return false;
        return std::ranges::any_of(split, [&](const Backend& other) {
            if (other.service == own->service) return other.version != own->version;
            return std::ranges::any_of(context.index.workloads_in(workload.ns), [&](const Workload* candidate) {
                return candidate != &workload && is_behind(*candidate, other.service, context) && is_same_app(workload, *candidate);
            });
        });
    });
}

/// ingress-nginx: a second Ingress with `canary: "true"` and how it is chosen, for this workload or another version of it.
bool is_nginx_canary(const Workload& workload, const Context& context)
{
    constexpr std::string_view k_prefix = "nginx.ingress.kubernetes.io/";
    return std::ranges::any_of(context.index.documents_in("ingresses.networking.k8s.io", workload.ns), [&](const Document* ingress) {
        const auto& annotations = ingress->meta.annotations;
        const bool chosen = std::ranges::any_of(std::array{"canary-weight", "canary-by-header", "canary-by-cookie"},
                                                [&](std::string_view key) { return annotations.has(fmt::format("{}{}", k_prefix, key)); });
        if (!annotations.is(fmt::format("{}canary", k_prefix), "true") || !chosen) return false;
        for (const auto& rule : ingress->at("spec.rules").items())
            for (const auto& path : rule.at("http.paths").items())
                for (const auto* candidate : context.index.workloads_in(workload.ns))
                    if (is_behind(*candidate, path.at("backend.service.name").text(), context) &&
                        (candidate == &workload || is_same_app(workload, *candidate)))
                        return true;
        return false;
    });
}

/// Two Deployments of one application behind one Service, each with a version of its own.
bool shares_service(const Workload& workload, const Context& context)
{
    const auto version = [](const Workload& each) {
        std::set<std::string_view> marks;
        for (const auto* pod_template : each.templates) {
            for (const std::string_view key : {"app.kubernetes.io/version", "version", "track"})
                if (const auto value = pod_template->labels.get(key); !value.empty()) marks.insert(value);
            for (const auto& container : pod_template->spec->containers)
                marks.insert(container.image.view());
        }
        return marks;
    };
    for (const Service* service : context.index.services_of(workload)) {
        if (service->cluster_ip == "None" || service->selector.empty()) continue;
        for (const auto* other : context.index.workloads_in(workload.ns))
            if (other != &workload && other->kind == "Deployment" && other->object != nullptr && is_behind(*other, service->meta.name, context) &&
                is_same_app(workload, *other) && shares_image(workload, *other) && version(workload) != version(*other))
                return true;
    }
    return false;
}

bool is_knative_split(const Workload& workload, const Context& context)
{
    for (const auto* service : context.index.documents_in("services.serving.knative.dev", workload.ns)) {
        const bool own = std::ranges::any_of(
            workload.templates, [&](const auto* pod_template) { return pod_template->labels.is("serving.knative.dev/service", service->meta.name); });
        const auto traffic = service->at("spec.traffic").items();
        if (own && std::ranges::count_if(traffic, [](const Value& target) { return target["percent"].number_or(0) > 0; }) > 1) return true;
    }
    return false;
}

bool is_required(const Workload& workload, const Context& context)
{
    const auto& key = context.parameters.text("canaryRequired");
    const auto* ns = context.index.find_namespace(workload.ns);
    return (workload.object != nullptr && workload.object->meta.labels.is(key, "true")) || (ns != nullptr && ns->meta.labels.is(key, "true"));
}

std::int32_t replicas_of(const Workload& workload, const Context& context)
{
    if (workload.object != nullptr) return workload.object->replicas.value_or(1);
    for (const auto* rollout : context.index.documents_in("rollouts.argoproj.io", workload.ns))
        if (rollout->meta.name == workload.name) return static_cast<std::int32_t>(rollout->at("spec.replicas").number_or(1));
    return 0;
}

} // namespace

Verdict judge_canary_coverage(const Workload& workload, const Context& context)
{
    const bool rollout = workload.kind == "Rollout" && workload.api_version.view().starts_with("argoproj.io/");
    if (workload.kind == "StatefulSet" && workload.object != nullptr) {
        if (workload.object->partition.value_or(0) > 0) return check::pass("Its partition keeps a new version to some of its pods").proven();
        return check::not_applicable("A StatefulSet updates its pods one by one").proven();
    }
    if (workload.kind != "Deployment" && !rollout) return check::not_applicable("Neither a Deployment nor a Rollout").proven();
    // What Flagger releases is scaled to nothing, and is exposed through the copy that Flagger makes.
    if (auto verdict = by_controller(workload, context)) return *std::move(verdict);
    if (!is_exposed(workload, context)) return check::not_applicable("Nothing outside reaches it");
    if (replicas_of(workload, context) < 2) return check::not_applicable("It has a single replica").proven();
    if (is_split(workload, context)) return check::pass("A route divides requests between its versions").proven();
    if (is_nginx_canary(workload, context)) return check::pass("A canary Ingress sends another version a part of the requests").proven();
    if (is_knative_split(workload, context)) return check::pass("Knative divides requests between its revisions").proven();
    if (shares_service(workload, context)) return check::pass("Another Deployment with another version shares its Service").proven();
    auto verdict = context.parameters.flag("strict") && is_required(workload, context)
                       ? check::fail("A canary is required here, and a new version gets everything by a rolling update")
                       : check::warn("A new version replaces the old one by a rolling update: nothing tries it on a part of the requests");
    return std::move(verdict).by_absence();
}

} // namespace seaworthy::controls
