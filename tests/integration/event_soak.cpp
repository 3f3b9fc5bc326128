// SPDX-License-Identifier: Apache-2.0
// Events through a small store to receivers that fail in every way, for as long as it takes: event_soak FOLDER SEED EVENTS [PER_SECOND]
//
// As fast as it can, or so many a second on an average, with little work for the processor.
// Writes numbered events to FOLDER/spool.db until there are EVENTS of them over all its lives: it may be killed at any moment and started again.
// Each receiver appends the numbers that it takes to FOLDER/NAME.got, 8 bytes each. Then the receivers work, what waits is flushed, and one
// line of JSON says what each sink did not get: {"written", "peak_kib", "sinks": {NAME: {"dropped", "parked", "waiting"}}}
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include "seaworthy/sinks/sinks.hpp"
#include "seaworthy/state/store.hpp"

namespace {

using nlohmann::json;
using namespace seaworthy;
using sinks::Answer;
using sinks::Delivery;

constexpr std::string_view k_counter = "f1:soak";
constexpr std::uint64_t k_spool_bytes = 24U << 20U; ///< some seconds of events
constexpr int k_poison = 4999;                      ///< the flaky receiver never takes a multiple of it
constexpr int k_longest_body = 2500;
constexpr int k_most_at_once = 400;
constexpr std::size_t k_flaky_batch = 300;
constexpr std::int64_t k_backlog = 2'000; ///< of the flaky receiver, above which the writer mostly waits for it
constexpr int k_burst_every = 60;         ///< batches
constexpr int k_burst = 40;               ///< batches without waiting, which may be more than the store holds

std::atomic<bool> g_receivers_work = false;

template <typename T>
T must(Result<T> result)
{
    if (!result) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::int64_t number_of(const state::EventRow& row)
{
    return std::stoll(row.uid.substr(1));
}

/// What a receiver takes is on disk before it answers, or before it fails to.
class Receiver final : public sinks::Transport {
public:
    enum class Manner { steady, flaky, often_away };

    Receiver(const std::string& file, Manner manner, std::uint32_t seed)
        : m_file(open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600)), m_manner(manner), m_dice(seed)
    {}
    ~Receiver() override { ::close(m_file); }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& /*stop*/) override
    {
        if (m_manner == Manner::often_away && !g_receivers_work && is_away()) return {.answer = Answer::transient, .reason = "refused"};
        if (m_manner != Manner::flaky) return take(events, {.answer = Answer::delivered});
        if (events.size() > k_flaky_batch) return {.answer = Answer::too_large, .reason = "http_413", .status = 413};
        for (const auto& row : events)
            if (number_of(row) % k_poison == 0) return {.answer = Answer::event_fault, .reason = "http_400", .status = 400};
        if (g_receivers_work) return take(events, {.answer = Answer::delivered});
        switch (m_dice() % 16) {
        case 0: return {.answer = Answer::transient, .reason = "timeout"};
        case 1: return {.answer = Answer::transient, .wait = sinks::milliseconds{2}, .reason = "http_429", .status = 429};
        case 3: return take(events, {.answer = Answer::transient, .reason = "reset"}); // it has them, and could not say so
        case 4: {
            const auto half = events.size() / 2;
            return take(events.first(half), {.answer = Answer::transient, .accepted_first = half, .reason = "http_503", .status = 503});
        }
        case 5:
            return m_dice() % 20 == 0 ? Delivery{.answer = Answer::sink_fault, .reason = "token", .status = 401}
                                      : take(events, {.answer = Answer::delivered});
        case 6: return take_some(events);
        default: return take(events, {.answer = Answer::delivered});
        }
    }

private:
    bool is_away()
    {
        const auto now = std::chrono::steady_clock::now();
        if (now >= m_turn) {
            m_away = !m_away;
            m_turn = now + std::chrono::milliseconds{m_dice() % (m_away ? 3'000 : 400)};
        }
        return m_away;
    }

    Delivery take(std::span<const state::EventRow> events, Delivery answer) const
    {
        std::vector<std::int64_t> numbers;
        for (const auto& row : events)
            numbers.push_back(number_of(row));
        const auto bytes = numbers.size() * sizeof(std::int64_t);
        if (write(m_file, numbers.data(), bytes) != static_cast<ssize_t>(bytes)) throw std::runtime_error("the receiver's disk is full");
        return answer;
    }

    Delivery take_some(std::span<const state::EventRow> events)
    {
        Delivery delivery{.answer = Answer::transient, .reason = "items"};
        for (const auto& row : events) {
            delivery.items.push_back(m_dice() % 3 == 0 ? Answer::transient : Answer::delivered);
            if (delivery.items.back() == Answer::delivered) (void)take({&row, 1}, {});
        }
        return delivery;
    }

    int m_file;
    Manner m_manner;
    std::minstd_rand m_dice;
    bool m_away = false;
    std::chrono::steady_clock::time_point m_turn;
};

struct Named {
    const char* name;
    Receiver::Manner manner;
};
constexpr Named k_receivers[] = {{"steady", Receiver::Manner::steady}, {"flaky", Receiver::Manner::flaky}, {"away", Receiver::Manner::often_away}};

std::vector<config::Sink> configured(bool is_paced)
{
    const int slower = is_paced ? 25 : 1;
    std::vector<config::Sink> all;
    for (const auto& receiver : k_receivers) {
        auto& sink = all.emplace_back();
        sink.name = receiver.name;
        sink.type = config::Sink::Type::webhook;
        sink.linger = config::milliseconds{1};
        sink.retry_base = config::milliseconds{1 * slower};
        sink.retry_cap = config::milliseconds{4 * slower};
    }
    return all;
}

/// Writes until there are `wanted`, `per_second` where that is not 0. The number of the last is in a finding, in the same transaction.
std::int64_t produce(state::Store& store, sinks::Sinks& sinks, std::int64_t wanted, std::int64_t per_second, std::minstd_rand& dice)
{
    const auto began = std::chrono::steady_clock::now();
    int burst = 0;
    const auto before = must(store.finding(k_counter));
    auto number = before ? before->revision : 0;
    const auto first = number;
    while (number < wanted) {
        const auto last = std::min<std::int64_t>(number + 1 + static_cast<std::int64_t>(dice() % k_most_at_once), wanted);
        must(store.write([&](state::Writer& writer) -> Result<void> {
            SEAWORTHY_TRY(writer.put({.uid = std::string{k_counter}, .revision = last}));
            for (auto next = number + 1; next <= last; ++next) {
                const auto appended = writer.append({.uid = "e" + std::to_string(next),
                                                     .finding = "f1:" + std::to_string(next % 100),
                                                     .code = "finding_opened",
                                                     .event_class = "finding",
                                                     .severity = 4,
                                                     .created = 1,
                                                     .body = "{\"pad\":\"" + std::string(dice() % k_longest_body, 'x') + "\"}"});
                if (!appended) return tl::make_unexpected(appended.error());
            }
            return {};
        }));
        number = last;
        sinks.wake();
        if (burst > 0 && --burst > 0) continue;
        if (dice() % k_burst_every == 0) burst = k_burst;
        if (per_second > 0) std::this_thread::sleep_until(began + std::chrono::milliseconds{(number - first) * 1'000 / per_second});
        // A receiver that is at fault for long holds nothing up either.
        for (int tries = 0; tries < 100 && must(store.backlog("flaky")).events > k_backlog; ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return number;
}

/// Of this program: getrusage() counts what the one was that started it.
std::int64_t peak_kib()
{
    constexpr std::string_view head = "VmHWM:";
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(head)) return std::stoll(line.substr(head.size()));
    return 0;
}

int soak(const std::string& folder, std::uint32_t seed, std::int64_t wanted, std::int64_t per_second)
{
    const auto store = must(state::Store::open({.path = folder + "/spool.db", .max_bytes = k_spool_bytes, .now = {}}));
    if (!store->quarantined().empty()) throw std::runtime_error("the database was taken for damaged");
    std::minstd_rand dice{seed};
    const auto make = [&](const config::Sink& sink) -> Result<std::unique_ptr<sinks::Transport>> {
        for (const auto& receiver : k_receivers)
            if (sink.name == receiver.name) return std::make_unique<Receiver>(folder + "/" + sink.name + ".got", receiver.manner, seed);
        return failure(Error::Kind::usage, "no such receiver");
    };
    sinks::Sinks sinks{configured(per_second > 0), *store, {.user_agent = "soak", .surroundings = {}, .make = make}};
    must(sinks.start());
    const auto written = produce(*store, sinks, wanted, per_second, dice);
    g_receivers_work = true;
    sinks.stop(std::chrono::minutes{2});

    json told{{"written", written}, {"peak_kib", peak_kib()}};
    for (const auto& receiver : k_receivers) {
        const auto backlog = must(store->backlog(receiver.name));
        told["sinks"][receiver.name] = {{"dropped", backlog.dropped}, {"parked", backlog.parked}, {"waiting", backlog.events}};
    }
    std::cout << told.dump() << std::endl;
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 4 || argc > 5) return 2;
    try {
        return soak(argv[1], static_cast<std::uint32_t>(std::stoul(argv[2])), std::stoll(argv[3]), argc > 4 ? std::stoll(argv[4]) : 0);
    } catch (const std::exception& error) {
        std::cerr << error.what() << std::endl;
        return 1;
    }
}
