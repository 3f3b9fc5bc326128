// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace seaworthy;
using namespace seaworthy::config;
using namespace seaworthy::config::test;
using namespace std::chrono_literals;

TEST_CASE("an empty file is the default configuration", "[config]")
{
    const auto config = loaded("");

    CHECK(config.audit.interval == 5min);
    CHECK(config.http.listen == ":9817");
    CHECK(config.settings.checks.size() == 3);
    CHECK_FALSE(config.settings.of("netpol-egress").enabled);
}

TEST_CASE("values of every plain type reach their place", "[config]")
{
    const auto config = loaded("audit: {interval: 90s, jitter: 0.25, minAge: 1m}\n"
                               "kubernetes: {pageSize: 100, allowExecPlugins: true, grants: [SE, CM]}\n"
                               "namespaces:\n  exclude: [scratch-*]\n  class: {system: [infra]}\n"
                               "metrics: {detail: findings}\n"
                               "log:\n  level: debug\n");

    CHECK(config.audit.interval == 90s);
    CHECK(config.audit.jitter == 0.25);
    CHECK(config.settings.min_age == 60s);
    CHECK(config.kubernetes.page_size == 100);
    CHECK(config.kubernetes.allow_exec_plugins);
    CHECK(config.settings.grants == std::set<std::string, std::less<>>{"CM", "SE"});
    CHECK(config.settings.exclude_namespaces == std::vector<std::string>{"scratch-*"});
    CHECK(config.settings.system_namespaces == std::vector<std::string>{"infra"});
    CHECK(config.metrics.detail == Metrics::Detail::findings);
    CHECK(config.log.level == Log::Level::debug);
}

TEST_CASE("a key without a value keeps its default", "[config]")
{
    CHECK(loaded("audit:\n  interval:\nlog:\n").audit.interval == 5min);
}

TEST_CASE("every error of a file is reported at once, in its order, with line and column", "[config]")
{
    CHECK(problems("audit:\n  intervall: 5m\n  jitter: lots\nhttp:\n  listen: nowhere\ntypo: 1\n") ==
          "config.yaml:2:3: audit.intervall: unknown key; did you mean \"interval\"?\n"
          "config.yaml:3:11: audit.jitter: expects a number, not \"lots\"\n"
          "config.yaml:5:11: http.listen: \"nowhere\" is no address to listen on; write [host]:port, for example 127.0.0.1:9817\n"
          "config.yaml:6:1: typo: unknown key");
}

TEST_CASE("each kind of wrong value says what is expected and where", "[config]")
{
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"audit: 5m", "config.yaml:1:8: audit: expects a map, not \"5m\""},
        {"audit: [1]", "config.yaml:1:8: audit: expects a map, not a list"},
        {"kubernetes: {allowExecPlugins: yes}", "config.yaml:1:32: kubernetes.allowExecPlugins: expects true or false, not \"yes\""},
        {"kubernetes: {allowExecPlugins: \"true\"}", "config.yaml:1:32: kubernetes.allowExecPlugins: expects true or false, not \"true\""},
        {"kubernetes: {parallelLists: 9}", "config.yaml:1:29: kubernetes.parallelLists: must be between 1 and 4"},
        {"kubernetes: {parallelLists: 1.5}", "config.yaml:1:29: kubernetes.parallelLists: must be a whole number"},
        {"kubernetes: {grants: [XX]}", "config.yaml:1:23: kubernetes.grants[0]: \"XX\" is none of CM, CMA, SE, ME"},
        {"audit: {interval: 30}", "config.yaml:1:19: audit.interval: is a duration and needs a unit, for example 30s"},
        {"audit: {interval: soon}", "config.yaml:1:19: audit.interval: \"soon\" is no duration; write for example 90s, 5m, 1h30m or 14d"},
        {"audit: {interval: 1ms}", "config.yaml:1:19: audit.interval: must be between 1s and 7d"},
        {"log: {level: inof}", "config.yaml:1:14: log.level: \"inof\" is none of debug, info, warn, error; did you mean \"info\"?"},
        {"namespaces: {include: web}", "config.yaml:1:23: namespaces.include: expects a list of texts, not \"web\""},
        {"namespaces: {include: [{a: b}]}", "config.yaml:1:24: namespaces.include[0]: expects text, not a map"},
        {"http: {listen: \"\"}", "config.yaml:1:16: http.listen: must not be empty"},
        {"oidc: {expectedIssuer: idp.example}", "config.yaml:1:24: oidc.expectedIssuer: \"idp.example\" is no URL; write https://host[:port][/path]"},
        {"interval: 5m", "config.yaml:1:1: interval: unknown key; did you mean \"audit.interval\"?"},
        {"sinks: {}", "config.yaml:1:8: sinks: expects a list, not a map"},
        {"spool: {maxBytes: 256}", "config.yaml:1:19: spool.maxBytes: \"256\" is no size; write 512B, 900KiB, 256MiB or 1GiB"},
        {"spool: {maxBytes: 1MiB}", "config.yaml:1:19: spool.maxBytes: \"1MiB\" is not between 16MiB and 64GiB"},
        {"spool: {maxBytes: 99999999999GiB}", "config.yaml:1:19: spool.maxBytes: \"99999999999GiB\" is no size; write 512B, 900KiB, 256MiB or 1GiB"},
        {"events: {heartbeat: daily}", "config.yaml:1:21: events.heartbeat: \"daily\" is none of every_audit, hourly, off"},
        {"- a", "config.yaml:1:1: the configuration: expects a map, not a list"},
        {"leaderElection: {leaseDuration: 5s}", "config.yaml: leaderElection: leaseDuration must be longer than renewDeadline"},
        {"probes: {nodeProbe: {daemonSet: a}}", "config.yaml: probes.nodeProbe: daemonSet and namespace go together"},
        {"probes: {nodeProbe: {certificateFile: a, caFile: b}}", "config.yaml: probes.nodeProbe: certificateFile and keyFile go together"},
        {"probes: {nodeProbe: {certificateFile: a, keyFile: b}}",
         "config.yaml: probes.nodeProbe: certificateFile needs caFile: plain HTTP has no certificates"},
    }));

    CHECK(problems(text) == expected);
}

TEST_CASE("what is no YAML is named with its place", "[config]")
{
    CHECK(problems("audit: {interval: 5m\n").starts_with("config.yaml:"));
    CHECK(problems("audit:\n\tinterval: 5m\n").find("this is not YAML") != std::string::npos);
    CHECK(problems("a: 1\n---\nb: 2\n").find("a second document") != std::string::npos);
    CHECK(problems("log: {}\naudit: {}\nlog: {}\n") == "config.yaml:3:1: the key \"log\" is there twice; the first is on line 1");
    CHECK(problems("<<: {log: {}}\n").find("merge keys") != std::string::npos);
}

TEST_CASE("positions are those of the surrounding file", "[config]")
{
    const auto result = load_text("audit: {intervall: 5m}", {.name = "snapshot.yaml", .first_line = 40}, k_catalog);

    REQUIRE_FALSE(result);
    CHECK(result.error().list.front().line == 40);
}

TEST_CASE("hostile files are refused while they are small", "[config]")
{
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c <= 'j'; ++c)
        bomb += std::string{c} + ": &" + c + " [" + [&] {
            std::string list;
            for (int i = 0; i < 10; ++i)
                list += (i == 0 ? "*" : ", *") + std::string{static_cast<char>(c - 1)};
            return list;
        }() + "]\n";

    CHECK(problems(bomb).find("with aliases written out") != std::string::npos);
    CHECK(problems("a: &a [*a]").find("config.yaml:1:") == 0);
    CHECK(problems(std::string(100'000, '[')).find("config.yaml") == 0);
    CHECK(problems(std::string((1U << 20U) + 1, ' ')) == "config.yaml: is larger than 1 MiB");
    CHECK(problems("\"\\e[31mred\": 1").find('\x1b') == std::string::npos);
}

TEST_CASE("an alias stands for its value", "[config]")
{
    const auto config = loaded("namespaces:\n  include: &n [web]\n  class: {platform: *n}\n");

    CHECK(config.settings.platform_namespaces == std::vector<std::string>{"web"});
}

TEST_CASE("a file that is not there or not a file is said to be so", "[config]")
{
    const auto missing = load_file("/nonexistent/config.yaml", k_now, k_catalog);
    const auto directory = load_file("/", k_now, k_catalog);

    REQUIRE_FALSE(missing);
    CHECK(format(missing.error()) == "/nonexistent/config.yaml: there is no such file");
    REQUIRE_FALSE(directory);
    CHECK(format(directory.error()) == "/: is no regular file");
}

TEST_CASE("probed hosts switch the grant H on", "[config]")
{
    CHECK(loaded("probes: {registries: [{host: harbor.example}]}").settings.grants.contains("H"));
    CHECK(loaded("probes: {components: {grafana: \"https://g.example\"}}").settings.outside.components.size() == 1);
    CHECK(loaded("probes: {interval: 30s}").settings.grants.empty());
    CHECK(loaded("probes: {interval: 30s}").settings.outside.components.empty());
}

TEST_CASE("a DaemonSet of the node-probe switches its grant on", "[config]")
{
    CHECK_FALSE(loaded("").settings.grants.contains("NPR"));
    const auto config = loaded("probes: {nodeProbe: {namespace: seaworthy, daemonSet: \"node-probe*\", port: 9000, askMirrors: true}}");
    CHECK(config.settings.grants.contains("NPR"));
    CHECK(config.probes.node_probe.daemon_set == "node-probe*");
    CHECK(config.probes.node_probe.port == 9000);
    CHECK(config.probes.node_probe.ask_mirrors);
}

TEST_CASE("issuers are written as a URL or with a certificate file", "[config]")
{
    const auto config = loaded("oidc:\n  issuers: [\"https://a.example\", {url: \"https://b.example\", caFile: /ca.pem}]\n"
                               "  issuerAliases: [[\"https://a.example\", \"https://c.example\"]]\n");

    REQUIRE(config.settings.outside.oidc.issuers.size() == 2);
    CHECK(config.settings.outside.oidc.issuers[0].url == "https://a.example");
    CHECK(config.settings.outside.oidc.issuers[1].ca_file == "/ca.pem");
    CHECK(config.settings.outside.oidc.issuer_aliases.front().size() == 2);
    CHECK(problems("oidc: {issuers: [{caFile: x}]}") == "config.yaml:1:18: oidc.issuers[0].url: is required");
}

TEST_CASE("an attestation has a known name, a value, an owner and an end", "[config]")
{
    const auto config = loaded("attest: {auditLogs: {value: true, by: platform, until: 2027-06-30}}");

    const auto& attestation = config.settings.attestations.at("auditLogs");
    CHECK(attestation.value);
    CHECK(format_rfc3339(attestation.until) == "2027-06-30T23:59:59Z");
    CHECK(problems("attest: {auditLog: {value: true, by: me, until: 2027-06-30}}") ==
          "config.yaml:1:10: attest.auditLog: unknown attestation; did you mean \"auditLogs\"?");
    CHECK(problems("attest: {auditLogs: {by: me, until: 2027-06-30}}") == "config.yaml:1:21: attest.auditLogs.value: is required");
    CHECK(problems("attest: {auditLogs: {value: true, until: 2027-06-30}}") == "config.yaml:1:21: attest.auditLogs.by: is required");
    CHECK(problems("attest: {auditLogs: {value: true, by: me}}") == "config.yaml:1:21: attest.auditLogs.until: is required");
}
