// SPDX-License-Identifier: Apache-2.0
#include "controls/route_weights.hpp"

#include <charconv>
#include <optional>

#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using model::Document;
using model::Value;

/// A weight as a number; SMI's early versions and annotations write it as text ("500m" is 500 of the same unit).
std::optional<double> weight_of(const Value& value)
{
    if (value.kind() == Value::Kind::number) return value.number_or(0);
    const auto text = value.text();
    double weight = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
    return error == std::errc{} ? std::optional{weight} : std::nullopt;
}

/// How a kind writes its list of backends.
struct BackendForm {
    std::string_view name;
    std::string_view weight = "weight";
    double fallback = 1;
};

void add_backend(Split& split, const Value& backend, const BackendForm& form)
{
    const auto latest = backend["latestRevision"].is_true(); // Knative: the newest revision, whatever its name
    const auto name = latest ? "latest" : backend.at(form.name).text();
    const auto kind = backend["kind"].text();
    if (name.empty() || backend["mirror"].is_true() || (!kind.empty() && kind != "Service")) return;
    const auto weight = weight_of(backend[form.weight]);
    split.backends.push_back({std::string{name}, {}, weight.value_or(form.fallback), weight.has_value()});
}

using Splits = std::vector<Split>;

void add_split(Splits& splits, const Document& route, const Value& backends, const BackendForm& form, std::string_view root = {})
{
    Split split{&route, std::string{root}, {}};
    for (const auto& backend : backends.items())
        add_backend(split, backend, form);
    if (split.backends.size() > 1) splits.push_back(std::move(split));
}

/// Gateway API and Contour: a list of backends in each rule.
void add_rules(Splits& splits, const Document& route, const Value& rules, std::string_view backends)
{
    for (const auto& rule : rules.items())
        add_split(splits, route, rule[backends], {"name"});
}

/// "web", "web.shop", "web.shop.svc.cluster.local": the Service's name comes first. A destination without a weight gets nothing beside others.
void add_virtual_service(Splits& splits, const Document& route)
{
    for (const auto& http : route.at("spec.http").items()) {
        Split split{&route, {}, {}};
        for (const auto& target : http["route"].items()) {
            const auto host = target.at("destination.host").text();
            const auto weight = weight_of(target["weight"]);
            split.backends.push_back({std::string{host.substr(0, host.find('.'))}, std::string{target.at("destination.subset").text()},
                                      weight.value_or(0), weight.has_value()});
        }
        if (split.backends.size() > 1) splits.push_back(std::move(split));
    }
}

/// The default of each backend of an OpenShift Route is 100.
void add_open_shift_route(Splits& splits, const Document& route)
{
    constexpr BackendForm k_form{"name", "weight", 100};
    Split split{&route, {}, {}};
    add_backend(split, route.at("spec.to"), k_form);
    for (const auto& backend : route.at("spec.alternateBackends").items())
        add_backend(split, backend, k_form);
    if (split.backends.size() > 1) splits.push_back(std::move(split));
}

/// AWS Load Balancer Controller: an action as JSON in an annotation.
void add_load_balancer_actions(Splits& splits, const Document& ingress)
{
    constexpr std::string_view k_prefix = "alb.ingress.kubernetes.io/actions.";
    for (const auto& [key, text] : ingress.meta.annotations) {
        if (!key.view().starts_with(k_prefix)) continue;
        if (const auto action = model::JsonText::parse(text)) add_split(splits, ingress, action->at("forwardConfig.targetGroups"), {"serviceName"});
    }
}

void add_splits(Splits& splits, const Document& route)
{
    const auto kind = route.kind.view();
    if (kind == "HTTPRoute" || kind == "GRPCRoute")
        add_rules(splits, route, route.at("spec.rules"), "backendRefs");
    else if (kind == "HTTPProxy")
        add_rules(splits, route, route.at("spec.routes"), "services");
    else if (kind == "VirtualService")
        add_virtual_service(splits, route);
    else if (kind == "Route")
        add_open_shift_route(splits, route);
    else if (kind == "Ingress")
        add_load_balancer_actions(splits, route);
    else if (kind == "Service")
        add_split(splits, route, route.at("spec.traffic"), {"revisionName", "percent", 0});
    else if (kind == "TrafficSplit")
        add_split(splits, route, route.at("spec.backends"), {"service"}, route.at("spec.service").text());
    else if (kind == "TraefikService")
        add_split(splits, route, route.at("spec.weighted.services"), {"name"});
}

} // namespace

std::vector<Split> splits_of(const Document& route)
{
    Splits splits;
    add_splits(splits, route);
    return splits;
}

std::vector<Split> splits_in(std::string_view ns, const check::Context& context)
{
    Splits splits;
    for (const auto list : k_weighted_routes)
        for (const auto* route : context.index.documents_in(list, ns))
            add_splits(splits, *route);
    return splits;
}

} // namespace seaworthy::controls
