// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/reports.hpp"

#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "publish/encoding/escape.hpp"
#include "publish/encoding/utf8.hpp"
#include "publish/reports/terminal.hpp"
#include "unit/publish/exposition_parser.hpp"
#include "unit/publish/report_builder.hpp"

using namespace seaworthy;
using namespace seaworthy::publish;
using nlohmann::json;
using report::Status;
using test::write;

namespace {

std::vector<std::string> lines(const std::string& text)
{
    std::istringstream in{text};
    std::vector<std::string> list;
    for (std::string line; std::getline(in, line);)
        list.push_back(line);
    return list;
}

std::set<std::string> statuses(const json& report)
{
    std::set<std::string> seen;
    for (const auto& result : report.at("results"))
        seen.insert(result.at("status").get<std::string>());
    return seen;
}

/// A reader of RFC 4180.
std::vector<std::vector<std::string>> csv_rows(const std::string& csv)
{
    std::vector<std::vector<std::string>> rows{{""}};
    bool quoted = false;
    for (std::size_t i = 0; i < csv.size(); ++i) {
        const char c = csv[i];
        if (quoted && c == '"' && i + 1 < csv.size() && csv[i + 1] == '"')
            rows.back().back() += csv[++i];
        else if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            rows.back().emplace_back();
        else if (c == '\n' && !quoted)
            rows.push_back({""});
        else
            rows.back().back() += c;
    }
    rows.pop_back();
    return rows;
}

std::shared_ptr<const report::Report> hostile_report()
{
    const std::string hostile{test::k_hostile};
    test::ReportBuilder builder;
    builder.ns({hostile, hostile}).exempt(hostile, hostile).gap(hostile, model::Reason::forbidden, hostile);
    builder.result({.check = "rbac-wildcard",
                    .ns = hostile,
                    .kind = hostile,
                    .name = hostile,
                    .message = hostile,
                    .evidence = {{hostile, hostile}, {hostile, true}},
                    .remediation = hostile,
                    .grant = hostile,
                    .worth = 1,
                    .exemption = 1});
    builder.raw().cluster_name = hostile;
    return builder.build();
}

} // namespace

TEST_CASE("a format is found by name, and a wrong name gets the list and a suggestion", "[reports]")
{
    for (const auto& format : formats())
        CHECK(writer(format.name).has_value());
    CHECK(formats()[0].name == "table");
    const auto wrong = writer("jsno");
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().kind == Error::Kind::usage);
    CHECK(wrong.error().hint.find("did you mean \"json\"?") == 0);
    CHECK(wrong.error().hint.find("prometheus") != std::string::npos);
    CHECK(writer("something else").error().hint.find("did you mean") == std::string::npos);
}

TEST_CASE("the JSON report has the fields of the contract", "[reports]")
{
    const auto report = json::parse(write("json", *test::sample_report()));

    CHECK(report.at("apiVersion") == "seaworthy.dev/v1");
    CHECK(report.at("kind") == "Report");
    CHECK(report.at("metadata").at("generatedAt") == "2026-11-22T04:00:00Z");
    CHECK(report.at("metadata").at("scoreFormula") == 1);
    CHECK(report.at("metadata").at("complete") == false);
    CHECK(report.at("cluster").at("platform") == "kind");
    CHECK(report.at("score").get<double>() == Approx(100.0 * 5 / 11)); // 4 passes and 2 warnings of 11 judged
    CHECK(report.at("counts").at("not_applicable") == 1);
    CHECK(report.at("controls").size() == 19);
    CHECK(report.at("controls")[16].at("step").is_null());
    CHECK(report.at("controls")[16].at("score").is_null());
    CHECK(report.at("namespaces")[0].at("name") == "empty");
    CHECK(report.at("namespaces")[0].at("score").is_null());
    CHECK(report.at("namespaces")[1].at("class") == "system");
    CHECK(report.at("namespaces")[3].at("controls").size() == 19);
    CHECK(report.at("tenants")[0].at("namespaces") == json::array({"payments", "shop"}));
    CHECK(report.at("gaps")[0].at("reason") == "forbidden");

    const auto& finding = report.at("results")[0];
    CHECK(finding.at("check") == "netpol-default-deny");
    CHECK(finding.at("control") == "network-policies");
    CHECK(finding.at("object").at("kind") == "Namespace");
    CHECK(finding.at("evidence") == json({{"policies", 0}, {"pods", 12}}));
    CHECK(finding.at("source") == "observed");
    CHECK(finding.at("reason") == "");
    CHECK(finding.at("worth") == 0.35);
    CHECK(finding.at("exemption").is_null());
    CHECK(finding.at("references") == json::array({"https://kubernetes.io/docs/concepts/", "NSA 3.1"}));
    CHECK(finding.at("fingerprint").get<std::string>().size() == 35);
    CHECK(report.at("results")[2].at("exemption").at("owner") == "team-green");
    CHECK(report.at("results")[2].at("evidence").at("pinned") == false);
    CHECK(report.at("results")[3].at("grant") == "SE");
    CHECK(report.at("results")[11].at("source") == "attested");
}

TEST_CASE("the JSON report is written one line a result and byte-equal each time", "[reports]")
{
    const auto text = write("json", *test::sample_report());

    CHECK(text == write("json", *test::sample_report()));
    std::size_t results = 0;
    for (const auto& line : lines(text))
        if (line.starts_with("    {\"check\":")) {
            ++results;
            CHECK_NOTHROW(json::parse(line.ends_with(',') ? line.substr(0, line.size() - 1) : line));
        }
    CHECK(results == 13);
    CHECK(text.ends_with("}\n"));
}

TEST_CASE("documents show all results unless asked, tables what needs action", "[reports]")
{
    const auto report = test::sample_report();
    FormatOptions options;

    CHECK(statuses(json::parse(write("json", *report))).size() == 5);
    CHECK(csv_rows(write("csv", *report)).size() == 1 + 8);
    options.show = {{Status::pass}};
    CHECK(statuses(json::parse(write("json", *report, options))) == std::set<std::string>{"pass"});
    CHECK(csv_rows(write("csv", *report, options)).size() == 1 + 4);
    options.show.reset();
    options.controls = {"rbac"};
    CHECK(json::parse(write("json", *report, options)).at("results").size() == 3);
    options.checks = {"*anonymous"};
    CHECK(json::parse(write("json", *report, options)).at("results").size() == 1);
    options.severities = {report::Severity::info};
    CHECK(json::parse(write("json", *report, options)).at("results").empty());
    CHECK(json::parse(write("json", *report, options)).at("counts").at("fail") == 5); // the audit stays what it was
}

TEST_CASE("whatever a cluster holds, documents stay readable", "[reports]")
{
    const auto report = hostile_report();

    const auto document = json::parse(write("json", *report));
    CHECK(document.at("results")[0].at("evidence").size() == 1); // a key once
    CHECK_NOTHROW(test::parse_text(write("prometheus", *report)));
    for (const std::string format : {"table", "wide"}) {
        const auto table = write(format, *report);
        for (std::size_t at = 0; at < table.size();) {
            const auto point = decode_utf8(table, at);
            REQUIRE(point.valid);
            REQUIRE((point.value == '\n' || !is_invisible(point.value)));
            at += point.size;
        }
    }
}

TEST_CASE("a CSV row has the header's number of fields and no formula", "[reports]")
{
    const auto rows = csv_rows(write("csv", *hostile_report()));

    REQUIRE(rows.size() == 2);
    CHECK(rows[1].size() == rows[0].size());
    for (const auto& field : rows[1])
        CHECK((field.empty() || std::string_view{"=+-@\t\r"}.find(field[0]) == std::string_view::npos));
}

TEST_CASE("the table leads with the score and what to fix first", "[reports]")
{
    const auto table = write("table", *test::sample_report());

    CHECK(table.find("harbour") == 0);
    CHECK(table.find("Score") < table.find("CONTROLS"));
    CHECK(table.find("FIX FIRST") < table.find("RESULTS"));
    CHECK(table.find("1. +0.70") != std::string::npos); // the same check in two namespaces
    CHECK(table.find("2 findings in legacy, payments") != std::string::npos);
    CHECK(table.find("secrets  forbidden") != std::string::npos);
    CHECK(table.find("(forbidden, grant SE)") != std::string::npos);
    CHECK(table.find("(exempt until 2027-06-01)") != std::string::npos);
    CHECK(table.find('\x1b') == std::string::npos);
    CHECK(table.find("pinned by digest") == std::string::npos);
}

TEST_CASE("every format tells what is attested from what was observed", "[reports]")
{
    const auto report = test::sample_report();
    FormatOptions options;
    options.show = {{Status::pass}};
    options.checks = {"cluster-netpol-enforced", "rbac-secrets"};

    for (const auto* format : {"table", "wide"}) {
        INFO(format);
        const auto table = write(format, *report, options);
        CHECK(table.find("\n  1 attested, not observed\n") != std::string::npos);
        CHECK(table.find("attested: attested by the platform team") != std::string::npos);
        CHECK(table.find("attested: reads no secrets") == std::string::npos);
        options.width = 80; // where lines are cut
        CHECK(write(format, *report, options).find("attested: ") != std::string::npos);
        options.width = 0;
    }
    const auto results = json::parse(write("json", *report, options)).at("results");
    REQUIRE(results.size() == 2);
    for (const auto& result : results)
        CHECK(result.at("source") == (result.at("check") == "rbac-secrets" ? "observed" : "attested"));
    CHECK(write("yaml", *report, options).find("attested") != std::string::npos);
    const auto rows = csv_rows(write("csv", *report, options));
    const auto column = std::ranges::find(rows[0], std::string{"source"}) - rows[0].begin();
    std::multiset<std::string> sources;
    for (std::size_t i = 1; i < rows.size(); ++i)
        sources.insert(rows[i][static_cast<std::size_t>(column)]);
    CHECK(sources == std::multiset<std::string>{"attested", "observed"});
    CHECK(write("html", *report, options).find("<span class=\"chip\">attested</span>attested by the platform team") != std::string::npos);
    CHECK(write("html", *report).find("<dt>Attested</dt><dd>1</dd>") != std::string::npos);
    CHECK(write("markdown", *report).find(" · 1 attested, not observed") != std::string::npos);
    CHECK(write("markdown", *report, options).find("| attested: attested by the platform team |") != std::string::npos);
    CHECK(write("junit", *report).find("attested cluster-netpol-enforced Cluster: attested by the platform team") != std::string::npos);
    CHECK(write("sarif", *report, options).find(R"("source":"attested")") != std::string::npos);
    CHECK(write("ocsf", *report, options).find(R"("confidence":"Medium")") != std::string::npos);
    CHECK(write("policyreport", *report, options).find("attested: \"true\"") != std::string::npos);
    CHECK(write("prometheus", *report).find("seaworthy_attestations{control=\"network-policies\"} 1") != std::string::npos);
}

TEST_CASE("a table fits the terminal's width", "[reports]")
{
    for (const int width : {80, 100, 120, 200}) {
        FormatOptions options;
        options.width = width;
        for (const auto& line : lines(write("table", *test::sample_report(), options))) {
            INFO(line);
            CHECK(display_width(line) <= static_cast<std::size_t>(width));
        }
    }
}

TEST_CASE("a terminal without Unicode or colour gets ASCII", "[reports]")
{
    FormatOptions options;
    options.unicode = false;
    const auto ascii = write("wide", *test::sample_report(), options);
    CHECK(std::all_of(ascii.begin(), ascii.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));

    options.color = true;
    CHECK(write("table", *test::sample_report(), options).find("\x1b[31m") != std::string::npos);
}

TEST_CASE("a score is never rounded up to full marks", "[reports]")
{
    const Terminal terminal{{}};
    CHECK(terminal.score(99.99) == "99.9");
    CHECK(terminal.score(100) == "100.0");
    CHECK(terminal.score(71.25) == "71.3");
    CHECK(terminal.score(std::nullopt) == "–");
}

TEST_CASE("text is wrapped at blanks and, where there are none, anywhere", "[reports]")
{
    CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
    CHECK(wrap("abcdefghij k", 4) == std::vector<std::string>{"abcd", "efgh", "ij k"});
    CHECK(wrap("", 10).empty());
}

TEST_CASE("writing to a stream that failed ends soon", "[reports]")
{
    std::ostringstream out;
    out.setstate(std::ios::badbit);
    for (const auto& format : formats())
        CHECK_NOTHROW(format.write(*test::sample_report(), test::imprint(), {}, out));
    CHECK(out.str().empty());
}
