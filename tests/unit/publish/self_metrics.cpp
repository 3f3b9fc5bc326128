// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/self_metrics.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "seaworthy/http/server.hpp"
#include "unit/publish/exposition_parser.hpp"

using namespace seaworthy;
using namespace seaworthy::publish;

namespace {

const test::ParsedSample* find(const test::ParsedFamilies& families, const std::string& family, const std::map<std::string, std::string>& labels,
                               std::string_view suffix = {})
{
    const auto found = families.find(family);
    if (found == families.end()) return nullptr;
    for (const auto& sample : found->second.samples)
        if (sample.labels == labels && sample.name.ends_with(suffix)) return &sample;
    return nullptr;
}

std::string value(const SelfMetrics& metrics, const std::string& family, const std::map<std::string, std::string>& labels = {},
                  std::string_view suffix = {})
{
    const auto families = test::parse_text(metrics.render().text.plain);
    const auto* sample = find(families, family, labels, suffix);
    return sample == nullptr ? "none" : sample->value;
}

} // namespace

TEST_CASE("counters of known events start at zero", "[metrics]")
{
    const SelfMetrics metrics{{"0.1.0", "abc"}};

    CHECK(value(metrics, "seaworthy_audit_runs_total", {{"trigger", "startup"}}) == "0");
    CHECK(value(metrics, "seaworthy_audit_failures_total", {{"reason", "forbidden"}}) == "0");
    CHECK(value(metrics, "seaworthy_log_messages_total", {{"level", "error"}}) == "0");
    CHECK(value(metrics, "seaworthy_audit_last_run_successful") == "none");
}

TEST_CASE("an audit leaves its figures behind, and those of the one before are gone", "[metrics]")
{
    SelfMetrics metrics{{"0.1.0", "abc"}};
    metrics.audit_started("startup", Timestamp{100});
    metrics.audit_succeeded({.phase_seconds = {{"list", 1.5}},
                             .objects = {{"pods", 7}, {"widgets.example.com", 1}},
                             .accessible = {{"secrets", false}},
                             .audited_namespaces = 3,
                             .duration_seconds = 2},
                            Timestamp{102});
    CHECK(value(metrics, "seaworthy_audit_objects", {{"resource", "widgets.example.com"}}) == "1");
    CHECK(value(metrics, "seaworthy_audit_resource_accessible", {{"resource", "secrets"}}) == "0");
    CHECK(value(metrics, "seaworthy_audit_last_success_timestamp_seconds") == "102");

    metrics.audit_succeeded({.objects = {{"pods", 8}}}, Timestamp{202});
    metrics.audit_failed("timeout");

    CHECK(value(metrics, "seaworthy_audit_objects", {{"resource", "pods"}}) == "8");
    CHECK(value(metrics, "seaworthy_audit_objects", {{"resource", "widgets.example.com"}}) == "none");
    CHECK(value(metrics, "seaworthy_audit_resource_accessible", {{"resource", "secrets"}}) == "none");
    CHECK(value(metrics, "seaworthy_audit_last_run_successful") == "0");
    CHECK(value(metrics, "seaworthy_audit_last_success_timestamp_seconds") == "202");
    CHECK(value(metrics, "seaworthy_audit_failures_total", {{"reason", "timeout"}}) == "1");
}

TEST_CASE("histograms are cumulative, end at +Inf and keep their sum", "[metrics]")
{
    SelfMetrics metrics{{"0.1.0", "abc"}};
    metrics.kube_request("list", 200, 0.02);
    metrics.kube_request("list", 429, 99);
    metrics.kube_request_failed("list", "timeout", 30);
    const std::string family = "seaworthy_kube_request_duration_seconds";

    CHECK(value(metrics, family, {{"verb", "list"}, {"le", "0.01"}}, "_bucket") == "0");
    CHECK(value(metrics, family, {{"verb", "list"}, {"le", "1.0"}}, "_bucket") == "1");
    CHECK(value(metrics, family, {{"verb", "list"}, {"le", "30.0"}}, "_bucket") == "2");
    CHECK(value(metrics, family, {{"verb", "list"}, {"le", "+Inf"}}, "_bucket") == "3");
    CHECK(value(metrics, family, {{"verb", "list"}}, "_count") == "3");
    CHECK(std::stod(value(metrics, family, {{"verb", "list"}}, "_sum")) == Approx(129.02));
    CHECK(value(metrics, "seaworthy_kube_requests_total", {{"verb", "list"}, {"code", "429"}}) == "1");
    CHECK(value(metrics, "seaworthy_kube_request_failures_total", {{"verb", "list"}, {"reason", "timeout"}}) == "1");
}

TEST_CASE("a value outside a label's set counts as other", "[metrics]")
{
    SelfMetrics metrics{{"0.1.0", "abc"}};
    for (int i = 0; i < 100; ++i)
        metrics.http_request("/path/" + std::to_string(i), 1000 + i, 0.001);

    CHECK(value(metrics, "seaworthy_http_requests_total", {{"handler", "other"}, {"code", "other"}}) == "100");
}

TEST_CASE("the listener's counters are read at the scrape", "[metrics]")
{
    SelfMetrics metrics{{"0.1.0", "abc"}};
    http::Counters counters;
    metrics.set_http_counters([&] { return counters; });
    counters.connections = 4;
    counters.rejected_deadline = 9;

    CHECK(value(metrics, "seaworthy_http_connections") == "4");
    CHECK(value(metrics, "seaworthy_http_connections_rejected_total", {{"reason", "deadline"}}) == "9");
    metrics.set_http_counters({});
    CHECK(value(metrics, "seaworthy_http_connections") == "none");
}

TEST_CASE("leadership is a gauge and its gains are counted", "[metrics]")
{
    SelfMetrics metrics{{"0.1.0", "abc"}};
    metrics.set_leader(true);
    metrics.set_leader(true);
    metrics.set_leader(false);
    metrics.set_leader(true);

    CHECK(value(metrics, "seaworthy_leader") == "1");
    CHECK(value(metrics, "seaworthy_leader_transitions_total") == "2");
}

TEST_CASE("the daemon's own metrics are valid OpenMetrics with process figures", "[metrics]")
{
    SelfMetrics metrics{{"0.1.0", "a\"b\\c\nd"}};
    metrics.config_loaded(Timestamp{50}, 0xFFFF'FFFF'FFFF'FFFFU);
    metrics.http_request("metrics", 200, 0.001);

    const auto rendered = metrics.render();
    const auto families = test::parse_open_metrics(rendered.open_metrics.plain + "# EOF\n");

    CHECK(families.at("seaworthy_http_requests").type == "counter");
    CHECK(families.at("seaworthy_build").type == "info");
    CHECK(families.at("process_resident_memory_bytes").unit == "bytes");
    CHECK(std::stod(families.at("process_resident_memory_bytes").samples.at(0).value) > 1e6);
    CHECK(std::stod(families.at("process_start_time_seconds").samples.at(0).value) > 1.7e9);
    CHECK(std::stod(families.at("process_open_fds").samples.at(0).value) >= 3);
    CHECK(families.at("seaworthy_config_hash").samples.at(0).value == "281474976710655");
}

TEST_CASE("every metric is listed with type, help and stability", "[metrics]")
{
    const auto json = nlohmann::json::parse(*list_metrics("json"));
    const auto markdown = *list_metrics("markdown");
    const auto table = *list_metrics("table");

    CHECK(json.size() == metrics().size());
    for (const auto& row : json) {
        const auto name = row.at("name").get<std::string>();
        INFO(name);
        CHECK((name.starts_with("seaworthy_") || name.starts_with("process_")));
        CHECK(name.ends_with("_total") == (row.at("type") == "counter"));
        CHECK(name.ends_with("_info") == (row.at("type") == "info"));
        CHECK(row.at("help").get<std::string>().ends_with('.'));
        CHECK(markdown.find("| `" + name + "` |") != std::string::npos);
        CHECK(table.find(name) != std::string::npos);
    }
    CHECK(list_metrics("xml").error().kind == Error::Kind::usage);
}
