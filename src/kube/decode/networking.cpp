// SPDX-License-Identifier: Apache-2.0
// networking.k8s.io and discovery.k8s.io.
#include <algorithm>

#include "kube/decode/decode_context.hpp"

namespace seaworthy::kube {

namespace {

Array<model::NetworkPolicyPeer> peers(DecodeContext& c, Value value)
{
    std::vector<model::NetworkPolicyPeer> found;
    c.json.array(value, [&](Value item) {
        model::NetworkPolicyPeer peer;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "podSelector")
                peer.pod_selector = c.selector(member);
            else if (key == "namespaceSelector")
                peer.namespace_selector = c.selector(member);
            if (key != "ipBlock") return;
            c.json.object(member, [&](std::string_view name, Value part) {
                if (name == "cidr")
                    peer.cidr = c.intern(part);
                else if (name == "except")
                    peer.except = c.texts(part);
            });
        });
        found.push_back(peer);
    });
    return c.vault.keep(found);
}

Array<model::NetworkPolicyPort> policy_ports(DecodeContext& c, Value value)
{
    std::vector<model::NetworkPolicyPort> found;
    c.json.array(value, [&](Value item) {
        model::NetworkPolicyPort port;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "protocol")
                port.protocol = c.intern(member);
            else if (key == "port")
                port.port = c.scalar(member);
            else if (key == "endPort")
                port.end_port = c.json.int32(member);
        });
        found.push_back(port);
    });
    return c.vault.keep(found);
}

Array<model::NetworkPolicyRule> policy_rules(DecodeContext& c, Value value)
{
    std::vector<model::NetworkPolicyRule> found;
    c.json.array(value, [&](Value item) {
        model::NetworkPolicyRule rule;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "from" || key == "to")
                rule.peers = peers(c, member);
            else if (key == "ports")
                rule.ports = policy_ports(c, member);
        });
        found.push_back(rule);
    });
    return c.vault.keep(found);
}

void decode_network_policy(DecodeContext& c, Object& object)
{
    model::NetworkPolicy policy;
    bool has_types = false;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata") c.meta(value, policy.meta);
        if (key != "spec") return;
        c.json.object(value, [&](std::string_view name, Value member) {
            if (name == "podSelector")
                policy.pod_selector = c.selector(member);
            else if (name == "ingress")
                policy.ingress = policy_rules(c, member);
            else if (name == "egress")
                policy.egress = policy_rules(c, member);
            else if (name == "policyTypes") {
                c.json.array(member, [&](Value item) {
                    const std::string_view type = c.json.text(item);
                    has_types = true;
                    if (type == "Ingress")
                        policy.affects_ingress = true;
                    else if (type == "Egress")
                        policy.affects_egress = true;
                });
            }
        });
    });
    if (!has_types) { // the API server's default: always ingress, and egress where it has rules
        policy.affects_ingress = true;
        policy.affects_egress = !policy.egress.empty();
    }
    policy.pod_selector.present = true; // not a pointer in the API: absent is empty, and selects every pod
    if (c.accept(policy.meta)) c.inventory.network_policies.push_back(policy);
}

model::Endpoint endpoint(DecodeContext& c, Value value)
{
    model::Endpoint endpoint;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "addresses") {
            c.json.array(member, [&](Value item) {
                const Text address = c.intern(item);
                if (endpoint.addresses++ == 0) endpoint.first_address = address;
            });
        } else if (key == "conditions") {
            c.json.object(member, [&](std::string_view name, Value part) {
                if (name == "ready") endpoint.ready = c.json.optional_flag(part).value_or(true);
            });
        } else if (key == "targetRef") {
            c.json.object(member, [&](std::string_view name, Value part) {
                if (name == "kind")
                    endpoint.target_kind = c.intern(part);
                else if (name == "name")
                    endpoint.target_name = c.vault.texts.intern(c.json.text(part));
            });
        } else if (key == "nodeName")
            endpoint.node_name = c.intern(member);
        else if (key == "zone")
            endpoint.zone = c.intern(member);
    });
    return endpoint;
}

void decode_endpoint_slice(DecodeContext& c, Object& object)
{
    model::EndpointSlice slice;
    std::vector<model::Endpoint> endpoints;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, slice.meta);
        else if (key == "addressType")
            slice.address_type = c.intern(value);
        else if (key == "endpoints")
            c.json.array(value, [&](Value item) { endpoints.push_back(endpoint(c, item)); });
        else if (key == "ports")
            c.json.array(value, [&](Value) { ++slice.ports; });
    });
    slice.endpoints = c.vault.keep(endpoints);
    if (const Text* service = slice.meta.labels.find("kubernetes.io/service-name")) slice.service_name = *service;
    if (c.accept(slice.meta)) c.inventory.endpoint_slices.push_back(slice);
}

} // namespace

std::span<const KindDecoder> networking_decoders()
{
    static constexpr KindDecoder k_decoders[] = {
        {"networkpolicies.networking.k8s.io", decode_network_policy},
        {"endpointslices.discovery.k8s.io", decode_endpoint_slice},
    };
    return k_decoders;
}

} // namespace seaworthy::kube
