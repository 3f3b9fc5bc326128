// SPDX-License-Identifier: Apache-2.0
#include "controls/load_balancers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "controls/names.hpp"
#include "seaworthy/model/ip_block.hpp"
#include "seaworthy/model/network_isolation.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Service;

struct KeyValue {
    std::string_view key;
    std::string_view value;
};

constexpr KeyValue k_internal[] = {
    {"service.beta.kubernetes.io/aws-load-balancer-internal", "true"},
    {"service.beta.kubernetes.io/aws-load-balancer-internal", "0.0.0.0/0"},
    {"service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"},
    {"networking.gke.io/load-balancer-type", "Internal"},
    {"cloud.google.com/load-balancer-type", "Internal"},
    {"service.beta.kubernetes.io/azure-load-balancer-internal", "true"},
};

/// `app.kubernetes.io/name` of what stands at the entrance of a cluster to be reached by everybody.
constexpr std::string_view k_entrances[] = {"ingress-nginx",   "traefik", "nginx-ingress", "haproxy-ingress",      "kubernetes-ingress", "contour",
                                            "envoy",           "kong",    "gateway",       "istio-ingressgateway", "istio-ingress",      "apisix",
                                            "emissary-ingress"};

/// RFC 1918, shared (RFC 6598), loopback, link-local and unique local addresses.
bool is_private(std::string_view address)
{
    static constexpr std::string_view k_networks[] = {
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1"};
    return std::ranges::any_of(k_networks, [&](std::string_view network) { return model::cidr_contains(network, address); });
}

bool is_entrance(const Service& service)
{
    const auto names_one = [](std::string_view name) { return std::ranges::find(k_entrances, name) != std::end(k_entrances); };
    const auto& labels = service.meta.labels;
    const bool known = names_one(labels.get("app.kubernetes.io/name")) || names_one(service.selector.get("app.kubernetes.io/name")) ||
                       names_one(service.selector.get("app")) || service.selector.is("istio", "ingressgateway") ||
                       labels.has("gateway.networking.k8s.io/gateway-name");
    return known && std::ranges::all_of(service.ports, [](const model::ServicePort& port) { return port.port == 80 || port.port == 443; });
}

bool is_open(const Service& service)
{
    const auto& ranges = service.load_balancer_source_ranges;
    return ranges.empty() || std::ranges::any_of(ranges, [](const Text& range) { return model::is_every_address(range); });
}

/// Ports that nobody offers to the internet on purpose, besides `ports`.
constexpr std::array k_administration{22, 3389, 6443, 10250};

bool is_sensitive(std::int64_t port, const Context& context)
{
    if (std::ranges::find(k_administration, port) != k_administration.end()) return true;
    return std::ranges::find(context.parameters.list("ports"), std::to_string(port)) != context.parameters.list("ports").end();
}

bool is_sensitive(const model::ServicePort& port, const Context& context)
{
    if (is_sensitive(port.port, context)) return true;
    int target = 0;
    const auto text = port.target_port.view();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
    return error == std::errc{} && end == text.data() + text.size() && is_sensitive(target, context);
}

} // namespace

bool is_internal_load_balancer(const Service& service)
{
    if (std::ranges::any_of(k_internal, [&](const KeyValue& row) { return service.meta.annotations.is(row.key, row.value); })) return true;
    return !service.load_balancer_ingress.empty() &&
           std::ranges::all_of(service.load_balancer_ingress, [](const Text& address) { return is_private(address); });
}

Verdict judge_load_balancer(const Service& service, const Context& context)
{
    if (service.type != "LoadBalancer") return check::not_applicable("No load balancer is asked for").proven();
    if (service.load_balancer_ingress.empty()) return check::not_applicable("No load balancer exists yet").proven();
    if (is_internal_load_balancer(service)) return check::pass("Its load balancer is internal").proven();
    if (!is_open(service)) return check::pass("Its load balancer takes connections from named ranges").proven();
    if (is_entrance(service)) return check::not_applicable("It is the entrance of the cluster, on ports 80 and 443 alone").proven();
    NameList sensitive;
    for (const auto& port : service.ports)
        if (is_sensitive(port, context)) sensitive.add(std::to_string(port.port));
    if (!sensitive.empty())
        return check::fail(fmt::format("The internet reaches port {}, which is one of databases or administration", sensitive.text()))
            .with("ports", sensitive.values());
    return check::warn("The internet reaches it: its load balancer takes connections from everywhere");
}

} // namespace seaworthy::controls
