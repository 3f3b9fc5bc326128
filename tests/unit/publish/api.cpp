// SPDX-License-Identifier: Apache-2.0
#include <set>

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
                              "limit=99999999999999999999", "continue=x", "continue=.", "continue=uid.-1"}) {
        const auto reply = client.get(std::string{"/api/v1/findings?"} + query);
        INFO(query);
        CHECK(reply.status == 400);
        const auto problem = json::parse(body_of(reply));
        CHECK(problem.at("status") == 400);
        const std::string name = std::string{query}.substr(0, std::string_view{query}.find('='));
        CHECK(problem.at("detail").get<std::string>().find(name) != std::string::npos);
    }
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
