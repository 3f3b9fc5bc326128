// SPDX-License-Identifier: Apache-2.0
#include "controls/canary_coverage.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/template_parts.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Service;
using model::Workload;
using model::WorkloadKind;

bool is_rollout(const Workload& workload)
{
    return workload.kind == "Rollout" && workload.api_version.view().starts_with("argoproj.io/");
}

bool names(const model::Value& reference, const Workload& workload)
{
    return reference["name"].text() == workload.name.view() && reference["kind"].text() == workload.kind.view();
}

// ---- (a) to (c): controllers that release step by step

/// The Argo Rollout itself, or the one that took a Deployment over.
const Document* rollout_of(const Workload& workload, const Context& context)
{
    for (const auto* rollout : context.index.documents_in("rollouts.argoproj.io", workload.ns))
        if (is_rollout(workload) ? rollout->meta.name == workload.name : names(rollout->at("spec.workloadRef"), workload)) return rollout;
    return nullptr;
}

const Document* flagger_of(const Workload& workload, const Context& context)
{
    for (const auto* canary : context.index.documents_in("canaries.flagger.app", workload.ns))
        if (names(canary->at("spec.targetRef"), workload)) return canary;
    return nullptr;
}

/// Of OpenKruise; v1alpha1 has the reference one level deeper.
const Document* kruise_of(const Workload& workload, const Context& context)
{
    for (const auto* rollout : context.index.documents_in("rollouts.rollouts.kruise.io", workload.ns))
        for (const std::string_view path : {"spec.workloadRef", "spec.objectRef.workloadRef"})
            if (names(rollout->at(path), workload)) return rollout;
    return nullptr;
}

// ---- which versions there are

/// What the owner calls the application; empty where no template says it.
std::string_view application_of(const Workload& workload)
{
    for (const std::string_view key : {"app.kubernetes.io/name", "app"})
        for (const auto* pod_template : workload.templates)
            if (const auto name = pod_template->labels.get(key); !name.empty()) return name;
    return {};
}

using Images = std::set<std::string>;

Images images_of(const Workload& workload, bool with_tag)
{
    Images images;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        const auto image = model::parse_image_reference(container.image);
        if (!image) return;
        images.insert(with_tag ? fmt::format("{}:{}@{}", image->repository(), image->effective_tag(), image->digest) : image->repository());
    });
    return images;
}

bool share_a_repository(const Workload& a, const Workload& b)
{
    const auto of_a = images_of(a, false);
    const auto of_b = images_of(b, false);
    return std::ranges::any_of(of_a, [&](const std::string& repository) { return of_b.contains(repository); });
}

/// "web" and "web-canary".
bool extends(std::string_view longer, std::string_view name)
{
    return longer.size() > name.size() && longer.starts_with(name) && longer[name.size()] == '-';
}

/// Two workloads that are versions of one application, not two applications that share a host.
bool are_versions(const Workload& a, const Workload& b)
{
    if (&a == &b) return false;
    const auto name = application_of(a);
    const auto other = application_of(b);
    if (!name.empty() && name == other) return true;
    const bool may_be_one = name.empty() || other.empty() || extends(name, other) || extends(other, name);
    return may_be_one && share_a_repository(a, b);
}

bool differ_in_version(const Workload& a, const Workload& b)
{
    for (const std::string_view key : {"version", "track", "app.kubernetes.io/version"})
        for (const auto* of_a : a.templates)
            for (const auto* of_b : b.templates)
                if (of_a->labels.get(key) != of_b->labels.get(key)) return true;
    return images_of(a, true) != images_of(b, true);
}

// ---- (d) weights

using Services = std::vector<const Service*>;

bool is_behind(const Services& services, std::string_view name)
{
    return std::ranges::any_of(services, [&](const Service* service) { return service->meta.name == name; });
}

/// True if some backend of the split leads to another version of the workload. At 100 to 0 the rollout is over and can be taken back.
bool splits_versions(const Split& split, const Workload& workload, const Services& services, const Context& context)
{
    if (std::ranges::none_of(split.backends, [&](const WeightedBackend& backend) { return is_behind(services, backend.service); })) return false;
    return std::ranges::any_of(context.index.workloads_in(workload.ns), [&](const Workload* other) {
        if (!are_versions(workload, *other)) return false;
        const auto theirs = context.index.services_of(*other);
        return std::ranges::any_of(split.backends, [&](const WeightedBackend& backend) {
            // Two subsets of one Service are two versions of its pods.
            const bool own = is_behind(services, backend.service) && backend.subset.empty();
            return is_behind(theirs, backend.service) && !own;
        });
    });
}

bool is_canary_ingress(const Document& ingress)
{
    const auto& annotations = ingress.meta.annotations;
    if (!annotations.is("nginx.ingress.kubernetes.io/canary", "true")) return false;
    return std::ranges::any_of(std::initializer_list<std::string_view>{"canary-weight", "canary-by-header", "canary-by-cookie"},
                               [&](std::string_view key) { return annotations.has(fmt::format("nginx.ingress.kubernetes.io/{}", key)); });
}

bool leads_to(const Document& ingress, const Services& services)
{
    for (const auto& rule : ingress.at("spec.rules").items())
        for (const auto& path : rule.at("http.paths").items())
            if (is_behind(services, path.at("backend.service.name").text())) return true;
    return false;
}

bool share_a_host(const Document& a, const Document& b)
{
    for (const auto& of_a : a.at("spec.rules").items())
        for (const auto& of_b : b.at("spec.rules").items())
            if (of_a["host"].text() == of_b["host"].text()) return true;
    return false;
}

/// ingress-nginx: an Ingress of the same host beside the main one takes a share of its requests.
bool has_canary_ingress(const Services& services, std::string_view ns, const Context& context)
{
    const auto ingresses = context.index.documents_in("ingresses.networking.k8s.io", ns);
    return std::ranges::any_of(ingresses, [&](const Document* canary) {
        if (!is_canary_ingress(*canary)) return false;
        return leads_to(*canary, services) || std::ranges::any_of(ingresses, [&](const Document* main) {
                   return main != canary && leads_to(*main, services) && share_a_host(*main, *canary);
               });
    });
}

// ---- (e) a second Deployment behind the same Service

/// A Service that shares its requests out among its pods, and whose selector no controller moves.
bool shares_requests(const Service& service)
{
    return service.cluster_ip != "None" && !service.selector.empty() && service.meta.controller == nullptr &&
           !service.selector.has("rollouts-pod-template-hash");
}

const Workload* second_deployment(const Workload& workload, const Services& services, const Context& context)
{
    const auto name = application_of(workload);
    if (workload.object == nullptr || name.empty()) return nullptr;
    for (const auto* other : context.index.workloads_in(workload.ns)) {
        if (other == &workload || other->object == nullptr || other->object->kind != WorkloadKind::deployment) continue;
        if (application_of(*other) != name || !share_a_repository(workload, *other) || !differ_in_version(workload, *other)) continue;
        for (const auto* service : context.index.services_of(*other))
            if (shares_requests(*service) && is_behind(services, service->meta.name)) return other;
    }
    return nullptr;
}

// ---- who is meant

/// Flagger serves from copies that it makes, `<name>-primary` and `<name>-canary`, behind a Service of its own.
bool is_reached_through(const Document& canary, const std::set<std::string_view>& routed, const Context& context)
{
    const auto written = canary.at("spec.service.name").text();
    const auto name = written.empty() ? canary.at("spec.targetRef.name").text() : written;
    for (const std::string_view suffix : {"", "-primary", "-canary"}) {
        const auto full = fmt::format("{}{}", name, suffix);
        if (routed.contains(full)) return true;
        const auto* service = context.index.find_service(canary.meta.ns, full);
        if (service != nullptr && is_reachable(*service, routed)) return true;
    }
    return false;
}

/// Weights lead further than the first backend: an alternate of an OpenShift Route, what a TraefikService or TrafficSplit shares out.
bool is_reached(const Services& services, const std::vector<Split>& splits, const std::set<std::string_view>& routed)
{
    if (std::ranges::any_of(services, [&](const Service* service) { return is_reachable(*service, routed); })) return true;
    return std::ranges::any_of(splits, [&](const Split& split) {
        const auto in_route = [&](std::string_view name) { return routed.contains(name); };
        const bool outside = in_route(split.root) || (split.route->kind == "TraefikService" && in_route(split.route->meta.name)) ||
                             std::ranges::any_of(split.backends, [&](const WeightedBackend& backend) { return in_route(backend.service); }) ||
                             split.route->kind == "Ingress";
        return outside && std::ranges::any_of(split.backends, [&](const WeightedBackend& backend) { return is_behind(services, backend.service); });
    });
}

double wanted_replicas(const Workload& workload, const Document* rollout)
{
    if (rollout != nullptr) return rollout->at("spec.replicas").number_or(1);
    return workload.object != nullptr ? workload.object->replicas.value_or(1) : 1;
}

/// Why no canary is asked of it, by its kind.
std::optional<Verdict> excused_by_kind(const Workload& workload)
{
    if (is_rollout(workload)) return std::nullopt;
    if (workload.operator_owned()) return check::not_applicable("An operator releases it").proven();
    if (workload.object == nullptr) return check::not_applicable("A pod alone is not released, it is replaced").proven();
    if (workload.object->kind == WorkloadKind::deployment) return std::nullopt;
    if (workload.object->kind == WorkloadKind::stateful_set && workload.object->partition.value_or(0) > 0) return std::nullopt;
    return check::not_applicable("Only Deployments and Rollouts are released by canary").proven();
}

Verdict judge_rollout_strategy(const Document& rollout)
{
    const auto& strategy = rollout.at("spec.strategy");
    if (!strategy.at("canary.steps").items().empty())
        return check::pass(fmt::format("Rollout {} releases it step by step", rollout.meta.name.view())).proven();
    if (strategy["blueGreen"].exists())
        return check::pass(fmt::format("Rollout {} switches it over as a whole, and back", rollout.meta.name.view()))
            .with("word", std::string{"partial"})
            .proven();
    return check::warn(fmt::format("Rollout {} has no steps: a new version reaches everybody at once", rollout.meta.name.view()));
}

Verdict without_canary(const Workload& workload, const Context& context)
{
    const std::string message = "It is reachable from outside, and a new version replaces the old one for everybody";
    const auto& key = context.parameters.text("canaryRequired");
    const bool required = (workload.object != nullptr && workload.object->meta.labels.is(key, "true")) ||
                          std::ranges::any_of(workload.templates, [&](const auto* each) { return each->labels.is(key, "true"); });
    if (context.parameters.flag("strict") && required)
        return check::fail(fmt::format("{}, though label {} asks for a canary", message, key)).by_absence();
    return check::warn(message).by_absence();
}

} // namespace

Verdict judge_canary_coverage(const Workload& workload, const Context& context)
{
    if (auto excused = excused_by_kind(workload)) return *std::move(excused);
    const auto routed = routed_services(context, workload.ns);
    if (const auto* canary = flagger_of(workload, context)) {
        if (is_reached_through(*canary, routed, context))
            return check::pass(fmt::format("Canary {} releases it step by step", canary->meta.name.view())).proven();
        return check::not_applicable("Nothing leads to it from outside");
    }
    const auto* rollout = rollout_of(workload, context);
    if (rollout == nullptr && is_rollout(workload)) { // its pods are seen, it is not
        if (const auto* gap = context.gap("rollouts.argoproj.io", workload.ns)) return context.unknown_for(*gap);
        return check::unknown(check::Reason::unobservable, "Its pods name a Rollout that is not there");
    }
    if (wanted_replicas(workload, rollout) < 2) return check::not_applicable("One replica cannot be released in parts");
    const auto services = context.index.services_of(workload);
    const auto splits = splits_in(workload.ns, context);
    if (!is_reached(services, splits, routed)) return check::not_applicable("Nothing leads to it from outside");
    if (rollout != nullptr) return judge_rollout_strategy(*rollout);
    if (workload.object->kind == WorkloadKind::stateful_set)
        return check::pass("Its partition holds the new version to a part of the replicas").proven();
    if (const auto* kruise = kruise_of(workload, context))
        return check::pass(fmt::format("Rollout {} of OpenKruise releases it in parts", kruise->meta.name.view())).proven();
    for (const auto& split : splits)
        if (splits_versions(split, workload, services, context))
            return check::pass(
                       fmt::format("{} {} shares its requests out between two versions", split.route->kind.view(), split.route->meta.name.view()))
                .proven();
    if (has_canary_ingress(services, workload.ns, context)) return check::pass("A canary Ingress takes a share of its requests").proven();
    if (const auto* other = second_deployment(workload, services, context))
        return check::pass(fmt::format("Deployment {} is another version behind the same Service", other->name.view()))
            .with("word", std::string{"manual"})
            .proven();
    return without_canary(workload, context);
}

} // namespace seaworthy::controls
