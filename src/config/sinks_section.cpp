// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "config/sections.hpp"
#include "config/tables.hpp"
#include "seaworthy/base/suggestion.hpp"

namespace seaworthy::config {

namespace {

using enum Sink::Type;

constexpr std::array<std::string_view, 11> k_types{"stdout",        "file", "splunk_hec", "sumologic", "syslog", "webhook",
                                                   "elasticsearch", "otlp", "loki",       "sentinel",  "kafka"};
constexpr std::array<std::string_view, 7> k_formats{"native", "ocsf", "ecs", "cef", "leef", "cloudevents", "json"};
constexpr std::array<std::string_view, 2> k_protocols{"tls", "tcp"};
constexpr std::array<std::string_view, 3> k_mechanisms{"plain", "scram-sha-256", "scram-sha-512"};
constexpr std::array<std::string_view, 3> k_classes{"finding", "summary", "health"};

using Types = std::uint32_t;

template <typename... Type>
constexpr Types types(Type... type)
{
    return ((Types{1} << static_cast<unsigned>(type)) | ...);
}
constexpr Types k_any = ~Types{0};
constexpr Types k_http = types(splunk_hec, sumologic, webhook, elasticsearch, otlp, loki, sentinel);
constexpr Types k_remote = k_http | types(syslog, kafka);

constexpr Types bit(Sink::Type type)
{
    return types(type);
}

#define SLOT(member) [](Sink& sink) -> Slot { return &sink.member; }
#define CHOICE(member) [](Sink& sink) -> Slot { return choice(sink.member); }

constexpr double k_hour = 3600;
constexpr double k_mebibyte = 1 << 20;

struct TypedKey {
    Types types; ///< the sinks that it means something for
    Key<Sink> key;
};

constexpr TypedKey k_keys[] = {
    {k_any,
     {"name",
      "Names it in metrics, log and commands; its position is kept under this name.",
      SLOT(name),
      {.form = Form::object_name, .required = true}}},
    {k_any, {"type", "What receives.", CHOICE(type), {.choices = k_types, .required = true}}},
    {k_any, {"format", "How an event is written. native: what the type takes best.", CHOICE(format), {.choices = k_formats}}},

    {types(file), {"path", "The file; one event a line.", SLOT(path)}},
    {types(file),
     {"maxSize", "Beyond, the file is renamed to <path>.1 and a new one begun. 0B: never.", SLOT(max_file), {.maximum = 1024 * 64 * k_mebibyte}}},
    {k_http, {"url", "Base URL of the receiver.", SLOT(url), {.form = Form::url}}},
    {k_http, {"urlFile", "File with the URL, where that is a secret.", SLOT(url_file)}},
    {types(syslog), {"address", "Host and port.", SLOT(address), {.form = Form::host_port}}},
    {types(syslog), {"protocol", "tls: RFC 5425; tcp: RFC 6587 with octet counting.", CHOICE(protocol), {.choices = k_protocols}}},
    {types(kafka), {"brokers", "Bootstrap brokers, host:port.", SLOT(brokers), {.form = Form::host_port}}},
    {k_remote, {"allowPlaintext", "Whether the connection may go without TLS.", SLOT(allow_http)}},

    {k_http, {"tokenFile", "File with the HEC token, Bearer token, API key or client secret. Read anew for each request.", SLOT(token_file)}},
    {types(elasticsearch, otlp, loki, webhook, kafka), {"username", "Of HTTP basic authentication or SASL.", SLOT(username)}},
    {types(elasticsearch, otlp, loki, webhook, kafka), {"passwordFile", "File with its password.", SLOT(password_file)}},
    {types(kafka), {"sasl.mechanism", "How the password is shown.", CHOICE(sasl_mechanism), {.choices = k_mechanisms}}},
    {k_remote, {"tls.caFile", "Certificate authorities to trust (PEM). Empty: the system's.", SLOT(ca_file)}},
    {k_remote, {"tls.certFile", "Our certificate for mutual TLS (PEM).", SLOT(certificate_file)}},
    {k_remote, {"tls.keyFile", "Its key.", SLOT(key_file)}},
    {k_http | types(syslog), {"tls.serverName", "The name that the receiver's certificate must have. Empty: the host.", SLOT(server_name)}},
    {types(webhook), {"hmac.secretFiles", "Secrets that sign (Standard Webhooks); several while one replaces the other.", SLOT(hmac_secret_files)}},
    {types(webhook), {"hmac.hubSecretFile", "Secret of an X-Hub-Signature-256 header.", SLOT(hub_signature_secret_file)}},
    {types(sentinel), {"clientId", "Application (client) id.", SLOT(client_id)}},
    {types(sentinel), {"tenantId", "Directory (tenant) id.", SLOT(tenant_id)}},
    {types(sentinel), {"tokenUrl", "Where the access token is had. Empty: Microsoft Entra of the tenant.", SLOT(token_url), {.form = Form::url}}},

    {types(splunk_hec, elasticsearch), {"index", "Index (splunk_hec) or data stream (elasticsearch).", SLOT(index)}},
    {types(splunk_hec, sumologic), {"source", "Source: the event's (splunk_hec), X-Sumo-Name (sumologic).", SLOT(source)}},
    {types(splunk_hec), {"sourcetype", "Source type. Empty: seaworthy:ocsf.", SLOT(sourcetype)}},
    {types(splunk_hec, sumologic), {"host", "Host: the event's, or X-Sumo-Host. Empty: the cluster's name.", SLOT(host)}},
    {types(sumologic), {"category", "X-Sumo-Category.", SLOT(category)}},
    {types(loki), {"tenant", "X-Scope-OrgID.", SLOT(tenant)}},
    {types(sentinel), {"ruleId", "Immutable id of the data collection rule.", SLOT(rule_id)}},
    {types(sentinel), {"stream", "Name of its stream.", SLOT(stream)}},
    {types(kafka), {"topic", "The topic.", SLOT(topic)}},
    {types(splunk_hec, sumologic, loki, otlp, webhook),
     {"fields", "Indexed fields (splunk_hec), X-Sumo-Fields, labels (loki), resource attributes (otlp), headers (webhook).", SLOT(fields)}},
    {types(syslog), {"sdId", "Structured data with cluster, namespace and check under this SD-ID, name@enterpriseNumber. Empty: none.", SLOT(sd_id)}},
    {types(syslog), {"facility", "Facility; 13 is log audit.", SLOT(facility), {.maximum = 23}}},

    {types(splunk_hec), {"ack.enabled", "Whether the token has indexer acknowledgement.", SLOT(ack)}},
    {types(splunk_hec),
     {"ack.timeout", "Events that are not acknowledged by then are sent again.", SLOT(ack_timeout), {.minimum = 1, .maximum = k_hour}}},
    {types(syslog),
     {"confirmWindow",
      "Events count as delivered when the connection stayed healthy for this long after them.",
      SLOT(confirm_window),
      {.minimum = 0.1, .maximum = 300}}},
    {types(syslog), {"replayWindow", "After a break, events of this long before it are sent again.", SLOT(replay_window), {.maximum = k_hour}}},
    {types(syslog),
     {"maxMessage",
      "Longer messages are shortened: rsyslog splits what its maxMessageSize does not hold.",
      SLOT(max_message),
      {.minimum = 480, .maximum = k_mebibyte}}},

    {k_any, {"batch.maxEvents", "Events at once.", SLOT(batch_events), {.minimum = 1, .maximum = 10'000}}},
    {k_any, {"batch.maxBytes", "Bytes at once, before compression.", SLOT(batch_bytes), {.minimum = 16'384, .maximum = 20 * k_mebibyte}}},
    {k_any, {"batch.linger", "How long events wait for others.", SLOT(linger), {.maximum = 300}}},
    {k_http, {"batch.gzip", "Whether bodies are compressed.", SLOT(gzip)}},
    {k_remote, {"timeout", "How long one request (syslog: connection) may take.", SLOT(timeout), {.minimum = 1, .maximum = 600}}},
    {k_any,
     {"retry.base",
      "Shortest wait after a failure; the longest possible one doubles with each.",
      SLOT(retry_base),
      {.minimum = 0.1, .maximum = 300}}},
    {k_any, {"retry.cap", "Longest wait.", SLOT(retry_cap), {.minimum = 1, .maximum = k_hour}}},
    {k_http | types(kafka),
     {"poisonAttempts", "Refusals of a single event before it is parked.", SLOT(poison_attempts), {.minimum = 1, .maximum = 100}}},

    {k_any,
     {"filter.minSeverity",
      "Of findings, only from this severity on. Summaries and health events always pass.",
      CHOICE(min_severity),
      {.choices = k_min_severities}}},
    {k_any, {"filter.classes", "Only these: finding, summary, health. Empty: all.", SLOT(classes), {.choices = k_classes}}},
    {k_any, {"filter.codes", "Only these event codes, * as wildcard. Empty: all.", SLOT(codes)}},
    {k_any, {"filter.controls", "Of findings, only these controls. Empty: all.", SLOT(controls)}},
    {k_any, {"filter.checks", "Of findings, only these checks, * as wildcard. Empty: all.", SLOT(checks)}},
    {k_any, {"filter.namespaces", "Of findings, only in these namespaces, * as wildcard. Empty: all, and the cluster's.", SLOT(namespaces)}},
};

#undef SLOT
#undef CHOICE

constexpr auto k_plain_keys = [] {
    std::array<Key<Sink>, std::size(k_keys)> keys{};
    for (std::size_t i = 0; i < keys.size(); ++i)
        keys[i] = k_keys[i].key;
    return keys;
}();

/// What a type cannot do without, and the formats that its receivers take.
struct Rule {
    Sink::Type type;
    std::vector<std::string> Sink::*list_needed = nullptr;
    std::string Sink::*needed = nullptr;
    std::string_view key; ///< of what is needed
    std::vector<Sink::Format> formats;
};

std::span<const Rule> rules()
{
    using enum Sink::Format;
    static const std::vector<Rule> rules{
        {stdout_, nullptr, nullptr, {}, {ocsf, ecs, cef, leef, cloudevents, json}},
        {file, nullptr, &Sink::path, "path", {ocsf, ecs, cef, leef, cloudevents, json}},
        {splunk_hec, nullptr, &Sink::token_file, "tokenFile", {ocsf, ecs, json}},
        {sumologic, nullptr, nullptr, {}, {ocsf, ecs, json}},
        {syslog, nullptr, &Sink::address, "address", {ocsf, cef, leef}},
        {webhook, nullptr, nullptr, {}, {cloudevents, ocsf, json}},
        {elasticsearch, nullptr, &Sink::index, "index", {ecs, ocsf}},
        {otlp, nullptr, nullptr, {}, {}},
        {loki, nullptr, nullptr, {}, {ocsf, json}},
        {sentinel, nullptr, &Sink::rule_id, "ruleId", {ocsf, json}},
        {kafka, &Sink::brokers, nullptr, "brokers", {ocsf, cloudevents, json}},
    };
    return rules;
}

/// The sink's `type`, where it is written and one.
std::optional<Sink::Type> type_of(const Node& node)
{
    const auto entry = std::ranges::find(node.entries, "type", &Node::Entry::key);
    if (entry == node.entries.end()) return std::nullopt;
    const auto found = std::ranges::find(k_types, entry->value->text);
    return found == k_types.end() ? std::nullopt : std::optional{static_cast<Sink::Type>(found - k_types.begin())};
}

void check_sink(Reader& reader, Position at, const std::string& path, const Sink& sink)
{
    const auto& rule = *std::ranges::find(rules(), sink.type, &Rule::type);
    const auto type = k_types[static_cast<std::size_t>(sink.type)];
    const auto problem = [&](const std::string& message) { reader.problem(at, path, message); };
    const bool lacks = (rule.needed != nullptr && (sink.*rule.needed).empty()) || (rule.list_needed != nullptr && (sink.*rule.list_needed).empty());
    if (lacks) problem(fmt::format("a sink of type {} needs {}", type, rule.key));
    if ((bit(sink.type) & k_http) != 0) {
        if (sink.url.empty() == sink.url_file.empty()) problem(fmt::format("a sink of type {} needs either url or urlFile", type));
        if (sink.url.starts_with("http://") && !sink.allow_http)
            problem("url is http://; write https://, or allowPlaintext: true where the network is trusted");
    }
    if (sink.type == syslog && sink.protocol == Sink::Protocol::tcp && !sink.allow_http)
        problem("protocol tcp is not encrypted; write protocol: tls, or allowPlaintext: true where the network is trusted");
    if (sink.type == sentinel && (sink.client_id.empty() || sink.tenant_id.empty() || sink.token_file.empty() || sink.stream.empty()))
        problem("a sink of type sentinel needs clientId, tenantId, tokenFile and stream");
    if (sink.token_url.starts_with("http://") && !sink.allow_http)
        problem("tokenUrl is http://; write https://, or allowPlaintext: true where the network is trusted");
    if (sink.type == kafka && sink.topic.empty()) problem("a sink of type kafka needs topic");
    if (sink.certificate_file.empty() != sink.key_file.empty()) problem("tls.certFile and tls.keyFile go together");
    if (sink.username.empty() != sink.password_file.empty()) problem("username and passwordFile go together");
    if (sink.retry_cap < sink.retry_base) problem("retry.cap must not be shorter than retry.base");
    if (sink.format != Sink::Format::native && std::ranges::find(rule.formats, sink.format) == rule.formats.end())
        problem(fmt::format("a sink of type {} does not take format {}", type, k_formats[static_cast<std::size_t>(sink.format)]));
}

} // namespace

std::span<const Key<Sink>> sink_keys()
{
    return k_plain_keys;
}

void read_sinks(Loading& loading, const Node& node, const std::string& path)
{
    if (!loading.reader.is_list(node, path)) return;
    std::set<std::string> names;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = *node.items[i];
        const auto key = fmt::format("{}[{}]", path, i);
        Sink sink;
        auto keys = bind(sink, sink_keys());
        const auto type = type_of(item);
        if (type)
            for (std::size_t k = 0; k < keys.size(); ++k)
                if ((k_keys[k].types & bit(*type)) == 0) keys[k].constraint.refused = "means nothing for a sink of this type";
        loading.reader.read_map(item, key, keys);
        if (type) check_sink(loading.reader, item.at, key, sink);
        if (!sink.name.empty() && !names.insert(sink.name).second)
            loading.reader.problem(item.at, key, fmt::format("another sink has the name {}", sink.name));
        loading.config.sinks.push_back(std::move(sink));
    }
}

} // namespace seaworthy::config
