// SPDX-License-Identifier: Apache-2.0
// A store as a program of its own, for tests that kill it, fill its disk or start it twice.
//
//   state_driver PATH MAX_BYTES
//
// The first line on standard output is {"quarantined": PATH} or, with exit status 1, {"error": "…", "hint": "…"}. Then each line on standard
// input is a command as JSON and gets one line back, {"error": "…"} where the store gave one:
//   {"sinks": [NAME…]}                     {"ok": true}
//   {"write": [PREFIX, COUNT, BYTES, AT_ONCE]}   {"seconds": S}: COUNT events with bodies of BYTES, in transactions of AT_ONCE
//   {"enqueue": [PREFIX, SEED]}            a line {"batch": N, "events": [[SEQUENCE, UID]…]} after each transaction, without end
//   {"waiting": SINK}                      {"events": [[SEQUENCE, UID]…], "batch": N}: N is that of the last transaction of "enqueue"
//   {"acknowledge": [SINK, SEQUENCE]}      {"ok": true}
//   {"backlog": SINK}                      {"events", "bytes", "parked", "dropped"}
//   {"dropped": true}                      {"count", "first", "last"}
//   {"usage": true}                        {"bytes", "capacity"}
// It ends with standard input.
#include <chrono>
#include <iostream>
#include <random>
#include <string>

#include <nlohmann/json.hpp>

#include "seaworthy/state/store.hpp"
#include "support/event_row.hpp"

namespace {

using nlohmann::json;
using namespace seaworthy;

constexpr std::string_view k_finding = "f1:driver";
constexpr int k_most_at_once = 20;
constexpr std::size_t k_enqueued_bytes = 1000;

json error_of(const Error& error)
{
    return {{"error", error.message}, {"hint", error.hint}};
}

json outcome(const Result<void>& result)
{
    return result ? json{{"ok", true}} : error_of(result.error());
}

state::EventRow event(const std::string& uid, std::size_t bytes)
{
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    return test::event_row(uid, "{\"pad\":\"" + std::string(bytes, 'x') + "\"}", now);
}

json write(state::Store& store, const json& arguments)
{
    const auto prefix = arguments.at(0).get<std::string>();
    const int count = arguments.at(1);
    const int at_once = arguments.at(3);
    const auto began = std::chrono::steady_clock::now();
    for (int next = 0; next < count;) {
        const auto written = store.write([&](state::Writer& writer) -> Result<void> {
            for (int i = 0; i < at_once && next < count; ++i, ++next) {
                const auto appended = writer.append(event(prefix + std::to_string(next), arguments.at(2)));
                if (!appended) return tl::make_unexpected(appended.error());
            }
            return {};
        });
        if (!written) return error_of(written.error());
    }
    return {{"seconds", std::chrono::duration<double>{std::chrono::steady_clock::now() - began}.count()}};
}

json enqueue(state::Store& store, const json& arguments)
{
    const auto prefix = arguments.at(0).get<std::string>();
    std::minstd_rand random{arguments.at(1).get<std::uint32_t>()};
    const auto before = store.finding(k_finding);
    if (!before) return error_of(before.error());
    for (std::int64_t batch = *before ? (*before)->revision + 1 : 1;; ++batch) {
        json events = json::array();
        const int count = 1 + static_cast<int>(random() % k_most_at_once);
        const auto written = store.write([&](state::Writer& writer) -> Result<void> {
            SEAWORTHY_TRY(writer.put({.uid = std::string{k_finding}, .revision = batch}));
            for (int i = 0; i < count; ++i) {
                const auto sequence = writer.next_sequence();
                if (!sequence) return tl::make_unexpected(sequence.error());
                const auto uid = prefix + std::to_string(batch) + "/" + std::to_string(i + 1) + "/" + std::to_string(count);
                const auto appended = writer.append(event(uid, k_enqueued_bytes));
                if (!appended) return tl::make_unexpected(appended.error());
                events.push_back({*sequence, uid});
            }
            return {};
        });
        if (!written) return error_of(written.error());
        std::cout << json{{"batch", batch}, {"events", events}}.dump() << std::endl;
    }
}

json waiting(state::Store& store, const std::string& sink)
{
    json events = json::array();
    for (std::int64_t after = 0;;) {
        const auto pending = store.pending(sink, after, {}, [](const auto&) { return true; });
        if (!pending) return error_of(pending.error());
        if (pending->through == 0) break;
        after = pending->through;
        for (const auto& row : pending->events)
            events.push_back({row.sequence, row.uid});
    }
    const auto finding = store.finding(k_finding);
    if (!finding) return error_of(finding.error());
    return {{"events", std::move(events)}, {"batch", *finding ? (*finding)->revision : 0}};
}

json backlog(state::Store& store, const std::string& sink)
{
    const auto backlog = store.backlog(sink);
    if (!backlog) return error_of(backlog.error());
    return {{"events", backlog->events}, {"bytes", backlog->bytes}, {"parked", backlog->parked}, {"dropped", backlog->dropped}};
}

json dropped(state::Store& store)
{
    json given = {{"count", 0}};
    const auto done = store.write([&](state::Writer& writer) -> Result<void> {
        const auto found = writer.dropped();
        if (!found) return tl::make_unexpected(found.error());
        if (*found) given = {{"count", (*found)->count}, {"first", (*found)->first_sequence}, {"last", (*found)->last_sequence}};
        return {};
    });
    return done ? given : error_of(done.error());
}

json obey(state::Store& store, const std::string& name, const json& value)
{
    if (name == "sinks") return outcome(store.set_sinks(value));
    if (name == "write") return write(store, value);
    if (name == "enqueue") return enqueue(store, value);
    if (name == "waiting") return waiting(store, value);
    if (name == "acknowledge") return outcome(store.acknowledge(value.at(0).get<std::string>(), value.at(1)));
    if (name == "backlog") return backlog(store, value);
    if (name == "dropped") return dropped(store);
    if (name == "usage") {
        const auto usage = store.usage();
        return usage ? json{{"bytes", usage->bytes}, {"capacity", usage->capacity}} : error_of(usage.error());
    }
    return {{"error", "no such command: " + name}};
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) return 2;
    const auto store = state::Store::open({.path = argv[1], .max_bytes = std::stoull(argv[2])});
    if (!store) {
        std::cout << error_of(store.error()).dump() << std::endl;
        return 1;
    }
    std::cout << json{{"quarantined", (*store)->quarantined()}}.dump() << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        const auto command = json::parse(line);
        std::cout << obey(**store, command.begin().key(), command.begin().value()).dump() << std::endl;
    }
    return 0;
}
