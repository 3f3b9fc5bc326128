// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "publish/http/call.hpp"
#include "unit/publish/report_builder.hpp"
#include "unit/publish/route_client.hpp"

using namespace seaworthy;
using nlohmann::json;
using test::body_of;
using test::RouteClient;

namespace {

json get(const RouteClient& client, const std::string& target)
{
    return json::parse(body_of(client.get(target)));
}

/// A validator of just what openapi.json uses of JSON Schema. Gives the path of the first thing that is wrong, or nothing.
std::string validate(const json& value, const json& schema, const json& document, const std::string& path)
{
    if (schema.contains("$ref")) {
        const auto pointer = schema.at("$ref").get<std::string>().substr(1);
        return validate(value, document.at(json::json_pointer{pointer}), document, path);
    }
    if (schema.contains("const") && value != schema.at("const")) return path + ": not the constant";
    if (schema.contains("enum")) {
        const auto& allowed = schema.at("enum");
        if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) return path + ": not in the enumeration: " + value.dump();
    }
    std::set<std::string> types;
    if (schema.at("type").is_array())
        for (const auto& type : schema.at("type"))
            types.insert(type.get<std::string>());
    else
        types.insert(schema.at("type").get<std::string>());
    const std::string type = value.is_object()                                          ? "object"
                             : value.is_array()                                         ? "array"
                             : value.is_string()                                        ? "string"
                             : value.is_boolean()                                       ? "boolean"
                             : value.is_null()                                          ? "null"
                             : value.is_number_integer() && types.count("integer") != 0 ? "integer"
                                                                                        : "number";
    if (types.count(type) == 0) return path + ": is a " + type;
    if (type == "array")
        for (std::size_t i = 0; i < value.size(); ++i)
            if (auto wrong = validate(value[i], schema.at("items"), document, path + "/" + std::to_string(i)); !wrong.empty()) return wrong;
    if (type == "object") {
        for (const auto& name : schema.value("required", json::array()))
            if (!value.contains(name.get<std::string>())) return path + ": lacks " + name.get<std::string>();
        for (const auto& [name, member] : value.items()) {
            const auto properties = schema.value("properties", json::object());
            if (properties.contains(name)) {
                if (auto wrong = validate(member, properties.at(name), document, path + "/" + name); !wrong.empty()) return wrong;
            } else if (schema.value("additionalProperties", json(true)) == json(false)) {
                return path + ": has " + name;
            }
        }
    }
    return {};
}

std::vector<std::string> messages(const json& list)
{
    std::vector<std::string> out;
    for (const auto& item : list.at("items"))
        out.push_back(item.at("message"));
    return out;
}

std::vector<std::string> lines(const std::string& text)
{
    std::vector<std::string> out;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);)
        out.push_back(line);
    return out;
}

/// Of one row (RFC 4180).
std::vector<std::string> csv_fields(std::string_view row)
{
    std::vector<std::string> fields{""};
    bool quoted = false;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (quoted && row[i] == '"' && i + 1 < row.size() && row[i + 1] == '"')
            fields.back() += row[++i];
        else if (row[i] == '"')
            quoted = !quoted;
        else if (row[i] == ',' && !quoted)
            fields.emplace_back();
        else
            fields.back() += row[i];
    }
    return fields;
}

} // namespace

TEST_CASE("openapi.json describes exactly the routes there are", "[api]")
{
    const auto document = json::parse(publish::openapi_document());
    std::set<std::string> described;
    std::set<std::string> served;
    for (const auto& [path, methods] : document.at("paths").items())
        for (const auto& [method, operation] : methods.items())
            described.insert(method + " " + path);
    for (const auto& route : publish::routes())
        served.insert((route.method == "POST" ? "post " : "get ") + std::string{route.pattern});

    CHECK(document.at("openapi") == "3.1.0");
    CHECK(described == served);
}

TEST_CASE("every API answer fits its schema in openapi.json", "[api]")
{
    const auto document = json::parse(publish::openapi_document());
    const RouteClient client{test::sample_report()};
    for (const auto& route : publish::routes()) {
        if (!route.pattern.starts_with("/api/") || route.method != "GET") continue;
        std::string path{route.pattern};
        if (const auto brace = path.find('{'); brace != std::string::npos)
            path.replace(brace, std::string::npos, path.find("namespaces") != std::string::npos ? "payments" : "rbac");
        const auto& schema =
            document.at("paths").at(std::string{route.pattern}).at("get").at("responses").at("200").at("content").at("application/json").at("schema");
        INFO(path);
        CHECK(validate(get(client, path), schema, document, "") == "");
    }
    const auto& problem = document.at("components").at("schemas").at("Problem");
    CHECK(validate(get(client, "/api/v1/nowhere"), problem, document, "") == "");
    CHECK(validate(get(RouteClient{}, "/api/v1/status"), document.at("components").at("schemas").at("DaemonStatus"), document, "") == "");
}

TEST_CASE("every route's name is a value of the handler label", "[api]")
{
    for (const auto& route : publish::routes()) {
        RouteClient client{test::sample_report()};
        client.metrics.http_request(route.name, 200, 0.1);
        INFO(route.name);
        CHECK(client.metrics.render().text.plain.find("handler=\"" + std::string{route.name} + "\"") != std::string::npos);
    }
}

TEST_CASE("findings are filtered by each criterion", "[api]")
{
    const RouteClient client{test::sample_report()};
    const auto count = [&](const std::string& query) { return get(client, "/api/v1/findings?" + query).at("items").size(); };

    CHECK(count("") == 7); // fail and warn
    CHECK(count("status=fail") == 5);
    CHECK(count("status=fail,warn,unknown") == 8);
    CHECK(count("status=warn&status=unknown") == 3);
    CHECK(count("status=all") == 13);
    CHECK(count("namespace=legacy") == 2);
    CHECK(count("namespace=legacy,shop") == 3);
    CHECK(count("namespace=") == 1);
    CHECK(count("namespace=nowhere") == 0);
    CHECK(count("tenant=green") == 4);
    CHECK(count("tenant=green&namespace=payments") == 3);
    CHECK(count("tenant=none") == 0);
    CHECK(count("control=network-policies") == 3);
    CHECK(count("check=netpol-*") == 3);
    CHECK(count("check=rbac-wildcard,label-owner") == 2);
    CHECK(count("severity=critical") + count("severity=high,medium,low,info") == 7);
    CHECK(count("q=OWNER") == 1);
    CHECK(count("q=no such text") == 0);
}

TEST_CASE("findings are sorted and paged, and a page of an older report is gone", "[api]")
{
    RouteClient client{test::sample_report()};

    const auto all = messages(get(client, "/api/v1/findings?sort=-worth"));
    std::vector<std::string> paged;
    std::string next;
    for (int guard = 0; guard < 10; ++guard) {
        const auto page = get(client, "/api/v1/findings?sort=-worth&limit=3&continue=" + next);
        CHECK(page.at("metadata").at("total") == 7);
        for (auto& message : messages(page))
            paged.push_back(message);
        next = page.at("metadata").at("continue");
        if (next.empty()) break;
    }

    CHECK(all.front() == "grants * on *");
    CHECK(paged == all);
    CHECK(messages(get(client, "/api/v1/findings?sort=namespace")).front() == "system:anonymous may read pods");

    const std::string old = get(client, "/api/v1/findings?limit=3").at("metadata").at("continue");
    test::ReportBuilder builder;
    builder.raw().uid = "second";
    client.publication.publish(builder.build(), test::imprint(), {}, Timestamp{2});
    CHECK(client.get("/api/v1/findings?continue=" + old).status == 410);
}

TEST_CASE("a findings request that cannot be meant is refused by name", "[api]")
{
    const RouteClient client{test::sample_report()};
    for (const auto* query : {"stauts=fail", "status=bad", "severity=urgent", "sort=age", "limit=0", "limit=5001", "limit=-1", "limit=1x",
                              "limit=99999999999999999999", "continue=x", "continue=.", "continue=uid.-1", "format=xml", "format=", "format=CSV",
                              "limit=100001&format=csv", "format=json&limit=5001"}) {
        const auto reply = client.get(std::string{"/api/v1/findings?"} + query);
        INFO(query);
        CHECK(reply.status == 400);
        const auto problem = json::parse(body_of(reply));
        CHECK(problem.at("status") == 400);
        const std::string name = std::string_view{query}.find("limit") != std::string_view::npos
                                     ? "limit"
                                     : std::string{query}.substr(0, std::string_view{query}.find('='));
        CHECK(test::header_of(reply, "Content-Disposition") == "");
        CHECK(reply.content_type == "application/problem+json");
        CHECK(problem.at("detail").get<std::string>().find(name) != std::string::npos);
    }
}

TEST_CASE("findings as a table are those of the list, in its order", "[api]")
{
    const RouteClient client{test::sample_report()};
    for (const std::string query : {"sort=-worth", "status=all", "namespace=", "tenant=green&sort=check", "q=no such text"}) {
        INFO(query);
        const auto reply = client.get("/api/v1/findings?format=csv&" + query);
        CHECK(reply.content_type == "text/csv; charset=utf-8; header=present");
        CHECK(test::header_of(reply, "Content-Disposition") == "attachment; filename=\"seaworthy-findings.csv\"");
        CHECK(test::header_of(reply, "ETag") != "");
        CHECK(test::header_of(reply, "Link") == "");
        const auto listed = get(client, "/api/v1/findings?" + query).at("items");
        const auto rows = lines(body_of(reply));
        REQUIRE(rows.size() == listed.size() + 1);
        CHECK(rows[0].starts_with("status,severity,control,check,namespace,"));
        for (std::size_t i = 0; i < listed.size(); ++i)
            CHECK(rows[i + 1].ends_with("," + listed[i].at("fingerprint").get<std::string>()));
    }
    CHECK(body_of(client.get("/api/v1/findings?format=csv", {{"Accept-Encoding", "gzip"}})) == body_of(client.get("/api/v1/findings?format=csv")));
    CHECK(client.get("/findings?format=csv").status == 400); // a page is no table
}

TEST_CASE("a table of the command line and one of the API are the same", "[api]")
{
    const auto report = test::sample_report();
    const RouteClient client{report};
    CHECK(body_of(client.get("/api/v1/findings?format=csv&status=fail,warn,unknown")) == test::write("csv", *report));
}

TEST_CASE("a table leads from part to part", "[api]")
{
    const RouteClient client{test::sample_report()};
    const auto whole = lines(body_of(client.get("/api/v1/findings?sort=-worth&format=csv")));

    std::vector<std::string> joined{whole[0]};
    std::string target = "/api/v1/findings?sort=-worth&q=\r\nX: y&q=&format=csv&limit=3";
    int parts = 0;
    for (; !target.empty() && parts < 10; ++parts) {
        const auto reply = client.get(target);
        REQUIRE(reply.status == 200);
        const auto rows = lines(body_of(reply));
        joined.insert(joined.end(), rows.begin() + 1, rows.end());
        const auto link = test::header_of(reply, "Link");
        CHECK(link.find_first_of("\r\n ") == (link.empty() ? std::string::npos : link.find("; rel=") + 1));
        target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    CHECK(parts == 3);
    CHECK(joined == whole);
}

TEST_CASE("a table stops when its reader has gone", "[api]")
{
    class Gone final : public http::BodyWriter {
    public:
        bool write(std::string_view) override { return ++writes < 2; }
        bool sleep(std::chrono::milliseconds) override { return true; }
        void reset_connection() override {}
        int writes = 0;
    };
    test::ReportBuilder builder;
    for (int i = 0; i < 1'000; ++i)
        builder.result({.check = "rbac-wildcard", .ns = "shop", .name = std::to_string(i)});
    const RouteClient client{builder.build()};
    const auto reply = client.get("/api/v1/findings?format=csv");
    Gone gone;

    REQUIRE(reply.stream);
    CHECK_FALSE(reply.stream(gone));
    CHECK(gone.writes == 2);
}

TEST_CASE("a spreadsheet takes nothing in a table for a formula", "[api]")
{
    test::ReportBuilder builder;
    builder.ns({"shop"});
    for (const std::string start : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "|x", "%0a=1", "\r\n=1", "x\",=1"})
        builder.result({.check = "rbac-wildcard", .ns = "shop", .kind = start, .name = start, .message = start, .remediation = start});
    builder.result({.check = "rbac-wildcard", .ns = "shop", .name = std::string{test::k_hostile}, .message = std::string(1'000'000, '=')});
    const RouteClient client{builder.build()};

    const auto body = body_of(client.get("/api/v1/findings?format=csv"));
    const auto rows = lines(body);

    REQUIRE(rows.size() == 12); // no text ends its line
    CHECK(body.size() < 20'000);
    for (const auto& row : rows)
        for (const auto& field : csv_fields(row)) {
            INFO(field);
            const auto first = field.find_first_not_of(" \n");
            CHECK((first == std::string::npos || std::string_view{"=+-@\t\r|%"}.find(field[first]) == std::string_view::npos));
        }
    CHECK(csv_fields(rows[1]).size() == csv_fields(rows[0]).size());
    CHECK(csv_fields(rows[10]).size() == csv_fields(rows[0]).size());
}

TEST_CASE("hostile text in a request comes back as text", "[api]")
{
    const RouteClient client{test::sample_report()};
    const std::string hostile{test::k_hostile};

    CHECK_NOTHROW(json::parse(body_of(client.get("/api/v1/findings?status=" + hostile))));
    CHECK_NOTHROW(json::parse(body_of(client.get("/api/v1/findings?" + hostile))));
    for (const auto& target :
         {"/namespaces/" + hostile, "/findings?q=" + hostile, "/findings?namespace=" + hostile, "/findings?x" + hostile + "=1"}) {
        const auto body = body_of(client.get(target));
        CHECK(body.find("<script>alert") == std::string::npos);
        CHECK(body.find("alert('x')") == std::string::npos);
    }
}

TEST_CASE("status tells the age of the report and the last failure", "[api]")
{
    RouteClient client{test::sample_report()};
    client.publication.set_interval(std::chrono::seconds{300});
    client.publication.audit_failed("boom", Timestamp{1'795'320'100});

    const auto status = get(client, "/api/v1/status");

    CHECK(status.at("report").at("ageSeconds") == 180);
    CHECK(status.at("report").at("gaps").size() == 1);
    CHECK(status.at("audit").at("lastError") == "boom");
    CHECK(status.at("audit").at("running") == false);
    CHECK(status.at("audit").at("intervalSeconds") == 300);
    CHECK(get(RouteClient{}, "/api/v1/status").at("report").is_null());
}
