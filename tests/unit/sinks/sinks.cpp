// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/sinks/sinks.hpp"

#include <condition_variable>
#include <mutex>

#include "scripted.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

/// What threads tell a test.
class Tally {
public:
    void add(std::size_t count)
    {
        const std::lock_guard lock{m_mutex};
        m_count += count;
        m_changed.notify_all();
    }
    [[nodiscard]] bool reaches(std::size_t count)
    {
        std::unique_lock lock{m_mutex};
        return m_changed.wait_for(lock, 20s, [&] { return m_count >= count; });
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::size_t m_count = 0;
};

class Taker final : public sinks::Transport {
public:
    explicit Taker(Tally& tally) : m_tally(tally) {}
    Delivery send(std::span<const state::EventRow> events, const std::stop_token& /*stop*/) override
    {
        m_tally.add(events.size());
        return {.answer = Answer::delivered, .status = 200};
    }

private:
    Tally& m_tally;
};

/// Accepts, and never answers.
class Hanging final : public sinks::Transport {
public:
    explicit Hanging(Tally& tally) : m_tally(tally) {}
    Delivery send(std::span<const state::EventRow> /*events*/, const std::stop_token& stop) override
    {
        m_tally.add(1);
        std::mutex mutex;
        std::unique_lock lock{mutex};
        std::condition_variable_any never;
        never.wait(lock, stop, [] { return false; });
        return {.answer = Answer::transient, .reason = "stopped"};
    }

private:
    Tally& m_tally;
};

struct Daemon {
    Daemon()
    {
        store = must(state::Store::open({.path = directory.path("spool.db"), .max_bytes = 4U << 20U, .now = [] { return state::Milliseconds{7}; }}));
        for (const auto* name : {"takes", "hangs"}) {
            auto& sink = configured.emplace_back();
            sink.name = name;
            sink.type = config::Sink::Type::webhook;
            sink.linger = 0ms;
            sink.timeout = 1s;
        }
    }
    [[nodiscard]] sinks::SinksOptions options()
    {
        return {.make = [this](const config::Sink& sink) -> Result<std::unique_ptr<sinks::Transport>> {
            if (sink.name == "takes") return std::make_unique<Taker>(taken);
            return std::make_unique<Hanging>(hung);
        }};
    }
    void write(int from, int to)
    {
        must(store->write([&](state::Writer& writer) -> Result<void> {
            for (const auto& row : numbered(from, to))
                if (const auto appended = writer.append(row); !appended) return tl::make_unexpected(appended.error());
            return {};
        }));
    }

    TemporaryDirectory directory;
    std::unique_ptr<state::Store> store;
    std::vector<config::Sink> configured;
    Tally taken;
    Tally hung;
};

} // namespace

TEST_CASE("a sink that hangs holds up neither another one nor the end")
{
    Daemon daemon;
    sinks::Sinks all{daemon.configured, *daemon.store, daemon.options()};
    must(all.start());
    daemon.write(1, 5);
    all.wake();
    CHECK(daemon.taken.reaches(5));
    CHECK(daemon.hung.reaches(1));
    const auto facts = all.facts();
    REQUIRE(facts.size() == 2);
    CHECK(facts[0].name == "takes");
    CHECK(facts[0].type == "webhook");
    CHECK(facts[1].queue_length == 5);
    CHECK(facts[1].oldest == 1'787'303'643'482);
    CHECK(facts[1].queue_bytes > 0);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(all.stop(50ms) == 5); // those of the sink that hangs
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK(must(daemon.store->backlog("takes")).events == 0);
}

TEST_CASE("the end sends what lingers")
{
    Daemon daemon;
    daemon.configured.resize(1);
    daemon.configured[0].linger = 300s;
    sinks::Sinks all{daemon.configured, *daemon.store, daemon.options()};
    must(all.start());
    daemon.write(1, 5);
    all.wake();
    CHECK(all.stop(20s) == 0);
    CHECK(daemon.taken.reaches(5));
    all.wake();
    CHECK(all.facts().at(0).events == 5);
    const auto late = all.test("takes", event("t"));
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == Error::Kind::cancelled);
}

TEST_CASE("what a sink lost is told by its reason, as far as it was lost since the start")
{
    Daemon daemon;
    daemon.configured.resize(1);
    daemon.configured[0].linger = 300s;
    must(daemon.store->set_sinks({"takes"}));
    daemon.write(1, 3);
    must(daemon.store->drop_older_than(event("e1").created + 1));
    sinks::Sinks all{daemon.configured, *daemon.store, daemon.options()};
    must(all.start());
    CHECK(all.facts().at(0).lost.empty());
    daemon.write(4, 5);
    must(daemon.store->drop_older_than(event("e1").created + 1));
    CHECK(all.facts().at(0).lost == std::map<std::string, std::uint64_t>{{"expired", 2}});
}

TEST_CASE("where a sink of Splunk or Sumo Logic names no host, the cluster is it")
{
    Daemon daemon;
    daemon.configured[0].type = config::Sink::Type::splunk_hec;
    daemon.configured[1].type = config::Sink::Type::sumologic;
    daemon.configured[1].host = "mine";
    auto options = daemon.options();
    options.cluster = "prod-eu-1";
    std::vector<std::string> hosts;
    options.make = [&hosts, make = options.make](const config::Sink& sink) {
        hosts.push_back(sink.host);
        return make(sink);
    };
    sinks::Sinks all{daemon.configured, *daemon.store, options};
    must(all.start());
    CHECK(hosts == std::vector<std::string>{"prod-eu-1", "mine"});
}

TEST_CASE("a sink is tested by name")
{
    Daemon daemon;
    sinks::Sinks all{daemon.configured, *daemon.store, daemon.options()};
    must(all.start());
    CHECK(must(all.test("takes", event("t"))) == "takes: taken, HTTP 200");
    const auto unknown = all.test("other", event("t"));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == Error::Kind::not_found);
}

TEST_CASE("a destination that this build cannot reach is refused before anything starts")
{
    Daemon daemon;
    auto options = daemon.options();
    options.make = [make = options.make](const config::Sink& sink) -> Result<std::unique_ptr<sinks::Transport>> {
        if (sink.name == "hangs") return failure(Error::Kind::usage, "sink hangs: this build cannot send there");
        return make(sink);
    };
    sinks::Sinks all{daemon.configured, *daemon.store, options};
    const auto started = all.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().kind == Error::Kind::usage);
    CHECK(started.error().message.find("hangs") != std::string::npos);
    CHECK(all.facts().empty());
}

TEST_CASE("each type that can be reached has a transport, which does nothing before it is used")
{
    using enum config::Sink::Type;
    for (const auto type : {stdout_, file, splunk_hec, sumologic, webhook, elasticsearch, otlp, loki, syslog, sentinel}) {
        config::Sink sink;
        sink.type = type;
        CHECK(sinks::make_transport(sink, "seaworthy/test").has_value());
    }
}
