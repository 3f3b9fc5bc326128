// SPDX-License-Identifier: Apache-2.0
#include "sinks/kafka.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/base/printable.hpp"
#include "sinks/detached.hpp"
#include "sinks/http_engine.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_detail_bytes = 497; ///< printable() adds an ellipsis of three
constexpr int k_poll_ms = 100;
constexpr milliseconds k_grace{3'000}; ///< the library looks once a second for messages whose time is over
constexpr int k_goodbye_ms = 200;
constexpr milliseconds k_end{500};
constexpr unsigned k_generation_shift = 32;
constexpr std::array<const char*, 3> k_mechanisms{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};
constexpr int k_version_with_scram = 0x02'06'01'ff; ///< older ones repeat the client's nonce, which brokers from Kafka 4 on refuse

using Code = rd_kafka_resp_err_t;

/// What a delivery report says of its event.
Answer answer_of(Code code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return Answer::delivered;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: return Answer::too_large;
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP: return Answer::event_fault;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL: return Answer::sink_fault;
    default: return Answer::transient; // leaders that move, replicas that are missing, time that is over, what was purged at a stop
    }
}

bool is_about_access(Code code)
{
    return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

std::string reason_of(Code code)
{
    if (is_about_access(code)) return "token";
    if (code == RD_KAFKA_RESP_ERR__SSL) return "tls_other";
    auto name = to_lower(std::string_view{rd_kafka_err2name(code)});
    while (name.starts_with('_'))
        name.erase(0, 1);
    return "kafka_" + name;
}

struct Destroy {
    void operator()(rd_kafka_t* producer) const
    {
        // It waits for threads of its own, of which one may look up a broker's name.
        (void)wait_for_detached<bool>(
            [producer] {
                rd_kafka_destroy(producer);
                return true;
            },
            Clock::now() + k_end);
    }
};
using Producer = std::unique_ptr<rd_kafka_t, Destroy>;

/// Settings on their way into a producer.
class Settings {
public:
    void set(const char* name, const std::string& value)
    {
        std::array<char, 256> complaint{};
        if (rd_kafka_conf_set(m_conf, name, value.c_str(), complaint.data(), complaint.size()) != RD_KAFKA_CONF_OK && m_complaint.empty())
            m_complaint = complaint.data(); // names the setting and never a password, which any text may be
    }
    Settings() = default;
    Settings(const Settings&) = delete;
    Settings& operator=(const Settings&) = delete;
    ~Settings()
    {
        if (m_conf != nullptr) rd_kafka_conf_destroy(m_conf);
    }
    [[nodiscard]] rd_kafka_conf_t* get() const { return m_conf; }
    [[nodiscard]] const std::string& complaint() const { return m_complaint; }
    void release() { m_conf = nullptr; }

private:
    rd_kafka_conf_t* m_conf = rd_kafka_conf_new();
    std::string m_complaint;
};

class Kafka final : public Transport {
public:
    explicit Kafka(const config::Sink& sink) : m_sink(sink) {}

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override;
    void close() override { m_producer.reset(); }

private:
    struct Report {
        bool came = false;
        Code code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    };

    [[nodiscard]] std::optional<Delivery> connect();
    [[nodiscard]] std::optional<Delivery> set_security(Settings& settings) const;
    void produce(const state::EventRow& event, const std::string& text, std::size_t index);
    void wait_for_reports(const std::stop_token& stop);
    [[nodiscard]] Delivery judge(std::span<const state::EventRow> events);
    void note(std::size_t generation, std::size_t index, Code code);

    static void on_report(rd_kafka_t* /*producer*/, const rd_kafka_message_t* message, void* self);
    static void on_error(rd_kafka_t* /*producer*/, int code, const char* words, void* self);

    config::Sink m_sink;
    std::size_t m_generation = 0; ///< of the batch: reports of an earlier one do not count
    std::vector<Report> m_reports;
    std::size_t m_missing = 0;
    Code m_fault = RD_KAFKA_RESP_ERR_NO_ERROR; ///< of the connections, such as a refused login: no report tells it
    std::string m_words;
    Producer m_producer; ///< last: as it ends it still reports to the above
};

std::optional<Delivery> Kafka::set_security(Settings& settings) const
{
    const bool has_login = !m_sink.username.empty();
    settings.set("security.protocol", m_sink.allow_http ? (has_login ? "sasl_plaintext" : "plaintext") : (has_login ? "sasl_ssl" : "ssl"));
    if (has_login) {
        const auto password = read_secret(m_sink.password_file, "password");
        if (!password) return password.error();
        settings.set("sasl.mechanism", k_mechanisms.at(static_cast<std::size_t>(m_sink.sasl_mechanism)));
        settings.set("sasl.username", m_sink.username);
        settings.set("sasl.password", *password);
    }
    const auto file = [&](const char* name, const std::string& path) {
        if (!path.empty()) settings.set(name, path);
    };
    file("ssl.ca.location", m_sink.ca_file);
    file("ssl.certificate.location", m_sink.certificate_file);
    file("ssl.key.location", m_sink.key_file);
    return std::nullopt;
}

/// Files are read anew whenever there is no producer, which is so after every fault of the sink.
std::optional<Delivery> Kafka::connect()
{
    if (m_producer) return std::nullopt;
    Settings settings;
    std::string brokers;
    for (const auto& broker : m_sink.brokers)
        brokers += (brokers.empty() ? "" : ",") + broker;
    settings.set("bootstrap.servers", brokers);
    settings.set("client.id", "seaworthy");
    settings.set("enable.idempotence", "true");    // implies acks=all and order within a partition
    settings.set("partitioner", "murmur2_random"); // the one of Java's clients: others find a finding's partition too
    settings.set("compression.type", "lz4");
    settings.set("message.timeout.ms", std::to_string(m_sink.timeout.count()));
    settings.set("request.timeout.ms", std::to_string(m_sink.timeout.count()));
    settings.set("socket.timeout.ms", std::to_string(std::max<milliseconds>(m_sink.timeout, milliseconds{1'100}).count()));
    settings.set("linger.ms", "5");
    settings.set("reconnect.backoff.max.ms", "1000"); // how long to stay away is the worker's decision
    settings.set("allow.auto.create.topics", "false");
    settings.set("topic.metadata.propagation.max.ms", "1000"); // by default 30 s, by which a topic that is not there is told as a timeout
    if (auto fault = set_security(settings)) return fault;
    if (!settings.complaint().empty()) return misconfigured("kafka_setting", settings.complaint());
    rd_kafka_conf_set_opaque(settings.get(), this);
    rd_kafka_conf_set_dr_msg_cb(settings.get(), &on_report);
    rd_kafka_conf_set_error_cb(settings.get(), &on_error);
    rd_kafka_conf_set_log_cb(settings.get(), [](const rd_kafka_t*, int, const char*, const char*) {}); // standard error belongs to our log

    std::array<char, 512> complaint{};
    m_producer.reset(rd_kafka_new(RD_KAFKA_PRODUCER, settings.get(), complaint.data(), complaint.size()));
    if (!m_producer) return misconfigured("kafka_setting", complaint.data());
    settings.release();
    return std::nullopt;
}

void Kafka::note(std::size_t generation, std::size_t index, Code code)
{
    if (generation != m_generation || index >= m_reports.size() || m_reports[index].came) return;
    m_reports[index] = {true, code};
    --m_missing;
}

void Kafka::on_report(rd_kafka_t* /*producer*/, const rd_kafka_message_t* message, void* self)
{
    const auto tag = reinterpret_cast<std::uintptr_t>(message->_private); // NOLINT: the library keeps a pointer for us, and we have two numbers
    static_cast<Kafka*>(self)->note(tag >> k_generation_shift, tag & 0xFFFF'FFFFU, message->err);
}

void Kafka::on_error(rd_kafka_t* /*producer*/, int code, const char* words, void* self)
{
    auto& kafka = *static_cast<Kafka*>(self);
    const auto what = static_cast<Code>(code);
    const bool is_fault = answer_of(what) == Answer::sink_fault;
    // After a refused login comes that all brokers are down, which explains nothing.
    if (words != nullptr && (is_fault || kafka.m_fault == RD_KAFKA_RESP_ERR_NO_ERROR)) kafka.m_words = words;
    if (is_fault) kafka.m_fault = what;
}

void Kafka::produce(const state::EventRow& event, const std::string& text, std::size_t index)
{
    const auto& key = event.finding.empty() ? event.event_class : event.finding;
    const auto tag = (static_cast<std::uintptr_t>(m_generation) << k_generation_shift) | index;
    const std::string_view content = m_sink.format == config::Sink::Format::cloudevents ? "application/cloudevents+json" : "application/json";
    const auto code = rd_kafka_producev(m_producer.get(), RD_KAFKA_V_TOPIC(m_sink.topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                        RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_VALUE(const_cast<char*>(text.data()), text.size()),
                                        RD_KAFKA_V_TIMESTAMP(event.created), // NOLINT: copied, not written to
                                        RD_KAFKA_V_HEADER("content-type", content.data(), static_cast<ssize_t>(content.size())),
                                        RD_KAFKA_V_HEADER("uid", event.uid.data(), static_cast<ssize_t>(event.uid.size())),
                                        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(tag)), RD_KAFKA_V_END); // NOLINT: see on_report()
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) note(m_generation, index, code);
}

/// Until every event has a report. The library gives one when an event's time is over, too; it is hurried where nothing good can come any more.
void Kafka::wait_for_reports(const std::stop_token& stop)
{
    const auto limit = Clock::now() + m_sink.timeout + k_grace;
    while (m_missing > 0 && Clock::now() < limit && m_fault == RD_KAFKA_RESP_ERR_NO_ERROR && !stop.stop_requested())
        rd_kafka_poll(m_producer.get(), k_poll_ms);
    if (m_missing == 0) return;
    // Without the last of these it would wait for a thread that may be looking up a broker's name.
    rd_kafka_purge(m_producer.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    rd_kafka_flush(m_producer.get(), k_goodbye_ms);
}

Delivery Kafka::judge(std::span<const state::EventRow> events)
{
    Delivery delivery{.answer = Answer::delivered};
    std::unordered_set<std::string_view> held; // findings of which an event has to come again: so have those after it, for the order
    Code worst = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto code = m_fault != RD_KAFKA_RESP_ERR_NO_ERROR && m_reports[i].code != RD_KAFKA_RESP_ERR_NO_ERROR ? m_fault : m_reports[i].code;
        auto answer = answer_of(code);
        if (answer == Answer::delivered && held.contains(events[i].finding)) answer = Answer::transient;
        if ((answer == Answer::transient || answer == Answer::too_large) && !events[i].finding.empty()) held.insert(events[i].finding);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR && (worst == RD_KAFKA_RESP_ERR_NO_ERROR || answer == Answer::event_fault)) worst = code;
        delivery.items.push_back(answer);
    }
    if (worst == RD_KAFKA_RESP_ERR_NO_ERROR) {
        delivery.items.clear();
        return delivery;
    }
    delivery.answer = answer_of(worst);
    delivery.reason = reason_of(worst);
    delivery.detail = printable(m_words.empty() ? rd_kafka_err2str(worst) : fmt::format("{}: {}", rd_kafka_err2str(worst), m_words), k_detail_bytes);
    const bool is_login = worst == RD_KAFKA_RESP_ERR__AUTHENTICATION || worst == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
    if (is_login && m_sink.sasl_mechanism != config::Sink::SaslMechanism::plain && !m_sink.username.empty() &&
        rd_kafka_version() < k_version_with_scram)
        delivery.detail += fmt::format(" (librdkafka {} logs in by SCRAM to no broker of Kafka 4 or newer; 2.6.1 does)", rd_kafka_version_str());
    if (std::ranges::all_of(delivery.items, [&](Answer answer) { return answer == delivery.answer; })) {
        if (events.size() == 1 || delivery.answer != Answer::event_fault) delivery.items.clear(); // a batch is halved, or sent again as it is
    }
    return delivery;
}

Delivery Kafka::send(std::span<const state::EventRow> events, const std::stop_token& stop)
{
    const auto texts = render(events, format_of(m_sink, events::Format::ocsf));
    if (!texts) return texts.error();
    m_fault = RD_KAFKA_RESP_ERR_NO_ERROR;
    m_words.clear();
    if (auto fault = connect()) return std::move(*fault);
    m_generation = (m_generation + 1) & 0x7FFF'FFFFU;
    m_reports.assign(events.size(), {});
    m_missing = events.size();
    for (std::size_t i = 0; i < events.size(); ++i)
        produce(events[i], (*texts)[i], i);
    wait_for_reports(stop);
    auto delivery = judge(events);
    std::array<char, 8> ignored{};
    const bool is_dead = rd_kafka_fatal_error(m_producer.get(), ignored.data(), ignored.size()) != RD_KAFKA_RESP_ERR_NO_ERROR;
    // A producer goes on knocking at brokers that are gone, while when to try again is the worker's decision.
    const bool took_none = std::ranges::none_of(m_reports, [](const Report& report) { return report.code == RD_KAFKA_RESP_ERR_NO_ERROR; });
    if (is_dead || m_missing > 0 || delivery.answer == Answer::sink_fault || (delivery.answer == Answer::transient && took_none)) m_producer.reset();
    return delivery;
}

} // namespace

Result<std::unique_ptr<Transport>> make_kafka(const config::Sink& sink)
{
    return std::make_unique<Kafka>(sink);
}

} // namespace seaworthy::sinks
