// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kube/decode/decode_context.hpp"

namespace seaworthy::kube {

namespace {

using model::Container;
using model::EnvVar;
using model::Volume;

constexpr std::size_t k_literal_bytes = 4U << 10U;

model::SecurityContext security_context(DecodeContext& c, Value value)
{
    model::SecurityContext security;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "privileged")
            security.privileged = c.json.optional_flag(member);
        else if (key == "allowPrivilegeEscalation")
            security.allow_privilege_escalation = c.json.optional_flag(member);
        else if (key == "runAsNonRoot")
            security.run_as_non_root = c.json.optional_flag(member);
        else if (key == "readOnlyRootFilesystem")
            security.read_only_root_filesystem = c.json.optional_flag(member);
        else if (key == "runAsUser")
            security.run_as_user = c.json.optional_integer(member);
        else if (key == "runAsGroup")
            security.run_as_group = c.json.optional_integer(member);
        else if (key == "fsGroup")
            security.fs_group = c.json.optional_integer(member);
        else if (key == "capabilities") {
            c.json.object(member, [&](std::string_view name, Value list) {
                if (name == "add")
                    security.capabilities_add = c.texts(list);
                else if (name == "drop")
                    security.capabilities_drop = c.texts(list);
            });
        } else if (key == "seccompProfile") {
            c.json.object(member, [&](std::string_view name, Value part) {
                if (name == "type") security.seccomp_type = c.intern(part);
            });
        }
    });
    return security;
}

void probe_target(DecodeContext& c, Value value, model::Probe& probe)
{
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "path")
            probe.path = c.intern(member);
        else if (key == "port")
            probe.port = c.scalar(member);
        else if (key == "command")
            probe.command = c.texts(member);
        else if (key == "service" && probe.handler == model::Probe::Handler::grpc)
            probe.path = c.intern(member);
    });
}

model::Probe probe(DecodeContext& c, Value value)
{
    using Handler = model::Probe::Handler;
    model::Probe probe;
    const auto handler = [&](Handler kind, Value target) {
        if (c.json.is_null(target)) return;
        probe.handler = kind;
        probe_target(c, target, probe);
    };
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "httpGet")
            handler(Handler::http_get, member);
        else if (key == "tcpSocket")
            handler(Handler::tcp_socket, member);
        else if (key == "exec")
            handler(Handler::exec, member);
        else if (key == "grpc")
            handler(Handler::grpc, member);
        else if (key == "initialDelaySeconds")
            probe.initial_delay_seconds = c.json.int32(member);
        else if (key == "periodSeconds")
            probe.period_seconds = c.json.int32(member);
        else if (key == "timeoutSeconds")
            probe.timeout_seconds = c.json.int32(member);
        else if (key == "failureThreshold")
            probe.failure_threshold = c.json.int32(member);
    });
    return probe;
}

void env_source(DecodeContext& c, Value value, EnvVar& variable)
{
    c.json.object(value, [&](std::string_view key, Value source) {
        if (key == "secretKeyRef")
            variable.source = EnvVar::Source::secret;
        else if (key == "configMapKeyRef")
            variable.source = EnvVar::Source::config_map;
        else if (key == "fieldRef")
            variable.source = EnvVar::Source::field;
        else if (key == "resourceFieldRef")
            variable.source = EnvVar::Source::resource;
        else if (key == "fileKeyRef")
            variable.source = EnvVar::Source::file;
        else
            return;
        c.json.object(source, [&](std::string_view name, Value member) {
            if (name == "name" || name == "fieldPath" || name == "resource" || name == "volumeName")
                variable.ref_name = c.intern(member);
            else if (name == "key")
                variable.ref_key = c.intern(member);
            else if (name == "optional")
                variable.optional = c.json.flag(member);
        });
    });
}

Array<EnvVar> env(DecodeContext& c, Value value)
{
    std::vector<EnvVar> variables;
    c.json.array(value, [&](Value item) {
        EnvVar variable;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "name")
                variable.name = c.intern(member);
            else if (key == "value")
                variable.value = c.intern_cut(member, k_literal_bytes);
            else if (key == "valueFrom")
                env_source(c, member, variable);
        });
        variables.push_back(variable);
    });
    return c.once(variables);
}

Array<model::EnvFrom> env_from(DecodeContext& c, Value value)
{
    std::vector<model::EnvFrom> sources;
    c.json.array(value, [&](Value item) {
        model::EnvFrom source;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "prefix") source.prefix = c.intern(member);
            if (key != "secretRef" && key != "configMapRef") return;
            if (c.json.is_null(member)) return;
            source.source = key == "secretRef" ? model::EnvFrom::Source::secret : model::EnvFrom::Source::config_map;
            c.json.object(member, [&](std::string_view name, Value part) {
                if (name == "name")
                    source.name = c.intern(part);
                else if (name == "optional")
                    source.optional = c.json.flag(part);
            });
        });
        sources.push_back(source);
    });
    return c.vault.keep(sources);
}

Array<model::VolumeMount> mounts(DecodeContext& c, Value value)
{
    std::vector<model::VolumeMount> found;
    c.json.array(value, [&](Value item) {
        model::VolumeMount mount;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "name")
                mount.name = c.vault.texts.intern(stable_volume_name(c.json.text(member)));
            else if (key == "mountPath")
                mount.mount_path = c.intern(member);
            else if (key == "subPath")
                mount.sub_path = c.intern(member);
            else if (key == "subPathExpr")
                mount.sub_path_expr = c.intern(member);
            else if (key == "readOnly")
                mount.read_only = c.json.flag(member);
        });
        found.push_back(mount);
    });
    return c.once(found);
}

Array<model::ContainerPort> ports(DecodeContext& c, Value value)
{
    std::vector<model::ContainerPort> found;
    c.json.array(value, [&](Value item) {
        model::ContainerPort port;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "name")
                port.name = c.intern(member);
            else if (key == "protocol")
                port.protocol = c.intern(member);
            else if (key == "containerPort")
                port.container_port = c.json.int32(member);
            else if (key == "hostPort")
                port.host_port = c.json.int32(member);
        });
        found.push_back(port);
    });
    return c.vault.keep(found);
}

void container_resources(DecodeContext& c, Value value, Container& container)
{
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "requests")
            container.requests = c.quantities(member);
        else if (key == "limits")
            container.limits = c.quantities(member);
    });
}

bool container_behaviour(DecodeContext& c, std::string_view key, Value value, Container& container)
{
    if (key == "resources")
        container_resources(c, value, container);
    else if (key == "securityContext")
        container.security = c.once(security_context(c, value));
    else if (key == "readinessProbe")
        container.readiness = c.once(probe(c, value));
    else if (key == "livenessProbe")
        container.liveness = c.once(probe(c, value));
    else if (key == "startupProbe")
        container.startup = c.once(probe(c, value));
    else if (key == "lifecycle") {
        c.json.object(value, [&](std::string_view hook, Value member) {
            if (hook == "preStop") container.has_pre_stop = !c.json.is_null(member);
        });
    } else
        return false;
    return true;
}

Container container(DecodeContext& c, Value value, Container::Kind kind)
{
    Container container;
    container.kind = kind;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "name")
            container.name = c.intern(member);
        else if (key == "image")
            container.image = c.intern(member);
        else if (key == "imagePullPolicy")
            container.image_pull_policy = c.intern(member);
        else if (key == "command")
            container.command = c.texts(member);
        else if (key == "args")
            container.args = c.texts(member);
        else if (key == "env")
            container.env = env(c, member);
        else if (key == "envFrom")
            container.env_from = env_from(c, member);
        else if (key == "volumeMounts")
            container.mounts = mounts(c, member);
        else if (key == "ports")
            container.ports = ports(c, member);
        else if (key == "restartPolicy" && kind == Container::Kind::init) {
            if (c.json.text(member) == "Always") container.kind = Container::Kind::sidecar;
        } else
            container_behaviour(c, key, member, container);
    });
    return container;
}

void item_modes(DecodeContext& c, Value value, std::vector<std::int32_t>& modes)
{
    c.json.array(value, [&](Value item) {
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key != "mode") return;
            if (const auto mode = c.json.optional_int32(member)) modes.push_back(*mode);
        });
    });
}

model::ProjectedSource projected_source(DecodeContext& c, Value value, std::vector<std::int32_t>& modes)
{
    using Kind = model::ProjectedSource::Kind;
    model::ProjectedSource source;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (c.json.is_null(member)) return;
        if (key == "secret")
            source.kind = Kind::secret;
        else if (key == "configMap")
            source.kind = Kind::config_map;
        else if (key == "serviceAccountToken")
            source.kind = Kind::service_account_token;
        else if (key == "downwardAPI")
            source.kind = Kind::downward_api;
        else if (key == "clusterTrustBundle")
            source.kind = Kind::cluster_trust_bundle;
        c.json.object(member, [&](std::string_view name, Value part) {
            if (name == "name")
                source.name = c.intern(part);
            else if (name == "audience")
                source.audience = c.intern(part);
            else if (name == "optional")
                source.optional = c.json.flag(part);
            else if (name == "items")
                item_modes(c, part, modes);
        });
    });
    return source;
}

struct VolumeType {
    std::string_view key;
    Volume::Kind kind;
    std::string_view source; ///< the member that names what is mounted
};
constexpr VolumeType k_volume_types[] = {
    {"secret", Volume::Kind::secret, "secretName"},
    {"configMap", Volume::Kind::config_map, "name"},
    {"projected", Volume::Kind::projected, ""},
    {"hostPath", Volume::Kind::host_path, "path"},
    {"emptyDir", Volume::Kind::empty_dir, ""},
    {"persistentVolumeClaim", Volume::Kind::persistent_volume_claim, "claimName"},
    {"csi", Volume::Kind::csi, "driver"},
    {"ephemeral", Volume::Kind::ephemeral, ""},
    {"downwardAPI", Volume::Kind::downward_api, ""},
    {"image", Volume::Kind::image, "reference"},
};

void volume_source(DecodeContext& c, std::string_view source_key, Value value, Volume& volume)
{
    std::vector<std::int32_t> modes;
    std::vector<model::ProjectedSource> sources;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (!source_key.empty() && key == source_key)
            volume.source = c.intern(member);
        else if (key == "optional")
            volume.optional = c.json.flag(member);
        else if (key == "readOnly" && volume.kind == Volume::Kind::csi)
            volume.read_only = c.json.flag(member);
        else if (key == "defaultMode")
            volume.default_mode = c.json.optional_int32(member);
        else if (key == "items")
            item_modes(c, member, modes);
        else if (key == "type" && volume.kind == Volume::Kind::host_path)
            volume.type = c.intern(member);
        else if (key == "volumeAttributes" && volume.kind == Volume::Kind::csi)
            volume.attributes = c.string_map(member);
        else if (key == "sources" && volume.kind == Volume::Kind::projected)
            c.json.array(member, [&](Value item) { sources.push_back(projected_source(c, item, modes)); });
    });
    volume.item_modes = c.vault.keep(modes);
    volume.sources = c.vault.keep(sources);
}

Volume volume(DecodeContext& c, Value value)
{
    Volume volume;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "name") {
            volume.name = c.vault.texts.intern(stable_volume_name(c.json.text(member)));
            return;
        }
        if (c.json.is_null(member)) return;
        const auto* type = std::find_if(std::begin(k_volume_types), std::end(k_volume_types), [&](const VolumeType& row) { return row.key == key; });
        if (type != std::end(k_volume_types)) {
            volume.kind = type->kind;
            volume_source(c, type->source, member, volume);
        } else {
            volume.source = c.vault.texts.intern(key);
        }
    });
    return volume;
}

Array<model::Toleration> tolerations(DecodeContext& c, Value value)
{
    std::vector<model::Toleration> found;
    c.json.array(value, [&](Value item) {
        model::Toleration toleration;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "key")
                toleration.key = c.intern(member);
            else if (key == "operator")
                toleration.op = c.intern(member);
            else if (key == "value")
                toleration.value = c.intern(member);
            else if (key == "effect")
                toleration.effect = c.intern(member);
        });
        found.push_back(toleration);
    });
    return c.once(found);
}

/// The label keys by which an affinity term or topology spread constraint selects pods.
void selected_by(DecodeContext& c, std::string_view key, Value member, std::vector<Text>& labels)
{
    if (key == "labelSelector") {
        const auto selector = c.selector(member);
        for (const auto& label : selector.match_labels)
            labels.push_back(label.key);
        for (const auto& requirement : selector.match_expressions)
            labels.push_back(requirement.key);
    } else if (key == "matchLabelKeys" || key == "mismatchLabelKeys") {
        for (const auto& label : c.texts(member))
            labels.push_back(label);
    }
}

/// Affinity and topology spread come in either order.
void add_selector_keys(DecodeContext& c, std::vector<Text>& labels, model::PodSpec& spec)
{
    labels.insert(labels.end(), spec.selector_keys.begin(), spec.selector_keys.end());
    std::ranges::sort(labels);
    const auto repeated = std::ranges::unique(labels);
    labels.erase(repeated.begin(), repeated.end());
    spec.selector_keys = c.vault.list(labels);
}

void affinity(DecodeContext& c, Value value, model::PodSpec& spec)
{
    std::vector<Text> topology;
    std::vector<Text> labels;
    bool anti = false;
    const auto term = [&](std::string_view key, Value member) {
        if (key == "topologyKey" && anti)
            topology.push_back(c.intern(member));
        else
            selected_by(c, key, member, labels);
    };
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "nodeAffinity") spec.has_node_affinity = !c.json.is_null(member);
        anti = key == "podAntiAffinity";
        if (!anti && key != "podAffinity") return;
        c.json.object(member, [&](std::string_view, Value terms) {
            c.json.array(terms, [&](Value item) {
                c.json.object(item, [&](std::string_view name, Value part) {
                    if (name == "podAffinityTerm")
                        c.json.object(part, term); // of a preferred term, beside its weight
                    else
                        term(name, part);
                });
            });
        });
    });
    add_selector_keys(c, labels, spec);
    spec.pod_anti_affinity_keys = c.vault.list(topology);
}

void topology_spread(DecodeContext& c, Value value, model::PodSpec& spec)
{
    std::vector<Text> topology;
    std::vector<Text> labels;
    c.json.array(value, [&](Value item) {
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "topologyKey")
                topology.push_back(c.intern(member));
            else
                selected_by(c, key, member, labels);
        });
    });
    spec.topology_spread_keys = c.vault.list(topology);
    add_selector_keys(c, labels, spec);
}

bool pod_settings(DecodeContext& c, std::string_view key, Value value, model::PodSpec& spec)
{
    if (key == "restartPolicy")
        spec.restart_policy = c.intern(value);
    else if (key == "dnsPolicy")
        spec.dns_policy = c.intern(value);
    else if (key == "priorityClassName")
        spec.priority_class = c.intern(value);
    else if (key == "runtimeClassName")
        spec.runtime_class = c.intern(value);
    else if (key == "schedulerName")
        spec.scheduler = c.intern(value);
    else if (key == "automountServiceAccountToken")
        spec.automount_service_account_token = c.json.optional_flag(value);
    else if (key == "terminationGracePeriodSeconds")
        spec.termination_grace_period_seconds = c.json.optional_integer(value);
    else if (key == "securityContext")
        spec.security = c.once(security_context(c, value));
    else if (key == "hostNetwork")
        spec.host_network = c.json.flag(value);
    else if (key == "hostPID")
        spec.host_pid = c.json.flag(value);
    else if (key == "hostIPC")
        spec.host_ipc = c.json.flag(value);
    else if (key == "nodeSelector")
        spec.node_selector = c.string_map(value);
    else if (key == "tolerations")
        spec.tolerations = tolerations(c, value);
    else if (key == "affinity")
        affinity(c, value, spec);
    else if (key == "imagePullSecrets")
        spec.image_pull_secrets = c.texts_of(value, "name");
    else if (key == "readinessGates")
        spec.readiness_gates = c.texts_of(value, "conditionType");
    else if (key == "topologySpreadConstraints")
        topology_spread(c, value, spec);
    else
        return false;
    return true;
}

} // namespace

model::PodSpec decode_pod_spec(DecodeContext& c, Object& object)
{
    model::PodSpec spec;
    std::vector<Container> main;
    std::vector<Container> init;
    std::vector<Container> ephemeral;
    std::vector<Volume> volumes;
    Text legacy_account;
    c.json.object(object, [&](std::string_view key, Value member) {
        if (key == "containers")
            c.json.array(member, [&](Value item) { main.push_back(container(c, item, Container::Kind::main)); });
        else if (key == "initContainers")
            c.json.array(member, [&](Value item) { init.push_back(container(c, item, Container::Kind::init)); });
        else if (key == "ephemeralContainers")
            c.json.array(member, [&](Value item) { ephemeral.push_back(container(c, item, Container::Kind::ephemeral)); });
        else if (key == "volumes")
            c.json.array(member, [&](Value item) { volumes.push_back(volume(c, item)); });
        else if (key == "serviceAccountName")
            spec.service_account = c.intern(member);
        else if (key == "serviceAccount")
            legacy_account = c.intern(member);
        else
            pod_settings(c, key, member, spec);
    });
    main.insert(main.end(), init.begin(), init.end());
    main.insert(main.end(), ephemeral.begin(), ephemeral.end());
    spec.containers = c.vault.keep(main);
    spec.volumes = c.vault.keep(volumes);
    if (spec.service_account.empty()) spec.service_account = legacy_account;
    return spec;
}

const model::PodSpec* DecodeContext::pod_spec(Value value, Text* node_name)
{
    Object object;
    std::string_view raw;
    std::string_view node;
    if (json.is_null(value)) return nullptr;
    if (!json.check(value.get_object().get(object)) || !json.check(object.raw_json().get(raw)) || !json.check(object.reset().error())) return nullptr;
    // Only the spec's own nodeName is left out of the key, so it is looked for as a member, not as bytes.
    json.object(object, [&](std::string_view key, Value member) {
        if (key != "nodeName") return;
        const std::string_view token = member.raw_json_token();
        const std::string_view name = json.text(member);
        if (node_name != nullptr) *node_name = vault.texts.intern(name);
        if (!name.empty()) node = token.substr(0, name.size() + 2);
    });
    if (!json.ok()) return nullptr;
    const std::string digest = spec_digest(raw, node);
    if (const auto* known = vault.find_pod_spec(digest)) return known;
    if (!json.check(object.reset().error())) return nullptr;
    const model::PodSpec spec = decode_pod_spec(*this, object);
    return json.ok() ? vault.keep_pod_spec(digest, spec) : nullptr;
}

model::PodTemplate DecodeContext::pod_template(Value value)
{
    model::PodTemplate result;
    json.object(value, [&](std::string_view key, Value member) {
        if (key == "spec") result.spec = pod_spec(member);
        if (key != "metadata") return;
        json.object(member, [&](std::string_view name, Value part) {
            if (name == "labels")
                result.labels = string_map(part);
            else if (name == "annotations")
                result.annotations = annotations(part);
        });
    });
    return result;
}

} // namespace seaworthy::kube
