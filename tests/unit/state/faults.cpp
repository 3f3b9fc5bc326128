// SPDX-License-Identifier: Apache-2.0
// What is left of what was told to be written, wherever the disk fails: the fault strikes each operation in turn.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "faulty_disk.hpp"
#include "spool.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

namespace fs = std::filesystem;

constexpr int k_rounds = 12; ///< until after the log was brought into the database once
constexpr int k_last = 50;
constexpr int k_batch = 3; ///< events of a round
constexpr std::size_t k_body = 2000;

std::string uid(int round, int number)
{
    return "r" + std::to_string(round) + "-" + std::to_string(number);
}

/// One transaction: three events, and a finding and a note that say which round it was.
Result<void> write_round(state::Store& store, int round)
{
    return store.write([&](state::Writer& writer) -> Result<void> {
        SEAWORTHY_TRY(writer.put({.uid = "f", .revision = round}));
        for (int i = 0; i < k_batch; ++i)
            SEAWORTHY_TRY(writer.append(event(uid(round, i), k_body)).map([](bool) {}));
        return writer.set_note("round", std::to_string(round));
    });
}

struct Told {
    std::set<int> done;
    std::set<int> refused;
};

Told write_rounds(state::Store& store, int first = 1)
{
    Told told;
    for (int round = first; round < first + k_rounds; ++round)
        (write_round(store, round) ? told.done : told.refused).insert(round);
    return told;
}

/// The rounds whose events are there; a part of a round's is a failure.
std::set<int> rounds_of(state::Store& store)
{
    std::map<int, int> events;
    std::int64_t last = 0;
    for (const auto& row : waiting(store, "a")) {
        ++events[std::stoi(row.uid.substr(1))];
        CHECK(row.sequence > last);
        last = row.sequence;
    }
    std::set<int> rounds;
    for (const auto& [round, count] : events) {
        CHECK(count == k_batch);
        rounds.insert(round);
    }
    const auto finding = must(store.finding("f"));
    const int newest = rounds.empty() ? 0 : *rounds.rbegin();
    CHECK((finding ? finding->revision : 0) == newest);
    const auto note = must(store.note("round"));
    CHECK(note == (newest == 0 ? "" : std::to_string(newest)));
    return rounds;
}

bool includes(const std::set<int>& all, const std::set<int>& some)
{
    return std::ranges::includes(all, some);
}

/// Copies of one prepared database: to make it takes longer than a fault.
class Prepared {
public:
    Prepared() : m_original(k_mib)
    {
        const auto store = m_original.open();
        must(store->set_sinks({"a"}));
    }
    /// A spool with the files of the original.
    [[nodiscard]] std::unique_ptr<Spool> copy() const
    {
        auto spool = std::make_unique<Spool>(k_mib);
        fs::copy_file(m_original.path(), spool->path());
        fs::copy_file(m_original.log(), spool->log());
        return spool;
    }

private:
    Spool m_original;
};

} // namespace

TEST_CASE("siem row 6: one write or sync that fails takes back its own transaction, and no other", "[faults]")
{
    FaultyDisk disk;
    const Prepared prepared;
    int faults = 0;
    for (int operation = 1;; ++operation) {
        const auto spool = prepared.copy();
        Told told;
        {
            const auto store = spool->open();
            disk.plan(FaultyDisk::Fault::error_once, operation);
            told = write_rounds(*store);
            disk.repair();
            CHECK(rounds_of(*store) == told.done);
            CHECK(told.refused.size() <= 1);
            CHECK(store->write_failures().count == std::ssize(told.refused));
            if (!told.refused.empty()) CHECK(store->write_failures().cause == "io_error");
        }
        if (!disk.struck()) break;
        ++faults;
        const auto store = spool->open();
        CHECK(store->quarantined().empty());
        const auto found = rounds_of(*store);
        CHECK(includes(found, told.done));
        // Where the last transaction was refused as its sync failed, it may have reached the disk: whole, and it will be sent.
        CHECK((found == told.done || told.refused == std::set<int>{k_rounds}));
    }
    CHECK(faults > 100);
}

TEST_CASE("siem row 6: a disk that fails for good gives errors, and loses nothing that was told to be written", "[faults]")
{
    FaultyDisk disk;
    const Prepared prepared;
    int faults = 0;
    int refusals = 0;
    for (int operation = 1;; ++operation) {
        const auto spool = prepared.copy();
        Told told;
        {
            const auto store = spool->open();
            disk.plan(FaultyDisk::Fault::errors, operation);
            told = write_rounds(*store);
            CHECK(store->write_failures().count == std::ssize(told.refused));
            // The fault may have struck where the last commit, already synced, was brought into the database.
            if (write_round(*store, k_last)) told.done.insert(k_last);
            if (disk.struck()) CHECK(refusal_of(write_round(*store, k_last + 1)).message.find(spool->path()) != std::string::npos);
        }
        const bool struck = disk.struck();
        disk.repair();
        if (!struck) break;
        ++faults;
        refusals += told.refused.empty() ? 0 : 1;
        const auto store = spool->open();
        CHECK(store->quarantined().empty());
        const auto found = rounds_of(*store);
        CHECK(includes(found, told.done));
        CHECK(found.size() <= told.done.size() + 1); // as above
        CHECK_FALSE(write_rounds(*store, 100).done.empty());
    }
    CHECK(faults > 100);
    CHECK(refusals > 50);
}

TEST_CASE("a power loss at any moment leaves what was told to be written, each transaction whole", "[faults]")
{
    FaultyDisk disk;
    const Prepared prepared;
    int losses = 0;
    for (int operation = 1;; ++operation) {
        const auto spool = prepared.copy();
        Told told;
        {
            const auto store = spool->open();
            disk.plan(FaultyDisk::Fault::power_loss, operation);
            told = write_rounds(*store);
        }
        const bool struck = disk.struck();
        disk.restore(static_cast<std::uint32_t>(operation));
        if (!struck) break;
        ++losses;
        const auto store = spool->open();
        CHECK(store->quarantined().empty());
        const auto found = rounds_of(*store);
        CHECK(includes(found, told.done));
        CHECK(found.size() <= told.done.size() + 1);
    }
    CHECK(losses > 100);
}

TEST_CASE("siem row 5: a disk that is full from any moment on stops nothing", "[faults]")
{
    FaultyDisk disk;
    const Prepared prepared;
    const auto spool = prepared.copy();
    const auto store = spool->open();
    disk.plan(FaultyDisk::Fault::full, 1);
    const int rounds = 400; // six times what the database holds
    for (int round = 1; round <= rounds; ++round)
        must(write_round(*store, round));
    CHECK(disk.struck());
    const auto left = waiting(*store, "a");
    CHECK(left.back().uid == uid(rounds, k_batch - 1));
    const auto backlog = must(store->backlog("a"));
    CHECK(backlog.events + backlog.dropped == rounds * k_batch);
    must(store->acknowledge("a", left.back().sequence));
    CHECK(must(store->backlog("a")).events == 0);
}

TEST_CASE("a first start that a power loss interrupts is done by the next", "[faults]")
{
    FaultyDisk disk;
    int losses = 0;
    for (int operation = 1;; operation += 1 + operation / 8) { // the reserve is hundreds of equal writes
        const Spool spool{k_mib};
        disk.plan(FaultyDisk::Fault::power_loss, operation);
        const bool opened = state::Store::open(spool.options()).has_value();
        const bool struck = disk.struck();
        disk.restore(static_cast<std::uint32_t>(operation));
        if (!struck) {
            CHECK(opened);
            break;
        }
        ++losses;
        const auto store = spool.open();
        must(store->set_sinks({"a"}));
        must(write_round(*store, 1));
        CHECK(rounds_of(*store) == std::set<int>{1});
        CHECK(fs::file_size(spool.path()) > k_mib - k_mib / 4);
        CHECK(fs::file_size(spool.log()) > k_mib - k_mib / 4);
    }
    CHECK(losses > 20);
}
