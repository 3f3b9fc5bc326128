// SPDX-License-Identifier: Apache-2.0
// docs/siem/<type>.md shows a configuration and an event. What is shown there is what the real transport sends with that configuration.
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "intake.hpp"
#include "seaworthy/base/file_content.hpp"
#include "seaworthy/config/load.hpp"
#include "seaworthy/sinks/sinks.hpp"
#include "sinks/lines.hpp"
#include "sinks/syslog_message.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using Json = nlohmann::json;

namespace {

constexpr const char* k_record = "(the record)"; ///< stands in a page for what sample-event.json has

std::string page(const std::string& name)
{
    return must(read_file(fmt::format("{}/docs/siem/{}", SEAWORTHY_SOURCE_DIR, name)));
}

/// The first block of that language behind the heading.
std::string block(const std::string& text, const std::string& heading, const std::string& language)
{
    const auto fence = "```" + language + "\n";
    const auto begin = text.find(fence, text.find("\n## " + heading));
    REQUIRE(begin != std::string::npos);
    const auto end = text.find("```", begin + fence.size());
    return text.substr(begin + fence.size(), end - begin - fence.size());
}

/// The record may be sent as an object, as text, or as OTLP's values.
bool is_record(const Json& sent, const Json& record)
{
    if (sent.is_string()) return Json::parse(sent.get<std::string>(), nullptr, false) == record;
    return sent == record || (sent.is_object() && sent.contains("values") && sent["values"].size() == record.size());
}

/// Nanoseconds since 1970 as Loki takes them: of now, where the shown event has become too old for it.
bool is_moment(const Json& value)
{
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    return text.size() == 19 && text.find_first_not_of("0123456789") == std::string::npos;
}

void check_same(const Json& shown, const Json& sent, const Json& record, const std::string& path)
{
    INFO(path);
    if (shown == k_record) {
        CHECK(is_record(sent, record));
    } else if (shown.is_object() && sent.is_object()) {
        for (const auto& [key, value] : sent.items())
            if (!shown.contains(key)) FAIL_CHECK(path << "/" << key << " is sent and not shown");
        for (const auto& [key, value] : shown.items()) {
            if (!sent.contains(key))
                FAIL_CHECK(path << "/" << key << " is shown and not sent");
            else
                check_same(value, sent[key], record, path + "/" + key);
        }
    } else if (shown.is_array() && sent.is_array()) {
        REQUIRE(shown.size() == sent.size());
        for (std::size_t i = 0; i < shown.size(); ++i)
            check_same(shown[i], sent[i], record, fmt::format("{}/{}", path, i));
    } else if (!(is_moment(shown) && is_moment(sent))) {
        CHECK(shown == sent);
    }
}

state::EventRow row_of(const Json& record)
{
    return {.sequence = 24,
            .uid = record["metadata"]["uid"],
            .finding = record["finding_info"]["uid"],
            .code = record["metadata"]["event_code"],
            .event_class = "finding",
            .severity = record["severity_id"],
            .control = record["compliance"]["control"],
            .check = record["finding_info"]["analytic"]["uid"],
            .ns = record["resources"][0]["namespace"],
            .created = record["time"],
            .body = record.dump()};
}

config::Sink sink_of(const std::string& text)
{
    const auto config = config::load_text(block(text, "Here", "yaml"), {.name = "page"}, {});
    if (!config) FAIL(config::format(config.error()));
    REQUIRE(config->sinks.size() == 1);
    auto sink = config->sinks[0];
    // As Sinks does for these two.
    if (sink.type == config::Sink::Type::splunk_hec || sink.type == config::Sink::Type::sumologic) sink.host = config->cluster.name;
    return sink;
}

/// The last document of a body of lines, else the body.
Json document_of(const std::string& body)
{
    auto whole = Json::parse(body, nullptr, false);
    if (!whole.is_discarded()) return whole;
    const auto end = body.find_last_not_of('\n');
    return Json::parse(body.substr(body.rfind('\n', end) + 1), nullptr, false);
}

} // namespace

TEST_CASE("each page about a sink shows the event that is sent")
{
    const auto type = GENERATE(range(0, static_cast<int>(config::Sink::Type::kafka) + 1));
    const std::string name{sinks::name(static_cast<config::Sink::Type>(type))};
    INFO(name);
    const auto text = page(name + ".md");
    const auto record = Json::parse(page("sample-event.json"));
    const auto row = row_of(record);
    auto sink = sink_of(text);
    REQUIRE(sinks::name(sink.type) == name);

    Json sent;
    if (sink.type == config::Sink::Type::syslog) {
        const auto shown = block(text, "Event", "text");
        const auto message = sinks::syslog_message(sink, row, "seaworthy-0").value();
        const auto split = message.find("] ") + 2;
        CHECK(shown == message.substr(0, split) + k_record + "\n");
        CHECK(Json::parse(message.substr(split)) == record);
        return;
    }
    if (sink.url.empty() && sink.url_file.empty()) { // a line or a message is the record
        sent = record;
    } else {
        const TemporaryDirectory directory;
        const FakeServer server{[](const auto& request) {
            if (request.target == "/token") return json_reply(200, R"({"access_token":"t"})");
            return json_reply(200, R"({"code":0,"ackId":0,"errors":false})");
        }};
        if (!sink.url_file.empty()) sink.url_file = directory.write("url", server.url());
        if (!sink.url.empty()) sink.url = server.url();
        if (!sink.token_file.empty()) sink.token_file = directory.write("token", "t0ken");
        for (auto& file : sink.hmac_secret_files)
            file = directory.write("secret", "s3cret");
        sink.token_url = server.url("/token");
        sink.allow_http = true;
        (void)must(sinks::make_transport(sink, "seaworthy/test"))->send({&row, 1}, {});
        REQUIRE_FALSE(server.requests().empty());
        sent = document_of(body_of(server.requests().back()));
    }
    REQUIRE_FALSE(sent.is_discarded());
    check_same(Json::parse(block(text, "Event", "json")), sent, record, "");
}
