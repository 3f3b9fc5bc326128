// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/report_diff.hpp"

#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace seaworthy::publish {
namespace {

using nlohmann::json;

json result(const std::string& fingerprint, const std::string& status, const std::string& severity = "high")
{
    return {{"fingerprint", fingerprint}, {"check", "check-" + fingerprint},
            {"status", status},           {"severity", severity},
            {"namespace", "shop"},        {"object", {{"kind", "Deployment"}, {"name", "web"}}},
            {"message", "what is so"}};
}

json exempt(json document)
{
    document["exemption"] = {{"id", "accepted"}};
    return document;
}

SavedReport saved(const json& results, double score = 50)
{
    const json document{
        {"apiVersion", "seaworthy.dev/v1"}, {"kind", "Report"}, {"cluster", {{"name", "demo"}}}, {"score", score}, {"results", results}};
    auto report = parse_saved_report(document.dump(), "report.json");
    REQUIRE(report);
    return std::move(*report);
}

std::vector<std::string> names(const std::vector<const SavedResult*>& results)
{
    std::vector<std::string> names;
    for (const auto* one : results)
        names.push_back(one->fingerprint);
    return names;
}

using Names = std::vector<std::string>;

TEST_CASE("a difference tells what is new, worse, better, resolved, and what nobody sees any more", "[diff]")
{
    const auto before =
        saved({result("stays", "fail"), result("worse", "warn"), result("better", "fail"), result("mended", "fail"), result("gone", "warn"),
               result("hidden", "fail"), result("excused", "fail"), result("was-unknown", "unknown"), result("was-excused", "fail")});
    auto excused_before = before;
    excused_before.results.at("was-excused").exempt = true;
    const auto after =
        saved({result("stays", "fail"), result("worse", "fail"), result("better", "warn"), result("mended", "pass"), result("hidden", "unknown"),
               exempt(result("excused", "fail")), result("new", "fail"), result("was-unknown", "fail"), result("was-excused", "fail")});

    const auto diff = compare(excused_before, after);

    CHECK(names(diff.opened) == Names{"new", "was-excused", "was-unknown"});
    CHECK(names(diff.worsened) == Names{"worse"});
    CHECK(names(diff.improved) == Names{"better"});
    CHECK(names(diff.resolved) == Names{"excused", "mended", "gone"});
    CHECK(names(diff.unseen) == Names{"hidden"});
}

TEST_CASE("the gate counts what is new or worse, from its severity on", "[diff]")
{
    const auto before = saved({result("worse", "warn", "medium"), result("old", "fail", "critical")});
    const auto after = saved({result("worse", "fail", "medium"), result("old", "fail", "critical"), result("new-low", "fail", "low"),
                              result("new-warn", "warn", "critical")});
    const auto diff = compare(before, after);

    CHECK(count_gated(diff, check::Severity::info, false) == 2);
    CHECK(count_gated(diff, check::Severity::medium, false) == 1);
    CHECK(count_gated(diff, check::Severity::high, false) == 0);
    CHECK(count_gated(diff, check::Severity::high, true) == 1);
}

TEST_CASE("of several results of one fingerprint the finding counts", "[diff]")
{
    const auto report = saved({result("one", "pass"), result("one", "warn"), result("one", "unknown")});

    CHECK(report.results.at("one").status == check::Status::warn);
}

TEST_CASE("what is no report is refused with the file and the place", "[diff]")
{
    const auto message = [](const std::string& text) {
        const auto report = parse_saved_report(text, "old.json");
        REQUIRE_FALSE(report);
        return report.error().message;
    };
    json document{{"apiVersion", "seaworthy.dev/v1"}, {"kind", "Report"}, {"results", json::array({result("a", "pass"), result("b", "pass")})}};

    CHECK(message("{\"kind\": \"Rep") == "old.json: no JSON, or not all of it");
    CHECK(message("[]") == "old.json: no Report of seaworthy.dev/v1");
    CHECK(message(R"({"apiVersion": "v1", "kind": "Report", "results": []})") == "old.json: no Report of seaworthy.dev/v1");
    document["results"][1]["status"] = "fine";
    CHECK(message(document.dump()) == "old.json: results[1]: status is none of pass, warn, fail, unknown, not_applicable");
    document["results"][1] = 7;
    CHECK(message(document.dump()) == "old.json: results[1]: no object");
    document["results"] = "none";
    CHECK(message(document.dump()) == "old.json: results is no list");
    CHECK(message(std::string(100'000, '[')) == "old.json: no JSON, or not all of it");
}

TEST_CASE("hostile texts stay harmless in a difference", "[diff]")
{
    auto hostile = result("new", "fail");
    hostile["message"] = "\x1b[31m<img src=x> | [a](javascript:b) @everyone\n\nforged \xe2\x80\xae";
    hostile["object"]["name"] = "`web`|";
    const auto before = saved(json::array());
    const auto after = saved(json::array({hostile}));
    const auto diff = compare(before, after);
    std::ostringstream text;
    std::ostringstream markdown;
    std::ostringstream document;

    write_diff_text(diff, text);
    write_diff_markdown(diff, markdown);
    write_diff_json(diff, document);

    for (const auto& written : {text.str(), markdown.str()}) {
        CHECK(written.find('\x1b') == std::string::npos);
        CHECK(written.find("\xe2\x80\xae") == std::string::npos);
        CHECK(written.find("\n\nforged") == std::string::npos);
    }
    CHECK(markdown.str().find("<img") == std::string::npos);
    CHECK(markdown.str().find("@everyone") == std::string::npos);
    CHECK(json::parse(document.str()).at("opened").at(0).at("message") == hostile["message"]);
}

TEST_CASE("a comment holds what fits and says how much does not", "[diff]")
{
    json many = json::array();
    for (int i = 0; i < 5'000; ++i)
        many.push_back(result("f" + std::to_string(i), "fail"));
    const auto before = saved(json::array());
    const auto after = saved(many);
    std::ostringstream markdown;

    write_diff_markdown(compare(before, after), markdown);

    CHECK(markdown.str().size() < 65'536);
    CHECK(markdown.str().find("more are left out here.") != std::string::npos);
}

} // namespace
} // namespace seaworthy::publish
