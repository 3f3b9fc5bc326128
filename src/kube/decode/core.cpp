// SPDX-License-Identifier: Apache-2.0
// The core group, but for pods and replication controllers.
#include <algorithm>

#include "kube/decode/decode_context.hpp"

namespace seaworthy::kube {

namespace {

constexpr std::size_t k_event_message_bytes = 1024;

void decode_namespace(DecodeContext& c, Object& object)
{
    model::Namespace ns;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata") c.meta(value, ns.meta);
        if (key != "status") return;
        c.json.object(value, [&](std::string_view name, Value member) {
            if (name == "phase")
                ns.phase = c.intern(member);
            else if (name == "conditions")
                ns.conditions = c.conditions(member);
        });
    });
    if (c.accept(ns.meta)) c.inventory.namespaces.push_back(ns);
}

void node_spec(DecodeContext& c, Value value, model::Node& node)
{
    std::vector<model::Taint> taints;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "providerID")
            node.provider_id = c.intern(member);
        else if (key == "unschedulable")
            node.unschedulable = c.json.flag(member);
        else if (key == "taints") {
            c.json.array(member, [&](Value item) {
                model::Taint taint;
                c.json.object(item, [&](std::string_view name, Value part) {
                    if (name == "key")
                        taint.key = c.intern(part);
                    else if (name == "value")
                        taint.value = c.intern(part);
                    else if (name == "effect")
                        taint.effect = c.intern(part);
                });
                taints.push_back(taint);
            });
        }
    });
    node.taints = c.vault.keep(taints);
}

void node_status(DecodeContext& c, Value value, model::Node& node)
{
    std::vector<model::NodeImage> images;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "conditions")
            node.conditions = c.conditions(member);
        else if (key == "nodeInfo") {
            c.json.object(member, [&](std::string_view name, Value part) {
                if (name == "kubeletVersion")
                    node.kubelet_version = c.intern(part);
                else if (name == "containerRuntimeVersion")
                    node.container_runtime = c.intern(part);
                else if (name == "osImage")
                    node.os_image = c.intern(part);
                else if (name == "operatingSystem")
                    node.operating_system = c.intern(part);
                else if (name == "architecture")
                    node.architecture = c.intern(part);
            });
        } else if (key == "images") {
            c.json.array(member, [&](Value item) {
                model::NodeImage image;
                c.json.object(item, [&](std::string_view name, Value part) {
                    if (name == "names")
                        image.names = c.texts(part);
                    else if (name == "sizeBytes")
                        image.size_bytes = c.json.integer(part);
                });
                images.push_back(image);
            });
        }
    });
    node.images = c.vault.keep(images);
}

void decode_node(DecodeContext& c, Object& object)
{
    model::Node node;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, node.meta);
        else if (key == "spec")
            node_spec(c, value, node);
        else if (key == "status")
            node_status(c, value, node);
    });
    if (c.accept(node.meta)) c.inventory.nodes.push_back(node);
}

Array<model::ServicePort> service_ports(DecodeContext& c, Value value)
{
    std::vector<model::ServicePort> ports;
    c.json.array(value, [&](Value item) {
        model::ServicePort port;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "name")
                port.name = c.intern(member);
            else if (key == "protocol")
                port.protocol = c.intern(member);
            else if (key == "targetPort")
                port.target_port = c.scalar(member);
            else if (key == "appProtocol")
                port.app_protocol = c.intern(member);
            else if (key == "port")
                port.port = c.json.int32(member);
            else if (key == "nodePort")
                port.node_port = c.json.int32(member);
        });
        ports.push_back(port);
    });
    return c.vault.keep(ports);
}

Array<Text> load_balancer_ingress(DecodeContext& c, Value status)
{
    std::vector<Text> addresses;
    c.json.object(status, [&](std::string_view key, Value balancer) {
        if (key != "loadBalancer") return;
        c.json.object(balancer, [&](std::string_view name, Value ingress) {
            if (name != "ingress") return;
            c.json.array(ingress, [&](Value item) {
                c.json.object(item, [&](std::string_view part, Value member) {
                    if (part == "ip" || part == "hostname") addresses.push_back(c.intern(member));
                });
            });
        });
    });
    return c.vault.list(addresses);
}

void decode_service(DecodeContext& c, Object& object)
{
    model::Service service;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, service.meta);
        else if (key == "status")
            service.load_balancer_ingress = load_balancer_ingress(c, value);
        if (key != "spec") return;
        c.json.object(value, [&](std::string_view name, Value member) {
            if (name == "type")
                service.type = c.intern(member);
            else if (name == "clusterIP")
                service.cluster_ip = c.intern(member);
            else if (name == "externalName")
                service.external_name = c.intern(member);
            else if (name == "selector")
                service.selector = c.string_map(member);
            else if (name == "ports")
                service.ports = service_ports(c, member);
            else if (name == "externalIPs")
                service.external_ips = c.texts(member);
            else if (name == "loadBalancerSourceRanges")
                service.load_balancer_source_ranges = c.texts(member);
            else if (name == "publishNotReadyAddresses")
                service.publish_not_ready_addresses = c.json.flag(member);
        });
    });
    if (c.accept(service.meta)) c.inventory.services.push_back(service);
}

void decode_service_account(DecodeContext& c, Object& object)
{
    model::ServiceAccount account;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, account.meta);
        else if (key == "imagePullSecrets")
            account.image_pull_secrets = c.texts_of(value, "name");
        else if (key == "secrets")
            account.secrets = c.texts_of(value, "name");
        else if (key == "automountServiceAccountToken")
            account.automount_service_account_token = c.json.optional_flag(value);
    });
    if (c.accept(account.meta)) c.inventory.service_accounts.push_back(account);
}

void event_object(DecodeContext& c, Value value, model::Event& event)
{
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "kind")
            event.involved_kind = c.intern(member);
        else if (key == "name")
            event.involved_name = c.intern(member);
        else if (key == "namespace")
            event.involved_ns = c.intern(member);
        else if (key == "uid")
            event.involved_uid = c.intern(member);
    });
}

} // namespace

/// Both events, core/v1 and events.k8s.io/v1, which name the same facts differently.
void decode_event(DecodeContext& c, Object& object)
{
    model::Event event;
    Timestamp series_seen;
    Timestamp last_seen;
    Timestamp event_time;
    std::int32_t series_count = 0;
    std::int32_t count = 0;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, event.meta);
        else if (key == "involvedObject" || key == "regarding")
            event_object(c, value, event);
        else if (key == "type")
            event.type = c.intern(value);
        else if (key == "reason")
            event.reason = c.intern(value);
        else if (key == "message" || key == "note")
            event.message = c.intern_cut(value, k_event_message_bytes);
        else if (key == "eventTime")
            event_time = c.time(value);
        else if (key == "lastTimestamp" || key == "deprecatedLastTimestamp")
            last_seen = c.time(value);
        else if (key == "count" || key == "deprecatedCount")
            count = c.json.int32(value);
        else if (key == "series") {
            c.json.object(value, [&](std::string_view name, Value member) {
                if (name == "count")
                    series_count = c.json.int32(member);
                else if (name == "lastObservedTime")
                    series_seen = c.time(member);
            });
        }
    });
    for (const Timestamp time : {series_seen, last_seen, event_time, event.meta.created})
        if (!event.last_seen.known()) event.last_seen = time;
    event.count = series_count > 0 ? series_count : std::max(count, 1);
    if (c.accept(event.meta)) c.inventory.events.push_back(event);
}

/// A Secret object in a file: what a Table list would give of it. Values are counted and dropped.
void decode_secret(DecodeContext& c, Object& object)
{
    model::ObjectMeta meta;
    model::SecretRow row;
    bool has_values = false;
    const auto count_keys = [&](Value value) {
        c.json.object(value, [&](std::string_view, Value member) {
            ++row.keys;
            if (!c.json.text(member).empty()) has_values = true;
        });
    };
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, meta);
        else if (key == "type")
            row.type = c.intern(value);
        else if (key == "data" || key == "stringData")
            count_keys(value);
    });
    if (!c.accept(meta)) return;
    c.saw_secret_values = c.saw_secret_values || has_values;
    row.ns = meta.ns;
    row.name = meta.name;
    row.created = meta.created;
    if (row.type.empty()) row.type = c.vault.texts.intern("Opaque");
    c.pairs.clear();
    for (const auto& label : meta.labels) {
        const auto asked_for = [&](std::string_view wanted) {
            const auto equals = std::min(wanted.find('='), wanted.size());
            return label.key == wanted.substr(0, equals) && (equals == wanted.size() || label.value == wanted.substr(equals + 1));
        };
        if (std::ranges::any_of(c.plan.secret_labels, asked_for)) c.pairs.push_back(label);
    }
    row.labels = c.vault.map(c.pairs);
    c.inventory.secrets.push_back(row);
}

std::span<const KindDecoder> core_decoders()
{
    static constexpr KindDecoder k_decoders[] = {
        {"pods", decode_pod},
        {"namespaces", decode_namespace},
        {"nodes", decode_node},
        {"services", decode_service},
        {"serviceaccounts", decode_service_account},
        {"events", decode_event},
        {"events.events.k8s.io", decode_event},
        {"secrets", decode_secret},
        {"configmaps", decode_config_map},
    };
    return k_decoders;
}

} // namespace seaworthy::kube
