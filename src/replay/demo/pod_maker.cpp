// SPDX-License-Identifier: Apache-2.0
#include "replay/demo/pod_maker.hpp"

#include <fmt/format.h>

#include "replay/stable_uid.hpp"

namespace seaworthy::replay::demo {

namespace {

constexpr std::int64_t k_day = 86'400;

void set_default(Json& object, const char* member, Json value)
{
    if (!object.contains(member)) object[member] = std::move(value);
}

std::string digest_of(std::string_view image)
{
    if (const auto at = image.find("@sha256:"); at != std::string_view::npos) return std::string{image.substr(at + 1)};
    std::string digest = "sha256:";
    for (auto hash = stable_hash(image); digest.size() < 71; hash = stable_hash(image, hash))
        digest += fmt::format("{:016x}", hash);
    return digest;
}

bool is_floating(std::string_view image)
{
    const auto name = image.substr(image.rfind('/') == std::string_view::npos ? 0 : image.rfind('/') + 1);
    return name.find('@') == std::string_view::npos && (name.find(':') == std::string_view::npos || name.ends_with(":latest"));
}

void default_container(Json& container)
{
    set_default(container, "imagePullPolicy", is_floating(text_at(container, "image")) ? "Always" : "IfNotPresent");
    set_default(container, "resources", Json::object());
    set_default(container, "terminationMessagePath", "/dev/termination-log");
    set_default(container, "terminationMessagePolicy", "File");
    for (const auto* probe : {"readinessProbe", "livenessProbe", "startupProbe"}) {
        if (!container.contains(probe)) continue;
        set_default(container[probe], "timeoutSeconds", 1);
        set_default(container[probe], "periodSeconds", 10);
        set_default(container[probe], "successThreshold", 1);
        set_default(container[probe], "failureThreshold", 3);
    }
    if (!container.contains("ports")) return;
    for (auto& port : container["ports"])
        set_default(port, "protocol", "TCP");
}

void default_spec(Json& spec, const std::string& node)
{
    for (const auto* list : {"initContainers", "containers"}) {
        if (!spec.contains(list)) continue;
        for (auto& container : spec[list])
            default_container(container);
    }
    set_default(spec, "restartPolicy", "Always");
    set_default(spec, "terminationGracePeriodSeconds", 30);
    set_default(spec, "dnsPolicy", "ClusterFirst");
    set_default(spec, "serviceAccountName", "default");
    spec["serviceAccount"] = spec["serviceAccountName"];
    spec["nodeName"] = node;
    set_default(spec, "securityContext", Json::object());
    set_default(spec, "schedulerName", "default-scheduler");
    set_default(spec, "enableServiceLinks", true);
    set_default(spec, "preemptionPolicy", "PreemptLowerPriority");
    set_default(spec, "tolerations", Json::array());
    for (const auto* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
        spec["tolerations"].push_back({{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}});
    }
}

/// What the ServiceAccount admission plugin adds.
void mount_token(Json& spec, const std::string& pod)
{
    const auto volume = "kube-api-access-" + stable_suffix(pod, 5);
    set_default(spec, "volumes", Json::array());
    spec["volumes"].push_back(
        {{"name", volume},
         {"projected",
          {{"defaultMode", 420},
           {"sources",
            Json::array({{{"serviceAccountToken", {{"expirationSeconds", 3607}, {"path", "token"}}}},
                         {{"configMap", {{"name", "kube-root-ca.crt"}, {"items", Json::array({{{"key", "ca.crt"}, {"path", "ca.crt"}}})}}}}})}}}});
    for (auto& container : spec["containers"]) {
        set_default(container, "volumeMounts", Json::array());
        container["volumeMounts"].push_back({{"name", volume}, {"readOnly", true}, {"mountPath", "/var/run/secrets/kubernetes.io/serviceaccount"}});
    }
}

void inject_sidecar(Json& metadata, Json& spec)
{
    metadata["annotations"]["sidecar.istio.io/status"] =
        R"({"initContainers":["istio-validation"],"containers":["istio-proxy"],"revision":"default"})";
    metadata["labels"]["security.istio.io/tlsMode"] = "istio";
    const Json tight = {{"allowPrivilegeEscalation", false},
                        {"readOnlyRootFilesystem", true},
                        {"runAsNonRoot", true},
                        {"runAsUser", 1337},
                        {"capabilities", {{"drop", Json::array({"ALL"})}}},
                        {"seccompProfile", {{"type", "RuntimeDefault"}}}};
    const std::string image = "docker.io/istio/proxyv2:1.27.1";
    set_default(spec, "initContainers", Json::array());
    spec["initContainers"].push_back({{"name", "istio-validation"}, {"image", image}, {"securityContext", tight}});
    spec["containers"].push_back({{"name", "istio-proxy"},
                                  {"image", image},
                                  {"args", Json::array({"proxy", "sidecar"})},
                                  {"ports", Json::array({{{"name", "http-envoy-prom"}, {"containerPort", 15090}}})},
                                  {"resources", {{"requests", {{"cpu", "10m"}, {"memory", "64Mi"}}}, {"limits", {{"memory", "256Mi"}}}}},
                                  {"readinessProbe", {{"httpGet", {{"path", "/healthz/ready"}, {"port", 15021}}}}},
                                  {"securityContext", tight}});
}

Json container_status(const Json& container, PodState state, const std::string& since, const std::string& pod)
{
    const auto image = text_at(container, "image");
    Json status = {{"name", container.at("name")}, {"image", image}, {"imageID", ""}, {"restartCount", 0}, {"lastState", Json::object()}};
    if (state == PodState::image_pull_backoff) {
        status["ready"] = false;
        status["started"] = false;
        status["state"] = {
            {"waiting", {{"reason", "ImagePullBackOff"}, {"message", fmt::format("Back-off pulling image \"{}\": unauthorized", image)}}}};
        return status;
    }
    status["imageID"] = image.substr(0, image.find('@')) + "@" + digest_of(image);
    status["containerID"] = "containerd://" + digest_of(pod + text_at(container, "name")).substr(7);
    status["ready"] = state == PodState::running;
    status["started"] = state == PodState::running;
    status["state"] = {{"running", {{"startedAt", since}}}};
    if (state == PodState::succeeded)
        status["state"] = {{"terminated", {{"exitCode", 0}, {"reason", "Completed"}, {"startedAt", since}, {"finishedAt", since}}}};
    return status;
}

Json status_of(const Json& spec, const std::string& name, PodState state, const std::string& since)
{
    const bool ready = state == PodState::running;
    auto conditions = Json::array();
    for (const auto* type : {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
        const bool about_readiness = std::string_view{type}.ends_with("Ready");
        conditions.push_back({{"type", type}, {"status", about_readiness && !ready ? "False" : "True"}, {"lastTransitionTime", since}});
    }
    auto containers = Json::array();
    for (const auto& container : spec.at("containers"))
        containers.push_back(container_status(container, state, since, name));
    const auto hash = stable_hash(name);
    const auto address = fmt::format("10.244.{}.{}", hash % 4, (hash >> 8U) % 250 + 2);
    const auto* phase = state == PodState::running ? "Running" : state == PodState::succeeded ? "Succeeded" : "Pending";
    return {{"phase", phase},
            {"conditions", std::move(conditions)},
            {"hostIP", "10.0.0.1" + std::to_string(hash % 4)},
            {"podIP", address},
            {"podIPs", Json::array({{{"ip", address}}})},
            {"startTime", since},
            {"containerStatuses", std::move(containers)},
            {"qosClass", "Burstable"}};
}

} // namespace

std::string days_ago(Timestamp now, std::string_view text, int least, int most)
{
    const auto range = static_cast<std::uint64_t>((most - least) * k_day);
    return format_rfc3339(Timestamp{now.unix_seconds() - least * k_day - static_cast<std::int64_t>(stable_hash(text) % range)});
}

Json owner_reference(const Owner& owner)
{
    return {{"apiVersion", owner.api_version}, {"kind", owner.kind}, {"name", owner.name}, {"uid", owner.uid}, {"controller", true},
            {"blockOwnerDeletion", true}};
}

Json make_pod(const Json& pod_template, const std::string& namespace_, const std::string& name, const std::string& node, const Owner& owner,
              PodState state, const Surroundings& surroundings)
{
    const auto since = days_ago(surroundings.now, namespace_ + name, 1, 9);
    Json metadata = {{"name", name},
                     {"namespace", namespace_},
                     {"uid", stable_uid("Pod/" + namespace_ + "/" + name)},
                     {"creationTimestamp", since},
                     {"labels", Json::object()},
                     {"annotations", Json::object()},
                     {"ownerReferences", Json::array({owner_reference(owner)})}};
    metadata.merge_patch(pod_template.value("metadata", Json::object()));
    Json spec = pod_template.at("spec");
    if (surroundings.mesh_injects) inject_sidecar(metadata, spec);
    default_spec(spec, node);
    if (spec.value("automountServiceAccountToken", surroundings.account_mounts_token)) mount_token(spec, name);
    auto status = status_of(spec, namespace_ + name, state, since);
    return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}, {"spec", std::move(spec)}, {"status", std::move(status)}};
}

} // namespace seaworthy::replay::demo
