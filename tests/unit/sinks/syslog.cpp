// SPDX-License-Identifier: Apache-2.0
#include "sinks/syslog.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "scripted.hpp"
#include "seaworthy/base/descriptor.hpp"
#include "sinks/syslog_message.hpp"
#include "support/fake_server.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

/// Reads what one connection after the other brings, and breaks them off when told to.
class Listener {
public:
    Listener()
    {
        m_socket = Descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(m_socket.number(), reinterpret_cast<sockaddr*>(&address), size) == 0); // NOLINT: the sockets API
        REQUIRE(::listen(m_socket.number(), 8) == 0);
        ::getsockname(m_socket.number(), reinterpret_cast<sockaddr*>(&address), &size); // NOLINT: the sockets API
        m_port = ntohs(address.sin_port);
        m_thread = std::thread{[this] { read(); }};
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener()
    {
        ::shutdown(m_socket.number(), SHUT_RDWR);
        hang_up();
        m_thread.join();
    }

    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(m_port); }
    /// All that came, once there are so many bytes.
    [[nodiscard]] std::string wait_for(std::size_t bytes)
    {
        std::unique_lock lock{m_mutex};
        CHECK(m_changed.wait_for(lock, 20s, [&] { return m_text.size() >= bytes; }));
        return m_text;
    }
    void hang_up()
    {
        const std::lock_guard lock{m_mutex};
        if (m_open.valid()) ::shutdown(m_open.number(), SHUT_RDWR);
    }

private:
    void read()
    {
        for (;;) {
            Descriptor open{::accept(m_socket.number(), nullptr, nullptr)};
            if (!open.valid()) return;
            const int number = open.number();
            {
                const std::lock_guard lock{m_mutex};
                m_open = std::move(open);
            }
            char bytes[4096];
            for (;;) {
                const auto size = ::recv(number, bytes, sizeof bytes, 0);
                const std::lock_guard lock{m_mutex};
                if (size <= 0) {
                    m_open.close();
                    break;
                }
                m_text.append(bytes, static_cast<std::size_t>(size));
                m_changed.notify_all();
            }
        }
    }

    Descriptor m_socket;
    Descriptor m_open;
    std::uint16_t m_port = 0;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::string m_text;
    std::thread m_thread;
};

config::Sink syslog_sink(const std::string& address)
{
    config::Sink sink;
    sink.name = "siem";
    sink.type = config::Sink::Type::syslog;
    sink.protocol = config::Sink::Protocol::tcp;
    sink.allow_http = true;
    sink.address = address;
    sink.timeout = 5s;
    return sink;
}

/// Asks until there is news.
sinks::Confirmation news_of(sinks::Syslog& syslog, int questions = 2000)
{
    sinks::Confirmation news;
    for (int i = 0; i < questions && news.through == 0 && !news.broken; ++i) {
        news = syslog.confirm();
        std::this_thread::yield();
    }
    return news;
}

} // namespace

TEST_CASE("a message of RFC 5424")
{
    auto sink = syslog_sink("");
    auto row = event("e1");
    CHECK(sinks::syslog_message(sink, row, "node-1") ==
          "<107>1 2026-08-21T09:14:03.482Z node-1 seaworthy - finding_opened - " + row.body); // 13 * 8 + 3
    row.severity = 5;
    row.ns = "a\"b]c\\d\n";
    row.body = R"({"resources":[{"data":{"cluster":"prod-eu-1"}}]})";
    row.code = std::string(40, 'c') + " ";
    sink.sd_id = "seaworthy@32473";
    CHECK(sinks::syslog_message(sink, row, "") ==
          "<106>1 2026-08-21T09:14:03.482Z - seaworthy - " + std::string(32, 'c') +
              R"( [seaworthy@32473 cluster="prod-eu-1" namespace="a\"b\]c\\d " check="netpol-ns-default-deny-ingress"] )" + row.body);
    CHECK(sinks::syslog_frame("abc") == "3 abc");
}

TEST_CASE("a message that would be too long is shortened, and refused where that does not do")
{
    auto sink = syslog_sink("");
    auto row = event("e1");
    row.body = R"({"evidences":[")" + std::string(9000, 'x') + "\"]}";
    const auto message = sinks::syslog_message(sink, row, "node-1");
    REQUIRE(message);
    CHECK(message->size() <= 8000);
    CHECK_THAT(*message, Catch::Contains(R"("is_truncated":true)"));
    row.body.insert(1, R"("title":")" + std::string(9000, 'x') + R"(",)"); // stays
    CHECK_FALSE(sinks::syslog_message(sink, row, "node-1"));
    CHECK(sinks::Syslog{sink}.send({&row, 1}, {}).answer == Answer::too_large);
}

TEST_CASE("what was written counts when the connection stayed healthy for the window")
{
    Listener listener;
    auto time = std::chrono::steady_clock::time_point{1h};
    sinks::Syslog syslog{syslog_sink(listener.address()), [&] { return time; }};
    auto events = numbered(1, 2);
    events[0].sequence = 1;
    events[1].sequence = 2;
    CHECK(syslog.send(events, {}).answer == Answer::sent);
    const auto shortest = sinks::syslog_frame(*sinks::syslog_message(syslog_sink(""), events[0], "")).size();
    const auto text = listener.wait_for(2 * shortest);
    const auto first = text.substr(0, text.find(' '));
    CHECK(text.substr(first.size() + 1 + std::stoul(first)).find('<') != std::string::npos);
    CHECK(news_of(syslog, 10).through == 0);
    time += 5s;
    CHECK(news_of(syslog).through == 2);
}

TEST_CASE("a break has what is not confirmed sent again, and what was written shortly before it")
{
    Listener listener;
    auto time = std::chrono::steady_clock::time_point{1h};
    sinks::Syslog syslog{syslog_sink(listener.address()), [&] { return time; }};
    auto events = numbered(1, 3);
    for (std::size_t i = 0; i < 3; ++i)
        events[i].sequence = static_cast<std::int64_t>(i + 1);
    const auto frame = [&](std::size_t i) { return sinks::syslog_frame(*sinks::syslog_message(syslog_sink(""), events[i], "x")).size(); };
    CHECK(syslog.send({&events[0], 1}, {}).answer == Answer::sent);
    time += 40s; // out of the replay window
    CHECK(news_of(syslog).through == 1);
    CHECK(syslog.send({&events[1], 1}, {}).answer == Answer::sent);
    time += 6s;
    CHECK(news_of(syslog).through == 2);
    CHECK(syslog.send({&events[2], 1}, {}).answer == Answer::sent);
    const auto before = listener.wait_for(frame(0) + frame(1) + frame(2)).size();
    listener.hang_up();
    const auto broken = news_of(syslog, 1'000'000);
    CHECK(broken.broken);
    CHECK(broken.through == 0);
    CHECK(syslog.send({&events[2], 1}, {}).answer == Answer::sent);
    const auto again = listener.wait_for(before + frame(1) + frame(2)).substr(before);
    CHECK(again.find("\"e1\"") == std::string::npos);
    CHECK(again.find("\"e2\"") < again.find("\"e3\""));
    CHECK(again.find("\"e3\"") != std::string::npos);
    time += 6s;
    CHECK(news_of(syslog).through == 3);
}

TEST_CASE("what was sent again over a connection that breaks at once comes a third time")
{
    Listener listener;
    auto time = std::chrono::steady_clock::time_point{1h};
    sinks::Syslog syslog{syslog_sink(listener.address()), [&] { return time; }};
    auto events = numbered(1, 2);
    events[0].sequence = 1;
    events[1].sequence = 2;
    const auto frame = [&](std::size_t i) { return sinks::syslog_frame(*sinks::syslog_message(syslog_sink(""), events[i], "x")).size(); };
    CHECK(syslog.send({&events[0], 1}, {}).answer == Answer::sent);
    time += 6s;
    CHECK(news_of(syslog).through == 1);
    CHECK(syslog.send({&events[1], 1}, {}).answer == Answer::sent);
    std::string all = listener.wait_for(frame(0) + frame(1));
    for (int round = 0; round < 3; ++round) {
        INFO("break " << round);
        time += 1s;
        listener.hang_up();
        REQUIRE(news_of(syslog, 1'000'000).broken);
        const auto before = all.size();
        CHECK(syslog.send({&events[1], 1}, {}).answer == Answer::sent);
        all = listener.wait_for(before + frame(0) + frame(1));
        CHECK(all.find("\"e1\"", before) < all.find("\"e2\"", before));
    }
}

TEST_CASE("a receiver of syslog that is not there is waited for, and none is told anything in clear")
{
    auto sink = syslog_sink("127.0.0.1:" + std::to_string(unused_port()));
    auto delivery = sinks::Syslog{sink}.send(numbered(1, 1), {});
    CHECK(delivery.answer == Answer::transient);
    CHECK(delivery.reason == "refused");
    sink.allow_http = false;
    CHECK(sinks::Syslog{sink}.send(numbered(1, 1), {}).answer == Answer::sink_fault);
}

TEST_CASE("syslog by TLS trusts whom it is told to, and sees that its certificate is refused")
{
    const TemporaryDirectory directory;
    const Authority authority;
    const Authority other;
    const auto identity = authority.issue("siem", "IP:127.0.0.1,DNS:siem.example");
    const auto client = authority.issue("seaworthy", "");
    const auto stranger = other.issue("seaworthy", "");
    const FakeServer open{[](const auto&) { return reply(200, ""); }, identity};
    const FakeServer closed{[](const auto&) { return reply(200, ""); }, identity, authority.certificate()};
    auto sink = syslog_sink("127.0.0.1:" + std::to_string(open.port()));
    sink.protocol = config::Sink::Protocol::tls;
    sink.allow_http = false;
    sink.ca_file = directory.write("ca.pem", authority.certificate());
    const auto send = [&] { return sinks::Syslog{sink}.send(numbered(1, 1), {}); };
    CHECK(send().answer == Answer::sent);
    sink.server_name = "siem.example";
    CHECK(send().answer == Answer::sent);
    sink.server_name = "other.example";
    CHECK(send().reason == "tls_name");
    sink.server_name.clear();
    sink.ca_file = directory.write("other.pem", other.certificate());
    CHECK(send().reason == "tls_untrusted");
    sink.ca_file = directory.path("none");
    CHECK(send().reason == "tls_file");

    sink.ca_file = directory.path("ca.pem");
    sink.address = "127.0.0.1:" + std::to_string(closed.port());
    auto refused = send();
    CHECK(refused.answer == Answer::sink_fault);
    CHECK(refused.reason == "tls_client");
    sink.certificate_file = directory.write("client.pem", stranger.certificate);
    sink.key_file = directory.write("client.key", stranger.key);
    CHECK(send().answer == Answer::sink_fault);
    directory.write("client.pem", client.certificate);
    directory.write("client.key", client.key);
    CHECK(send().answer == Answer::sent);
}
