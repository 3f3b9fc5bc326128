// SPDX-License-Identifier: Apache-2.0
// The replay API server with a generated cluster: bench_server PODS [MB/S of each reply, 0: any] [pods of a workload] [network policies]
// Prints its URL; then each line on standard input is answered by the targets of the requests since the last one, and an empty line.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "seaworthy/replay/api_server.hpp"

using namespace seaworthy::replay;

namespace {

std::size_t g_namespaces = 330;        // some thirty series each: ten thousand in all
std::size_t g_pods_of_a_workload = 30; // a hundred thousand pods have a few thousand pod specs

std::string name_of_namespace(std::size_t index)
{
    return fmt::format("team-{:03}", index % g_namespaces);
}

std::string labels(std::size_t workload)
{
    return fmt::format(
        R"("labels":{{"app.kubernetes.io/name":"app-{0}","app.kubernetes.io/instance":"app-{0}","app.kubernetes.io/version":"1.{0}.0",)"
        R"("app.kubernetes.io/part-of":"suite","app.kubernetes.io/managed-by":"argocd","team":"team-{1}"}})",
        workload, workload % 30);
}

/// What makes up half of a real pod: which manager owns which field.
std::string managed_fields()
{
    std::string text = R"("managedFields":[)";
    for (int manager = 0; manager < 3; ++manager) {
        text += fmt::format(
            R"({}{{"manager":"manager-{}","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{{)",
            manager == 0 ? "" : ",", manager);
        for (int field = 0; field < 28; ++field)
            text += fmt::format(R"({}"f:field-{}":{{".":{{}},"k:{{\"type\":\"Type{}\"}}":{{"f:name":{{}},"f:value":{{}}}}}})", field == 0 ? "" : ",",
                                field, field);
        text += "}}";
    }
    return text + "]";
}

std::string container(std::size_t workload, int index)
{
    std::string variables;
    for (int i = 0; i < 12; ++i)
        variables += fmt::format(R"({}{{"name":"SETTING_{}","value":"value {} of workload {}"}})", i == 0 ? "" : ",", i, i, workload);
    return fmt::format(
        R"({{"name":"main-{0}","image":"registry.example/suite/app-{1}:1.{0}.0","imagePullPolicy":"IfNotPresent","args":["--verbose","--port=8080"],)"
        R"("ports":[{{"name":"http-{0}","containerPort":{2},"protocol":"TCP"}}],"env":[{3}],)"
        R"("resources":{{"requests":{{"cpu":"100m","memory":"128Mi"}},"limits":{{"memory":"256Mi"}}}},)"
        R"("readinessProbe":{{"httpGet":{{"path":"/ready","port":{2},"scheme":"HTTP"}},"periodSeconds":10,"timeoutSeconds":1}},)"
        R"("securityContext":{{"allowPrivilegeEscalation":false,"runAsNonRoot":true,"capabilities":{{"drop":["ALL"]}}}},)"
        R"("volumeMounts":[{{"name":"token","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}}]}})",
        index, workload, 8080 + index, variables);
}

std::string pod_spec(std::size_t workload)
{
    return fmt::format(
        R"("spec":{{"serviceAccountName":"default","nodeName":"node-{0}","restartPolicy":"Always","dnsPolicy":"ClusterFirst","containers":[{1},{2},{3}],)"
        R"("volumes":[{{"name":"token","projected":{{"sources":[{{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}}]}}}}],)"
        R"("tolerations":[{{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}]}})",
        workload % 50, container(workload, 0), container(workload, 1), container(workload, 2));
}

/// An owner's uid is the one that its object has: else the chain from a pod to its Deployment breaks.
std::string uid(std::string_view kind, std::size_t index)
{
    return fmt::format("{:08x}-00{:02x}-4000-8000-000000000000", index, static_cast<unsigned>(kind.front()));
}

std::string metadata(std::string_view kind, std::size_t index, std::size_t workload, const std::string& name, const std::string& owner_kind,
                     const std::string& owner)
{
    const auto reference =
        owner.empty() ? std::string{}
                      : fmt::format(R"("ownerReferences":[{{"apiVersion":"apps/v1","kind":"{}","name":"{}","uid":"{}","controller":true}}],)",
                                    owner_kind, owner, uid(owner_kind, workload));
    return fmt::format(R"("metadata":{{"name":"{}","namespace":"{}","uid":"{}","resourceVersion":"1",)"
                       R"("creationTimestamp":"2026-01-01T00:00:00Z",{},{}{}}})",
                       name, name_of_namespace(workload), uid(kind, index), labels(workload), reference, managed_fields());
}

std::string container_status(std::size_t workload, int index)
{
    return fmt::format(
        R"({{"name":"main-{0}","image":"registry.example/suite/app-{1}:1.{0}.0","imageID":"registry.example/suite/app-{1}@sha256:{1:064x}",)"
        R"("containerID":"containerd://{1:064x}","ready":true,"started":true,"restartCount":0,"lastState":{{}},)"
        R"("state":{{"running":{{"startedAt":"2026-01-01T00:00:10Z"}}}}}})",
        index, workload);
}

class Pods final : public GeneratedList {
public:
    explicit Pods(std::size_t count) : m_count{count} {}
    [[nodiscard]] std::size_t size() const override { return m_count; }
    void append(std::size_t index, std::string& out) const override
    {
        const auto workload = index / g_pods_of_a_workload;
        out += fmt::format(
            "{{{},{},",
            metadata("Pod", index, workload, fmt::format("app-{}-7d9f-{}", workload, index), "ReplicaSet", fmt::format("app-{}-7d9f", workload)),
            pod_spec(workload));
        out += fmt::format(
            R"("status":{{"phase":"Running","podIP":"10.{}.{}.{}","hostIP":"192.0.2.1","startTime":"2026-01-01T00:00:00Z","qosClass":"Burstable",)"
            R"("conditions":[{{"type":"Ready","status":"True"}},{{"type":"PodScheduled","status":"True"}},{{"type":"Initialized","status":"True"}}],)"
            R"("containerStatuses":[{},{},{}]}}}})",
            index >> 16U & 255U, index >> 8U & 255U, index & 255U, container_status(workload, 0), container_status(workload, 1),
            container_status(workload, 2));
    }

private:
    std::size_t m_count;
};

/// One in each namespace that isolates it, else one for a workload each.
class NetworkPolicies final : public GeneratedList {
public:
    explicit NetworkPolicies(std::size_t count) : m_count{count} {}
    [[nodiscard]] std::size_t size() const override { return m_count; }
    void append(std::size_t index, std::string& out) const override
    {
        const auto head = fmt::format(R"({{"metadata":{{"name":"policy-{0}","namespace":"{1}","uid":"{2}","resourceVersion":"1",)"
                                      R"("creationTimestamp":"2026-01-01T00:00:00Z"}},"spec":)",
                                      index, name_of_namespace(index), uid("NetworkPolicy", index));
        if (index < g_namespaces) {
            out += head + R"({"podSelector":{},"policyTypes":["Ingress","Egress"]}})";
            return;
        }
        out += head + fmt::format(R"({{"podSelector":{{"matchLabels":{{"app.kubernetes.io/name":"app-{0}"}}}},"policyTypes":["Ingress","Egress"],)"
                                  R"("ingress":[{{"from":[{{"namespaceSelector":{{"matchLabels":{{"environment":"production"}}}}}}],)"
                                  R"("ports":[{{"protocol":"TCP","port":8080}}]}}],"egress":[{{"to":[{{"namespaceSelector":{{}},)"
                                  R"("podSelector":{{"matchLabels":{{"k8s-app":"kube-dns"}}}}}}],"ports":[{{"protocol":"UDP","port":53}}]}}]}}}})",
                                  index);
    }

private:
    std::size_t m_count;
};

/// Deployments and the ReplicaSets between them and their pods.
class Workloads final : public GeneratedList {
public:
    Workloads(std::size_t count, bool replica_sets) : m_count{count}, m_replica_sets{replica_sets} {}
    [[nodiscard]] std::size_t size() const override { return m_count; }
    void append(std::size_t index, std::string& out) const override
    {
        const auto name = fmt::format("app-{}", index);
        out += fmt::format(
            R"({{{},"spec":{{"replicas":{},"selector":{{"matchLabels":{{"app.kubernetes.io/name":"{}"}}}},"template":{{"metadata":{{{}}},{}}}}},)"
            R"("status":{{"replicas":{},"readyReplicas":{},"availableReplicas":{},"observedGeneration":1}}}})",
            m_replica_sets ? metadata("ReplicaSet", index, index, name + "-7d9f", "Deployment", name)
                           : metadata("Deployment", index, index, name, "", ""),
            g_pods_of_a_workload, name, labels(index), pod_spec(index), g_pods_of_a_workload, g_pods_of_a_workload, g_pods_of_a_workload);
    }

private:
    std::size_t m_count;
    bool m_replica_sets;
};

} // namespace

int main(int argc, char** argv)
{
    const auto pods = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000UL;
    ApiServerOptions options;
    options.megabytes_per_second = argc > 2 ? std::strtod(argv[2], nullptr) : 0;
    if (argc > 5) g_namespaces = std::max(1UL, std::strtoul(argv[5], nullptr, 10));
    if (argc > 3) g_pods_of_a_workload = std::max(1UL, std::strtoul(argv[3], nullptr, 10));

    const auto server = ApiServer::start(options);
    if (!server) {
        std::cerr << server.error().message << '\n';
        return 1;
    }
    for (std::size_t i = 0; i < g_namespaces; ++i) {
        const auto put = (*server)->put(fmt::format(
            R"({{"apiVersion":"v1","kind":"Namespace","metadata":{{"name":"{}","labels":{{"environment":"production"}}}}}})", name_of_namespace(i)));
        if (!put) {
            std::cerr << put.error().message << '\n';
            return 1;
        }
    }
    const auto workloads = (pods + g_pods_of_a_workload - 1) / g_pods_of_a_workload;
    (*server)->generate({"", "v1", "pods", "Pod"}, std::make_shared<Pods>(pods));
    (*server)->generate({"apps", "v1", "deployments", "Deployment"}, std::make_shared<Workloads>(workloads, false));
    (*server)->generate({"apps", "v1", "replicasets", "ReplicaSet"}, std::make_shared<Workloads>(workloads, true));

    if (const auto policies = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 0UL; policies > 0)
        (*server)->generate({"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"}, std::make_shared<NetworkPolicies>(policies));

    std::cout << (*server)->url() << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        for (const auto& request : (*server)->take_requests())
            std::cout << request.method << ' ' << request.target << '\n';
        std::cout << std::endl;
    }
}
