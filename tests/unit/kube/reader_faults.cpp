// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <numeric>

#include <catch2/catch.hpp>

#include "support/temporary_directory.hpp"
#include "unit/kube/fake_api.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using std::chrono::milliseconds;
using Then = FakeServer::Reply::Then;

namespace {

constexpr const char* k_pods = "/api/v1/pods";
constexpr const char* k_widgets = "/apis/example.com/v2/widgets";

std::vector<std::string> names_of_pods(std::size_t count)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i)
        names.push_back("pod-" + std::string(i < 10 ? 2 : 1, '0') + std::to_string(i));
    return names;
}

std::string widget(const std::string& name)
{
    return object("shop", name, R"("apiVersion":"example.com/v2","kind":"Widget","spec":{})");
}

std::ptrdiff_t read_lines(const std::string& path)
{
    std::ifstream file{path};
    return std::count(std::istreambuf_iterator<char>{file}, {}, '\n');
}

milliseconds slept(const FakeTime& time)
{
    return std::accumulate(time.sleeps.begin(), time.sleeps.end(), milliseconds{0});
}

} // namespace

TEST_CASE_METHOD(ApiFixture, "an expired token with a successor goes on, and the audit is marked inconsistent", "[reader][faults]")
{
    const auto all = pods(4);
    api.on(k_pods, [all](const Query& query) {
        if (!query.contains("continue")) return json_reply(200, list_json("Pod", R"({"resourceVersion":"1","continue":"old"})", {all[0], all[1]}));
        if (query.at("continue") == "old") return status_reply(410, "Expired", "too old", R"({"continue":"fresh"})");
        return json_reply(200, list_json("Pod", "{}", {all[2], all[3]}));
    });
    const auto inventory = read(plan_of({"pods"}));
    CHECK(pod_names(inventory) == names_of_pods(4));
    CHECK_FALSE(inventory.cluster.consistent);
    CHECK(gaps_of(inventory).empty());
}

TEST_CASE_METHOD(ApiFixture, "an expired token without successor starts the list over once, with larger pages and no object twice",
                 "[reader][faults]")
{
    const auto all = pods(4);
    std::atomic<int> first_pages = 0;
    api.on(k_pods, [&, all](const Query& query) {
        if (query.contains("continue")) return status_reply(410, "Expired", "too old");
        if (++first_pages == 1) return json_reply(200, list_json("Pod", R"({"resourceVersion":"1","continue":"old"})", {all[0], all[1]}));
        return json_reply(200, list_json("Pod", "{}", all));
    });
    options.chunk_size = 2;
    const auto inventory = read(plan_of({"pods"}));
    CHECK(pod_names(inventory) == names_of_pods(4));
    CHECK(inventory.cluster.consistent);
    CHECK(api.requests_for(k_pods).back() == "/api/v1/pods?limit=8");
}

TEST_CASE_METHOD(ApiFixture, "a token that expires again and again is a gap in the end", "[reader][faults]")
{
    api.on(k_pods, [](const Query& query) {
        if (query.contains("continue")) return status_reply(410, "Expired", "too old");
        return json_reply(200, list_json("Pod", R"({"resourceVersion":"1","continue":"old"})", {object("shop", "a")}));
    });
    const auto inventory = read(plan_of({"pods"}));
    CHECK(gaps_of(inventory) == std::vector<std::string>{"pods * truncated"});
    CHECK(api.requests_for(k_pods).size() == 4);
    CHECK(inventory.pods.size() == 1); // what was read stays, beside the gap
}

TEST_CASE_METHOD(ApiFixture, "a first page that breaks off is read again at the same version, each object once", "[reader][faults]")
{
    const std::string whole = list_json("Pod", R"({"resourceVersion":"42"})", pods(5));
    const auto end_of_third = whole.find("pod-003");
    std::atomic<int> calls = 0;
    api.on(k_pods, [&](const Query&) { return ++calls == 1 ? cut(whole, end_of_third) : json_reply(200, whole); });
    const auto inventory = read(plan_of({"pods"}));
    CHECK(pod_names(inventory) == names_of_pods(5));
    CHECK(api.requests_for(k_pods).at(1) == "/api/v1/pods?limit=500&resourceVersion=42&resourceVersionMatch=Exact");
}

TEST_CASE_METHOD(ApiFixture, "a further page that breaks off is read again with its token, each object once", "[reader][faults]")
{
    const auto all = pods(6);
    const std::string second = list_json("Pod", R"({"resourceVersion":"1"})", {all[2], all[3], all[4], all[5]});
    std::atomic<int> calls = 0;
    api.on(k_pods, [&, all](const Query& query) {
        if (!query.contains("continue")) return json_reply(200, list_json("Pod", R"({"resourceVersion":"1","continue":"t"})", {all[0], all[1]}));
        return ++calls < 3 ? cut(second, second.find("pod-004")) : json_reply(200, second);
    });
    CHECK(pod_names(read(plan_of({"pods"}))) == names_of_pods(6));
    CHECK(calls == 3);
}

TEST_CASE_METHOD(ApiFixture, "a body that ends too early without a sign of it is read again as well", "[reader][faults]")
{
    const std::string whole = list_json("Pod", R"({"resourceVersion":"42"})", pods(3));
    std::atomic<int> calls = 0;
    api.on(k_pods, [&](const Query&) { return json_reply(200, ++calls == 1 ? whole.substr(0, whole.size() - 10) : whole); });
    CHECK(pod_names(read(plan_of({"pods"}))) == names_of_pods(3));
}

TEST_CASE_METHOD(ApiFixture, "a custom resource's first page that breaks off starts over, since its version is not known", "[reader][faults]")
{
    const std::string whole = list_json("Widget", R"({"resourceVersion":"9"})", {widget("a"), widget("b"), widget("c")}, false);
    std::atomic<int> calls = 0;
    api.on(k_widgets, [&](const Query&) { return ++calls == 1 ? cut(whole, whole.find("\"c\"")) : json_reply(200, whole); });
    const auto inventory = read(plan_of({"widgets.example.com"}));
    CHECK(inventory.documents_of("widgets.example.com").size() == 3);
    CHECK(gaps_of(inventory).empty());
}

TEST_CASE_METHOD(ApiFixture, "a list that always breaks off is a gap, and the other lists are read", "[reader][faults]")
{
    const std::string whole = list_json("Widget", "{}", {widget("a"), widget("b")}, false);
    api.on(k_widgets, [&](const Query&) { return cut(whole, whole.find("\"b\"")); });
    api.serve_list(k_pods, "Pod", pods(2));
    const auto inventory = read(plan_of({"widgets.example.com", "pods"}));
    CHECK(gaps_of(inventory) == std::vector<std::string>{"widgets.example.com * truncated"});
    CHECK(inventory.pods.size() == 2);
}

TEST_CASE_METHOD(ApiFixture, "a throttling server gets the pause that it asks for, and a little more", "[reader][faults]")
{
    std::atomic<int> calls = 0;
    const int status = GENERATE(429, 503);
    api.on(k_pods, [&, status](const Query&) {
        if (++calls < 3) return status_reply(status, "TooManyRequests", "slow down", "{}", {"Retry-After: 4"});
        return json_reply(200, list_json("Pod", "{}", pods(1)));
    });
    CHECK(read(plan_of({"pods"})).pods.size() == 1);
    CHECK(slept(time) == milliseconds{10'000}); // twice 4 s and a quarter
    CHECK(observer.pauses == std::vector<double>{5, 5});
}

TEST_CASE_METHOD(ApiFixture, "server errors and resets are tried again with growing pauses, a bounded number of times", "[reader][faults]")
{
    api.serve_list("/api/v1/nodes", "Node", {});
    time.random = 0.999999;
    SECTION("server errors")
    {
        api.on(k_pods, [](const Query&) { return status_reply(500, "InternalError", "etcd is down"); });
    }
    SECTION("resets")
    {
        api.on(k_pods, [](const Query&) { return FakeServer::Reply{"", Then::reset}; });
    }
    const auto inventory = read(plan_of({"pods", "nodes"}));
    CHECK(gaps_of(inventory) == std::vector<std::string>{"pods * unavailable"});
    CHECK(api.requests_for(k_pods).size() >= 5); // libcurl itself tries a kept connection once more
    CHECK(api.requests_for(k_pods).size() <= 10);
    CHECK(slept(time) > milliseconds{11'900}); // 0.8 + 1.6 + 3.2 + 6.4 s
    CHECK(slept(time) <= milliseconds{12'000});
}

TEST_CASE_METHOD(ApiFixture, "a forbidden list is a gap with the server's words, made safe to print", "[reader][faults]")
{
    api.on(k_pods, [](const Query&) { return status_reply(403, "Forbidden", "pods is forbidden: User \\\"x\\\" \\u001b[31mcannot list"); });
    api.serve_list("/api/v1/nodes", "Node", {});
    const auto inventory = read(plan_of({"pods", "nodes"}));
    REQUIRE(inventory.gaps.size() == 1);
    CHECK(inventory.gaps[0].reason == model::Reason::forbidden);
    CHECK(inventory.gaps[0].message == "pods is forbidden: User \"x\" \xEF\xBF\xBD[31mcannot list");
    CHECK(api.requests_for(k_pods).size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "a list that is not found is not served after all", "[reader][faults]")
{
    api.serve_list(k_pods, "Pod", pods(1));
    const auto inventory = read(plan_of({"pods", "widgets.example.com"}));
    CHECK(gaps_of(inventory) == std::vector<std::string>{"widgets.example.com * not_served"});
    CHECK_FALSE(inventory.serves("widgets.example.com"));
}

TEST_CASE_METHOD(ApiFixture, "a body that is no list is a gap, not a crash and not an empty list", "[reader][faults]")
{
    const std::string body =
        GENERATE(as<std::string>{}, "<html>maintenance</html>", "", "null", "[]", "{}", R"({"items":{}})", R"({"items":[1,2,"x",null]})",
                 R"({"kind":"Status","code":500})", "{\"items\":[{\"metadata\":{\"name\":\"a\xff\"}}]}");
    api.serve_list("/api/v1/nodes", "Node", {});
    api.on(k_pods, [body](const Query&) { return json_reply(200, body); });
    INFO(body);
    const auto inventory = read(plan_of({"pods", "nodes"}));
    CHECK_FALSE(inventory.gaps.empty());
    CHECK(inventory.gap("pods") != nullptr);
    CHECK(inventory.pods.empty());
}

TEST_CASE_METHOD(ApiFixture, "a malformed object is a gap of its own, and the rest of the list is read", "[reader][faults]")
{
    api.serve_list(k_pods, "Pod",
                   {object("shop", "a"), R"({"metadata":{"name":"broken","namespace":"shop"},"spec":{"containers":7}})", object("shop", "b")});
    const auto inventory = read(plan_of({"pods"}));
    CHECK(pod_names(inventory) == std::vector<std::string>{"a", "b"});
    CHECK(gaps_of(inventory) == std::vector<std::string>{"pods shop malformed"});
}

TEST_CASE_METHOD(ApiFixture, "a list beyond our limits is cut and says so", "[reader][faults]")
{
    api.serve_list(k_pods, "Pod", pods(100));
    api.serve_list("/api/v1/nodes", "Node", {});
    SECTION("objects")
    {
        options.max_list_objects = 40;
        const auto inventory = read(plan_of({"pods", "nodes"}));
        CHECK(gaps_of(inventory) == std::vector<std::string>{"pods * truncated"});
        CHECK(inventory.pods.size() == 40);
    }
    SECTION("bytes")
    {
        options.max_list_bytes = 3000;
        const auto inventory = read(plan_of({"pods", "nodes"}));
        CHECK(gaps_of(inventory) == std::vector<std::string>{"pods * truncated"});
        CHECK(inventory.pods.size() < 100);
    }
}

TEST_CASE_METHOD(ApiFixture, "a rotated token is read again after a 401, once", "[reader][faults]")
{
    const TemporaryDirectory directory;
    connection_options.token_file = directory.write("token", "old");
    api.on(k_pods, [&](const Query&) {
        const bool fresh = api.server().requests().back().headers.at("authorization") == "Bearer new";
        if (fresh) return json_reply(200, list_json("Pod", "{}", pods(1)));
        directory.write("token", "new");
        return status_reply(401, "Unauthorized", "Unauthorized");
    });
    CHECK(read(plan_of({"pods"})).pods.size() == 1);
    CHECK(api.requests_for(k_pods).size() == 2);
}

TEST_CASE_METHOD(ApiFixture, "requests that fail together with one old token renew it once", "[reader][faults]")
{
    const TemporaryDirectory directory;
    const std::string runs = directory.path("runs");
    const std::string plugin = directory.write_program("plugin", "#!/bin/sh\necho run >> '" + runs + "'\nn=`wc -l < '" + runs + "'`\n" + R"sh(
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t%d"}}' "$n"
)sh");
    connection_options.kubeconfig = directory.write(
        "config", "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
                  "clusters: [{name: c, cluster: {server: '" +
                      api.url() +
                      "'}}]\n"
                      "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: '" +
                      plugin + "'}}}]\n");
    std::atomic<int> refused = 0;
    const auto script = [&](const Query&) {
        const auto seen = api.server().requests();
        const auto last = std::find_if(seen.rbegin(), seen.rend(), [](const auto& request) { return request.target.find("/api/v1/") == 0; });
        if (last->headers.at("authorization") != "Bearer t1") return json_reply(200, list_json("X", "{}", {}));
        ++refused;
        return status_reply(401, "Unauthorized", "Unauthorized");
    };
    options.max_in_flight = 1; // so that the last request seen is this one
    for (const char* path : {k_pods, "/api/v1/nodes", "/api/v1/services"})
        api.on(path, script);
    CHECK(gaps_of(read(plan_of({"pods", "nodes", "services"}))).empty());
    CHECK(refused == 1);
    CHECK(read_lines(runs) == 2);
}

TEST_CASE_METHOD(ApiFixture, "an authority that was replaced is read again when the server's certificate is not trusted", "[reader][faults][tls]")
{
    const TemporaryDirectory directory;
    const Authority old;
    const Authority fresh;
    FakeServer server{[&](const FakeServer::Request& request) {
                          if (request.target == "/version") return json_reply(200, R"({"major":"1","minor":"36","gitVersion":"v1.36.0"})");
                          return json_reply(200, request.target == "/api" ? R"({"kind":"APIVersions","versions":[]})"
                                                                          : R"({"kind":"APIGroupList","groups":[]})");
                      },
                      fresh.issue("api", "IP:127.0.0.1")};
    connection_options.server = server.url();
    connection_options.certificate_authority = directory.write("ca.crt", old.certificate());
    observer.on_request = [&] { directory.write("ca.crt", fresh.certificate()); };
    CHECK(try_read({}));
}

TEST_CASE_METHOD(ApiFixture, "credentials that are refused from the start are an error with the next step", "[reader][faults]")
{
    connection_options.token = "secret-token";
    for (const char* path : {"/version", "/api", "/apis"})
        api.on(path, [](const Query&) { return status_reply(401, "Unauthorized", "Unauthorized"); });
    const auto inventory = try_read(plan_of({"pods"}));
    REQUIRE_FALSE(inventory);
    CHECK(inventory.error().kind == Error::Kind::unauthorized);
    CHECK(inventory.error().message.find(api.url()) == 0);
    CHECK(inventory.error().message.find("secret-token") == std::string::npos);
    CHECK_FALSE(inventory.error().hint.empty());
}

TEST_CASE_METHOD(ApiFixture, "credentials that are refused in the middle are an error too", "[reader][faults]")
{
    for (const char* path : {k_pods, "/api/v1/nodes"})
        api.on(path, [](const Query&) { return status_reply(401, "Unauthorized", "Unauthorized"); });
    const auto inventory = try_read(plan_of({"pods", "nodes"}));
    REQUIRE_FALSE(inventory);
    CHECK(inventory.error().kind == Error::Kind::unauthorized);
}

TEST_CASE_METHOD(ApiFixture, "a server that cannot be reached is an error at once, with host, cause and next step", "[reader][faults]")
{
    connection_options.server = "http://127.0.0.1:" + std::to_string(unused_port());
    const auto inventory = try_read(plan_of({"pods"}));
    REQUIRE_FALSE(inventory);
    CHECK(inventory.error().kind == Error::Kind::unreachable);
    CHECK(inventory.error().message.find(connection_options.server) != std::string::npos);
    CHECK(inventory.error().message.find("refused") != std::string::npos);
    CHECK_FALSE(inventory.error().hint.empty());
    CHECK(time.sleeps.empty());
}

TEST_CASE_METHOD(ApiFixture, "a server that dies after discovery is an error, not a list of gaps", "[reader][faults]")
{
    for (const char* path : {k_pods, "/api/v1/nodes"})
        api.on(path, [](const Query&) { return FakeServer::Reply{"", Then::reset}; });
    const auto inventory = try_read(plan_of({"pods", "nodes"}));
    REQUIRE_FALSE(inventory);
    CHECK(inventory.error().kind == Error::Kind::unreachable);
}

TEST_CASE_METHOD(ApiFixture, "something else than a Kubernetes API is named as such", "[reader][faults]")
{
    api.on("/version", [](const Query&) { return reply(200, "<html>welcome</html>"); });
    const auto inventory = try_read(plan_of({"pods"}));
    REQUIRE_FALSE(inventory);
    CHECK(inventory.error().message.find("no Kubernetes API") != std::string::npos);
}

TEST_CASE_METHOD(ApiFixture, "when the time is up what is missing is a gap", "[reader][faults]")
{
    api.serve_list("/api/v1/nodes", "Node", {});
    api.on(k_pods, [](const Query&) { return status_reply(429, "TooManyRequests", "later", "{}", {"Retry-After: 30"}); });
    options.deadline = milliseconds{60'000};
    const auto inventory = read(plan_of({"nodes", "pods"}));
    REQUIRE(inventory.gaps.size() == 1);
    CHECK(model::is_missing(inventory.gaps[0].reason));
    CHECK(slept(time) <= options.deadline);
}

TEST_CASE_METHOD(ApiFixture, "a server that hangs does not outlast the request's time-out", "[reader][faults]")
{
    api.serve_list("/api/v1/nodes", "Node", {});
    api.on(k_pods, [](const Query&) { return FakeServer::Reply{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"items\":[", Then::hang}; });
    options.request_timeout = milliseconds{50};
    options.max_attempts = 2;
    const auto inventory = read(plan_of({"pods", "nodes"}));
    CHECK(gaps_of(inventory) == std::vector<std::string>{"pods * timeout"});
    CHECK(api.requests_for(k_pods).size() == 2);
}

TEST_CASE_METHOD(ApiFixture, "a stop request ends the reading", "[reader][faults]")
{
    std::stop_source stop;
    api.on(k_pods, [&](const Query&) {
        stop.request_stop();
        return FakeServer::Reply{"", Then::hang};
    });
    const auto inventory = try_read(plan_of({"pods"}), stop.get_token());
    REQUIRE_FALSE(inventory);
    CHECK(inventory.error().kind == Error::Kind::cancelled);
}

TEST_CASE_METHOD(ApiFixture, "an exec plugin that fails in the middle is an error with its words", "[reader][faults]")
{
    const TemporaryDirectory directory;
    connection_options.token_file = directory.path("missing");
    const auto inventory = try_read(plan_of({"pods"}));
    REQUIRE_FALSE(inventory);
    CHECK(inventory.error().message.find(directory.path("missing")) != std::string::npos);
}
