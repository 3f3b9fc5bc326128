// SPDX-License-Identifier: Apache-2.0
// Whether pods whose egress is restricted may still ask the cluster's DNS.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/policy_reach.hpp"
#include "controls/policy_rules.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Direction;
using model::Isolation;
using model::StringMap;
using model::Workload;

/// The cluster's DNS: where its pods are, what they are called, and what they listen on.
struct Dns {
    struct Listener {
        std::string_view protocol;
        Target target;
    };
    const model::Service* service = nullptr;
    std::vector<Listener> listeners;
    std::vector<std::string_view> addresses;      ///< of its pods
    std::vector<std::string_view> node_addresses; ///< of NodeLocal DNS

    [[nodiscard]] bool offers(std::string_view protocol) const
    {
        return std::ranges::any_of(listeners, [&](const Listener& each) { return each.protocol == protocol; });
    }
};

/// The port of DNS's pods, or of their templates, that `is_it` wants; nullptr where none declares it.
const model::ContainerPort* find_port(const model::Service& service, const Context& context,
                                      const std::function<bool(const model::ContainerPort&)>& is_it)
{
    const auto in = [&](const StringMap& labels, const model::PodSpec* spec) -> const model::ContainerPort* {
        if (spec == nullptr || !model::map_selects(service.selector, labels)) return nullptr;
        for (const auto& container : spec->containers)
            if (const auto* port = std::ranges::find_if(container.ports, is_it); port != container.ports.end()) return port;
        return nullptr;
    };
    for (const auto* workload : context.index.workloads_in(service.meta.ns)) {
        for (const auto* pod : workload->pods)
            if (const auto* port = in(pod->labels(), pod->spec())) return port;
        for (const auto* pod_template : workload->templates)
            if (const auto* port = in(pod_template->labels, pod_template->spec)) return port;
    }
    return nullptr;
}

/// Where the Service sends the port to. Policies may call it by the number or by the name that the pods give it, whichever the Service uses.
Target target_of(const model::ServicePort& port, const model::Service& service, const Context& context)
{
    const auto number = port.target_port.empty() ? port.port : port_number(port.target_port);
    const auto* listening = find_port(service, context, [&](const model::ContainerPort& each) {
        return protocol_of(each.protocol) == protocol_of(port.protocol) &&
               (number != 0 ? each.container_port == number : each.name == port.target_port);
    });
    if (listening != nullptr) return {listening->container_port, listening->name};
    return {number, number == 0 ? port.target_port.view() : std::string_view{}};
}

Dns find_dns(const Context& context)
{
    Dns dns;
    for (const auto& [ns, name] : {std::pair{"kube-system", "kube-dns"}, std::pair{"openshift-dns", "dns-default"}})
        if (dns.service == nullptr) dns.service = context.index.find_service(ns, name);
    if (dns.service == nullptr) return dns;
    for (const auto& port : dns.service->ports)
        if (port.port == 53) dns.listeners.push_back({protocol_of(port.protocol), target_of(port, *dns.service, context)});
    for (const auto* slice : context.index.endpoint_slices_of(*dns.service))
        for (const auto& endpoint : slice->endpoints)
            dns.addresses.push_back(endpoint.first_address);
    constexpr Software k_node_local{"NodeLocal DNS", "dns/k8s-dns-node-cache, k8s-dns-node-cache"};
    for (const auto& cache : find_software(context, std::span{&k_node_local, 1}))
        for_each_container(*cache.workload, [&](const model::Container& container, const model::PodTemplate&) {
            for (std::size_t i = 0; i + 1 < container.args.size(); ++i)
                if (container.args[i] == "-localip")
                    dns.node_addresses.push_back(container.args[i + 1].view().substr(0, container.args[i + 1].view().find(',')));
        });
    return dns;
}

/// DNS as a pod asks it on one of its ports. The labels are those of a pod that its Service selects, else the selector.
model::Connection connection_to(const Dns& dns, const Dns::Listener& listener, const Context& context)
{
    model::Connection connection;
    connection.who = model::Connection::Who::pods;
    connection.protocol = listener.protocol;
    connection.port = listener.target.number;
    connection.port_name = listener.target.name;
    connection.ns = dns.service->meta.ns;
    connection.labels = &dns.service->selector;
    connection.addresses = dns.addresses;
    connection.node_addresses = dns.node_addresses;
    if (const auto* ns = context.index.find_namespace(connection.ns)) connection.namespace_labels = &ns->meta.labels;
    for (const auto* pod : context.index.active_pods_in(connection.ns)) {
        if (!model::map_selects(dns.service->selector, pod->labels())) continue;
        connection.labels = &pod->labels();
        if (pod->spec() != nullptr) connection.service_account = pod->spec()->service_account;
        break;
    }
    return connection;
}

model::Answer admits_dns(const model::PodIdentity& pod, std::string_view protocol, const Dns& dns, const Context& context)
{
    auto best = model::Answer::no;
    for (const auto& listener : dns.listeners) {
        if (listener.protocol != protocol) continue;
        const auto answer = context.network.admits(pod, Direction::egress, connection_to(dns, listener, context));
        if (answer == model::Answer::yes) return answer;
        if (answer == model::Answer::unresolved) best = answer;
    }
    return best;
}

} // namespace

Verdict judge_dns(const Workload& workload, const Context& context)
{
    const auto pods = filtered_pods(workload, [](const model::PodSpec& spec) { return spec.dns_policy != "Default" && spec.dns_policy != "None"; });
    if (pods.empty()) return check::not_applicable("No pod of it asks the cluster's DNS");
    if (const auto* gap = context.network.unread(workload.ns)) return context.unknown_for(*gap);
    std::string doubt;
    bool restricted = false;
    std::optional<Dns> dns;
    for (const auto& pod : pods) {
        const auto state = context.network.of_pod(pod, Direction::egress);
        if (state == Isolation::unresolved) doubt = context.network.doubt(pod, Direction::egress);
        if (state != Isolation::isolated) continue;
        restricted = true;
        if (!dns) dns = find_dns(context);
        if (dns->service == nullptr || dns->listeners.empty()) {
            if (const auto* gap = context.gap("services", "kube-system")) return context.unknown_for(*gap);
            return check::unknown(Reason::unobservable, "The cluster's DNS Service was not found");
        }
        NameList refused;
        for (const std::string_view protocol : {"UDP", "TCP"}) {
            if (!dns->offers(protocol)) continue;
            const auto answer = admits_dns(pod, protocol, *dns, context);
            if (answer == model::Answer::no) refused.add(std::string{protocol});
            if (answer == model::Answer::unresolved && doubt.empty()) doubt = "a policy";
        }
        if (!refused.empty())
            return check::warn(fmt::format("Its egress is restricted, and no rule lets it ask the cluster's DNS by {}", refused.text()))
                .with("protocols", refused.values())
                .by_absence();
    }
    if (!doubt.empty()) {
        if (const auto* gap = first_gap(context, "*", {"namespaces"})) return context.unknown_for(*gap);
        return unresolved_by(doubt);
    }
    auto verdict = restricted ? check::pass("It may ask the cluster's DNS") : check::not_applicable("Its egress is not restricted");
    return resting_on_each_pod(std::move(verdict), workload, context);
}

} // namespace seaworthy::controls
