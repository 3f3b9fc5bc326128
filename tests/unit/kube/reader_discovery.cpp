// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "unit/kube/fake_api.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

TEST_CASE_METHOD(ApiFixture, "aggregated discovery takes two requests", "[reader][discovery]")
{
    const auto inventory = read({});
    CHECK(api.server().requests().size() == 3); // and /version
    CHECK(inventory.serves("widgets.example.com"));
    CHECK(inventory.serves("selfsubjectaccessreviews.authorization.k8s.io"));
    CHECK(inventory.serves_group("constraints.gatekeeper.sh"));
}

TEST_CASE_METHOD(ApiFixture, "an old server is asked group by group, and the server's favourite version is read", "[reader][discovery]")
{
    api.aggregated = false;
    api.minor = "25";
    api.serve_custom_list("/apis/example.com/v2/widgets", "Widget", {});
    const auto inventory = read(plan_of({"widgets.example.com"}));
    CHECK(inventory.serves("pods"));
    CHECK(inventory.serves("deployments.apps"));
    CHECK_FALSE(inventory.serves("pods/status"));
    CHECK(gaps_of(inventory).empty());
    CHECK(api.requests_for("/apis/example.com/v2/widgets").size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "a server that answers 406 to the new types is asked for the old one", "[reader][discovery]")
{
    for (const std::string path : {"/api", "/apis"}) {
        api.on(path, [this, path](const Query&) {
            if (api.server().requests().back().headers.at("accept").find("as=") != std::string::npos)
                return status_reply(406, "NotAcceptable", "only JSON");
            return json_reply(200, path == "/api" ? R"({"kind":"APIVersions","versions":["v1"]})" : R"({"kind":"APIGroupList","groups":[]})");
        });
    }
    options.max_in_flight = 1;
    CHECK(read({}).serves("pods"));
}

TEST_CASE_METHOD(ApiFixture, "an aggregated API that does not answer is a gap, never \"not installed\"", "[reader][discovery]")
{
    SECTION("aggregated discovery marks it stale")
    {
        api.stale_group = "broken.example";
    }
    SECTION("legacy discovery fails for the group")
    {
        api.aggregated = false;
        api.on("/apis/broken.example/v1", [](const Query&) { return status_reply(503, "ServiceUnavailable", "no endpoints"); });
    }
    const auto inventory = read(plan_of({"things.broken.example", "absent.other.example"}));
    CHECK(gaps_of(inventory) == std::vector<std::string>{"things.broken.example * unavailable"});
    CHECK(inventory.listed.contains("things.broken.example"));
}

TEST_CASE_METHOD(ApiFixture, "a server that hides its version is read like an old one", "[reader][discovery]")
{
    api.on("/version", [](const Query&) { return status_reply(403, "Forbidden", "no"); });
    api.serve_list("/api/v1/pods", "Pod", pods(2));
    const auto inventory = read(plan_of({"pods"}));
    CHECK(inventory.cluster.version.empty());
    CHECK(inventory.pods.size() == 2);
}

TEST_CASE_METHOD(ApiFixture, "without discovery there is nothing to plan with, which is an error", "[reader][discovery]")
{
    for (const char* path : {"/api", "/apis"})
        api.on(path, [](const Query&) { return status_reply(403, "Forbidden", "User system:anonymous cannot get path"); });
    const auto inventory = try_read({});
    REQUIRE_FALSE(inventory);
    CHECK(inventory.error().kind == Error::Kind::forbidden);
    CHECK(inventory.error().hint.find("seaworthy rbac") != std::string::npos);
}
