// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "app/elector.hpp"

using namespace seaworthy;
using namespace seaworthy::app;
using namespace std::chrono_literals;

namespace {

/// A Lease in memory with the API server's rule: an update must name the version that is there.
class MemoryStore : public LeaseStore {
public:
    std::optional<Lease> lease;
    bool reachable = true;
    int writes = 0;

    LeaseReply get(std::chrono::milliseconds, const std::stop_token&) override
    {
        if (!reachable) return broken();
        if (!lease) return {LeaseReply::Outcome::absent, {}, {}};
        return {LeaseReply::Outcome::done, *lease, {}};
    }
    LeaseReply create(const Lease& wanted, std::chrono::milliseconds, const std::stop_token&) override
    {
        if (!reachable) return broken();
        if (lease) return {LeaseReply::Outcome::conflict, {}, {}};
        return write(wanted);
    }
    LeaseReply update(const Lease& wanted, std::chrono::milliseconds, const std::stop_token&) override
    {
        if (!reachable) return broken();
        if (!lease || lease->resource_version != wanted.resource_version) return {LeaseReply::Outcome::conflict, {}, {}};
        return write(wanted);
    }

private:
    static LeaseReply broken() { return {LeaseReply::Outcome::failed, {}, {Error::Kind::unreachable, "refused", ""}}; }
    LeaseReply write(const Lease& wanted)
    {
        lease = wanted;
        lease->resource_version = std::to_string(++writes);
        return {LeaseReply::Outcome::done, *lease, {}};
    }
};

struct Stage {
    MemoryStore store;
    std::chrono::steady_clock::time_point now{1000s};
    int stamp = 0;
    Elector a = make("a");
    Elector b = make("b");

    Elector make(const char* identity)
    {
        return Elector{store, {.enabled = true}, identity, {[this] { return now; }, [this] { return "t" + std::to_string(++stamp); }}};
    }
};

} // namespace

TEST_CASE("the first candidate leads and the second waits", "[app]")
{
    Stage stage;

    CHECK(stage.a.attempt({}));
    CHECK_FALSE(stage.b.attempt({}));
    CHECK(stage.store.lease->holder == "a");
    CHECK(stage.store.lease->duration_seconds == 15);
    CHECK(stage.store.lease->transitions == 0);
    CHECK(stage.b.holder() == "a");
}

TEST_CASE("a leader that renews keeps its lease and the time it got it", "[app]")
{
    Stage stage;
    stage.a.attempt({});
    const auto acquired = stage.store.lease->acquire_time;

    for (int i = 0; i < 20; ++i) {
        stage.now += 2s;
        CHECK(stage.a.attempt({}));
        CHECK_FALSE(stage.b.attempt({}));
    }
    CHECK(stage.store.lease->acquire_time == acquired);
    CHECK(stage.store.lease->renew_time != acquired);
    CHECK(stage.store.lease->transitions == 0);
}

TEST_CASE("a leader that cannot renew stops before another may begin", "[app]")
{
    Stage stage;
    stage.a.attempt({});
    stage.b.attempt({});
    stage.store.reachable = false;

    stage.now += 9s;
    CHECK(stage.a.attempt({}));
    CHECK(stage.a.trouble());
    stage.now += 1s;
    CHECK_FALSE(stage.a.leading());
    CHECK_FALSE(stage.a.attempt({}));
    stage.store.reachable = true;
    CHECK_FALSE(stage.b.attempt({}));
    stage.now += 5s;
    CHECK(stage.b.attempt({}));
    CHECK(stage.store.lease->transitions == 1);
    CHECK_FALSE(stage.a.attempt({}));
}

TEST_CASE("a lease counts from when its change was seen, whatever its clock says", "[app]")
{
    Stage stage;
    stage.store.lease = Lease{.holder = "other", .duration_seconds = 15, .renew_time = "1970-01-01T00:00:00.000000Z", .resource_version = "7"};

    CHECK_FALSE(stage.a.attempt({}));
    stage.now += 14s;
    stage.store.lease->renew_time = "1970-01-01T00:00:01.000000Z";
    CHECK_FALSE(stage.a.attempt({}));
    stage.now += 14s;
    CHECK_FALSE(stage.a.attempt({}));
    stage.now += 1s;
    CHECK(stage.a.attempt({}));
}

TEST_CASE("of two that try at once, one loses the race", "[app]")
{
    Stage stage;
    stage.store.lease = Lease{.resource_version = "7"}; // released

    CHECK(stage.a.attempt({}));
    CHECK_FALSE(stage.b.attempt({}));
}

TEST_CASE("a leader whose lease was taken notices", "[app]")
{
    Stage stage;
    stage.a.attempt({});
    stage.store.lease->holder = "thief";
    stage.store.lease->resource_version = "99";

    stage.now += 2s;
    CHECK_FALSE(stage.a.attempt({}));
    CHECK_FALSE(stage.a.leading());
}

TEST_CASE("a released lease is free at once", "[app]")
{
    Stage stage;
    stage.a.attempt({});
    stage.b.attempt({});

    stage.a.release();

    CHECK_FALSE(stage.a.leading());
    CHECK(stage.store.lease->holder.empty());
    CHECK(stage.b.attempt({}));
}

TEST_CASE("a Lease survives the way to the API server and back", "[app]")
{
    const Lease lease{.holder = "a\"b", .duration_seconds = 15, .transitions = 3, .acquire_time = "x", .renew_time = "y", .resource_version = "9"};

    const auto back = parse_lease(lease_json(lease, "seaworthy", "ops"));

    REQUIRE(back);
    CHECK(back->holder == lease.holder);
    CHECK(back->transitions == 3);
    CHECK(back->resource_version == "9");
    for (const auto* text : {"", "[]", "{}", "{\"kind\":\"Lease\",\"spec\":3}", "{\"kind\":\"Pod\"}"})
        CHECK_FALSE(parse_lease(text));
    CHECK(micro_time_now().size() == std::string_view{"2026-11-22T04:00:00.000000Z"}.size());
}
