// SPDX-License-Identifier: Apache-2.0
#include "events/finding_machine.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace seaworthy;
using namespace seaworthy::events;
using check::Severity;
using check::Status;

namespace {

constexpr Phase k_phases[] = {Phase::none, Phase::settling, Phase::open, Phase::suppressed, Phase::unevaluated, Phase::closed};
constexpr Sight k_sights[] = {Sight::finding,        Sight::exempt, Sight::unknown, Sight::pass,
                              Sight::not_applicable, Sight::absent, Sight::retired, Sight::out_of_scope};

struct Expected {
    Phase before;
    Sight sight;
    Phase after;
    std::optional<Transition> told;
};

config::Events settings_with(int resolve_after)
{
    config::Events settings;
    settings.resolve_after = resolve_after;
    return settings;
}

Standing standing_in(Phase phase)
{
    Standing standing;
    standing.phase = phase;
    standing.row.status = "fail";
    standing.row.severity = "high";
    if (phase != Phase::none) standing.row.episode = 1;
    return standing;
}

Observation seen_as(Sight sight)
{
    return {.sight = sight, .status = Status::fail, .severity = Severity::high, .shape = {}, .exemption = {}};
}

} // namespace

TEST_CASE("a finding moves by this table where one pass closes", "[machine]")
{
    using enum Phase;
    const auto nothing = std::optional<Transition>{};
    const std::vector<Expected> table{
        {none, Sight::finding, open, Transition::opened},
        {none, Sight::exempt, suppressed, Transition::suppressed},
        {none, Sight::unknown, none, nothing},
        {none, Sight::pass, none, nothing},
        {none, Sight::not_applicable, none, nothing},
        {none, Sight::absent, none, nothing},
        {none, Sight::retired, none, nothing},
        {none, Sight::out_of_scope, none, nothing},
        {settling, Sight::finding, open, Transition::opened},
        {settling, Sight::exempt, suppressed, Transition::suppressed},
        {settling, Sight::unknown, settling, nothing},
        {settling, Sight::pass, settling, nothing},
        {settling, Sight::not_applicable, settling, nothing},
        {settling, Sight::absent, settling, nothing},
        {settling, Sight::retired, settling, nothing},
        {settling, Sight::out_of_scope, settling, nothing},
        {open, Sight::finding, open, nothing},
        {open, Sight::exempt, suppressed, Transition::suppressed},
        {open, Sight::unknown, unevaluated, Transition::unevaluated},
        {open, Sight::pass, closed, Transition::resolved},
        {open, Sight::not_applicable, closed, Transition::not_applicable},
        {open, Sight::absent, closed, Transition::deleted},
        {open, Sight::retired, closed, Transition::retired},
        {open, Sight::out_of_scope, closed, Transition::out_of_scope},
        {suppressed, Sight::finding, open, Transition::exemption_ended},
        {suppressed, Sight::exempt, suppressed, nothing},
        {suppressed, Sight::unknown, suppressed, nothing},
        {suppressed, Sight::pass, closed, Transition::resolved},
        {suppressed, Sight::not_applicable, closed, Transition::not_applicable},
        {suppressed, Sight::absent, closed, Transition::deleted},
        {suppressed, Sight::retired, closed, Transition::retired},
        {suppressed, Sight::out_of_scope, closed, Transition::out_of_scope},
        {unevaluated, Sight::finding, open, Transition::evaluated},
        {unevaluated, Sight::exempt, suppressed, Transition::suppressed},
        {unevaluated, Sight::unknown, unevaluated, nothing},
        {unevaluated, Sight::pass, closed, Transition::resolved},
        {unevaluated, Sight::not_applicable, closed, Transition::not_applicable},
        {unevaluated, Sight::absent, closed, Transition::deleted},
        {unevaluated, Sight::retired, closed, Transition::retired},
        {unevaluated, Sight::out_of_scope, closed, Transition::out_of_scope},
        {closed, Sight::finding, open, Transition::reopened},
        {closed, Sight::exempt, suppressed, Transition::suppressed},
        {closed, Sight::unknown, closed, nothing},
        {closed, Sight::pass, closed, nothing},
        {closed, Sight::not_applicable, closed, nothing},
        {closed, Sight::absent, closed, nothing},
        {closed, Sight::retired, closed, nothing},
        {closed, Sight::out_of_scope, closed, nothing},
    };
    REQUIRE(table.size() == std::size(k_phases) * std::size(k_sights));
    const auto settings = settings_with(1);
    for (const auto& [before, sight, after, told] : table) {
        CAPTURE(name(before), static_cast<int>(sight));
        auto standing = standing_in(before);
        const auto step = advance(standing, seen_as(sight), {settings, 1'000, "a1"});

        CHECK(standing.phase == after);
        CHECK(step.transition == told);
        CHECK(standing.row.revision == (told ? 1 : 0));
        if (told) CHECK(step.changed);
        CHECK(step.forgotten == (before == settling && sight >= Sight::pass));
        const bool opens_anew = (before == none || before == settling || before == closed) && (after == open || after == suppressed);
        CHECK(standing.row.episode == (before == none ? 0 : 1) + (opens_anew ? 1 : 0));
    }
}

TEST_CASE("nothing that is unknown closes a finding, however often it is", "[machine]")
{
    const auto settings = settings_with(1);
    for (const auto phase : {Phase::open, Phase::suppressed, Phase::unevaluated}) {
        auto standing = standing_in(phase);
        for (int i = 0; i < 50; ++i) {
            (void)advance(standing, seen_as(Sight::unknown), {settings, 1'000 + i, std::to_string(i)});
            CHECK(standing.phase != Phase::closed);
        }
    }
}

TEST_CASE("passes count in a row, and each audit once", "[machine]")
{
    const auto settings = settings_with(3);
    auto standing = standing_in(Phase::open);
    const auto see = [&](Sight sight, std::string_view audit) { return advance(standing, seen_as(sight), {settings, 1'000, audit}); };

    CHECK(!see(Sight::pass, "1").transition);
    CHECK(!see(Sight::pass, "2").transition);
    CHECK(!see(Sight::pass, "2").changed); // the same audit once more
    SECTION("a finding starts anew")
    {
        CHECK(see(Sight::finding, "3").changed);
        CHECK(!see(Sight::pass, "4").transition);
        CHECK(!see(Sight::pass, "5").transition);
        CHECK(see(Sight::pass, "6").transition == Transition::resolved);
    }
    SECTION("an unknown starts anew")
    {
        CHECK(see(Sight::unknown, "3").transition == Transition::unevaluated);
        CHECK(!see(Sight::pass, "4").transition);
        CHECK(!see(Sight::pass, "5").transition);
        CHECK(see(Sight::pass, "6").transition == Transition::resolved);
    }
    SECTION("whatever it is that is not the finding")
    {
        CHECK(see(Sight::absent, "3").transition == Transition::deleted);
        CHECK(standing.row.status == "not_applicable");
    }
}

TEST_CASE("an open finding tells one change, the gravest", "[machine]")
{
    struct Row {
        Observation seen;
        std::optional<Transition> told;
    };
    const std::vector<Row> rows{
        {{.sight = Sight::finding, .status = Status::fail, .severity = Severity::high}, {}},
        {{.sight = Sight::finding, .status = Status::warn, .severity = Severity::high}, Transition::status_changed},
        {{.sight = Sight::finding, .status = Status::warn, .severity = Severity::low, .shape = "x"}, Transition::severity_changed},
        {{.sight = Sight::finding, .status = Status::fail, .severity = Severity::high, .shape = "x"}, Transition::evidence_changed},
    };
    const auto settings = settings_with(2);
    for (const auto& [seen, told] : rows) {
        auto standing = standing_in(Phase::open);
        CHECK(advance(standing, seen, {settings, 1'000, "a"}).transition == told);
        CHECK(!advance(standing, seen, {settings, 1'001, "b"}).changed);
    }
}

TEST_CASE("a finding of an object that has just changed waits, but not for ever", "[machine]")
{
    const auto settings = settings_with(2); // settles after 30 s
    Standing standing;
    auto seen = seen_as(Sight::finding);
    seen.settled = false;
    const auto at = [&](state::Milliseconds now) { return advance(standing, seen, {settings, now, "a"}).transition; };

    CHECK(!at(1'000));
    CHECK(standing.phase == Phase::settling);
    CHECK(!at(200'000));
    SECTION("until it rests")
    {
        seen.settled = true;
        CHECK(at(200'100) == Transition::opened);
    }
    SECTION("or ten times as long")
    {
        CHECK(!at(300'999));
        CHECK(at(301'000) == Transition::opened);
    }
    SECTION("or the clock was put back")
    {
        CHECK(!at(-1'000'000));
        CHECK(at(-700'000) == Transition::opened);
    }
}

TEST_CASE("a finding that has to be seen in several audits opens with the last of them", "[machine]")
{
    auto settings = settings_with(1);
    settings.open_after = 3;
    Standing standing;
    int number = 0;
    const auto see = [&](Sight sight) { return advance(standing, seen_as(sight), {settings, 1'000, "a" + std::to_string(++number)}).transition; };

    CHECK(!see(Sight::finding));
    CHECK(standing.phase == Phase::settling);
    CHECK(!see(Sight::unknown));
    CHECK(!see(Sight::finding));
    SECTION("in a row, unknowns left out")
    {
        CHECK(see(Sight::finding) == Transition::opened);
    }
    SECTION("each audit counts once")
    {
        CHECK(!advance(standing, seen_as(Sight::finding), {settings, 1'000, "a" + std::to_string(number)}).changed);
        CHECK(see(Sight::finding) == Transition::opened);
    }
    SECTION("one that is not there in between is forgotten")
    {
        CHECK(advance(standing, seen_as(Sight::pass), {settings, 1'000, "p"}).forgotten);
    }
    SECTION("the same for one that opens again")
    {
        see(Sight::finding);
        CHECK(see(Sight::pass) == Transition::resolved);
        CHECK(!see(Sight::finding));
        CHECK(!see(Sight::finding));
        CHECK(!see(Sight::pass));
        CHECK(!see(Sight::finding));
        CHECK(!see(Sight::finding));
        CHECK(see(Sight::finding) == Transition::reopened);
    }
    SECTION("but the first audit of all opens at once")
    {
        Standing fresh;
        CHECK(advance(fresh, seen_as(Sight::finding), {settings, 1'000, "a", true}).transition == Transition::opened);
    }
}

TEST_CASE("after a clock was put back a finding flaps no longer than it would, and none flaps for moves that are to come", "[machine]")
{
    const auto settings = settings_with(1);
    constexpr state::Milliseconds k_now = 1'787'303'643'000;
    constexpr state::Milliseconds k_month = 30LL * 86'400'000;
    auto standing = standing_in(Phase::open);
    SECTION("one that flaps comes to rest")
    {
        standing.memory.flapping = true;
        standing.row.last_change = k_now + k_month;
        CHECK(!advance(standing, seen_as(Sight::finding), {settings, k_now, "a1"}).transition);
        CHECK(advance(standing, seen_as(Sight::finding), {settings, k_now + settings.flap_quiet.count(), "a2"}).transition == Transition::stable);
    }
    SECTION("one that does not closes")
    {
        standing.memory.moves = std::vector<state::Milliseconds>(static_cast<std::size_t>(settings.flap_transitions), k_now + k_month);
        CHECK(advance(standing, seen_as(Sight::pass), {settings, k_now, "a1"}).transition == Transition::resolved);
    }
}

TEST_CASE("memory survives being written, and being damaged", "[machine]")
{
    FindingMemory memory{.object_uid = "u",
                         .ns = "shop",
                         .shape = "ab",
                         .exemption = "e",
                         .counted = "a1",
                         .sightings = 4,
                         .passes = 2,
                         .flapping = true,
                         .told = 5,
                         .waiting_since = 6,
                         .moves = {1, 2, 3}};
    CHECK(decode_memory(encode_memory(memory)) == memory);
    CHECK(encode_memory({}) == "{}");
    for (const auto* junk : {"", "[]", "{", R"({"passes":"x","moves":{"a":1},"object":7})"})
        CHECK(decode_memory(junk) == FindingMemory{});

    memory = {.object_uid = std::string(5'000, 'x'),
              .ns = std::string(5'000, '\xff'),
              .shape = std::string(5'000, '"'),
              .exemption = std::string(5'000, 'x'),
              .counted = std::string(5'000, 'x'),
              .moves = std::vector<state::Milliseconds>(500, 1'787'303'643'000)};
    CHECK(encode_memory(memory).size() <= 4096);
}
