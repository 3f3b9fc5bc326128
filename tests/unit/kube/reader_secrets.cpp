// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <catch2/catch.hpp>

#include "kube/probes.hpp"
#include "unit/kube/fake_api.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

std::string row(const std::string& name, const std::string& type, int keys)
{
    return R"({"cells":[")" + name + R"(",")" + type + R"(",)" + std::to_string(keys) + R"(,"5d"],"object":null})";
}

std::string table(const std::vector<std::string>& rows)
{
    std::string joined;
    for (const std::string& one : rows)
        joined += (joined.empty() ? "" : ",") + one;
    return R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"7"},"columnDefinitions":[{"name":"Name","type":"string"}],"rows":[)" +
           joined + "]}";
}

model::ReadPlan secrets_plan()
{
    auto plan = plan_of({"namespaces", "secrets"});
    plan.secret_labels = {"last-used", "managed-by=Helm"};
    return plan;
}

} // namespace

TEST_CASE_METHOD(ApiFixture, "Secrets come as rows without objects, namespace by namespace, with the labels that selectors prove",
                 "[reader][secrets]")
{
    api.serve_list("/api/v1/namespaces", "Namespace", {object("", "shop", R"("spec":{})")});
    api.on("/api/v1/namespaces/shop/secrets", [](const Query& query) {
        const std::string selector = query.contains("labelSelector") ? query.at("labelSelector") : std::string{};
        if (selector == "last-used") return json_reply(200, table({row("b", "Opaque", 2)}));
        if (selector == "managed-by=Helm") return json_reply(200, table({row("a", "Opaque", 1), row("b", "Opaque", 2)}));
        return json_reply(200, table({row("a", "Opaque", 1), row("b", "kubernetes.io/tls", 2), row("c", "Opaque", 0)}));
    });

    const auto inventory = read(secrets_plan());

    REQUIRE(inventory.secrets.size() == 3);
    const auto find = [&](std::string_view name) {
        return *std::find_if(inventory.secrets.begin(), inventory.secrets.end(), [&](const auto& secret) { return secret.name == name; });
    };
    CHECK(find("b").ns == "shop");
    CHECK(find("b").type == "kubernetes.io/tls");
    CHECK(find("b").keys == 2);
    CHECK(find("b").labels.has("last-used"));
    CHECK(find("b").labels.is("managed-by", "Helm"));
    CHECK_FALSE(find("a").labels.has("last-used"));
    CHECK(find("c").labels.empty());
    for (const auto& request : api.server().requests()) {
        if (request.target.find("/secrets") == std::string::npos) continue;
        CHECK(request.target.find("includeObject=None") != std::string::npos);
        CHECK(request.headers.at("accept") == "application/json;as=Table;v=v1;g=meta.k8s.io");
    }
    CHECK(api.requests_for("/api/v1/secrets").empty());
}

TEST_CASE_METHOD(ApiFixture, "Secrets are not read unless they are planned", "[reader][secrets]")
{
    api.serve_list("/api/v1/namespaces", "Namespace", {object("", "shop", R"("spec":{})")});
    const auto inventory = read(plan_of({"namespaces"}));
    CHECK_FALSE(inventory.listed.contains("secrets"));
    CHECK(api.requests_for("/api/v1/namespaces/shop/secrets").empty());
}

TEST_CASE_METHOD(ApiFixture, "Secrets that are forbidden everywhere are one gap, those of one namespace that namespace's", "[reader][secrets]")
{
    api.serve_list("/api/v1/namespaces", "Namespace", {object("", "blog", R"("spec":{})"), object("", "shop", R"("spec":{})")});
    api.on("/api/v1/namespaces/shop/secrets", [](const Query&) { return status_reply(403, "Forbidden", "no"); });
    auto plan = plan_of({"namespaces", "secrets"});
    SECTION("everywhere")
    {
        api.on("/api/v1/namespaces/blog/secrets", [](const Query&) { return status_reply(403, "Forbidden", "no"); });
        CHECK(gaps_of(read(plan)) == std::vector<std::string>{"secrets * forbidden"});
    }
    SECTION("in one namespace")
    {
        api.on("/api/v1/namespaces/blog/secrets", [](const Query&) { return json_reply(200, table({})); });
        CHECK(gaps_of(read(plan)) == std::vector<std::string>{"secrets shop forbidden"});
    }
    SECTION("a selector's list alone")
    {
        api.on("/api/v1/namespaces/blog/secrets", [](const Query& query) {
            return query.contains("labelSelector") ? status_reply(403, "Forbidden", "no") : json_reply(200, table({}));
        });
        plan.secret_labels = {"last-used"};
        CHECK(gaps_of(read(plan)) == std::vector<std::string>{"secrets * forbidden"});
    }
}

TEST_CASE_METHOD(ApiFixture, "a token's last use is asked for as one of the last ninety days, of which the first is certain", "[reader][secrets]")
{
    api.serve_list("/api/v1/namespaces", "Namespace", {object("", "shop", R"("spec":{})")});
    std::string selector;
    api.on("/api/v1/namespaces/shop/secrets", [&](const Query& query) {
        if (!query.contains("labelSelector"))
            return json_reply(200,
                              table({row("idle", "kubernetes.io/service-account-token", 3), row("used", "kubernetes.io/service-account-token", 3)}));
        selector = query.at("labelSelector");
        return json_reply(200, table({row("used", "kubernetes.io/service-account-token", 3)}));
    });
    auto plan = plan_of({"namespaces", "secrets"});
    plan.secret_labels = {"kubernetes.io/legacy-token-last-used"};

    const auto inventory = read(plan);

    const auto day = [&](int days_ago) { return format_rfc3339(Timestamp{inventory.taken_at.unix_seconds() - days_ago * 86'400LL}).substr(0, 10); };
    CHECK(selector.starts_with("kubernetes.io/legacy-token-last-used in ("));
    CHECK(selector.find(day(0)) != std::string::npos);
    CHECK(selector.find(day(90)) != std::string::npos);
    CHECK(selector.find(day(91)) == std::string::npos);
    REQUIRE(inventory.secrets.size() == 2);
    CHECK_FALSE(inventory.secrets[0].labels.has("kubernetes.io/legacy-token-last-used"));
    CHECK(inventory.secrets[1].labels.get("kubernetes.io/legacy-token-last-used") == day(90));
}

TEST_CASE_METHOD(ApiFixture, "without the namespaces Secrets are a gap, not none", "[reader][secrets]")
{
    api.on("/api/v1/namespaces", [](const Query&) { return status_reply(403, "Forbidden", "no"); });
    CHECK(gaps_of(read(plan_of({"namespaces", "secrets"}))) == std::vector<std::string>{"namespaces * forbidden", "secrets * forbidden"});
}

TEST_CASE_METHOD(ApiFixture, "Secrets that time runs out for are a gap", "[reader][secrets]")
{
    api.serve_list("/api/v1/namespaces", "Namespace", {object("", "shop", R"("spec":{})")});
    api.on("/api/v1/namespaces/shop/secrets", [](const Query&) { return status_reply(429, "TooManyRequests", "later", "{}", {"Retry-After: 100"}); });
    options.deadline = std::chrono::milliseconds{50'000};
    const auto inventory = read(secrets_plan());
    REQUIRE(inventory.gap("secrets", "shop") != nullptr);
    CHECK(model::is_missing(inventory.gap("secrets", "shop")->reason));
}

TEST_CASE_METHOD(ApiFixture, "reviews of our own rights become probes", "[reader][probes]")
{
    api.serve_list("/api/v1/namespaces", "Namespace", {object("", "kube-system", R"("spec":{})"), object("", "shop", R"("spec":{})")});
    api.on("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", [](const Query&) {
        return json_reply(201, R"({"kind":"SelfSubjectRulesReview","spec":{},"status":{"resourceRules":[], "incomplete":false}})");
    });
    api.on("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
           [](const Query&) { return json_reply(201, R"({"status":{"allowed":true,"reason":"RBAC: allowed by x"}})"); });
    auto plan = plan_of({"namespaces"});
    plan.self_reviews = true;
    plan.probes = {"selfsubjectaccessreview:list/deployments.apps/shop", "https://registry.example/v2/"};

    const auto inventory = read(plan);

    const auto* rules = inventory.probe("selfsubjectrulesreview:shop");
    REQUIRE(rules != nullptr);
    CHECK(rules->status == 201);
    CHECK(rules->body == R"({"resourceRules":[],"incomplete":false})");
    CHECK(rules->at == inventory.taken_at);
    CHECK(inventory.probe("selfsubjectrulesreview:kube-system") != nullptr);
    REQUIRE(inventory.probe("selfsubjectaccessreview:list/deployments.apps/shop") != nullptr);
    CHECK(inventory.probe("selfsubjectaccessreview:list/pods")->body == R"({"allowed":true,"reason":"RBAC: allowed by x"})");
    CHECK(inventory.probe("https://registry.example/v2/") == nullptr); // not the API server's to answer
}

TEST_CASE_METHOD(ApiFixture, "the API server's own endpoints become probes, whatever they answer", "[reader][probes]")
{
    api.on("/readyz", [](const Query& query) { return reply(query.contains("verbose") ? 500 : 200, "[-]etcd failed"); });
    api.on("/metrics", [](const Query&) { return status_reply(403, "Forbidden", "no"); });
    model::ReadPlan plan;
    plan.probes = {"apiserver:/readyz?verbose", "apiserver:/metrics"};
    const auto inventory = read(plan);
    CHECK(inventory.probe("apiserver:/readyz?verbose")->status == 500);
    CHECK(inventory.probe("apiserver:/readyz?verbose")->body == "[-]etcd failed");
    CHECK(inventory.probe("apiserver:/metrics")->status == 403);
    CHECK(time.sleeps.empty());
    CHECK(gaps_of(inventory).empty());
}

TEST_CASE("a review's name says what is asked", "[probes]")
{
    const auto body = [](std::string_view url) { return kube::review_request(url)->body; };
    CHECK(body("selfsubjectaccessreview:list/secrets").find(R"("spec":{"resourceAttributes":{"verb":"list","group":"","resource":"secrets"}})") !=
          std::string::npos);
    CHECK(body("selfsubjectaccessreview:get/deployments.apps/shop")
              .find(R"({"verb":"get","group":"apps","resource":"deployments","namespace":"shop"})") != std::string::npos);
    CHECK(body("selfsubjectrulesreview:a\"b").find(R"("spec":{"namespace":"a\"b"})") != std::string::npos);
    CHECK_FALSE(kube::review_request("selfsubjectaccessreview:nonsense"));
    CHECK_FALSE(kube::review_request("https://x"));
    CHECK_FALSE(kube::endpoint_request("apiserver:no-slash"));
    CHECK(kube::endpoint_request("apiserver:/readyz?verbose")->path == "/readyz?verbose");
}
