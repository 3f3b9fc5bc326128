// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <set>

#include <catch2/catch.hpp>

#include "unit/kube/fake_api.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

std::size_t distinct(const model::Inventory& inventory)
{
    const auto names = pod_names(inventory);
    return std::set<std::string>{names.begin(), names.end()}.size();
}

} // namespace

TEST_CASE_METHOD(ApiFixture, "a live cluster becomes an inventory", "[reader]")
{
    api.serve_list("/api/v1/pods", "Pod", pods(3));
    api.serve_list("/api/v1/namespaces", "Namespace", {object("", "kube-system", R"("spec":{})")});
    api.serve_custom_list("/apis/example.com/v2/widgets", "Widget",
                          {object("shop", "w", R"("apiVersion":"example.com/v2","kind":"Widget","spec":{"size":3})")});

    const auto inventory = read(plan_of({"pods", "namespaces", "widgets.example.com", "gadgets.example.com"}));

    CHECK(inventory.taken_at == Timestamp{1'800'000'000});
    CHECK(inventory.cluster.version == "v1.36.1");
    CHECK(inventory.cluster.uid == "u-kube-system");
    CHECK(inventory.cluster.consistent);
    CHECK(inventory.pods.size() == 3);
    CHECK(inventory.documents_of("widgets.example.com").at(0).at("spec.size").number_or(0) == 3);
    CHECK(inventory.serves("deployments.apps"));
    CHECK(inventory.listed == std::set<std::string, std::less<>>{"namespaces", "pods", "widgets.example.com"});
    CHECK(gaps_of(inventory).empty()); // a resource that is not served is an answer, not a gap
}

TEST_CASE_METHOD(ApiFixture, "every request says who asks, what for, and wants no compression", "[reader]")
{
    connection_options.token = "t";
    api.serve_list("/api/v1/pods", "Pod", {});
    CHECK(read(plan_of({"pods"})).pods.empty());
    for (const auto& request : api.server().requests()) {
        CHECK(request.headers.at("user-agent") == "seaworthy/test");
        CHECK(request.headers.at("authorization") == "Bearer t");
        CHECK(request.headers.at("accept").find("application/json") == 0);
        CHECK(request.headers.at("accept-encoding") == "identity");
    }
}

TEST_CASE_METHOD(ApiFixture, "a long list is read page by page, each object once", "[reader]")
{
    api.serve_list("/api/v1/pods", "Pod", pods(950));
    api.minor = GENERATE("28", "31", "33", "34", "36", "40+", "unknown");
    options.chunk_size = 100;

    const auto inventory = read(plan_of({"pods"}));

    CHECK(inventory.pods.size() == 950);
    CHECK(distinct(inventory) == 950);
    const auto requests = api.requests_for("/api/v1/pods");
    CHECK(requests.size() == 10);
    CHECK(requests.front() == "/api/v1/pods?limit=100");
    CHECK(std::count(requests.begin(), requests.end(), "/api/v1/pods?limit=100&continue=%40900") == 1);
}

TEST_CASE_METHOD(ApiFixture, "pages are of 500 objects, and sized by their bytes where the server reads from its cache", "[reader]")
{
    api.serve_list("/api/v1/pods", "Pod", pods(999));
    api.minor = "33";
    (void)read(plan_of({"pods"}));
    CHECK(api.requests_for("/api/v1/pods") == std::vector<std::string>{"/api/v1/pods?limit=500", "/api/v1/pods?limit=500&continue=%40500"});
}

TEST_CASE_METHOD(ApiFixture, "the next page is asked for while this one still arrives, where the server reads pages from its cache", "[reader]")
{
    // The first page never ends.
    std::atomic<bool> second_asked = false;
    api.on("/api/v1/pods", [&](const Query& query) {
        if (query.contains("continue")) {
            second_asked = true;
            return json_reply(200, list_json("Pod", "{}", {object("shop", "b")}));
        }
        const std::string body = list_json("Pod", R"({"resourceVersion":"1","continue":"@1"})", {object("shop", "a")});
        return FakeServer::Reply{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 90),
                                 FakeServer::Reply::Then::hang};
    });
    api.serve_list("/api/v1/nodes", "Node", {});
    options.max_attempts = 1;
    options.request_timeout = std::chrono::milliseconds{300};
    const auto [minor, ahead] = GENERATE(table<std::string, bool>({{"36", true}, {"33", false}}));
    api.minor = minor;

    const auto inventory = read(plan_of({"pods", "nodes"}));

    CHECK(second_asked == ahead);
    CHECK(gaps_of(inventory) == std::vector<std::string>{"pods * timeout"});
}

TEST_CASE_METHOD(ApiFixture, "the user's page size is kept, and none means one list", "[reader]")
{
    api.serve_list("/api/v1/pods", "Pod", pods(30));
    options.chunk_size = 0;
    CHECK(read(plan_of({"pods"})).pods.size() == 30);
    CHECK(api.requests_for("/api/v1/pods") == std::vector<std::string>{"/api/v1/pods"});
}

TEST_CASE_METHOD(ApiFixture, "custom resources come in smaller pages in their preferred version", "[reader]")
{
    std::vector<std::string> widgets;
    for (int i = 0; i < 300; ++i)
        widgets.push_back(object("shop", "w" + std::to_string(i), R"("apiVersion":"example.com/v2","kind":"Widget","spec":{})"));
    api.serve_custom_list("/apis/example.com/v2/widgets", "Widget", widgets);
    const auto inventory = read(plan_of({"widgets.example.com"}));
    CHECK(inventory.documents_of("widgets.example.com").size() == 300);
    CHECK(api.requests_for("/apis/example.com/v2/widgets").front() == "/apis/example.com/v2/widgets?limit=250");
}

TEST_CASE_METHOD(ApiFixture, "a server that does not know paging is asked without", "[reader]")
{
    api.on("/apis/example.com/v2/widgets", [](const Query& query) {
        if (query.contains("limit")) return status_reply(400, "BadRequest", "unknown parameter limit");
        return json_reply(200, list_json("Widget", "{}", {object("shop", "w", R"("apiVersion":"example.com/v2","kind":"Widget","spec":{})")}, false));
    });
    CHECK(read(plan_of({"widgets.example.com"})).documents_of("widgets.example.com").size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "no more than the allowed number of requests is under way", "[reader]")
{
    api.serve_list("/api/v1/pods", "Pod", pods(2000));
    for (const char* path : {"/api/v1/namespaces", "/api/v1/nodes", "/api/v1/services", "/apis/apps/v1/deployments", "/apis/apps/v1/statefulsets"})
        api.serve_list(path, "X", {});
    options.max_in_flight = 2;
    options.chunk_size = 50;
    const auto inventory = read(plan_of({"pods", "namespaces", "nodes", "services", "deployments.apps", "statefulsets.apps"}));
    CHECK(inventory.pods.size() == 2000);
    CHECK(api.most_at_once() <= 2);
}

TEST_CASE_METHOD(ApiFixture, "a wildcard stands for every resource of the group", "[reader]")
{
    const std::string rest = R"("apiVersion":"constraints.gatekeeper.sh/v1beta1","kind":"K8sRequiredLabels","spec":{"enforcementAction":"deny"})";
    api.serve_custom_list("/apis/constraints.gatekeeper.sh/v1beta1/k8srequiredlabels", "K8sRequiredLabels", {object("", "team", rest)});
    api.serve_custom_list("/apis/constraints.gatekeeper.sh/v1beta1/k8sallowedrepos", "K8sAllowedRepos", {});

    const auto inventory = read(plan_of({"*.constraints.gatekeeper.sh"}));

    const auto& documents = inventory.documents_of("k8srequiredlabels.constraints.gatekeeper.sh");
    REQUIRE(documents.size() == 1);
    CHECK(documents[0].at("spec.enforcementAction").text() == "deny");
    CHECK(inventory.listed.contains("k8sallowedrepos.constraints.gatekeeper.sh"));
}

TEST_CASE_METHOD(ApiFixture, "with named namespaces lists are made there, and the namespaces are read by name", "[reader]")
{
    api.serve_list("/api/v1/namespaces/shop/pods", "Pod", pods(2));
    api.serve_list("/api/v1/namespaces/blog/pods", "Pod", {});
    api.serve_list("/api/v1/nodes", "Node", {});
    api.on("/api/v1/namespaces/shop", [](const Query&) { return json_reply(200, object("", "shop", R"("kind":"Namespace","apiVersion":"v1")")); });
    auto plan = plan_of({"pods", "namespaces", "nodes"});
    plan.namespaces = {"shop", "blog"};

    const auto inventory = read(plan);

    CHECK(inventory.pods.size() == 2);
    REQUIRE(inventory.namespaces.size() == 1);
    CHECK(inventory.namespaces[0].meta.name == "shop");
    CHECK(gaps_of(inventory) == std::vector<std::string>{"namespaces blog unavailable"});
    CHECK(api.requests_for("/api/v1/pods").empty());
}

TEST_CASE_METHOD(ApiFixture, "ConfigMaps are read one by one, by name, and a missing one is an answer", "[reader]")
{
    api.on("/api/v1/namespaces/kube-system/configmaps/kubeadm-config", [](const Query&) {
        return json_reply(200,
                          object("kube-system", "kubeadm-config", R"("kind":"ConfigMap","apiVersion":"v1","data":{"ClusterConfiguration":"x"})"));
    });
    api.on("/api/v1/namespaces/secret/configmaps/c", [](const Query&) { return status_reply(403, "Forbidden", "no"); });
    model::ReadPlan plan;
    plan.config_maps = {"kube-system/kubeadm-config", "kube-system/absent", "secret/c"};

    const auto inventory = read(plan);

    CHECK(inventory.documents_of("configmaps").size() == 1);
    CHECK(gaps_of(inventory) == std::vector<std::string>{"configmaps secret forbidden"});
    CHECK(api.requests_for("/api/v1/configmaps").empty());
}

TEST_CASE_METHOD(ApiFixture, "progress and traffic are told", "[reader]")
{
    api.serve_list("/api/v1/pods", "Pod", pods(3));
    api.on("/api/v1/nodes", [](const Query&) { return status_reply(403, "Forbidden", "no"); });
    (void)read(plan_of({"pods", "nodes"}));
    REQUIRE(observer.steps.size() == 3);
    CHECK(observer.steps.front().lists_total == 2);
    CHECK(observer.steps.back().lists_done == 2);
    CHECK(observer.steps.back().objects == 3);
    const auto forbidden = std::count_if(observer.requests.begin(), observer.requests.end(),
                                         [](const auto& record) { return record.verb == "list" && record.code == 403; });
    CHECK(forbidden == 1);
    CHECK(observer.objects.size() == 3);
    CHECK(observer.objects.front().find("pods  {\"metadata\"") == 0);
}
