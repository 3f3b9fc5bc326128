// SPDX-License-Identifier: Apache-2.0
// How fast lists are cut and pods are decoded, in processor time and without a network: decode_bench [PODS] [SPECS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "kube/decode/list_splitter.hpp"
#include "kube/decode/object_decoder.hpp"
#include "seaworthy/model/vault.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;

namespace {

std::string managed_fields(int pod)
{
    std::string fields = R"("managedFields":[)";
    for (int manager = 0; manager < 3; ++manager) {
        fields += fmt::format(
            R"({}{{"manager":"manager-{}","operation":"Update","apiVersion":"v1","time":"2026-11-0{}T10:00:{:02}Z","fieldsType":"FieldsV1","fieldsV1":{{)",
            manager == 0 ? "" : ",", manager, manager + 1, pod % 60);
        for (int field = 0; field < 24; ++field)
            fields += fmt::format(R"({}"f:field{}":{{".":{{}},"k:{{\"type\":\"T{}\"}}":{{"f:name":{{}},"f:value":{{}}}}}})", field == 0 ? "" : ",",
                                  field, field);
        fields += "}}";
    }
    return fields + "]";
}

std::string container(int spec, int index)
{
    std::string env;
    for (int i = 0; i < 14; ++i)
        env += fmt::format(R"({}{{"name":"SETTING_{}","value":"value-{}-{}-with-some-length"}})", i == 0 ? "" : ",", i, i, spec);
    return fmt::format(
        R"({{"name":"c{0}","image":"registry.example.com/team/app-{1}:1.{0}.{1}@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",)"
        R"("command":["/app"],"args":["--listen=:8080","--log=json"],"ports":[{{"name":"http","containerPort":8080,"protocol":"TCP"}}],"env":[{2},)"
        R"({{"name":"POD_IP","valueFrom":{{"fieldRef":{{"apiVersion":"v1","fieldPath":"status.podIP"}}}}}}],"resources":{{"limits":{{"cpu":"1","memory":"1Gi"}},)"
        R"("requests":{{"cpu":"100m","memory":"256Mi"}}}},"volumeMounts":[{{"name":"config","readOnly":true,"mountPath":"/etc/app"}},{{"name":"kube-api-access-@@@@@",)"
        R"("readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}}],"livenessProbe":{{"httpGet":{{"path":"/livez","port":"http","scheme":"HTTP"}},)"
        R"("timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}},"readinessProbe":{{"httpGet":{{"path":"/readyz","port":"http"}},)"
        R"("timeoutSeconds":1,"periodSeconds":5}},"terminationMessagePath":"/dev/termination-log","imagePullPolicy":"IfNotPresent","securityContext":)"
        R"({{"capabilities":{{"drop":["ALL"]}},"runAsNonRoot":true,"readOnlyRootFilesystem":true,"allowPrivilegeEscalation":false}}}})",
        index, spec, env);
}

std::string pod(int number, int spec)
{
    std::string text = fmt::format(
        R"({{"metadata":{{"name":"app-{1}-7d4b9c6f5-{0:05}","generateName":"app-{1}-7d4b9c6f5-","namespace":"team-{2}","uid":"{0:08x}-1111-4222-8333-{0:012x}",)"
        R"("resourceVersion":"{3}","creationTimestamp":"2026-11-01T10:00:00Z","labels":{{"app.kubernetes.io/name":"app-{1}","app.kubernetes.io/instance":"prod",)"
        R"("pod-template-hash":"7d4b9c6f5","team":"team-{2}"}},"annotations":{{"prometheus.io/scrape":"true","cni.projectcalico.org/podIP":"10.0.{4}.{5}/32"}},)"
        R"("ownerReferences":[{{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"app-{1}-7d4b9c6f5","uid":"{1:08x}-aaaa-4bbb-8ccc-000000000000","controller":true,)"
        R"("blockOwnerDeletion":true}}],{6}}},"spec":{{"volumes":[{{"name":"config","configMap":{{"name":"app-{1}","defaultMode":420}}}},{{"name":"kube-api-access-@@@@@",)"
        R"("projected":{{"sources":[{{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}},{{"configMap":{{"name":"kube-root-ca.crt","items":[{{"key":"ca.crt",)"
        R"("path":"ca.crt"}}]}}}},{{"downwardAPI":{{"items":[{{"path":"namespace","fieldRef":{{"apiVersion":"v1","fieldPath":"metadata.namespace"}}}}]}}}}],"defaultMode":420}}}}],)"
        R"("containers":[{7},{8}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"app-{1}",)"
        R"("serviceAccount":"app-{1}","nodeName":"node-{9}","securityContext":{{"runAsNonRoot":true}},"schedulerName":"default-scheduler","tolerations":)"
        R"([{{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}],"priority":0,"enableServiceLinks":true}},"status":)"
        R"({{"phase":"Running","conditions":[)",
        number, spec, spec % 1000, 100'000 + number, number / 250 % 250, number % 250, managed_fields(number), container(spec, 0), container(spec, 1),
        number % 1000);
    for (const char* type : {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"})
        text += fmt::format(R"({{"type":"{}","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-01T10:00:05Z"}},)", type);
    text.back() = ']';
    text += fmt::format(
        R"(,"hostIP":"172.16.0.{0}","podIP":"10.0.{1}.{0}","podIPs":[{{"ip":"10.0.{1}.{0}"}}],"startTime":"2026-11-01T10:00:00Z","containerStatuses":[)",
        number % 250, number / 250 % 250);
    for (int index = 0; index < 2; ++index)
        text += fmt::format(
            R"({0}{{"name":"c{1}","state":{{"running":{{"startedAt":"2026-11-01T10:00:04Z"}}}},"lastState":{{}},"ready":true,"restartCount":0,)"
            R"("image":"registry.example.com/team/app-{2}:1.{1}.{2}","imageID":"registry.example.com/team/app-{2}@sha256:0123456789abcdef0123456789abcdef0123456789abcdef",)"
            R"("containerID":"containerd://{3:064x}","started":true}})",
            index == 0 ? "" : ",", index, spec, number * 2 + index);
    text += R"(],"qosClass":"Burstable"}})";
    const std::string suffix = fmt::format("{:05}", number % 100'000);
    for (std::size_t at = 0; (at = text.find("@@@@@", at)) != std::string::npos;)
        text.replace(at, 5, suffix);
    return text;
}

struct Count final : ListSink {
    void element(PaddedJson json) override { bytes += json.text.size(); }
    void skipped(std::string_view, std::string_view) override {}
    std::size_t bytes = 0;
};

struct Decode final : ListSink {
    explicit Decode(const model::ReadPlan& plan) : decoder(inventory, plan), target(decoder.target("pods")) {}
    void element(PaddedJson json) override { decoder.decode(target, json); }
    void skipped(std::string_view, std::string_view) override {}
    model::Inventory inventory;
    ObjectDecoder decoder;
    const ObjectDecoder::Target* target;
};

double feed(ListSink& sink, const std::string& body, std::size_t chunk)
{
    const std::clock_t begin = std::clock();
    ListSplitter splitter{sink};
    for (std::size_t at = 0; at < body.size(); at += chunk)
        if (!splitter.feed(std::string_view{body}.substr(at, chunk))) std::abort();
    if (!splitter.finish()) std::abort();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

std::string peak_memory()
{
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmHWM", 0) == 0) return line.substr(6);
    return "unknown";
}

} // namespace

int main(int argc, char** argv)
{
    const int pods = argc > 1 ? std::atoi(argv[1]) : 4000;
    const int specs = argc > 2 ? std::atoi(argv[2]) : std::max(1, pods / 33);
    std::string body = R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[)";
    for (int i = 0; i < pods; ++i)
        body += (i == 0 ? "" : ",") + pod(i, i % specs);
    body += "]}";
    fmt::print("{} pods of {} specs, {} bytes each\n", pods, specs, body.size() / static_cast<std::size_t>(pods));

    for (const std::size_t chunk : {std::size_t{16} << 10U, std::size_t{256} << 10U}) {
        double split = 1e9;
        double decode = 1e9;
        std::size_t distinct = 0;
        for (int round = 0; round < 7; ++round) {
            Count count;
            split = std::min(split, feed(count, body, chunk));
            const model::ReadPlan plan;
            Decode sink{plan};
            decode = std::min(decode, feed(sink, body, chunk));
            distinct = sink.inventory.vault().pod_specs();
            if (!sink.inventory.gaps.empty() || sink.inventory.pods.size() != static_cast<std::size_t>(pods)) {
                fmt::print("{}\n", sink.inventory.gaps.empty() ? "pods are missing" : sink.inventory.gaps[0].message);
                return 1;
            }
        }
        fmt::print("chunks of {:3} KiB: split {:.2f} GB/s, split and decode {:.2f} us/pod ({:.2f} GB/s), {} specs kept\n", chunk >> 10U,
                   static_cast<double>(body.size()) / split / 1e9, decode / pods * 1e6, static_cast<double>(body.size()) / decode / 1e9, distinct);
    }
    fmt::print("peak memory {}\n", peak_memory());
    return 0;
}
