// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <catch2/catch.hpp>

#include "publish/encoding/gzip.hpp"
#include "seaworthy/publish/metrics.hpp"
#include "unit/publish/exposition_parser.hpp"
#include "unit/publish/gunzip.hpp"
#include "unit/publish/report_builder.hpp"

using namespace seaworthy;
using namespace seaworthy::publish;
using seaworthy::config::Metrics;
using seaworthy::test::ReportBuilder;

namespace {

std::string value_of(const test::ParsedFamilies& families, const std::string& family, const std::map<std::string, std::string>& labels)
{
    const auto found = families.find(family);
    if (found == families.end()) return "no family";
    for (const auto& sample : found->second.samples)
        if (sample.labels == labels) return sample.value;
    return "no series";
}

test::ParsedFamilies parse(const RenderedFamilies& rendered)
{
    return test::parse_text(rendered.text.plain);
}

} // namespace

TEST_CASE("every compliance family of a report is exposed", "[metrics]")
{
    const auto families = parse(render_compliance(*test::sample_report(), test::imprint(), {}));

    CHECK(value_of(families, "seaworthy_namespace_score_ratio", {{"namespace", "shop"}}) == "0.8333333333333333");
    CHECK(value_of(families, "seaworthy_namespace_score_ratio", {{"namespace", "empty"}}) == "no series");
    CHECK(value_of(families, "seaworthy_namespace_control_status",
                   {{"namespace", "payments"}, {"control", "network-policies"}, {"status", "fail"}}) == "1");
    CHECK(value_of(families, "seaworthy_namespace_control_status",
                   {{"namespace", "payments"}, {"control", "network-policies"}, {"status", "pass"}}) == "no series");
    CHECK(value_of(families, "seaworthy_namespace_control_status", {{"namespace", "empty"}, {"control", "oidc"}, {"status", "not_applicable"}}) ==
          "1");
    CHECK(value_of(families, "seaworthy_namespace_findings", {{"namespace", "legacy"}, {"severity", "critical"}}) == "2");
    CHECK(value_of(families, "seaworthy_namespace_findings", {{"namespace", "empty"}, {"severity", "info"}}) == "0");
    CHECK(value_of(families, "seaworthy_namespace_exemptions", {{"namespace", "payments"}}) == "1");
    CHECK(value_of(families, "seaworthy_namespace_exemptions", {{"namespace", "shop"}}) == "0");
    CHECK(value_of(families, "seaworthy_namespace_info", {{"namespace", "shop"}, {"class", "application"}, {"tenant", "green"}}) == "1");
    CHECK(value_of(families, "seaworthy_namespace_info", {{"namespace", "kube-system"}, {"class", "system"}, {"tenant", ""}}) == "1");
    CHECK(value_of(families, "seaworthy_namespace_last_audited_timestamp_seconds", {{"namespace", "shop"}}) == "1795320000");
    CHECK(value_of(families, "seaworthy_tenant_score_min_ratio", {{"tenant", "green"}}) == "0.16666666666666669");
    CHECK(value_of(families, "seaworthy_cluster_check_status", {{"check", "cluster-rbac-anonymous"}, {"status", "fail"}}) == "1");
    CHECK(families.at("seaworthy_cluster_check_status").samples.size() == 2);
    CHECK(value_of(families, "seaworthy_control_info", {{"control", "rbac"}, {"step", "7"}, {"title", "RBAC"}}) == "1");
    CHECK(value_of(families, "seaworthy_control_info", {{"control", "oidc"}, {"step", "advice"}, {"title", "OIDC login"}}) == "1");
    CHECK(value_of(families, "seaworthy_control_weight", {{"control", "secrets"}}) == "2");
    CHECK(value_of(families, "seaworthy_control_weight", {{"control", "service-mesh"}}) == "0.5");
    CHECK(value_of(families, "seaworthy_attestations", {{"control", "network-policies"}}) == "1");
    CHECK(families.count("seaworthy_namespace_control_findings") == 0);
}

TEST_CASE("ratios are the report's percentages", "[metrics]")
{
    const auto report = test::sample_report();
    const auto families = parse(render_compliance(*report, test::imprint(), {}));

    CHECK(std::stod(value_of(families, "seaworthy_cluster_score_ratio", {})) * 100 == Approx(*report->score.score));
    CHECK(std::stod(value_of(families, "seaworthy_cluster_coverage_ratio", {})) * 100 == Approx(*report->score.coverage));
}

TEST_CASE("metrics.detail decides how many families a namespace has", "[metrics]")
{
    const auto report = test::sample_report();
    Metrics options;

    options.detail = Metrics::Detail::summary;
    const auto summary = parse(render_compliance(*report, test::imprint(), options));
    options.detail = Metrics::Detail::findings;
    const auto findings = parse(render_compliance(*report, test::imprint(), options));

    CHECK(summary.count("seaworthy_namespace_control_status") == 0);
    CHECK(summary.count("seaworthy_namespace_score_ratio") == 1);
    CHECK(value_of(findings, "seaworthy_namespace_control_findings", {{"namespace", "payments"}, {"control", "network-policies"}}) == "2");
    // An exempt finding is not open, and one object counts once whatever it fails.
    CHECK(value_of(findings, "seaworthy_namespace_control_findings", {{"namespace", "payments"}, {"control", "minimal-base-images"}}) == "0");
    CHECK(value_of(findings, "seaworthy_namespace_control_findings", {{"namespace", "empty"}, {"control", "rbac"}}) == "0");
}

TEST_CASE("namespaces are filtered and limited, and what the limit drops is counted", "[metrics]")
{
    const auto report = test::sample_report();
    Metrics options;

    options.deny_namespaces = {"kube-*"};
    const auto denied = parse(render_compliance(*report, test::imprint(), options));
    options.allow_namespaces = {"s*", "kube-system"};
    const auto allowed = parse(render_compliance(*report, test::imprint(), options));
    Metrics limited;
    limited.max_namespaces = 2;
    const auto all = render_compliance(*report, test::imprint(), {});
    const auto cut = render_compliance(*report, test::imprint(), limited);

    CHECK(denied.at("seaworthy_namespace_info").samples.size() == 4);
    CHECK(allowed.at("seaworthy_namespace_info").samples.size() == 1);
    CHECK(parse(cut).at("seaworthy_namespace_info").samples.size() == 2);
    CHECK(all.dropped_series == 0);
    CHECK(cut.series + cut.dropped_series == all.series);
}

TEST_CASE("tenants are as many as namespaces may be: a label can name one for each", "[metrics]")
{
    ReportBuilder builder;
    for (const char* name : {"a", "b", "c"})
        builder.ns({name, std::string{"team-"} + name});
    const auto report = builder.build();
    Metrics limited;
    limited.max_namespaces = 2;

    const auto all = render_compliance(*report, test::imprint(), {});
    const auto cut = render_compliance(*report, test::imprint(), limited);

    CHECK(parse(cut).at("seaworthy_tenant_points").samples.size() == 2);
    CHECK(cut.series + cut.dropped_series == all.series);
}

TEST_CASE("both expositions of any report pass a strict reader and hold the same samples", "[metrics]")
{
    std::mt19937 random{7};
    const auto word = [&] {
        if (random() % 4 == 0) return std::string{test::k_hostile};
        std::string text(1 + random() % 3, '\0');
        for (auto& c : text)
            c = static_cast<char>(random() & 0xFFU);
        return text;
    };
    for (int round = 0; round < 50; ++round) {
        ReportBuilder builder;
        // Few distinct names, so that equal namespaces and tenants occur: duplicates must not reach the scraper.
        for (int i = 0; i < 12; ++i)
            builder.ns({word(), word(), random() % 2 == 0});
        const auto report = builder.build();
        Metrics options;
        options.detail = Metrics::Detail::findings;

        const auto rendered = render_compliance(*report, test::imprint(), options);
        const auto text = test::parse_text(rendered.text.plain);
        const auto open_metrics = test::parse_open_metrics(rendered.open_metrics.plain + "# EOF\n");

        CHECK(text.size() == open_metrics.size());
        CHECK(open_metrics.at("seaworthy_namespace").type == "info");
        CHECK(open_metrics.at("seaworthy_namespace").samples.size() == text.at("seaworthy_namespace_info").samples.size());
        CHECK(open_metrics.at("seaworthy_cluster_points").unit.empty());
        CHECK(test::gunzip(join_gzip({{rendered.text.deflated, rendered.text.crc32, rendered.text.plain.size()}})) == rendered.text.plain);
    }
}

TEST_CASE("equal reports give equal bytes", "[metrics]")
{
    const auto first = render_compliance(*test::sample_report(), test::imprint(), {});
    const auto second = render_compliance(*test::sample_report(), test::imprint(), {});

    CHECK(first.text.plain == second.text.plain);
    CHECK(first.text.deflated == second.text.deflated);
}

TEST_CASE("the exposition that a client prefers is chosen by its q-values", "[metrics]")
{
    constexpr auto text = Exposition::text;
    constexpr auto open_metrics = Exposition::open_metrics;
    const auto prometheus =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    CHECK(negotiate_exposition("") == text);
    CHECK(negotiate_exposition("*/*") == text);
    CHECK(negotiate_exposition("text/html,application/xhtml+xml,*/*;q=0.8") == text);
    CHECK(negotiate_exposition(prometheus) == open_metrics);
    CHECK(negotiate_exposition("application/openmetrics-text; version=1.0.0; charset=utf-8;q=0.5, text/plain;version=0.0.4;q=0.6") == text);
    CHECK(negotiate_exposition("application/openmetrics-text;version=2.0.0,text/plain;q=0.1") == text);
    CHECK(negotiate_exposition("application/openmetrics-text;version=2.0.0") == text);
    CHECK(negotiate_exposition("application/openmetrics-text;q=0,text/plain;q=0.1") == text);
    CHECK(negotiate_exposition("application/openmetrics-text;version=\"1.0.0\"") == open_metrics);
    CHECK(negotiate_exposition("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/"
                               "openmetrics-text;version=1.0.0;q=0.8") == open_metrics);
    CHECK(negotiate_exposition(",;;q=,=;q=9,\t") == text);
    CHECK(content_type(text) == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(content_type(open_metrics) == "application/openmetrics-text; version=1.0.0; charset=utf-8");
}
