// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/replay/demo_cluster.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "replay/demo/controllers.hpp"
#include "unit/replay/fetch.hpp"

namespace seaworthy::replay {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::unique_ptr<DemoCluster> start(DemoOptions options = {.step_interval = 0ms})
{
    auto cluster = DemoCluster::start(std::move(options));
    REQUIRE(cluster.has_value());
    return std::move(*cluster);
}

json items(const DemoCluster& cluster, const std::string& path)
{
    const auto port = static_cast<std::uint16_t>(std::stoi(cluster.url().substr(cluster.url().rfind(':') + 1)));
    const auto list = fetch(port, path);
    REQUIRE(list.status == 200);
    return list.json().at("items");
}

std::map<std::string, json> by_name(const json& list)
{
    std::map<std::string, json> result;
    for (const auto& item : list)
        result[item["metadata"].value("namespace", "") + "/" + item["metadata"]["name"].get<std::string>()] = item;
    return result;
}

} // namespace

TEST_CASE("the demo has namespaces of different teams, with pods in each that has workloads", "[demo]")
{
    const auto cluster = start();

    std::set<std::string> namespaces;
    for (const auto& item : items(*cluster, "/api/v1/namespaces"))
        namespaces.insert(item["metadata"]["name"]);
    for (const auto* expected : {"shop", "payments", "legacy", "monitoring", "kube-system", "ingress", "data", "ml", "staging"})
        CHECK(namespaces.contains(expected));
    CHECK(namespaces.size() >= 20);
    CHECK(items(*cluster, "/api/v1/pods").size() >= 60);
    CHECK(items(*cluster, "/apis/external-secrets.io/v1/externalsecrets").size() >= 4);
    for (const auto& account : namespaces)
        CHECK(by_name(items(*cluster, "/api/v1/serviceaccounts")).contains(account + "/default"));
}

TEST_CASE("every pod of the demo has an owner chain that ends at what someone applied", "[demo]")
{
    const auto cluster = start();
    std::map<std::string, json> by_uid;
    for (const auto* path : {"/apis/apps/v1/deployments", "/apis/apps/v1/replicasets", "/apis/apps/v1/statefulsets", "/apis/apps/v1/daemonsets",
                             "/apis/batch/v1/jobs", "/apis/batch/v1/cronjobs"}) {
        for (const auto& item : items(*cluster, path))
            by_uid[item["metadata"]["uid"]] = item;
    }

    const auto pods = items(*cluster, "/api/v1/pods");
    REQUIRE(pods.size() >= 60);
    for (const auto& pod : pods) {
        CAPTURE(pod["metadata"]["name"].get<std::string>());
        const auto* at = &pod;
        while ((*at)["metadata"].contains("ownerReferences")) {
            const auto& owner = (*at)["metadata"]["ownerReferences"][0];
            if (owner["kind"] == "Node") break;
            const auto found = by_uid.find(owner["uid"]);
            REQUIRE(found != by_uid.end());
            CHECK(found->second["metadata"]["name"] == owner["name"]);
            at = &found->second;
        }
        CHECK((at != &pod || pod["metadata"].contains("ownerReferences")));
        CHECK_FALSE(pod["spec"].value("nodeName", "").empty());
    }
}

TEST_CASE("names of the demo's objects are ones that Kubernetes allows, and no two objects share a uid", "[demo]")
{
    const auto cluster = start();
    std::set<std::string> uids;
    std::size_t objects = 0;
    for (const auto* path : {"/api/v1/pods", "/api/v1/services", "/api/v1/namespaces", "/apis/apps/v1/replicasets",
                             "/apis/discovery.k8s.io/v1/endpointslices", "/api/v1/serviceaccounts"}) {
        for (const auto& item : items(*cluster, path)) {
            const std::string name = item["metadata"]["name"];
            CHECK(name.size() <= 63);
            CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos);
            uids.insert(item["metadata"]["uid"]);
            ++objects;
        }
    }

    CHECK(objects > 200);
    CHECK(uids.size() == objects);
}

TEST_CASE("endpoints are the pods that the service selects", "[demo]")
{
    const auto cluster = start();
    std::map<std::string, std::size_t> endpoints;
    for (const auto& slice : items(*cluster, "/apis/discovery.k8s.io/v1/endpointslices")) {
        endpoints[slice["metadata"]["namespace"].get<std::string>() + "/" +
                  slice["metadata"]["labels"]["kubernetes.io/service-name"].get<std::string>()] = slice["endpoints"].size();
    }

    CHECK(endpoints.at("payments/gateway") == 3);
    CHECK(endpoints.at("kube-system/kube-dns") == 2);
    CHECK(endpoints.at("shop/recommendations") == 0); // its selector has a typing error, on purpose
}

TEST_CASE("the story changes what it says, runs to its end, and begins again as it began", "[demo]")
{
    const auto cluster = start();
    const auto objects = [&] {
        std::map<std::string, json> all;
        for (const auto* path : {"/apis/networking.k8s.io/v1/networkpolicies", "/apis/apps/v1/deployments", "/api/v1/namespaces",
                                 "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"}) {
            for (auto& [name, item] : by_name(items(*cluster, path))) {
                item["metadata"].erase("resourceVersion");
                all[path + name] = item;
            }
        }
        return all;
    };
    const auto beginning = objects();
    REQUIRE(beginning.contains("/apis/networking.k8s.io/v1/networkpolicieslegacy/allow-all"));

    CHECK_THAT(cluster->advance(), Catch::Contains("legacy"));
    auto before = objects();
    CHECK_FALSE(before.contains("/apis/networking.k8s.io/v1/networkpolicieslegacy/allow-all"));
    CHECK(before.contains("/apis/networking.k8s.io/v1/networkpolicieslegacy/default-deny"));
    for (std::size_t i = 1; i < cluster->steps(); ++i) {
        const auto said = cluster->advance();
        CAPTURE(said);
        auto after = objects();
        CHECK(after != before);
        before = std::move(after);
    }
    CHECK(before != beginning);

    CHECK_THAT(cluster->advance(), Catch::Contains("beginning"));
    CHECK(objects() == beginning);
}

TEST_CASE("the story goes on by itself", "[demo]")
{
    std::atomic<int> steps{0};
    const auto cluster = start({.step_interval = 5ms, .on_step = [&](std::string_view) { ++steps; }});

    for (const auto end = std::chrono::steady_clock::now() + 30s; steps < 3 && std::chrono::steady_clock::now() < end;)
        std::this_thread::sleep_for(5ms);

    CHECK(steps >= 3);
}

TEST_CASE("the same objects give the same cluster", "[demo]")
{
    const std::vector<Json> applied = {
        Json::parse(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}})"),
        Json::parse(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"spec":{}})"),
        Json::parse(
            R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"a"},"spec":{"replicas":2,"selector":{"matchLabels":{"x":"y"}},
            "template":{"metadata":{"labels":{"x":"y"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})")};

    const auto once = demo::reconcile(applied, Timestamp{1'800'000'000});

    CHECK(once == demo::reconcile(applied, Timestamp{1'800'000'000}));
    CHECK(std::count_if(once.begin(), once.end(), [](const Json& object) { return object["kind"] == "Pod"; }) == 2);
    CHECK(std::count_if(once.begin(), once.end(), [](const Json& object) { return object["kind"] == "ReplicaSet"; }) == 1);
}

} // namespace seaworthy::replay
