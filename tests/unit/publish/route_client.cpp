// SPDX-License-Identifier: Apache-2.0
#include "unit/publish/route_client.hpp"

#include <algorithm>
#include <stdexcept>

#include "unit/publish/gunzip.hpp"
#include "unit/publish/report_builder.hpp"

namespace seaworthy::test {

namespace {

class StringWriter final : public http::BodyWriter {
public:
    bool write(std::string_view bytes) override
    {
        text += bytes;
        return true;
    }
    bool sleep(std::chrono::milliseconds) override { return true; }
    void reset_connection() override {}
    std::string text;
};

std::vector<http::Field> parse_query(std::string_view query)
{
    std::vector<http::Field> fields;
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        fields.push_back({std::string{pair.substr(0, equals)}, equals == std::string_view::npos ? "" : std::string{pair.substr(equals + 1)}});
    }
    return fields;
}

} // namespace

RouteClient::RouteClient(std::shared_ptr<const report::Report> report, publish::RouteSettings settings, config::Metrics options)
    : publication(Timestamp{1'795'319'000}), metrics({"0.1.0", "abc"})
{
    settings.version = "0.1.0";
    if (!settings.now) settings.now = [] { return Timestamp{1'795'320'180}; };
    if (report) publication.publish(std::move(report), imprint(), options, Timestamp{1'795'320'002});
    m_routes = std::make_unique<publish::Routes>(std::move(settings), publication, metrics);
}

http::Reply RouteClient::request(std::string_view method, std::string_view target, std::vector<http::Field> headers, std::string peer) const
{
    const auto question = target.find('?');
    http::Request request;
    request.method = method;
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = parse_query(target.substr(question + 1));
    request.headers = std::move(headers);
    if (request.header("Host").empty()) request.headers.push_back({"Host", "localhost:9817"});
    request.peer = std::move(peer);
    return m_routes->handle(request);
}

std::string header_of(const http::Reply& reply, std::string_view name)
{
    std::string value;
    for (const auto& field : reply.headers) {
        if (field.name != name) continue;
        if (!value.empty()) throw std::runtime_error("header twice: " + field.name);
        value = field.value;
    }
    return value;
}

std::string body_of(const http::Reply& reply)
{
    StringWriter writer;
    if (reply.stream && !reply.stream(writer)) throw std::runtime_error("the stream broke off");
    if (reply.body) writer.text = *reply.body;
    return header_of(reply, "Content-Encoding") == "gzip" ? gunzip(writer.text) : writer.text;
}

} // namespace seaworthy::test
