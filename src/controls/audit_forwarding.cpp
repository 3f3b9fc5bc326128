// SPDX-License-Identifier: Apache-2.0
#include "controls/audit_forwarding.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/attestations.hpp"
#include "controls/config_maps.hpp"
#include "controls/evidence.hpp"
#include "controls/log_shippers.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Container;
using model::PodSpec;
using model::VolumeMount;

constexpr std::string_view k_forwarders[] = {"clusterlogforwarders.observability.openshift.io", "clusterlogforwarders.logging.openshift.io"};

std::string_view flag(const ApiServer& server, std::string_view name)
{
    const auto* value = server.find(name);
    return value == nullptr ? std::string_view{} : std::string_view{*value};
}

// --- paths on the node ---

std::string_view without_last_slash(std::string_view path)
{
    return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

bool is_in(std::string_view path, std::string_view folder)
{
    folder = without_last_slash(folder);
    return folder == "/" || path == folder || (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

/// Where the node has what is mounted; empty for anything but a hostPath.
std::string host_path_of(const PodSpec& spec, const VolumeMount& mount)
{
    for (const auto& volume : spec.volumes) {
        if (volume.name != mount.name || volume.kind != model::Volume::Kind::host_path) continue;
        std::string path{without_last_slash(volume.source)};
        if (!mount.sub_path.empty()) path += "/" + mount.sub_path.str();
        return path;
    }
    return {};
}

/// The mount that a path in a container lies in; nullptr: it lies in the container's own layer.
const VolumeMount* mount_of(const Container& container, std::string_view path)
{
    const VolumeMount* deepest = nullptr;
    for (const auto& mount : container.mounts)
        if (is_in(path, mount.mount_path) && (deepest == nullptr || mount.mount_path.view().size() > deepest->mount_path.view().size()))
            deepest = &mount;
    return deepest;
}

/// Where the audit log of one API server is.
struct AuditFile {
    std::string on_node;                ///< its path there; empty: it is not on the node
    const VolumeMount* mount = nullptr; ///< of the API server's container
};

AuditFile audit_file_of(const ApiServer& server)
{
    const std::string path{flag(server, "audit-log-path")};
    if (server.pod == nullptr) return {path, nullptr}; // a process on the node
    for (const auto& container : server.pod->spec()->containers) {
        const auto* mount = mount_of(container, path);
        if (mount == nullptr || is_log_software(container.image)) continue;
        auto on_node = host_path_of(*server.pod->spec(), *mount);
        if (!on_node.empty()) on_node += path.substr(without_last_slash(mount->mount_path).size());
        return {std::move(on_node), mount};
    }
    return {};
}

// --- who takes it from there ---

/// A container of the pod mounts the file's folder, one above it, or the file.
bool reads_file(const PodSpec& spec, std::string_view file)
{
    const auto folder = file.substr(0, std::max<std::size_t>(file.rfind('/'), 1));
    return std::ranges::any_of(spec.containers, [&](const Container& container) {
        return std::ranges::any_of(container.mounts, [&](const VolumeMount& mount) {
            const auto path = host_path_of(spec, mount);
            return !path.empty() && (is_in(folder, path) || path == file);
        });
    });
}

bool ships_beside(const ApiServer& server, const AuditFile& file)
{
    if (server.pod == nullptr || file.mount == nullptr) return false;
    return std::ranges::any_of(server.pod->spec()->containers, [&](const Container& container) {
        const auto same = [&](const VolumeMount& mount) { return mount.name == file.mount->name; };
        return is_log_software(container.image) && std::ranges::any_of(container.mounts, same);
    });
}

bool ships_file(const ApiServer& server, const Context& context)
{
    const auto file = audit_file_of(server);
    if (ships_beside(server, file)) return true;
    if (file.on_node.empty()) return false;
    for (const auto& shipper : find_log_software(context))
        for (const auto* pod : shipper.workload->pods)
            if (pod->ready && pod->node_name == server.node && pod->spec() != nullptr && reads_file(*pod->spec(), file.on_node)) return true;
    return false;
}

/// A path of `-`: the audit log is among the logs of containers.
bool ships_output(const ApiServer& server, const Context& context)
{
    for (const auto& shipper : find_shippers(context).found)
        for (const auto* pod : shipper.workload->pods)
            if (pod->ready && pod->node_name == server.node) return true;
    return false;
}

// --- OpenShift ---

bool forwards_audit(const model::Document& forwarder)
{
    const auto takes_audit = [&](std::string_view input) {
        return input == "audit" || std::ranges::any_of(forwarder.at("spec.inputs").items(), [&](const model::Value& each) {
                   return each["name"].text() == input && (each["type"].text() == "audit" || each["audit"].exists());
               });
    };
    return std::ranges::any_of(forwarder.at("spec.pipelines").items(), [&](const model::Value& pipeline) {
        const auto& inputs = pipeline["inputRefs"].items();
        return pipeline["outputRefs"].size() > 0 && std::ranges::any_of(inputs, [&](const model::Value& input) { return takes_audit(input.text()); });
    });
}

std::optional<Verdict> judge_forwarders(const Context& context)
{
    for (const auto list : k_forwarders)
        for (const auto& forwarder : context.inventory.documents_of(list)) {
            if (!forwards_audit(forwarder)) continue;
            const auto shippers = find_shippers(context).found;
            const auto name = fmt::format("{}/{}", forwarder.meta.ns.view(), forwarder.meta.name.view());
            if (std::ranges::any_of(shippers, [](const auto& shipper) { return shipper.readiness == Readiness::ready; }))
                return check::pass(fmt::format("ClusterLogForwarder {} forwards audit events", name)).proven();
            return check::fail(fmt::format("ClusterLogForwarder {} is to forward audit events, and no collector is ready", name)).by_absence();
        }
    return std::nullopt;
}

/// The API servers of OpenShift, which are all set by one ConfigMap and run on the control plane's nodes.
std::vector<ApiServer> openshift_servers(const Context& context)
{
    std::vector<ApiServer> servers;
    const auto* document = find_config_map(context, "openshift-kube-apiserver", "config");
    const auto config = document == nullptr ? std::nullopt : model::JsonText::parse_yaml((*document)["data"]["config.yaml"].text());
    if (!config) return servers;
    const auto& arguments = (*config)["apiServerArguments"];
    for (const auto& node : context.inventory.nodes) {
        const auto& labels = node.meta.labels;
        if (!labels.has("node-role.kubernetes.io/master") && !labels.has("node-role.kubernetes.io/control-plane")) continue;
        auto& server = servers.emplace_back(ApiServer{"Node/" + node.meta.name.str(), true, {}, nullptr, node.meta.name});
        for (const auto& [key, values] : arguments.members())
            if (!values.items().empty()) server.flags[key.str()] = values.items().back().text();
    }
    return servers;
}

// --- the verdict ---

Verdict judge_hidden(const Context& context)
{
    if (const auto* gap = first_gap(context, "*", {"pods", "nodes"})) return context.unknown_for(*gap);
    if (context.inventory.cluster.platform == "openshift" && !context.settings.grants.contains("CM") && context.gap("configmaps") == nullptr)
        return check::unknown(Reason::unobservable, "Where OpenShift's API servers write is in a ConfigMap, read with the optional grant CM")
            .needs_grant("CM");
    return hidden_control_plane(context);
}

Verdict or_attested_forwarding(Verdict verdict, const Context& context)
{
    return or_attested(std::move(verdict), context, "auditToSiem", "Audit events are forwarded",
                       {"WL", "pods", "nodes", k_forwarders[0], k_forwarders[1]});
}

bool writes_audit_log(const ApiServer& server, bool needs_policy)
{
    return (!needs_policy || !flag(server, "audit-policy-file").empty()) &&
           (!flag(server, "audit-log-path").empty() || !flag(server, "audit-webhook-config-file").empty());
}

bool is_young(const ApiServer& server, const Context& context)
{
    return server.pod != nullptr && server.pod->created.known() && !server.pod->created.at_least(context.settings.min_age, context.now);
}

Verdict judge_servers(const std::vector<ApiServer>& servers, const Context& context)
{
    NameList staying;
    bool through_api = false;
    for (const auto& server : servers) {
        if (!flag(server, "audit-webhook-config-file").empty() || is_young(server, context)) continue;
        const bool is_output = flag(server, "audit-log-path") == "-";
        if (is_output ? ships_output(server, context) : ships_file(server, context)) continue;
        through_api = through_api || (is_output && find_shippers(context).through_api != nullptr);
        staying.add(server.name);
    }
    if (staying.empty()) return resting_on(check::pass("Audit events of every API server are forwarded"), context, "*", {"pods", "nodes"});
    if (auto verdict = unobservable_in_manifests(context, "what runs on the control plane's nodes")) return std::move(*verdict);
    if (through_api) {
        if (const auto* gap = first_gap(context, "*", {"WL", "pods"})) return context.unknown_for(*gap);
        return or_attested_forwarding(
            check::unknown(Reason::unobservable, "The audit log is among the containers' logs, which Grafana Alloy may read through the API server"),
            context);
    }
    return check::fail(fmt::format("The audit log of {} stays where it is written: no log shipper there reads it", staying.text()))
        .by_absence()
        .with("apiServers", staying.values());
}

} // namespace

Verdict judge_audit_forwarding(const Context& context)
{
    if (auto verdict = judge_forwarders(context)) return std::move(*verdict);
    auto servers = find_api_servers(context);
    const bool openshift = servers.empty();
    if (openshift) servers = openshift_servers(context);
    if (servers.empty()) return or_attested_forwarding(judge_hidden(context), context);
    // OpenShift keeps its policy in the configuration itself, without a flag.
    std::erase_if(servers, [&](const ApiServer& server) { return !writes_audit_log(server, !openshift); });
    if (servers.empty()) return resting_on(check::not_applicable("No API server writes an audit log"), context, "*", {"pods", "nodes"});
    return judge_servers(servers, context);
}

} // namespace seaworthy::controls
