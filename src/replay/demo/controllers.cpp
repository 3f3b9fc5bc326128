// SPDX-License-Identifier: Apache-2.0
#include "replay/demo/controllers.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "replay/demo/pod_maker.hpp"
#include "replay/stable_uid.hpp"

namespace seaworthy::replay::demo {

namespace {

std::string name_of(const Json& object)
{
    return text_at(object, "metadata.name");
}

std::string namespace_of(const Json& object)
{
    return text_at(object, "metadata.namespace");
}

bool selects(const Json& selector, const Json& labels)
{
    return std::all_of(selector.items().begin(), selector.items().end(),
                       [&](const auto& wanted) { return labels.contains(wanted.key()) && labels[wanted.key()] == wanted.value(); });
}

class Reconciler {
public:
    Reconciler(const std::vector<Json>& applied, Timestamp now) : m_applied(applied), m_now(now)
    {
        for (const auto& object : applied) {
            const auto kind = text_at(object, "kind");
            if (kind == "Node") m_nodes.push_back(&object);
            if (kind == "Namespace" && text_at(object, "metadata.labels.istio-injection") == "enabled") m_mesh_namespaces.insert(name_of(object));
            if (kind == "ServiceAccount")
                m_accounts[namespace_of(object) + "/" + name_of(object)] = object.value("automountServiceAccountToken", true);
        }
    }

    std::vector<Json> run()
    {
        for (const auto& object : m_applied)
            reconcile_one(object);
        // Services and nodes depend on all pods.
        for (const auto& object : m_applied) {
            if (text_at(object, "kind") == "Service") make_endpoints(object);
            if (text_at(object, "kind") == "Node") make_node(object);
        }
        return std::move(m_result);
    }

private:
    void reconcile_one(const Json& object)
    {
        const auto kind = text_at(object, "kind");
        if (kind == "Namespace")
            make_namespace(object);
        else if (kind == "Deployment")
            make_deployment(object);
        else if (kind == "StatefulSet")
            make_stateful_set(object);
        else if (kind == "DaemonSet")
            make_daemon_set(object);
        else if (kind == "CronJob")
            make_cron_job(object);
        else if (kind != "Service" && kind != "Node")
            add(object);
    }

    /// With uid and age, which every stored object has.
    Json& add(Json object, int least_days = 20, int most_days = 200)
    {
        auto& metadata = object["metadata"];
        const auto identity = text_at(object, "kind") + "/" + namespace_of(object) + "/" + name_of(object);
        if (!metadata.contains("uid")) metadata["uid"] = stable_uid(identity);
        if (!metadata.contains("creationTimestamp")) metadata["creationTimestamp"] = days_ago(m_now, identity, least_days, most_days);
        if (!metadata.contains("generation")) metadata["generation"] = 1;
        return m_result.emplace_back(std::move(object));
    }

    Owner owner_of(const Json& object) const
    {
        return {text_at(object, "apiVersion"), text_at(object, "kind"), name_of(object), text_at(object, "metadata.uid")};
    }

    const Json* add_pod(const Json& pod_template, const std::string& ns, const std::string& name, const std::string& node, const Owner& owner,
                        PodState state)
    {
        const auto account = pod_template["spec"].value("serviceAccountName", "default");
        const auto mounts = m_accounts.find(ns + "/" + account);
        const Surroundings surroundings{m_now, m_mesh_namespaces.contains(ns), mounts == m_accounts.end() || mounts->second};
        auto pod = make_pod(pod_template, ns, name, node, owner, state, surroundings);
        for (const auto& container : pod["spec"]["containers"])
            m_images[node].insert(text_at(container, "image"));
        m_pods.push_back(pod);
        return &m_result.emplace_back(std::move(pod));
    }

    std::string worker_for(const std::string& pod) const
    {
        std::vector<std::string> workers;
        for (const auto* node : m_nodes) {
            if (!node->at("spec").contains("taints")) workers.push_back(name_of(*node));
        }
        return workers.empty() ? "node" : workers[stable_hash(pod) % workers.size()];
    }

    void make_namespace(Json object)
    {
        const auto name = name_of(object);
        object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
        object["spec"] = {{"finalizers", Json::array({"kubernetes"})}};
        object["status"] = {{"phase", "Active"}};
        add(std::move(object), 100, 400);
        if (!m_accounts.contains(name + "/default")) {
            add({{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", "default"}, {"namespace", name}}}}, 100, 400);
        }
        add({{"apiVersion", "v1"},
             {"kind", "ConfigMap"},
             {"metadata", {{"name", "kube-root-ca.crt"}, {"namespace", name}}},
             {"data", {{"ca.crt", ""}}}},
            100, 400);
    }

    void make_deployment(Json object)
    {
        const auto ns = namespace_of(object);
        const bool broken = text_at(object, "metadata.annotations.demo") == "image-pull-backoff";
        if (broken) object["metadata"]["annotations"].erase("demo");
        const auto hash = stable_suffix(object["spec"]["template"].dump(), 10);
        const auto replicas = object["spec"].value("replicas", 1);
        object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "3";
        object["spec"].merge_patch({{"replicas", replicas}, {"progressDeadlineSeconds", 600}});
        if (!object["spec"].contains("revisionHistoryLimit")) object["spec"]["revisionHistoryLimit"] = 10;
        if (!object["spec"].contains("strategy"))
            object["spec"]["strategy"] = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", "25%"}, {"maxUnavailable", "25%"}}}};
        const auto ready = broken ? 0 : replicas;
        object["status"] = {{"observedGeneration", 1},
                            {"replicas", replicas},
                            {"updatedReplicas", replicas},
                            {"readyReplicas", ready},
                            {"availableReplicas", ready},
                            {"unavailableReplicas", replicas - ready},
                            {"conditions", Json::array({{{"type", "Available"},
                                                         {"status", broken ? "False" : "True"},
                                                         {"reason", broken ? "MinimumReplicasUnavailable" : "MinimumReplicasAvailable"}},
                                                        {{"type", "Progressing"},
                                                         {"status", broken ? "False" : "True"},
                                                         {"reason", broken ? "ProgressDeadlineExceeded" : "NewReplicaSetAvailable"}}})}};
        auto pod_template = object["spec"]["template"];
        pod_template["metadata"]["labels"]["pod-template-hash"] = hash;
        Json replica_set = {{"apiVersion", "apps/v1"},
                            {"kind", "ReplicaSet"},
                            {"metadata", {{"name", name_of(object) + "-" + hash}, {"namespace", ns}, {"labels", pod_template["metadata"]["labels"]}}},
                            {"spec", {{"replicas", replicas}, {"selector", object["spec"]["selector"]}, {"template", pod_template}}},
                            {"status", {{"replicas", replicas}, {"readyReplicas", ready}, {"availableReplicas", ready}, {"observedGeneration", 1}}}};
        const auto deployment = owner_of(add(std::move(object)));
        replica_set["metadata"]["ownerReferences"] = Json::array({owner_reference(deployment)});
        const auto owner = owner_of(add(std::move(replica_set), 10, 20));
        for (int i = 0; i < replicas; ++i) {
            const auto pod = owner.name + "-" + stable_suffix(owner.name + std::to_string(i), 5);
            add_pod(pod_template, ns, pod, worker_for(pod), owner, broken ? PodState::image_pull_backoff : PodState::running);
        }
    }

    void make_stateful_set(Json object)
    {
        const auto ns = namespace_of(object);
        const auto replicas = object["spec"].value("replicas", 1);
        auto pod_template = object["spec"]["template"];
        pod_template["metadata"]["labels"]["controller-revision-hash"] = name_of(object) + "-" + stable_suffix(pod_template.dump(), 9);
        if (!object["spec"].contains("updateStrategy")) object["spec"]["updateStrategy"] = {{"type", "RollingUpdate"}};
        object["spec"]["podManagementPolicy"] = "OrderedReady";
        object["status"] = {{"observedGeneration", 1},     {"replicas", replicas},        {"readyReplicas", replicas},
                            {"currentReplicas", replicas}, {"updatedReplicas", replicas}, {"availableReplicas", replicas}};
        const auto owner = owner_of(add(std::move(object)));
        for (int i = 0; i < replicas; ++i) {
            const auto pod = fmt::format("{}-{}", owner.name, i);
            add_pod(pod_template, ns, pod, worker_for(pod), owner, PodState::running);
        }
    }

    void make_daemon_set(Json object)
    {
        const auto ns = namespace_of(object);
        const auto pod_template = object["spec"]["template"];
        const auto tolerations = pod_template["spec"].value("tolerations", Json::array());
        const bool everywhere = std::any_of(tolerations.begin(), tolerations.end(), [](const Json& toleration) {
            return toleration.value("operator", "") == "Exists" && !toleration.contains("key");
        });
        std::vector<std::string> nodes;
        for (const auto* node : m_nodes) {
            if (everywhere || !node->at("spec").contains("taints")) nodes.push_back(name_of(*node));
        }
        const auto count = nodes.size();
        if (!object["spec"].contains("updateStrategy"))
            object["spec"]["updateStrategy"] = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxUnavailable", 1}}}};
        object["status"] = {{"observedGeneration", 1},  {"desiredNumberScheduled", count}, {"currentNumberScheduled", count}, {"numberReady", count},
                            {"numberAvailable", count}, {"updatedNumberScheduled", count}, {"numberMisscheduled", 0}};
        const auto owner = owner_of(add(std::move(object)));
        for (const auto& node : nodes)
            add_pod(pod_template, ns, owner.name + "-" + stable_suffix(owner.name + node, 5), node, owner, PodState::running);
    }

    void make_cron_job(Json object)
    {
        const auto ns = namespace_of(object);
        const auto job_spec = object["spec"]["jobTemplate"]["spec"];
        object["status"] = {{"lastScheduleTime", days_ago(m_now, name_of(object), 0, 1)},
                            {"lastSuccessfulTime", days_ago(m_now, name_of(object), 0, 1)}};
        const auto cron_job = owner_of(add(std::move(object)));
        Json job = {
            {"apiVersion", "batch/v1"},
            {"kind", "Job"},
            {"metadata", {{"name", cron_job.name + "-29391015"}, {"namespace", ns}, {"ownerReferences", Json::array({owner_reference(cron_job)})}}},
            {"spec", job_spec},
            {"status", {{"succeeded", 1}, {"conditions", Json::array({{{"type", "Complete"}, {"status", "True"}}})}}}};
        const auto owner = owner_of(add(std::move(job), 0, 1));
        const auto pod = owner.name + "-" + stable_suffix(owner.name, 5);
        add_pod(job_spec["template"], ns, pod, worker_for(pod), owner, PodState::succeeded);
    }

    void make_endpoints(Json service)
    {
        const auto ns = namespace_of(service);
        auto& spec = service["spec"];
        if (!spec.contains("type")) spec["type"] = "ClusterIP";
        const auto hash = stable_hash(ns + name_of(service));
        if (!spec.contains("clusterIP") && spec["type"] != "ExternalName")
            spec["clusterIP"] = fmt::format("10.96.{}.{}", hash % 250 + 1, (hash >> 8U) % 250 + 2);
        if (spec.contains("ports")) {
            for (auto& port : spec["ports"]) {
                if (!port.contains("protocol")) port["protocol"] = "TCP";
                if (!port.contains("targetPort")) port["targetPort"] = port["port"];
            }
        }
        const auto selector = spec.value("selector", Json::object());
        const auto ports = spec.value("ports", Json::array());
        const auto owner = owner_of(add(std::move(service)));
        if (selector.empty()) return;

        auto endpoints = Json::array();
        for (const auto& pod : m_pods) {
            if (namespace_of(pod) != ns || !selects(selector, pod["metadata"]["labels"])) continue;
            const bool ready = text_at(pod, "status.phase") == "Running";
            endpoints.push_back({{"addresses", Json::array({text_at(pod, "status.podIP")})},
                                 {"conditions", {{"ready", ready}, {"serving", ready}, {"terminating", false}}},
                                 {"nodeName", text_at(pod, "spec.nodeName")},
                                 {"targetRef", {{"kind", "Pod"}, {"namespace", ns}, {"name", name_of(pod)}, {"uid", text_at(pod, "metadata.uid")}}}});
        }
        auto slice_ports = Json::array();
        for (const auto& port : ports)
            slice_ports.push_back({{"name", port.value("name", "")},
                                   {"port", port["targetPort"].is_number() ? port["targetPort"] : port["port"]},
                                   {"protocol", port["protocol"]}});
        add({{"apiVersion", "discovery.k8s.io/v1"},
             {"kind", "EndpointSlice"},
             {"metadata",
              {{"name", owner.name + "-" + stable_suffix(ns + owner.name, 5)},
               {"namespace", ns},
               {"labels",
                {{"kubernetes.io/service-name", owner.name}, {"endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"}}},
               {"ownerReferences", Json::array({owner_reference(owner)})}}},
             {"addressType", "IPv4"},
             {"endpoints", std::move(endpoints)},
             {"ports", std::move(slice_ports)}});
    }

    void make_node(Json node)
    {
        const auto name = name_of(node);
        node["metadata"]["labels"]["kubernetes.io/hostname"] = name;
        auto images = Json::array();
        for (const auto& image : m_images[name]) {
            images.push_back({{"names", Json::array({image})}, {"sizeBytes", 20'000'000 + stable_hash(image) % 700'000'000}});
        }
        const Json resources = {{"cpu", "16"}, {"memory", "64Gi"}, {"pods", "110"}};
        node["status"] = {
            {"capacity", resources},
            {"allocatable", resources},
            {"conditions",
             Json::array({{{"type", "Ready"}, {"status", "True"}, {"reason", "KubeletReady"}, {"lastHeartbeatTime", format_rfc3339(m_now)}}})},
            {"addresses", Json::array({{{"type", "Hostname"}, {"address", name}}})},
            {"nodeInfo",
             {{"architecture", "amd64"},
              {"operatingSystem", "linux"},
              {"osImage", "Debian GNU/Linux 13 (trixie)"},
              {"kernelVersion", "6.12.41"},
              {"containerRuntimeVersion", "containerd://2.1.4"},
              {"kubeletVersion", "v1.36.3"}}},
            {"images", std::move(images)}};
        add(std::move(node), 60, 300);
    }

    const std::vector<Json>& m_applied;
    Timestamp m_now;
    std::vector<const Json*> m_nodes;
    std::set<std::string> m_mesh_namespaces;
    std::map<std::string, bool> m_accounts; ///< namespace/name: whether it mounts its token
    std::vector<Json> m_pods;
    std::map<std::string, std::set<std::string>> m_images; ///< by node
    std::vector<Json> m_result;
};

} // namespace

std::vector<Json> reconcile(const std::vector<Json>& applied, Timestamp now)
{
    return Reconciler{applied, now}.run();
}

} // namespace seaworthy::replay::demo
