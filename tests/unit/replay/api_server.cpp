// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/replay/api_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <zlib.h>

#include "unit/replay/fetch.hpp"

namespace seaworthy::replay {

namespace {

using Catch::Contains;

std::unique_ptr<ApiServer> start(ApiServerOptions options = {})
{
    auto server = ApiServer::start(std::move(options));
    REQUIRE(server.has_value());
    return std::move(*server);
}

std::string pod(const std::string& ns, const std::string& name, const std::string& label = "app")
{
    return fmt::format(
        R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{}","namespace":"{}","labels":{{"{}":"x"}}}},"spec":{{"nodeName":"n1"}}}})", name,
        ns, label);
}

void put_pods(ApiServer& server, int count)
{
    for (int i = 0; i < count; ++i)
        REQUIRE(server.put(pod("shop", fmt::format("p-{:03}", i))).has_value());
}

std::vector<std::string> names(const nlohmann::json& list)
{
    std::vector<std::string> result;
    for (const auto& item : list.at("items"))
        result.push_back(item.at("metadata").at("name"));
    return result;
}

std::string inflated(const std::string& compressed)
{
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
    std::string result(10'000'000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(compressed.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    result.resize(stream.total_out);
    inflateEnd(&stream);
    return result;
}

constexpr const char* k_definition =
    R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"policies.example.dev"},
  "spec":{"group":"example.dev","scope":"Cluster","names":{"plural":"policies","kind":"Policy"},
          "versions":[{"name":"v1alpha1","served":true},{"name":"v2","served":false},{"name":"v1","served":true}]}})";

} // namespace

TEST_CASE("a list of a built-in kind names itself before its items, whose types it leaves out", "[replay]")
{
    const auto server = start();
    put_pods(*server, 1);

    const auto list = fetch(server->port(), "/api/v1/pods");

    CHECK(list.status == 200);
    CHECK(list.complete);
    CHECK_THAT(list.body, Catch::StartsWith(R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":)"));
    CHECK_THAT(list.body, Contains(R"("items":[{"metadata":{"name":"p-000")") && Catch::EndsWith("}\n"));
    CHECK_FALSE(list.json()["items"][0].contains("kind"));
    CHECK_THAT(list.head, Contains("Content-Type: application/json\r\n"));
}

TEST_CASE("a list of custom resources has sorted keys, so its metadata comes last", "[replay]")
{
    const auto server = start();
    REQUIRE(server->put(k_definition).has_value());
    REQUIRE(server->put(R"({"kind":"Policy","apiVersion":"example.dev/v1","metadata":{"name":"a"},"spec":{"z":1,"b":2}})").has_value());

    const auto list = fetch(server->port(), "/apis/example.dev/v1/policies");

    CHECK_THAT(list.body, Catch::StartsWith(R"({"apiVersion":"example.dev/v1","items":[{"apiVersion":"example.dev/v1","kind":"Policy","metadata":)"));
    CHECK(list.body.find(R"("kind":"PolicyList","metadata":{"continue":"","resourceVersion":)") > list.body.find(R"("items")"));
    CHECK(fetch(server->port(), "/apis/example.dev/v2/policies").status == 404);
}

TEST_CASE("pages follow each other and say how many items remain", "[replay]")
{
    const auto server = start();
    put_pods(*server, 5);

    const auto first = fetch(server->port(), "/api/v1/pods?limit=2").json();
    CHECK(names(first) == std::vector<std::string>{"p-000", "p-001"});
    CHECK(first["metadata"]["remainingItemCount"] == 3);
    // What happens between two pages is not seen by the second.
    REQUIRE(server->remove("pods", "shop", "p-003"));
    REQUIRE(server->put(pod("shop", "p-0025")).has_value());
    const std::string token = first["metadata"]["continue"];
    const auto second = fetch(server->port(), "/api/v1/pods?limit=9&continue=" + token).json();

    CHECK(names(second) == std::vector<std::string>{"p-002", "p-003", "p-004"});
    CHECK(second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]);
    CHECK_FALSE(second["metadata"].contains("continue"));
}

TEST_CASE("after a compaction a token has expired, and the answer holds one that goes on", "[replay]")
{
    const auto server = start();
    put_pods(*server, 4);
    const std::string token = fetch(server->port(), "/api/v1/pods?limit=2").json()["metadata"]["continue"];

    server->compact();
    const auto expired = fetch(server->port(), "/api/v1/pods?limit=2&continue=" + token);
    CHECK(expired.status == 410);
    CHECK(expired.json()["reason"] == "Expired");
    const std::string next = expired.json()["metadata"]["continue"];

    CHECK(names(fetch(server->port(), "/api/v1/pods?limit=2&continue=" + next).json()) == std::vector<std::string>{"p-002", "p-003"});
    CHECK(fetch(server->port(), "/api/v1/pods?continue=%21").status == 400);
}

TEST_CASE("a list at resource version 0 ignores the limit", "[replay]")
{
    const auto server = start();
    put_pods(*server, 5);

    CHECK(names(fetch(server->port(), "/api/v1/pods?limit=2&resourceVersion=0").json()).size() == 5);
}

TEST_CASE("namespace and selectors choose what a list holds, and then it does not count what remains", "[replay]")
{
    const auto server = start();
    put_pods(*server, 2);
    REQUIRE(server->put(pod("other", "q", "tier")).has_value());
    const auto listed = [&](const std::string& target) { return names(fetch(server->port(), target).json()); };

    CHECK(listed("/api/v1/namespaces/other/pods") == std::vector<std::string>{"q"});
    CHECK(listed("/api/v1/pods?labelSelector=tier") == std::vector<std::string>{"q"});
    CHECK(listed("/api/v1/pods?labelSelector=%21tier").size() == 2);
    CHECK(listed("/api/v1/pods?labelSelector=app%20in%20(x,y),app%21%3Dz").size() == 2);
    CHECK(listed("/api/v1/pods?labelSelector=app%20notin%20(x)") == std::vector<std::string>{"q"});
    CHECK(listed("/api/v1/pods?fieldSelector=metadata.name%3Dq,spec.nodeName%3D%3Dn1") == std::vector<std::string>{"q"});
    CHECK(listed("/api/v1/pods?fieldSelector=metadata.namespace%21%3Dshop") == std::vector<std::string>{"q"});
    CHECK(fetch(server->port(), "/api/v1/pods?fieldSelector=nonsense").status == 400);
    CHECK_FALSE(fetch(server->port(), "/api/v1/pods?labelSelector=app&limit=1").json()["metadata"].contains("remainingItemCount"));
}

TEST_CASE("a Table of Secrets counts keys and shows no value", "[replay]")
{
    const auto server = start();
    REQUIRE(server
                ->put(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"shop","creationTimestamp":"2026-01-01T00:00:00Z"},
        "type":"kubernetes.io/tls","data":{"tls.crt":"c2VjcmV0","tls.key":"c2VjcmV0"}})")
                .has_value());

    const auto table = fetch(server->port(), "/api/v1/secrets?includeObject=None", "Accept: application/json;as=Table;v=v1;g=meta.k8s.io\r\n");

    CHECK_THAT(table.head, Contains("Content-Type: application/json;as=Table;v=v1;g=meta.k8s.io\r\n"));
    CHECK(table.json()["columnDefinitions"][1]["name"] == "Type");
    CHECK(table.json()["rows"][0]["cells"][0] == "s");
    CHECK(table.json()["rows"][0]["cells"][1] == "kubernetes.io/tls");
    CHECK(table.json()["rows"][0]["cells"][2] == 2);
    CHECK_FALSE(table.json()["rows"][0].contains("object"));
    CHECK_FALSE(Contains("c2VjcmV0").match(table.body));
    const auto with = fetch(server->port(), "/api/v1/secrets", "Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json\r\n");
    CHECK(with.json()["rows"][0]["object"]["metadata"]["namespace"] == "shop");
}

TEST_CASE("a list of metadata holds no spec, and an unknown media type is not acceptable", "[replay]")
{
    const auto server = start();
    put_pods(*server, 1);

    const auto partial = fetch(server->port(), "/api/v1/pods", "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1\r\n");

    CHECK(partial.json()["kind"] == "PartialObjectMetadataList");
    CHECK(partial.json()["items"][0]["kind"] == "PartialObjectMetadata");
    CHECK_FALSE(partial.json()["items"][0].contains("spec"));
    CHECK(fetch(server->port(), "/api/v1/pods", "Accept: application/cbor\r\n").status == 406);
    CHECK(fetch(server->port(), "/api/v1/pods", "Accept: application/vnd.kubernetes.protobuf, application/json\r\n").status == 200);
}

TEST_CASE("a single object carries its type, a missing one is a Status", "[replay]")
{
    const auto server = start();
    put_pods(*server, 1);

    CHECK(fetch(server->port(), "/api/v1/namespaces/shop/pods/p-000").json()["kind"] == "Pod");
    const auto missing = fetch(server->port(), "/api/v1/namespaces/shop/configmaps/c");
    CHECK(missing.status == 404);
    CHECK(missing.json()["message"] == "configmaps \"c\" not found");
    CHECK(missing.json()["reason"] == "NotFound");
    CHECK_THAT(fetch(server->port(), "/apis/none.dev/v1/things").body, Contains("404 page not found"));
}

TEST_CASE("gzip is used for over 128 KiB and only when asked for", "[replay]")
{
    const auto server = start();
    put_pods(*server, 900);
    const std::string asks = "Accept-Encoding: gzip\r\n";

    const auto small = fetch(server->port(), "/api/v1/pods?limit=10", asks);
    const auto large = fetch(server->port(), "/api/v1/pods", asks);
    const auto plain = fetch(server->port(), "/api/v1/pods");

    CHECK_FALSE(Contains("Content-Encoding").match(small.head));
    CHECK_THAT(large.head, Contains("Content-Encoding: gzip\r\n"));
    CHECK_FALSE(Contains("Content-Encoding").match(plain.head));
    CHECK(large.body.size() < plain.body.size() / 4);
    CHECK(inflated(large.body) == plain.body);
}

TEST_CASE("curl, wget and browsers get indented JSON", "[replay]")
{
    const auto server = start();
    put_pods(*server, 1);
    const auto is_indented = [&](const std::string& agent, const std::string& query = "") {
        return fetch(server->port(), "/api/v1/pods" + query, "User-Agent: " + agent + "\r\n").body.starts_with("{\n  \"kind\"");
    };

    CHECK(is_indented("curl/7.88.1"));
    CHECK(is_indented("Wget/1.21"));
    CHECK(is_indented("Mozilla/5.0 (X11)"));
    CHECK_FALSE(is_indented("seaworthy/0.1"));
    CHECK_FALSE(is_indented("curl/7.88.1", "?pretty=false"));
    CHECK(is_indented("seaworthy/0.1", "?pretty=true"));
}

TEST_CASE("aggregated discovery lists every resource, older servers know the legacy form only", "[replay]")
{
    const std::string accept = "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList, "
                               "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList, application/json\r\n";
    const auto server = start();
    REQUIRE(server->put(k_definition).has_value());
    server->serve("ciliumnetworkpolicies.cilium.io");
    server->stop_serving("ingresses.networking.k8s.io");

    const auto groups = fetch(server->port(), "/apis", accept);
    CHECK_THAT(groups.head, Contains("Content-Type: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList\r\n"));
    CHECK_THAT(groups.body,
               Contains(R"("resource":"policies","responseKind":{"group":"example.dev","version":"v1","kind":"Policy"},"scope":"Cluster")") &&
                   Contains(R"("resource":"ciliumnetworkpolicies")") && Contains("selfsubjectaccessreviews") && !Contains(R"("ingresses")"));
    CHECK_THAT(fetch(server->port(), "/api", accept).body, Contains(R"("resource":"pods")"));

    const auto old = start({.git_version = "v1.25.4", .aggregated_discovery = false});
    CHECK(fetch(old->port(), "/apis", accept).json()["kind"] == "APIGroupList");
    CHECK(fetch(old->port(), "/api", accept).json()["versions"][0] == "v1");
    CHECK_THAT(fetch(old->port(), "/apis/apps/v1").body, Contains(R"("name":"deployments")"));
    CHECK(fetch(old->port(), "/version").json()["minor"] == "25");
}

TEST_CASE("a wrong token is 401, a denied resource 403 in Kubernetes' words, in its namespace alone when so denied", "[replay]")
{
    const auto server = start({.token = "good"});
    server->set_denials({{"list", "secrets", "*"}, {"*", "deployments.apps", "shop"}});
    const std::string good = "Authorization: Bearer good\r\n";

    CHECK(fetch(server->port(), "/api/v1/pods").status == 401);
    CHECK(fetch(server->port(), "/api/v1/pods", "Authorization: Bearer bad\r\n").json()["message"] == "Unauthorized");
    CHECK(fetch(server->port(), "/version").status == 200);
    CHECK(fetch(server->port(), "/version", "Authorization: Bearer bad\r\n").status == 401);
    CHECK(fetch(server->port(), "/api/v1/pods", good).status == 200);
    CHECK_THAT(fetch(server->port(), "/api/v1/secrets", good).json()["message"].get<std::string>(),
               Contains("secrets is forbidden: User ") && Contains(R"(cannot list resource "secrets" in API group "" at the cluster scope)"));
    CHECK(fetch(server->port(), "/apis/apps/v1/deployments", good).status == 200);
    CHECK(fetch(server->port(), "/apis/apps/v1/namespaces/shop/deployments", good).status == 403);
}

TEST_CASE("a review of one's own rights is answered as recorded, else by the denials", "[replay]")
{
    const auto server = start();
    server->set_denials({{"list", "secrets", "*"}});
    server->answer_review("selfsubjectaccessreview:get/pods/shop", R"({"allowed":false,"reason":"recorded"})");
    const auto review = [&](const std::string& attributes) {
        const auto body =
            R"({"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"resourceAttributes":)" + attributes + "}}";
        const auto answer =
            exchange_one(server->port(), fmt::format("POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews HTTP/1.1\r\nHost: a\r\n"
                                                     "Connection: close\r\nContent-Length: {}\r\n\r\n{}",
                                                     body.size(), body));
        CHECK(answer.status == 201);
        return answer.json()["status"];
    };

    CHECK(review(R"({"verb":"list","resource":"pods"})")["allowed"] == true);
    CHECK(review(R"({"verb":"list","resource":"secrets"})")["allowed"] == false);
    CHECK(review(R"({"verb":"get","resource":"pods","namespace":"shop"})")["reason"] == "recorded");
}

TEST_CASE("requests are recorded as they came", "[replay]")
{
    const auto server = start();
    (void)fetch(server->port(), "/api/v1/pods?limit=5", "User-Agent: probe/1\r\nAccept-Encoding: gzip\r\n");

    const auto requests = server->take_requests();

    REQUIRE(requests.size() == 1);
    CHECK(requests[0].target == "/api/v1/pods?limit=5");
    CHECK(requests[0].user_agent == "probe/1");
    CHECK(requests[0].gzip);
    CHECK(server->take_requests().empty());
}

} // namespace seaworthy::replay
