// SPDX-License-Identifier: Apache-2.0
// What is promised for the end of the process, orderly or not. The rows are those of docs/siem.md, "What the promise is tested by".
#include <csignal>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "intake.hpp"
#include "seaworthy/base/descriptor.hpp"
#include "seaworthy/sinks/sinks.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// The rule's second is for what nine workers do at the end, of which a sanitizer makes several. That the daemon keeps the rule under sanitizers
// too is in tests/integration/test_sinks.py; here it is that nothing waits for a receiver, whose limits are 30 s.
constexpr auto k_end = 10s;
#else
constexpr auto k_end = 1s;
#endif

/// Sends for real, and kills the process when the answer has come.
class Deadly final : public sinks::Transport {
public:
    explicit Deadly(std::unique_ptr<sinks::Transport> transport) : m_transport(std::move(transport)) {}
    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override
    {
        auto delivery = m_transport->send(events, stop);
        if (delivery.answer == Answer::delivered) (void)::raise(SIGKILL);
        return delivery;
    }

private:
    std::unique_ptr<sinks::Transport> m_transport;
};

std::unique_ptr<state::Store> open_store(const std::string& path)
{
    return must(state::Store::open({.path = path, .max_bytes = 4U << 20U, .now = [] { return state::Milliseconds{7}; }}));
}

void write(state::Store& store, const std::vector<state::EventRow>& events)
{
    must(store.write([&](state::Writer& writer) -> Result<void> {
        for (const auto& row : events)
            if (const auto appended = writer.append(row); !appended) return tl::make_unexpected(appended.error());
        return {};
    }));
}

/// Never returns.
[[noreturn]] void deliver_and_die(const std::string& path, config::Sink sink, int port_from)
{
    std::uint16_t port = 0;
    if (::read(port_from, &port, sizeof port) != sizeof port) ::_exit(2);
    sink.url = "http://127.0.0.1:" + std::to_string(port);
    const auto store = open_store(path);
    sinks::Courier courier{sink, *store, std::make_unique<Deadly>(http(sink)), {}};
    for (int i = 0; i < 10; ++i)
        (void)courier.step({});
    ::_exit(3);
}

/// A port whose connections are made by the kernel, and that nobody ever answers.
class Silence {
public:
    Silence()
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(m_socket.number(), reinterpret_cast<sockaddr*>(&address), size) == 0); // NOLINT: the sockets API
        REQUIRE(::listen(m_socket.number(), 64) == 0);
        ::getsockname(m_socket.number(), reinterpret_cast<sockaddr*>(&address), &size); // NOLINT: the sockets API
        m_address = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    [[nodiscard]] const std::string& address() const { return m_address; }
    /// Whether somebody has connected, within some seconds.
    [[nodiscard]] bool is_connected_to() const
    {
        pollfd ready{m_socket.number(), POLLIN, 0};
        return ::poll(&ready, 1, 20'000) == 1;
    }

private:
    Descriptor m_socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::string m_address;
};

} // namespace

TEST_CASE("row 3: killed between the receiver's answer and its own note, the daemon sends the same bytes again")
{
    const TemporaryDirectory directory;
    const auto path = directory.path("spool.db");
    config::Sink sink;
    sink.name = "soc";
    sink.type = config::Sink::Type::webhook;
    sink.allow_http = true;
    sink.linger = 0ms;
    {
        const auto store = open_store(path);
        must(store->set_sinks({"soc"}));
        write(*store, numbered(1, 20));
    }
    int port_pipe[2];
    REQUIRE(::pipe(port_pipe) == 0);
    const auto child = ::fork(); // before there is a thread
    if (child == 0) deliver_and_die(path, sink, port_pipe[0]);
    REQUIRE(child > 0);
    Intake intake;
    const FakeServer server{[&](const auto& request) {
        intake.take(uids_in(request.body));
        return reply(200, "");
    }};
    const auto port = server.port();
    REQUIRE(::write(port_pipe[1], &port, sizeof port) == sizeof port);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
    ::close(port_pipe[0]);
    ::close(port_pipe[1]);
    CHECK(intake.taken() == uids(1, 20));

    const auto store = open_store(path);
    sink.url = server.url();
    sinks::Courier courier{sink, *store, http(sink), {}};
    (void)courier.step({});

    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].body == requests[1].body);
    CHECK(must(store->backlog("soc")).events == 0);
}

TEST_CASE("row 31: sinks whose receivers never answer hold up neither the others nor the end")
{
    Intake intake;
    const FakeServer server{[&](const auto& request) {
        intake.take(uids_in(request.body));
        return reply(200, "");
    }};
    const Silence silence;
    const TemporaryDirectory directory;
    const auto store = open_store(directory.path("spool.db"));
    std::vector<config::Sink> sinks;
    using enum config::Sink::Type;
    for (const auto type : {webhook, splunk_hec, elasticsearch, loki, otlp, sumologic, syslog, sentinel, kafka}) {
        if (type == kafka && !sinks::make_transport({.type = kafka}, "")) continue; // built without
        auto& sink = sinks.emplace_back();
        sink.name = sinks::name(type);
        sink.type = type;
        sink.url = "https://" + silence.address();
        sink.address = silence.address();
        sink.brokers = {silence.address()};
        sink.topic = "x";
        sink.index = "x";
        sink.token_url = sink.url;
        if (type == splunk_hec || type == sentinel) sink.token_file = directory.write("token", "t0ken");
        sink.linger = 0ms;
    }
    auto& good = sinks.emplace_back(sinks.front());
    good.name = "good";
    at(good, server);
    sinks::Sinks all{sinks, *store, {.user_agent = "seaworthy/test"}};
    must(all.start());

    write(*store, numbered(1, 50));
    all.wake();
    CHECK(silence.is_connected_to());
    for (int i = 51; i <= 100; ++i) { // audits go on meanwhile
        write(*store, numbered(i, i));
        all.wake();
    }
    CHECK(intake.reaches(100));
    const auto flush = 500ms;
    const auto began = std::chrono::steady_clock::now();
    const auto waiting = all.stop(flush);

    CHECK(std::chrono::steady_clock::now() - began <= flush + k_end);
    CHECK(intake.taken() == uids(1, 100));
    CHECK(waiting == 100 * (std::ssize(sinks) - 1));
    CHECK(must(store->backlog("good")).events == 0);
}
