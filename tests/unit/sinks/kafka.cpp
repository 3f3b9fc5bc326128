// SPDX-License-Identifier: Apache-2.0
// Against librdkafka's own cluster: brokers on loopback that speak Kafka's protocol and fail as a test says. Row 28 is that of docs/siem.md, "What
// the promise is tested by".
#include "sinks/kafka.hpp"

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "intake.hpp"
#include "promise_hour.hpp"
#include "seaworthy/base/descriptor.hpp"
#include "seaworthy/sinks/sinks.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using sinks::State;

namespace {

constexpr const char* k_topic = "findings";
constexpr int k_partitions = 3;
constexpr std::int16_t k_produce = 0; // of Kafka's protocol: the API key

struct Destroy {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
using Handle = std::unique_ptr<rd_kafka_t, Destroy>;

Handle handle(rd_kafka_type_t type, const std::map<std::string, std::string>& settings)
{
    auto* conf = rd_kafka_conf_new();
    std::array<char, 256> complaint{};
    for (const auto& [name, value] : settings)
        REQUIRE(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), complaint.data(), complaint.size()) == RD_KAFKA_CONF_OK);
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    Handle made{rd_kafka_new(type, conf, complaint.data(), complaint.size())};
    INFO(complaint.data());
    REQUIRE(made);
    return made;
}

struct Message {
    std::int32_t partition;
    std::string key;
    std::string uid;
    std::string body;
};

class Cluster {
public:
    Cluster()
    {
        m_cluster = rd_kafka_mock_cluster_new(m_owner.get(), 3);
        REQUIRE(m_cluster != nullptr);
        REQUIRE(rd_kafka_mock_topic_create(m_cluster, k_topic, k_partitions, 3) == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;
    ~Cluster() { rd_kafka_mock_cluster_destroy(m_cluster); }

    [[nodiscard]] std::vector<std::string> brokers() const
    {
        std::vector<std::string> list{""};
        for (const char c : std::string_view{rd_kafka_mock_cluster_bootstraps(m_cluster)})
            c == ',' ? (void)list.emplace_back() : list.back().push_back(c);
        return list;
    }
    /// The answers to the next requests to write.
    void fail(const std::vector<rd_kafka_resp_err_t>& errors)
    {
        rd_kafka_mock_push_request_errors_array(m_cluster, k_produce, errors.size(), errors.data());
    }
    void lead(std::int32_t partition, std::int32_t broker) { rd_kafka_mock_partition_set_leader(m_cluster, k_topic, partition, broker); }
    void take_down(std::int32_t broker) { rd_kafka_mock_broker_set_down(m_cluster, broker); }
    void bring_up(std::int32_t broker) { rd_kafka_mock_broker_set_up(m_cluster, broker); }

    /// All that the topic has, partition by partition.
    [[nodiscard]] std::vector<Message> read() const
    {
        const auto consumer = handle(RD_KAFKA_CONSUMER, {{"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(m_cluster)},
                                                         {"group.id", "test"},
                                                         {"enable.partition.eof", "true"},
                                                         {"enable.auto.commit", "false"},
                                                         {"fetch.wait.max.ms", "10"},
                                                         {"auto.offset.reset", "earliest"}});
        auto* assignment = rd_kafka_topic_partition_list_new(k_partitions);
        for (std::int32_t i = 0; i < k_partitions; ++i)
            rd_kafka_topic_partition_list_add(assignment, k_topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
        REQUIRE(rd_kafka_assign(consumer.get(), assignment) == RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_topic_partition_list_destroy(assignment);
        std::vector<Message> messages;
        std::set<std::int32_t> ended;
        const auto until = std::chrono::steady_clock::now() + 30s;
        while (ended.size() < k_partitions && std::chrono::steady_clock::now() < until) {
            auto* message = rd_kafka_consumer_poll(consumer.get(), 100);
            if (message == nullptr) continue;
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ended.insert(message->partition);
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) messages.push_back(parse(*message));
            rd_kafka_message_destroy(message);
        }
        REQUIRE(ended.size() == k_partitions);
        return messages;
    }

private:
    static std::string text(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }
    static Message parse(const rd_kafka_message_t& message)
    {
        Message parsed{message.partition, text(message.key, message.key_len), "", text(message.payload, message.len)};
        rd_kafka_headers_t* headers = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
            rd_kafka_header_get_last(headers, "uid", &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR)
            parsed.uid = text(value, size);
        return parsed;
    }

    Handle m_owner = handle(RD_KAFKA_PRODUCER, {});
    rd_kafka_mock_cluster_t* m_cluster = nullptr;
};

void at_cluster(config::Sink& sink, const Cluster& cluster)
{
    sink.type = config::Sink::Type::kafka;
    sink.brokers = cluster.brokers();
    sink.topic = k_topic;
    sink.allow_http = true;
    sink.timeout = 2s;
}

Bench::Make by_kafka()
{
    return [](const config::Sink& sink) { return must(sinks::make_kafka(sink)); };
}

/// Events of ten findings, in turn.
std::vector<state::EventRow> of_findings(int from, int to)
{
    auto events = numbered(from, to);
    for (auto& row : events)
        row.finding = "f1:" + std::to_string(std::stoi(row.uid.substr(1)) % 10);
    return events;
}

/// Every event is there, its key is its finding, and each finding's events are in one partition and in order, if what came again is not counted.
void check_all_there(const std::vector<Message>& messages, const std::vector<state::EventRow>& events)
{
    std::map<std::string, std::vector<std::string>> by_key;
    std::map<std::string, std::set<std::int32_t>> partitions;
    std::set<std::string> seen;
    for (const auto& message : messages) {
        partitions[message.key].insert(message.partition);
        if (seen.insert(message.uid).second) by_key[message.key].push_back(message.uid);
    }
    std::map<std::string, std::vector<std::string>> expected;
    for (const auto& row : events)
        expected[row.finding].push_back(row.uid);
    CHECK(by_key == expected);
    for (const auto& [key, where] : partitions)
        CHECK(where.size() == 1);
}

} // namespace

TEST_CASE("Kafka gets an event a message, by finding, and the body as it is in the store")
{
    const Cluster cluster;
    Bench bench{[&](auto& sink) { at_cluster(sink, cluster); }, by_kafka()};
    auto events = of_findings(1, 50);
    bench.write(events);
    bench.run();
    CHECK(bench.backlog().events == 0);
    const auto messages = cluster.read();
    CHECK(messages.size() == 50);
    check_all_there(messages, events);
    for (const auto& message : messages)
        CHECK(message.body == event(message.uid).body);
    std::set<std::int32_t> used;
    for (const auto& message : messages)
        used.insert(message.partition);
    CHECK(used.size() > 1);
}

TEST_CASE("row 9: after an hour without Kafka's brokers ten thousand events arrive, each finding's in order, after few tries")
{
    // The library has a clock of its own, on which a try takes its time limit; how many there are, and when, is ours, and between them there is no
    // producer that could knock. With longer waits there are fewer to sit through.
    const auto cluster = std::make_shared<Cluster>();
    const auto all_brokers = [cluster](void (Cluster::*what)(std::int32_t)) {
        for (std::int32_t broker = 1; broker <= 3; ++broker)
            (cluster.get()->*what)(broker);
    };
    spend_an_hour_without({.name = "kafka",
                           .configure =
                               [&](config::Sink& sink) {
                                   at_cluster(sink, *cluster);
                                   sink.retry_base = 20s;
                                   sink.retry_cap = 30min;
                               },
                           .make =
                               [](config::Sink sink, const Station::Now&) {
                                   sink.timeout = 500ms;
                                   return must(sinks::make_kafka(sink));
                               },
                           .leave = [&] { all_brokers(&Cluster::take_down); },
                           .come_back = [&] { all_brokers(&Cluster::bring_up); },
                           .arrived =
                               [&] {
                                   std::vector<std::string> uids;
                                   for (const auto& message : cluster->read())
                                       uids.push_back(message.uid);
                                   return uids;
                               }},
                          28);
}

TEST_CASE("between tries that failed, the Kafka sink knocks at no broker")
{
    const Descriptor broker{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(broker.number(), reinterpret_cast<sockaddr*>(&address), size) == 0); // NOLINT: the sockets API
    REQUIRE(::listen(broker.number(), 64) == 0);
    REQUIRE(::getsockname(broker.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0); // NOLINT: the sockets API
    const auto knocks = [&](int within_ms) {
        pollfd ready{broker.number(), POLLIN, 0};
        int count = 0;
        for (; count < 20 && ::poll(&ready, 1, within_ms) > 0; ++count)
            (void)Descriptor{::accept(broker.number(), nullptr, nullptr)}; // closed at once
        return count;
    };
    config::Sink sink;
    sink.type = config::Sink::Type::kafka;
    sink.brokers = {"127.0.0.1:" + std::to_string(ntohs(address.sin_port))};
    sink.topic = k_topic;
    sink.allow_http = true;
    sink.timeout = 300ms;
    const auto kafka = must(sinks::make_kafka(sink));
    CHECK(kafka->send(numbered(1, 2), {}).answer == Answer::transient);
    CHECK(knocks(0) > 0);
    // A producer that is there comes back within a second: reconnect.backoff.max.ms.
    CHECK(knocks(1'500) == 0);
}

TEST_CASE("row 28: leaders that move and replicas that are missing lose nothing and keep each finding's order")
{
    Cluster cluster;
    Bench bench{[&](auto& sink) {
                    at_cluster(sink, cluster);
                    sink.batch_events = 50;
                },
                by_kafka()};
    const auto events = of_findings(1, 300);
    for (int round = 0; round < 6; ++round) {
        for (std::int32_t partition = 0; partition < k_partitions; ++partition)
            cluster.lead(partition, 1 + (partition + round) % 3);
        if (round % 2 == 0)
            cluster.fail({RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                          RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND});
        bench.write({events.begin() + 50 * round, events.begin() + 50 * (round + 1)});
        bench.run();
    }
    CHECK(bench.backlog().events == 0);
    CHECK(bench.parked().empty());
    check_all_there(cluster.read(), events);
}

TEST_CASE("row 28: while brokers are gone events wait, and nothing is lost")
{
    Cluster cluster;
    Bench bench{[&](auto& sink) { at_cluster(sink, cluster); }, by_kafka()};
    const auto events = of_findings(1, 60);
    bench.write({events.begin(), events.begin() + 20});
    bench.run();
    for (std::int32_t broker = 1; broker <= 3; ++broker)
        cluster.take_down(broker);
    bench.write({events.begin() + 20, events.begin() + 40});
    (void)bench.step();
    CHECK(bench.courier->facts().state == State::retrying);
    CHECK(bench.backlog().events == 20);
    for (std::int32_t broker = 1; broker <= 3; ++broker)
        cluster.bring_up(broker);
    bench.write({events.begin() + 40, events.end()});
    bench.run();
    CHECK(bench.backlog().events == 0);
    check_all_there(cluster.read(), events);
}

TEST_CASE("row 28: what a broker finds too large comes again in smaller parts; a single event is parked")
{
    Cluster cluster;
    Bench bench{[&](auto& sink) { at_cluster(sink, cluster); }, by_kafka()};
    SECTION("together with others")
    {
        cluster.fail({RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE}); // one partition's part of the batch
        const auto events = of_findings(1, 30);
        bench.write(events);
        bench.run();
        CHECK(bench.courier->facts().failures.at("too_large") > 0);
        CHECK(bench.parked().empty());
        check_all_there(cluster.read(), events);
    }
    SECTION("alone")
    {
        cluster.fail(std::vector(2, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)); // as it is, and shortened
        bench.write(of_findings(1, 1));
        bench.run();
        CHECK(bench.parked() == uids(1, 1));
        CHECK(cluster.read().empty());
    }
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("a topic that Kafka does not let us write to is a fault of the sink")
{
    Cluster cluster;
    Bench bench{[&](auto& sink) { at_cluster(sink, cluster); }, by_kafka()};
    cluster.fail(
        {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
    const auto events = of_findings(1, 5);
    bench.write(events);
    (void)bench.step();
    CHECK(bench.courier->facts().state == State::auth_failed);
    CHECK(bench.parked().empty());
    bench.run();
    CHECK(bench.backlog().events == 0);
    check_all_there(cluster.read(), events);
}

TEST_CASE("Kafka's settings that cannot be are told before anything is sent")
{
    const Cluster cluster;
    config::Sink sink;
    at_cluster(sink, cluster);
    std::string reason = "kafka_setting";
    SECTION("a certificate authority that is not there")
    {
        sink.allow_http = false;
        sink.ca_file = "/nonexistent/ca.pem";
    }
    SECTION("a password file that is not there")
    {
        sink.username = "seaworthy";
        sink.password_file = "/nonexistent/password";
        reason = "token";
    }
    const auto delivery = must(sinks::make_kafka(sink))->send(numbered(1, 2), {});
    CHECK(delivery.answer == Answer::sink_fault);
    CHECK(delivery.reason == reason);
}

TEST_CASE("a plain port where TLS is expected gets nothing from the Kafka sink")
{
    const Cluster cluster;
    config::Sink sink;
    at_cluster(sink, cluster);
    sink.allow_http = false;
    const auto delivery = must(sinks::make_kafka(sink))->send(numbered(1, 2), {});
    CHECK(delivery.answer != Answer::delivered);
    CHECK(cluster.read().empty());
}

TEST_CASE("a stop does not wait for Kafka")
{
    const Cluster cluster;
    config::Sink sink;
    at_cluster(sink, cluster);
    sink.brokers = {"127.0.0.1:" + std::to_string(unused_port())};
    sink.timeout = 60s;
    const auto kafka = must(sinks::make_kafka(sink));
    std::stop_source stop;
    std::jthread stopper{[&] { stop.request_stop(); }};
    const auto began = std::chrono::steady_clock::now();
    CHECK(kafka->send(numbered(1, 2), stop.get_token()).answer == Answer::transient);
    kafka->close();
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}
