// SPDX-License-Identifier: Apache-2.0
// Row 9 of docs/siem.md for each type of sink but Kafka, which is in kafka.cpp: its cluster is there in builds with it alone.
#include "promise_hour.hpp"

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intake.hpp"
#include "seaworthy/base/descriptor.hpp"
#include "sinks/hec.hpp"
#include "sinks/lines.hpp"
#include "sinks/sentinel.hpp"
#include "sinks/syslog.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using Type = config::Sink::Type;

namespace {

/// Away: its port refuses connections, and those that there were are broken off.
template <typename Judge>
Station http_station(std::string name, Type type, Judge answer, decltype(Station::make) make, std::function<void(config::Sink&)> more = {})
{
    const auto intake = std::make_shared<Intake>();
    const auto server = std::make_shared<FakeServer>([intake, answer](const FakeServer::Request& request) {
        const auto uids = hour::uids_of(body_of(request));
        intake->take(uids);
        return answer(request, uids);
    });
    return {.name = std::move(name),
            .configure =
                [server, type, more](config::Sink& sink) {
                    at(sink, *server, type);
                    if (more) more(sink);
                },
            .make = std::move(make),
            .leave = [server] { server->go_down(); },
            .come_back = [server] { server->come_up(); },
            .arrived = [intake] { return intake->taken(); }};
}

Station by_dialect(std::string name, const sinks::Dialect& dialect, int status, const std::string& body)
{
    return http_station(
        std::move(name), dialect.type, [=](const auto&, const auto&) { return json_reply(status, body); },
        [&dialect](const config::Sink& sink, const Station::Now&) { return http(sink, dialect); },
        [](config::Sink& sink) { sink.index = "findings"; });
}

Station splunk(bool acknowledges)
{
    const auto batches = std::make_shared<std::atomic<int>>(0);
    auto station = http_station(
        acknowledges ? "splunk_hec with acknowledgements" : "splunk_hec", Type::splunk_hec,
        [=](const FakeServer::Request& request, const auto& uids) {
            if (request.target.find("/ack") == std::string::npos)
                return json_reply(200, acknowledges ? fmt::format(R"({{"text":"Success","code":0,"ackId":{}}})", ++*batches)
                                                    : R"({"text":"Success","code":0})");
            (void)uids;
            std::string acks;
            for (int id = 1; id <= *batches; ++id)
                acks += fmt::format(R"({}"{}":true)", acks.empty() ? "" : ",", id);
            return json_reply(200, fmt::format(R"({{"acks":{{{}}}}})", acks));
        },
        [](const config::Sink& sink, const Station::Now& now) { return std::make_unique<sinks::Hec>(sink, "seaworthy/test", now); },
        [=](config::Sink& sink) { sink.ack = acknowledges; });
    station.confirms = station.asks = acknowledges;
    return station;
}

Station sentinel()
{
    const auto directory = std::make_shared<TemporaryDirectory>();
    const auto secret = directory->write("secret", "s3cret");
    return http_station(
        "sentinel", Type::sentinel,
        [directory](const FakeServer::Request& request, const auto&) {
            if (request.target.find("/token") != std::string::npos)
                return json_reply(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"jwt"})");
            return reply(204, "");
        },
        [](const config::Sink& sink, const Station::Now& now) { return std::make_unique<sinks::Sentinel>(sink, "seaworthy/test", now); },
        [secret](config::Sink& sink) {
            sink.client_id = "app";
            sink.token_url = sink.url + "/token";
            sink.token_file = secret;
            sink.rule_id = "dcr-1";
            sink.stream = "Custom-Seaworthy_CL";
        });
}

Station syslog(bool by_tls)
{
    struct Parts {
        TemporaryDirectory directory;
        Authority authority;
        std::unique_ptr<FakeServer> server;
        std::mutex mutex;
        std::string text;
    };
    const auto parts = std::make_shared<Parts>();
    const auto silent = [](const auto&) { return reply(200, ""); };
    parts->server =
        by_tls ? std::make_unique<FakeServer>(silent, parts->authority.issue("siem", "IP:127.0.0.1")) : std::make_unique<FakeServer>(silent);
    parts->server->only_read([raw = parts.get()](std::string_view bytes) {
        const std::lock_guard lock{raw->mutex};
        raw->text += bytes;
    });
    return {.name = by_tls ? "syslog by TLS" : "syslog by TCP",
            .configure =
                [=](config::Sink& sink) {
                    sink.type = Type::syslog;
                    sink.address = fmt::format("127.0.0.1:{}", parts->server->port());
                    sink.protocol = by_tls ? config::Sink::Protocol::tls : config::Sink::Protocol::tcp;
                    sink.allow_http = !by_tls;
                    if (by_tls) sink.ca_file = parts->directory.write("ca.pem", parts->authority.certificate());
                },
            .make = [](const config::Sink& sink, const Station::Now& now) { return std::make_unique<sinks::Syslog>(sink, now); },
            .leave = [=] { parts->server->go_down(); },
            .come_back = [=] { parts->server->come_up(); },
            .arrived =
                [=] {
                    parts->server->go_down(); // and so has read everything
                    const std::lock_guard lock{parts->mutex};
                    return hour::uids_of(parts->text);
                },
            .confirms = true};
}

/// A file cannot be away. What can be is room for it: its path leads to a device that is full, and then to a disk again.
Station file()
{
    const auto directory = std::make_shared<TemporaryDirectory>();
    const auto path = directory->path("events.jsonl");
    const auto read = [](const std::string& from) {
        std::ifstream stream{from};
        return std::string{std::istreambuf_iterator<char>{stream}, {}};
    };
    return {.name = "file on a full disk",
            .configure =
                [=](config::Sink& sink) {
                    sink.type = Type::file;
                    sink.path = path;
                },
            .make = [](const config::Sink& sink, const Station::Now&) { return sinks::make_file(sink); },
            .leave =
                [=] {
                    REQUIRE(::rename(path.c_str(), directory->path("before").c_str()) == 0);
                    REQUIRE(::symlink("/dev/full", path.c_str()) == 0);
                },
            .come_back = [=] { REQUIRE(::unlink(path.c_str()) == 0); },
            .arrived = [=] { return hour::uids_of(read(directory->path("before")) + read(path)); }};
}

/// Standard output is away when nobody reads it: a named pipe whose reader leaves and comes back.
class PipeReader {
public:
    explicit PipeReader(std::string path) : m_path(std::move(path)) { come(); }
    PipeReader(const PipeReader&) = delete;
    PipeReader& operator=(const PipeReader&) = delete;
    ~PipeReader() { leave(); }

    void come()
    {
        m_pipe = Descriptor{::open(m_path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
        m_thread = std::jthread{[this](const std::stop_token& stop) {
            char bytes[65536];
            for (;;) {
                const bool is_last = stop.stop_requested();
                const auto size = ::read(m_pipe.number(), bytes, sizeof bytes);
                if (size > 0) {
                    m_text.append(bytes, static_cast<std::size_t>(size));
                    continue;
                }
                if (is_last) return;
                pollfd ready{m_pipe.number(), POLLIN, 0};
                ::poll(&ready, 1, 10);
            }
        }};
    }
    /// With all that was written to it.
    void leave()
    {
        if (m_thread.joinable()) {
            m_thread.request_stop();
            m_thread.join();
        }
        m_pipe.close();
    }
    [[nodiscard]] const std::string& text() const { return m_text; } ///< once it has left

private:
    std::string m_path;
    Descriptor m_pipe;
    std::string m_text;
    std::jthread m_thread;
};

Station standard_output()
{
    const auto directory = std::make_shared<TemporaryDirectory>();
    const auto path = directory->path("out");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    (void)std::signal(SIGPIPE, SIG_IGN); // as the daemon does
    const auto reader = std::make_shared<PipeReader>(path);
    const auto out = std::make_shared<Descriptor>(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return {.name = "stdout that nobody reads",
            .configure = [](config::Sink& sink) { sink.type = Type::stdout_; },
            .make = [out](const config::Sink& sink, const Station::Now&) { return sinks::make_stream(sink, out->number()); },
            .leave = [reader] { reader->leave(); },
            .come_back = [reader] { reader->come(); },
            .arrived =
                [reader, directory] {
                    reader->leave();
                    return hour::uids_of(reader->text());
                }};
}

} // namespace

TEST_CASE("row 9: whatever the type of sink, ten thousand events of an hour's outage arrive in order, after few requests")
{
    const auto made = GENERATE(range(0, 12));
    const auto station = [&]() -> Station {
        switch (made) {
        case 0: return by_dialect("webhook", sinks::k_webhook, 200, "");
        case 1: return by_dialect("sumologic", sinks::k_sumologic, 200, "");
        case 2: return by_dialect("elasticsearch", sinks::k_elasticsearch, 200, R"({"errors":false})");
        case 3: return by_dialect("loki", sinks::k_loki, 204, "");
        case 4: return by_dialect("otlp", sinks::k_otlp, 200, "{}");
        case 5: return sentinel();
        case 6: return splunk(false);
        case 7: return splunk(true);
        case 8: return syslog(false);
        case 9: return syslog(true);
        case 10: return file();
        default: return standard_output();
        }
    }();
    spend_an_hour_without(station, static_cast<unsigned>(made) + 1);
}
