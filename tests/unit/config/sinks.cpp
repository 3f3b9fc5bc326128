// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace seaworthy::config;
using namespace seaworthy::config::test;
using namespace std::chrono_literals;

namespace {

/// `sinks` with one item, and the spool that sinks need.
std::string with_sink(const std::string& members)
{
    return "spool: {path: /var/lib/seaworthy/spool.db}\nsinks: [{name: soc, " + members + "}]\n";
}

} // namespace

TEST_CASE("a sink is read with all that it may have", "[config]")
{
    const auto config = load_text(R"(
events: {baseline: emit, settle: 1m, openAfter: 2, resolveAfter: 3, flap: {transitions: 5}, storm: {perCheck: 20}, reminder: {after: 7d, minSeverity: critical}}
spool: {path: /data/spool.db, maxBytes: 64MiB, maxAge: 1d}
sinks:
  - name: soc-splunk
    type: splunk_hec
    url: https://hec.example:8088
    tokenFile: /run/secrets/hec/token
    index: k8s
    fields: {cluster: prod-eu-1}
    ack: {enabled: true, timeout: 2m}
    batch: {maxEvents: 100, maxBytes: 512KiB, linger: 1s, gzip: false}
    retry: {base: 2s, cap: 1m}
    filter: {minSeverity: low, classes: [finding, health], namespaces: ["shop-*"]}
  - {name: siem, type: syslog, address: "siem.example:6514", format: cef, facility: 4, maxMessage: 2048B, tls: {caFile: /etc/ca.crt, serverName: siem}}
)",
                                  {.name = "config.yaml"}, k_catalog);

    REQUIRE(config);
    CHECK(config->events.baseline == Events::Baseline::emit);
    CHECK(config->events.settle == 1min);
    CHECK(config->events.open_after == 2);
    CHECK(config->events.resolve_after == 3);
    CHECK(config->events.flap_transitions == 5);
    CHECK(config->events.storm_per_check == 20);
    CHECK(config->events.reminder_after == 168h);
    CHECK(config->events.reminder_min_severity == Events::MinSeverity::critical);
    CHECK(config->spool.path == "/data/spool.db");
    CHECK(config->spool.max_bytes.bytes == 64U << 20U);
    CHECK(config->spool.max_age == 24h);
    REQUIRE(config->sinks.size() == 2);
    const auto& splunk = config->sinks[0];
    CHECK(splunk.name == "soc-splunk");
    CHECK(splunk.type == Sink::Type::splunk_hec);
    CHECK(splunk.format == Sink::Format::native);
    CHECK(splunk.url == "https://hec.example:8088");
    CHECK(splunk.token_file == "/run/secrets/hec/token");
    CHECK(splunk.index == "k8s");
    CHECK(splunk.fields == std::map<std::string, std::string>{{"cluster", "prod-eu-1"}});
    CHECK(splunk.ack);
    CHECK(splunk.ack_timeout == 2min);
    CHECK(splunk.batch_events == 100);
    CHECK(splunk.batch_bytes.bytes == 512U << 10U);
    CHECK(splunk.linger == 1s);
    CHECK_FALSE(splunk.gzip);
    CHECK(splunk.retry_base == 2s);
    CHECK(splunk.retry_cap == 1min);
    CHECK(splunk.min_severity == Events::MinSeverity::low);
    CHECK(splunk.classes == std::vector<std::string>{"finding", "health"});
    CHECK(splunk.namespaces == std::vector<std::string>{"shop-*"});
    const auto& syslog = config->sinks[1];
    CHECK(syslog.type == Sink::Type::syslog);
    CHECK(syslog.format == Sink::Format::cef);
    CHECK(syslog.facility == 4);
    CHECK(syslog.max_message.bytes == 2048);
    CHECK(syslog.ca_file == "/etc/ca.crt");
    CHECK(syslog.server_name == "siem");
}

TEST_CASE("what is wrong with a sink is said with its place", "[config]")
{
    const auto [members, expected] = GENERATE(table<std::string, std::string>({
        {"type: stdout", ""},
        {"type: file, path: /var/log/seaworthy.json", ""},
        {"type: loki, urlFile: /run/url", ""},
        {"type: splnk_hec",
         R"(config.yaml:2:27: sinks[0].type: "splnk_hec" is none of stdout, file, splunk_hec, sumologic, syslog, webhook, elasticsearch, otlp, loki, sentinel, kafka; did you mean "splunk_hec"?)"},
        {"type: file", "config.yaml:2:9: sinks[0]: a sink of type file needs path"},
        {"type: webhook", "config.yaml:2:9: sinks[0]: a sink of type webhook needs either url or urlFile"},
        {"type: webhook, url: \"https://a.example\", urlFile: /b", "config.yaml:2:9: sinks[0]: a sink of type webhook needs either url or urlFile"},
        {"type: webhook, url: \"http://a.example\"",
         "config.yaml:2:9: sinks[0]: url is http://; write https://, or allowPlaintext: true where the network is trusted"},
        {"type: webhook, url: \"http://a.example\", allowPlaintext: true", ""},
        {"type: syslog, address: siem.example",
         "config.yaml:2:9: sinks[0]: a sink of type syslog needs address\n"
         "config.yaml:2:44: sinks[0].address: \"siem.example\" is no address; write host:port, for example siem.example:6514"},
        {"type: syslog, address: \"siem.example:514\", protocol: tcp",
         "config.yaml:2:9: sinks[0]: protocol tcp is not encrypted; write protocol: tls, or allowPlaintext: true where the network is trusted"},
        {"type: sentinel, url: \"https://a.example\", ruleId: r",
         "config.yaml:2:9: sinks[0]: a sink of type sentinel needs clientId, tenantId, tokenFile and stream"},
        {"type: sentinel, url: \"https://a.example\", ruleId: r, stream: s, clientId: c, tenantId: t, tokenFile: f", ""},
        {"type: sentinel, url: \"https://a.example\", ruleId: r, stream: s, clientId: c, tenantId: t, tokenFile: f, tokenUrl: \"http://b.example\"",
         "config.yaml:2:9: sinks[0]: tokenUrl is http://; write https://, or allowPlaintext: true where the network is trusted"},
        {"type: kafka, brokers: [\"a:9093\"], topic: t, username: u, passwordFile: p, sasl: {mechanism: scram-sha-512}", ""},
        {"type: kafka, brokers: [\"a:9093\"]", "config.yaml:2:9: sinks[0]: a sink of type kafka needs topic"},
        {"type: stdout, index: a", "config.yaml:2:42: sinks[0].index: means nothing for a sink of this type"},
        {"type: stdout, filter: {clases: [a]}", "config.yaml:2:44: sinks[0].filter.clases: unknown key; did you mean \"classes\"?"},
        {"type: stdout, filter: {classes: [a]}", "config.yaml:2:54: sinks[0].filter.classes[0]: \"a\" is none of finding, summary, health"},
        {"type: syslog, address: \"s:1\", format: ecs", "config.yaml:2:9: sinks[0]: a sink of type syslog does not take format ecs"},
        {"type: stdout}, {name: soc, type: stdout", "config.yaml:2:36: sinks[1]: another sink has the name soc"},
    }));

    const auto loaded = load_text(with_sink(members), {.name = "config.yaml"}, k_catalog);
    CHECK((loaded ? "" : format(loaded.error())) == expected);
}

TEST_CASE("sinks need a place for events that wait", "[config]")
{
    const auto loaded = load_text("sinks: [{name: a, type: stdout}]", {.name = "config.yaml"}, k_catalog);

    REQUIRE_FALSE(loaded);
    CHECK(format(loaded.error()) == "config.yaml: spool.path: sinks need it: events are kept there until every sink has them");
}
