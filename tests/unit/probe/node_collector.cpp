// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/probe/node_collector.hpp"

#include <catch2/catch.hpp>

#include "seaworthy/model/registry_config.hpp"
#include "seaworthy/model/vault.hpp"
#include "support/fake_server.hpp"
#include "support/temporary_directory.hpp"

using namespace seaworthy;
using probe::History;
using test::FakeServer;
using test::json_reply;
using test::reply;

namespace {

constexpr std::uint32_t k_loopback = 0x7F000001;
constexpr auto k_url = "node:n1/v1/registry-config";

struct Fixture {
    std::int64_t clock = 1'800'000'000;
    model::Inventory inventory;
    config::Probes settings;
    probe::NodeCollector collector{{.user_agent = "seaworthy/test", .now = [this] { return Timestamp{clock}; }}};

    explicit Fixture(std::uint16_t port)
    {
        settings.node_probe = {.ns = "seaworthy", .daemon_set = "node-probe", .port = port};
        settings.timeout = std::chrono::milliseconds{500};
    }

    Text text(std::string_view content) { return inventory.vault().texts.intern(content); }

    void add_node(std::string_view name)
    {
        model::Node node;
        node.meta.name = text(name);
        node.operating_system = text("linux");
        inventory.nodes.push_back(node);
    }

    model::Pod& add_pod(std::string_view node, std::string_view owner = "node-probe", std::string_view kind = "DaemonSet",
                        std::string_view ns = "seaworthy")
    {
        model::PodShape shape;
        shape.ns = text(ns);
        shape.controller = inventory.vault().owner({.kind = text(kind), .name = text(owner)});
        model::Pod pod;
        pod.shape = inventory.vault().shape(shape);
        pod.node_name = text(node);
        pod.ipv4 = k_loopback;
        pod.phase = model::Pod::Phase::running;
        pod.ready = true;
        return inventory.pods.emplace_back(pod);
    }

    History collect() { return collector.collect(inventory, settings, {}); }
};

} // namespace

TEST_CASE("a node's report is kept as it was understood, not as it was sent", "[node_collector]")
{
    const FakeServer server{[](const auto&) {
        return json_reply(
            200,
            R"({"node":"n1","runtime":"containerd","secret":"x","registries":[{"host":"docker.io","mirrors":[{"url":"https://a:b@m.example"}]}]})");
    }};
    Fixture fixture{server.port()};
    fixture.add_node("n1");
    fixture.add_pod("n1");

    const auto history = fixture.collect();

    REQUIRE(history.size() == 1);
    const auto& answer = history.at(k_url).back();
    CHECK(answer.status == 200);
    CHECK(answer.body.find("secret") == std::string::npos);
    CHECK(answer.body.find("a:b@") == std::string::npos);
    CHECK(model::parse_registry_config(answer.body));
    CHECK(server.requests()[0].target == "/v1/registry-config");
    CHECK(server.requests()[0].headers.count("authorization") == 0);
}

TEST_CASE("only ready pods of the one DaemonSet are asked", "[node_collector]")
{
    const FakeServer server{[](const auto&) { return json_reply(200, "{}"); }};
    Fixture fixture{server.port()};
    fixture.add_node("n1");
    fixture.add_pod("n1", "other");
    fixture.add_pod("n1", "node-probe", "ReplicaSet");
    fixture.add_pod("n1", "node-probe", "DaemonSet", "tenant");
    fixture.add_pod("n1").ready = false;
    fixture.add_pod("n1").phase = model::Pod::Phase::failed;
    fixture.add_pod("n1").ipv4 = 0;

    const auto history = fixture.collect();

    CHECK(server.requests().empty());
    CHECK(history.at(k_url).back().error == "refused");
}

TEST_CASE("a good answer outlives a failed try, for a quarter of an hour", "[node_collector]")
{
    bool fails = false;
    const FakeServer server{[&](const auto&) { return fails ? reply(503, "") : json_reply(200, R"({"node":"n1"})"); }};
    Fixture fixture{server.port()};
    fixture.add_node("n1");
    fixture.add_pod("n1");
    REQUIRE(fixture.collect().at(k_url).size() == 1);
    fails = true;

    fixture.clock += 600;
    auto rows = fixture.collect().at(k_url);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].status == 200);
    CHECK(rows[1].status == 503);

    fixture.clock += 600;
    rows = fixture.collect().at(k_url);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].status == 503);
}

TEST_CASE("what is no report, or too much of one, is an answer without a body", "[node_collector]")
{
    std::string body;
    const FakeServer server{[&](const auto&) { return json_reply(200, body); }};
    Fixture fixture{server.port()};
    fixture.add_node("n1");
    fixture.add_pod("n1");
    for (const auto& wrong : {std::string{"<html>"}, std::string{"[]"}, R"({"errors":[")" + std::string(600 * 1024, 'a') + "\"]}"}) {
        body = wrong;
        const auto answer = fixture.collect().at(k_url).back();
        CHECK(answer.status == 200);
        CHECK(answer.body.empty());
    }
}

TEST_CASE("a redirect is not followed, and a node that hangs costs its time-out", "[node_collector]")
{
    const FakeServer elsewhere{[](const auto&) { return json_reply(200, "{}"); }};
    bool hangs = false;
    const FakeServer server{[&](const auto&) {
        return hangs ? FakeServer::Reply{"", FakeServer::Reply::Then::hang} : reply(302, "", {"Location: " + elsewhere.url("/v1/registry-config")});
    }};
    Fixture fixture{server.port()};
    fixture.add_node("n1");
    fixture.add_pod("n1");
    CHECK(fixture.collect().at(k_url).back().status == 302);
    CHECK(elsewhere.requests().empty());

    hangs = true;
    CHECK(fixture.collect().at(k_url).back().error == "timeout");
}

TEST_CASE("the token goes over mutual TLS to whom the authority vouches for, and to nobody else", "[node_collector]")
{
    const test::Authority own;
    const test::Authority foreign;
    const test::TemporaryDirectory folder;
    const auto identity = own.issue("daemon", "DNS:daemon");
    const auto answer = [](const auto&) { return json_reply(200, R"({"node":"n1"})"); };
    const auto collect = [&](const FakeServer& server) {
        Fixture fixture{server.port()};
        auto& probe = fixture.settings.node_probe;
        probe.token_file = folder.write("token", "s3cret\n");
        probe.ca_file = folder.write("ca.pem", own.certificate());
        probe.certificate_file = folder.write("tls.crt", identity.certificate);
        probe.key_file = folder.write("tls.key", identity.key);
        fixture.add_node("n1");
        fixture.add_pod("n1");
        return fixture.collect().at(k_url).back();
    };

    const FakeServer good{answer, own.issue("n", "DNS:node-probe.seaworthy.svc"), own.certificate()};
    CHECK(collect(good).status == 200);
    REQUIRE(good.requests().size() == 1);
    CHECK(good.requests()[0].headers.at("authorization") == "Bearer s3cret");
    CHECK(good.requests()[0].peer_name == "daemon");

    const FakeServer stranger{answer, foreign.issue("n", "DNS:node-probe.seaworthy.svc")};
    CHECK(collect(stranger).error == "tls_untrusted");
    CHECK(stranger.requests().empty());

    const FakeServer other_name{answer, own.issue("n", "DNS:other.seaworthy.svc")};
    CHECK(collect(other_name).error == "tls_name");
    CHECK(other_name.requests().empty());
}

TEST_CASE("without a DaemonSet nobody is asked", "[node_collector]")
{
    Fixture fixture{1};
    fixture.settings.node_probe.daemon_set.clear();
    fixture.add_node("n1");
    CHECK(fixture.collect().empty());
}
