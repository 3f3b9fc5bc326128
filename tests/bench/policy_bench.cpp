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

double seconds_since(std::clock_t begin)
{
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

} // namespace

int main(int argc, char** argv)
{
    const int pods = argc > 1 ? std::atoi(argv[1]) : 100'000;
    const int policies = argc > 2 ? std::atoi(argv[2]) : 5000;
    const int namespaces = argc > 3 ? std::atoi(argv[3]) : 500;
    model::Inventory inventory;
    const model::ReadPlan plan;
    ObjectDecoder decoder{inventory, plan};
    const auto decode = [&](const char* resource, std::string json) {
        const auto size = json.size();
        json.append(k_json_padding, '\0');
        decoder.decode(decoder.target(resource), {std::string_view{json}.substr(0, size)});
    };
    for (int i = 0; i < pods; ++i)
        decode("pods", pod(i, namespaces));
    for (int i = 0; i < policies; ++i)
        decode("networkpolicies.networking.k8s.io", policy(i, namespaces));
    if (!inventory.gaps.empty()) {
        fmt::print("{}\n", inventory.gaps.front().message);
        return 1;
    }

    auto begin = std::clock();
    const model::Index index{inventory};
    const auto indexed = seconds_since(begin);
    begin = std::clock();
    const model::NetworkIsolation isolation{inventory, index};
    std::size_t isolated = 0;
    for (const auto& each : inventory.pods)
        for (const auto direction : {model::Direction::ingress, model::Direction::egress})
            isolated += isolation.of_pod(model::identity_of(each.ns(), each.labels(), each.spec()), direction) == model::Isolation::isolated ? 1 : 0;
    const auto judged = seconds_since(begin);
    fmt::print("{} pods, {} policies, {} namespaces: indexed in {:.2f} s, judged both ways in {:.2f} s, {} of {} isolated\n", inventory.pods.size(),
               inventory.network_policies.size(), namespaces, indexed, judged, isolated, 2 * inventory.pods.size());
    return judged <= k_limit_seconds ? 0 : 1;
}
