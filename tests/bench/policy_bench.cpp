// SPDX-License-Identifier: Apache-2.0
// How fast pods are judged by network policies, in processor time of one core: policy_bench [PODS] [POLICIES] [NAMESPACES]
// Ends with 1 where it takes more than two seconds.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include <fmt/format.h>

#include "kube/decode/object_decoder.hpp"
#include "seaworthy/model/network_isolation.hpp"
#include "seaworthy/model/vault.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;

namespace {

constexpr double k_limit_seconds = 2;

std::string pod(int number, int namespaces)
{
    return fmt::format(R"({{"metadata":{{"name":"p-{0}","namespace":"ns-{1}","labels":{{"app":"app-{2}","app.kubernetes.io/instance":"app-{2}",)"
                       R"("pod-template-hash":"{3:08x}","tier":"{4}"}}}},"spec":{{"nodeName":"n","containers":[{{"name":"c","image":"app:1"}}]}},)"
                       R"("status":{{"phase":"Running"}}}})",
                       number, number % namespaces, number / namespaces % 50, number % 977 * 131, number % 2 == 0 ? "front" : "back");
}

/// A default deny in each namespace, then what opens it for one application: by labels, by expressions, to blocks and on ports.
std::string policy(int number, int namespaces)
{
    const int ns = number % namespaces;
    const int nth = number / namespaces;
    const auto head = fmt::format(R"({{"metadata":{{"name":"policy-{}","namespace":"ns-{}"}},"spec":{{)", number, ns);
    if (nth == 0) return head + R"("podSelector":{},"policyTypes":["Ingress","Egress"]}})";
    if (nth % 2 == 0)
        return head + fmt::format(R"("podSelector":{{"matchLabels":{{"app":"app-{}"}}}},"ingress":[{{"from":[{{"podSelector":{{}}}},)"
                                  R"({{"ipBlock":{{"cidr":"10.0.0.0/8","except":["10.9.0.0/16"]}}}}],"ports":[{{"port":8080}}]}}]}}}})",
                                  nth % 50);
    return head + fmt::format(R"("podSelector":{{"matchExpressions":[{{"key":"app","operator":"In","values":["app-{}","app-{}"]}},)"
                              R"({{"key":"legacy","operator":"DoesNotExist"}}]}},"policyTypes":["Egress"],"egress":[{{"to":[{{"ipBlock":)"
                              R"({{"cidr":"0.0.0.0/0","except":["169.254.169.254/32"]}}}}]}}]}}}})",
                              nth % 50, (nth + 7) % 50);
}

/// The same intentions in the words of Cilium and Calico, one in five for the whole cluster.
struct OtherPolicy {
    const char* resource;
    std::string json;
};
OtherPolicy other_policy(int number, int namespaces)
{
    const int nth = number / namespaces;
    const auto head = [&](bool cluster) {
        return fmt::format(R"({{"metadata":{{"name":"other-{}"{}}},"spec":{{)", number,
                           cluster ? std::string{} : fmt::format(R"(,"namespace":"ns-{}")", number % namespaces));
    };
    switch (number % 10) {
    case 0:
        return {"ciliumclusterwidenetworkpolicies.cilium.io",
                head(true) + fmt::format(R"("endpointSelector":{{"matchLabels":{{"k8s:app":"app-{}","k8s:io.kubernetes.pod.namespace":"ns-{}"}}}},)"
                                         R"("ingress":[{{"fromEndpoints":[{{}}]}}]}}}})",
                                         nth % 50, number % namespaces)};
    case 5:
        return {
            "globalnetworkpolicies.projectcalico.org",
            head(true) +
                fmt::format(R"("order":{},"selector":"tier == 'front' && app != 'app-{}'","namespaceSelector":"kubernetes.io/metadata.name in )"
                            R"({{'ns-{}','ns-{}'}}","types":["Egress"],"egress":[{{"action":"Deny","destination":{{"nets":["10.0.0.0/8"]}}}}]}}}})",
                            number, nth % 50, number % namespaces, (number + 7) % namespaces)};
    case 1:
    case 3:
    case 7:
    case 9:
        return {"ciliumnetworkpolicies.cilium.io",
                head(false) + fmt::format(R"("endpointSelector":{{"matchLabels":{{"app":"app-{}"}}}},"egress":[{{"toEntities":["cluster"]}},)"
                                          R"({{"toCIDRSet":[{{"cidr":"0.0.0.0/0","except":["169.254.169.254/32"]}}]}}]}}}})",
                                          nth % 50)};
    default:
        return {"networkpolicies.projectcalico.org",
                head(false) +
                    fmt::format(R"json("order":{},"selector":"app in {{'app-{}','app-{}'}} && !has(legacy)","ingress":[{{"action":"Allow",)json"
                                R"json("source":{{"selector":"tier == 'front'"}}}},{{"action":"Deny"}}]}}}})json",
                                number, nth % 50, (nth + 9) % 50)};
    }
}

double seconds_since(std::clock_t begin)
{
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// True where it is fast enough. `mixed`: half of the policies are of Cilium and Calico.
bool measure(int pods, int policies, int namespaces, bool mixed)
{
    model::Inventory inventory;
    model::ReadPlan plan;
    for (const auto* list : {"ciliumclusterwidenetworkpolicies.cilium.io", "ciliumnetworkpolicies.cilium.io", "networkpolicies.projectcalico.org",
                             "globalnetworkpolicies.projectcalico.org"})
        plan.lists.push_back({list, {"spec"}});
    ObjectDecoder decoder{inventory, plan};
    const auto decode = [&](const char* resource, std::string json) {
        const auto size = json.size();
        json.append(k_json_padding, '\0');
        decoder.decode(decoder.target(resource), {std::string_view{json}.substr(0, size)});
    };
    for (int i = 0; i < namespaces; ++i)
        decode("namespaces", fmt::format(R"({{"metadata":{{"name":"ns-{0}","labels":{{"kubernetes.io/metadata.name":"ns-{0}"}}}}}})", i));
    for (int i = 0; i < pods; ++i)
        decode("pods", pod(i, namespaces));
    for (int i = 0; i < policies; ++i) {
        if (mixed && i % 2 == 1) {
            auto other = other_policy(i / 2, namespaces);
            decode(other.resource, std::move(other.json));
        } else {
            decode("networkpolicies.networking.k8s.io", policy(mixed ? i / 2 : i, namespaces));
        }
    }
    if (!inventory.gaps.empty()) {
        fmt::print("{}\n", inventory.gaps.front().message);
        return false;
    }

    auto begin = std::clock();
    const model::Index index{inventory};
    const auto indexed = seconds_since(begin);
    begin = std::clock();
    const model::NetworkIsolation isolation{inventory, index};
    const auto evaluated = seconds_since(begin);
    std::size_t isolated = 0;
    for (const auto& each : inventory.pods)
        for (const auto direction : {model::Direction::ingress, model::Direction::egress})
            isolated += isolation.of_pod(model::identity_of(each.ns(), each.labels(), each.spec()), direction) == model::Isolation::isolated ? 1 : 0;
    const auto judged = seconds_since(begin);
    fmt::print("{} pods, {} policies{}, {} namespaces: indexed in {:.2f} s, evaluated in {:.2f} s and asked both ways in {:.2f} s, {} of {} "
               "isolated\n",
               inventory.pods.size(), policies, mixed ? ", half of them of Cilium and Calico" : "", namespaces, indexed, evaluated,
               judged - evaluated, isolated, 2 * inventory.pods.size());
    return judged <= k_limit_seconds;
}

} // namespace

int main(int argc, char** argv)
{
    const int pods = argc > 1 ? std::atoi(argv[1]) : 100'000;
    const int policies = argc > 2 ? std::atoi(argv[2]) : 5000;
    const int namespaces = argc > 3 ? std::atoi(argv[3]) : 500;
    const bool plain = measure(pods, policies, namespaces, false);
    const bool mixed = measure(pods, policies, namespaces, true);
    return plain && mixed ? 0 : 1;
}
