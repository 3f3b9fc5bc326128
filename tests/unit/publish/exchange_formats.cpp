// SPDX-License-Identifier: Apache-2.0
// Formats that other programs read: what they make of it is checked with those programs in tests/contract/test_validated_formats.py.
#include <set>
#include <sstream>
#include <tuple>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "publish/encoding/escape.hpp"
#include "seaworthy/publish/reports.hpp"
#include "unit/publish/exposition_parser.hpp"
#include "unit/publish/report_builder.hpp"

using namespace seaworthy;
using namespace seaworthy::publish;
using nlohmann::json;
using report::Severity;
using report::Status;
using test::write;

namespace {

std::shared_ptr<const report::Report> two_namespaces()
{
    test::ReportBuilder builder;
    builder.ns({"shop"}).ns({"blog"}).exempt("ex-1", "netpol-default-deny");
    builder.result({.check = "rbac-wildcard", .ns = "shop", .name = "api", .status = Status::fail, .message = "a wildcard", .worth = 2});
    builder.result({.check = "netpol-default-deny", .ns = "shop", .kind = "Namespace", .name = "shop", .status = Status::warn, .exemption = 1});
    builder.result(
        {.check = "rbac-wildcard", .ns = "blog", .name = "web", .status = Status::unknown, .grant = "SE", .reason = model::Reason::forbidden});
    builder.result({.check = "rbac-wildcard", .ns = "blog", .name = "db", .status = Status::pass});
    return builder.build();
}

std::size_t occurrences(const std::string& text, std::string_view part)
{
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

} // namespace

TEST_CASE("SARIF has the worst first, each with its rule, place and fingerprint", "[reports]")
{
    const auto report = two_namespaces();
    const auto run = json::parse(write("sarif", *report)).at("runs").at(0);
    const auto& results = run.at("results");

    REQUIRE(results.size() == 3); // a pass is no result unless asked for
    CHECK(results[0].at("kind") == "fail");
    CHECK(results[0].at("message").at("text") == "a wildcard");
    CHECK(results[0].at("locations").at(0).at("physicalLocation").at("artifactLocation").at("uri") == "cluster/shop/Deployment/api");
    CHECK(results[1].at("suppressions").at(0).at("status") == "accepted");
    CHECK(results[2].at("kind") == "open");
    CHECK(results[2].at("level") == "none");
    std::set<std::string> fingerprints;
    for (const auto& result : results) {
        const auto& rule = run.at("tool").at("driver").at("rules").at(result.at("ruleIndex").get<std::size_t>());
        CHECK(rule.at("id") == result.at("ruleId"));
        fingerprints.insert(result.at("partialFingerprints").at("seaworthy/v1").get<std::string>());
    }
    CHECK(fingerprints.size() == results.size());
    CHECK(json::parse(write("sarif", *report, {.show = {{Status::pass}}})).at("runs").at(0).at("results").at(0).at("kind") == "pass");
}

TEST_CASE("SARIF leaves out the least severe beyond what code scanning takes, and says so", "[reports]")
{
    test::ReportBuilder builder;
    builder.ns({"shop"});
    for (int i = 0; i < 25'000; ++i)
        builder.result({.check = "netpol-default-deny", .ns = "shop", .name = std::to_string(i), .status = Status::warn});
    builder.result({.check = "rbac-wildcard", .ns = "shop", .name = "last", .status = Status::fail});
    const auto run = json::parse(write("sarif", *builder.build())).at("runs").at(0);

    CHECK(run.at("results").size() == 25'000);
    CHECK(run.at("results").at(0).at("ruleId") == "rbac-wildcard");
    CHECK(run.at("invocations").at(0).at("toolExecutionNotifications").back().at("message").at("text").get<std::string>().starts_with("1 result"));
}

TEST_CASE("JUnit passes nothing that was not judged", "[reports]")
{
    const auto xml = write("junit", *two_namespaces());

    // The cluster and two namespaces, nineteen controls each; one control of shop failed, one of blog could not be seen.
    CHECK(occurrences(xml, "<testsuite ") == 3);
    CHECK(occurrences(xml, "<testcase ") == 57);
    CHECK(occurrences(xml, "<failure ") == 1);
    CHECK(xml.find("<testsuite name=\"namespace shop\" tests=\"19\" failures=\"1\" errors=\"0\" skipped=\"17\"") != std::string::npos);
    CHECK(xml.find("not everything could be seen") != std::string::npos);
    CHECK(xml.find("a wildcard") != std::string::npos);
}

TEST_CASE("JUnit passes nothing of which a filter leaves out what is not good", "[reports]")
{
    const auto report = two_namespaces();
    // The cases of shop's rbac (one fail, severity critical) and of blog's (one unknown, one pass).
    const auto case_of = [&](const std::string& ns, const FormatOptions& options, std::string_view control = "rbac") {
        const auto xml = write("junit", *report, options);
        const auto begin = xml.find("<testcase classname=\"namespace " + ns + "\" name=\"" + std::string{control} + "\"");
        REQUIRE(begin != std::string::npos);
        return xml.substr(begin, xml.find("</testcase>", begin) - begin);
    };
    const auto skipped = [](const std::string& text, std::string_view message) {
        return text.find("<skipped message=\"" + std::string{message} + "\"/>") != std::string::npos;
    };

    REQUIRE(case_of("shop", {}).find("<failure ") != std::string::npos);
    for (const auto& options : {FormatOptions{.severities = {Severity::info}}, FormatOptions{.checks = {"label-*"}},
                                FormatOptions{.controls = {"labels"}}, FormatOptions{.show = {{Status::warn}}}}) {
        CHECK(skipped(case_of("shop", options), "the filters leave out 1 fail and 0 unknown"));
        CHECK(skipped(case_of("blog", options), "the filters leave out 0 fail and 1 unknown"));
    }
    CHECK(write("junit", *report, {.severities = {Severity::info}})
              .find("name=\"namespace shop\" tests=\"19\" failures=\"0\" errors=\"0\" skipped=\"19\"") != std::string::npos);

    // What the filters leave in passes as before; what is left out without a fail is skipped too.
    CHECK(skipped(case_of("shop", {.controls = {"rbac"}}, "network-policies"), "the filters leave it out"));
    CHECK(case_of("shop", {.controls = {"network-policies"}}, "network-policies").find("<skipped") == std::string::npos);
    CHECK(case_of("shop", {.show = {{Status::fail}}}, "network-policies").find("<skipped") == std::string::npos);
    CHECK(case_of("shop", {.show = {{Status::fail}}}).find("<failure ") != std::string::npos);
    CHECK(skipped(case_of("blog", {.controls = {"rbac"}}), "not everything could be seen"));
}

TEST_CASE("Markdown fits a comment however much there is", "[reports]")
{
    const auto small = write("markdown", *two_namespaces());
    CHECK(small.starts_with("## Seaworthy: "));
    CHECK(small.find("a wildcard") != std::string::npos);

    test::ReportBuilder builder;
    for (int i = 0; i < 500; ++i)
        builder.ns({"ns-" + std::to_string(i)});
    for (int i = 0; i < 5'000; ++i)
        builder.result({.check = "rbac-wildcard", .ns = "ns-1", .name = std::to_string(i), .message = std::string(300, 'x')});
    const auto large = write("markdown", *builder.build());
    CHECK(large.size() < 65'536);
    CHECK(large.find(" more: ") != std::string::npos);
    CHECK(large.find("better ones") != std::string::npos);
}

TEST_CASE("a policy report counts an unknown as an error, not as a pass", "[reports]")
{
    const auto yaml = write("policyreport", *two_namespaces());

    CHECK(occurrences(yaml, "kind: PolicyReport") == 2);
    CHECK(occurrences(yaml, "kind: ClusterPolicyReport") == 1);
    CHECK(yaml.find("result: error") != std::string::npos);
    CHECK(yaml.find("result: fail") != std::string::npos);
    CHECK(occurrences(yaml, "scored: false") == 1); // the exempt one
}

TEST_CASE("OCSF has a line a finding, and says of each what a daemon's first event would", "[reports]")
{
    const auto report = two_namespaces();
    const auto lines_of = [&](const FormatOptions& options) {
        std::vector<json> records;
        std::istringstream text{write("ocsf", *report, options)};
        for (std::string line; std::getline(text, line);)
            records.push_back(json::parse(line));
        return records;
    };
    const auto facts = [](const json& record) {
        return std::tuple{record.at("metadata").at("event_code").get<std::string>(), record.at("activity_id").get<int>(),
                          record.at("status_id").get<int>(), record.at("compliance").at("status_id").get<int>()};
    };

    const auto records = lines_of({});
    REQUIRE(records.size() == 3); // a pass is no finding unless asked for
    CHECK(facts(records[0]) == std::tuple{"finding_opened", 1, 1, 3});
    CHECK(facts(records[1]) == std::tuple{"finding_suppressed", 2, 3, 3});
    CHECK(facts(records[2]) == std::tuple{"finding_unevaluated", 2, 1, 2}); // never a pass
    CHECK(records[1].at("unmapped").at("exemption").at("id") == "ex-1");
    CHECK(records[0].at("finding_info").at("uid") == report::fingerprint(report->results[0]));
    CHECK(records[0].at("message").get<std::string>().find("a wildcard") != std::string::npos);
    std::set<std::string> uids;
    for (const auto& record : records)
        uids.insert(record.at("metadata").at("uid").get<std::string>());
    CHECK(uids.size() == 3);
    CHECK(lines_of({}) == records);

    const auto passes = lines_of({.show = {{Status::pass}}});
    REQUIRE(passes.size() == 1);
    CHECK(facts(passes[0]) == std::tuple{"finding_resolved", 3, 4, 1});
}

TEST_CASE("nothing from a cluster becomes markup in any format", "[reports]")
{
    const std::string hostile = "<script>alert(1)</script>]]>&\"'|`@team #1 [x](http://e.example) \x1b[31m\x01\xff\xe2\x80\xae=cmd\n- a: b";
    test::ReportBuilder builder;
    builder.ns({hostile}).exempt(hostile, hostile).gap(hostile, model::Reason::forbidden, hostile);
    builder.result(
        {.check = "rbac-wildcard", .ns = hostile, .kind = hostile, .name = hostile, .message = hostile, .remediation = hostile, .worth = 1});
    builder.raw().cluster_name = hostile;
    const auto report = builder.build();

    for (const std::string format : {"sarif", "junit", "markdown", "html", "policyreport"}) {
        INFO(format);
        const auto text = write(format, *report);
        CHECK_NOTHROW(json(text).dump()); // throws on what is not UTF-8
        for (const std::string_view bad : {"\x1b", "\x01", "\xe2\x80\xae"})
            CHECK(text.find(bad) == std::string::npos);
        if (format == "sarif") {
            CHECK(json::accept(text));
            continue; // in a JSON string anything else is data
        }
        if (format == "policyreport") continue; // likewise in quotes
        CHECK(text.find("<script>") == std::string::npos);
        CHECK(text.find("]]>") == std::string::npos);
        if (format == "markdown") {
            CHECK(text.find("@team") == std::string::npos);
            CHECK(text.find("](http") == std::string::npos);
        }
    }
}

TEST_CASE("no sign that acts on a reader or a terminal is in any format", "[reports]")
{
    // ESC and CSI in one byte, an OSC title, a bell, a backspace, a carriage return that overwrites, marks and isolates that turn the reading
    // direction.
    const std::string hostile =
        "a\x1b[2J\xc2\x9b"
        "31m\x1b]0;title\x07\x08\rb\x7f\xe2\x80\x8f\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\xa8\xef\xbb\xbf=cmd|' /C calc'!A0";
    test::ReportBuilder builder;
    builder.ns({hostile, hostile}).exempt(hostile, hostile).gap(hostile, model::Reason::forbidden, hostile);
    for (const auto status : {Status::fail, Status::unknown, Status::warn})
        builder.result({.check = "rbac-wildcard",
                        .ns = hostile,
                        .kind = hostile,
                        .name = hostile,
                        .status = status,
                        .message = hostile,
                        .evidence = {{hostile, hostile}, {hostile, std::vector<std::string>{hostile}}},
                        .remediation = hostile,
                        .grant = hostile,
                        .worth = 1});
    builder.raw().cluster_name = builder.raw().cluster_version = builder.raw().platform = hostile;
    const auto report = builder.build();

    for (const auto& format : publish::formats()) {
        INFO(format.name);
        const auto text = write(std::string{format.name}, *report, {.show = {{Status::fail, Status::warn, Status::unknown}}});
        CHECK(text.find("calc") != std::string::npos);
        CHECK_NOTHROW(json(text).dump());
        if (format.name == "prometheus") { // a label's value is kept to the letter, or two could become one
            CHECK_NOTHROW(test::parse_text(text));
            continue;
        }
        for (const std::string_view bad :
             {"\x1b", "\xc2\x9b", "\x07", "\x08", "\r", "\x7f", "\xe2\x80\x8f", "\xe2\x80\xae", "\xe2\x81\xa6", "\xd8\x9c", "\xe2\x80\xa8"}) {
            INFO(static_cast<int>(static_cast<unsigned char>(bad.back())));
            CHECK(text.find(bad) == std::string::npos);
        }
        if (format.for_terminal) {
            const auto coloured = write(std::string{format.name}, *report, {.color = true, .unicode = true, .width = 80});
            for (std::size_t at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b', at + 1)) {
                const auto end = coloured.find_first_not_of("0123456789;", at + 2);
                CHECK((coloured[at + 1] == '[' && end != std::string::npos && coloured[end] == 'm')); // colours, and nothing else
            }
            CHECK(coloured.find("\x1b[31ma") == std::string::npos);
        }
        if (format.name == "csv") CHECK(text.find(",=cmd") == std::string::npos);
        if (format.name == "json" || format.name == "sarif") CHECK(json::accept(text));
    }
}

TEST_CASE("the longest names that Kubernetes allows come through every format", "[reports]")
{
    const std::string ns(63, 'n');
    const std::string name = std::string(120, 'p') + "." + std::string(132, 'q');
    REQUIRE(name.size() == 253);
    test::ReportBuilder builder;
    builder.ns({ns});
    builder.result({.check = "rbac-wildcard", .ns = ns, .name = name, .status = Status::fail, .message = name, .worth = 1});
    const auto report = builder.build();

    for (const auto& format : publish::formats()) {
        INFO(format.name);
        const auto text = write(std::string{format.name}, *report);
        CHECK(text.find(ns) != std::string::npos);
        const auto shown = format.name == "markdown" ? std::string(120, 'p') : name;   // markup is escaped, a dot too
        if (format.name != "prometheus") CHECK(text.find(shown) != std::string::npos); // metrics have no objects
        if (!format.for_terminal) continue;
        const auto narrow = write(std::string{format.name}, *report, {.width = 80});
        std::istringstream lines{narrow};
        for (std::string line; std::getline(lines, line);) {
            INFO(line);
            CHECK(display_width(line) <= 80);
        }
    }
}

TEST_CASE("lists that are missing for one reason take one line of a terminal", "[reports]")
{
    test::ReportBuilder builder;
    builder.ns({"shop"}).gap("secrets", model::Reason::forbidden, "no");
    for (int i = 0; i < 40; ++i)
        builder.gap("kind" + std::to_string(i), model::Reason::unobservable, "manifests do not show it");

    const auto table = write("table", *builder.build());

    CHECK(table.find("  40 lists  unobservable") != std::string::npos);
    CHECK(table.find("kind7") == std::string::npos);
    CHECK(table.find("  secrets  forbidden") != std::string::npos);
}

TEST_CASE("the HTML report needs nothing but itself", "[reports]")
{
    const auto html = write("html", *two_namespaces());

    CHECK(html.starts_with("<!doctype html>"));
    for (const std::string_view outside : {"<script", "<link", "src=", "@import", "url("})
        CHECK(html.find(outside) == std::string::npos);
    CHECK(html.find("a wildcard") != std::string::npos);
    CHECK(html.find("i-fail") != std::string::npos);
}
