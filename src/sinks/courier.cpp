// SPDX-License-Identifier: Apache-2.0
#include "sinks/courier.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "seaworthy/base/printable.hpp"
#include "seaworthy/sinks/sinks.hpp"
#include "sinks/filter.hpp"

namespace seaworthy::sinks {
namespace {

constexpr milliseconds k_idle{60'000}; ///< the store is looked into again even if nobody says that there is something
constexpr std::size_t k_unconfirmed_batches = 16;
constexpr std::size_t k_detail_bytes = 497; ///< printable() adds an ellipsis of three
constexpr std::string_view k_transient = "transient";
constexpr std::string_view k_sink_fault = "sink_fault";
constexpr std::string_view k_too_large = "too_large";
constexpr std::string_view k_event_fault = "event_fault";
constexpr std::string_view k_replay = "replay";
constexpr std::string_view k_rejected = "rejected";

Surroundings with_defaults(Surroundings given)
{
    if (!given.now) given.now = [] { return std::chrono::steady_clock::now(); };
    if (!given.wall)
        given.wall = [] { return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); };
    if (!given.random)
        given.random = [engine = std::make_shared<std::mt19937_64>(std::random_device{}())] {
            return std::uniform_real_distribution<double>{0, 1}(*engine);
        };
    return given;
}

/// Credentials, as far as HTTP tells them from other faults.
bool is_about_credentials(const Delivery& delivery)
{
    return delivery.status == 401 || delivery.status == 403 || delivery.reason == "token" || delivery.reason == "tls_client";
}

std::string words(const Delivery& delivery)
{
    return delivery.detail.empty() ? delivery.reason : printable(delivery.detail, k_detail_bytes);
}

/// A transport must not take its worker along.
Delivery send_by(Transport& transport, std::span<const state::EventRow> events, const std::stop_token& stop)
{
    try {
        return transport.send(events, stop);
    } catch (const std::exception& error) {
        return {.answer = Answer::transient, .reason = "internal", .detail = printable(error.what(), k_detail_bytes)};
    }
}

} // namespace

Courier::Courier(config::Sink sink, state::Store& store, std::unique_ptr<Transport> transport, Surroundings surroundings)
    : m_sink(std::move(sink)), m_store(store), m_transport(std::move(transport)), m_surroundings(with_defaults(std::move(surroundings))),
      m_backoff(m_sink.retry_base, m_sink.retry_cap), m_batch(m_sink.poison_attempts)
{
    m_facts.name = m_sink.name;
    m_facts.type = name(m_sink.type);
}

Courier::Next Courier::step(const std::stop_token& stop, bool flushing)
{
    m_paused_now = false;
    if (m_surroundings.now() < m_not_before && !awaits_confirmation()) return {until(m_not_before), m_state == State::disabled};
    if (awaits_confirmation() && m_surroundings.now() >= m_next_confirm) ask_for_confirmation();
    if (m_surroundings.now() >= m_not_before && !acknowledge()) return {until(m_not_before), false};
    const auto confirm_in = awaits_confirmation() ? until(m_next_confirm) : k_idle;
    if (m_state == State::disabled) return {confirm_in, !awaits_confirmation()};
    if (m_surroundings.now() < m_not_before) return {std::min(until(m_not_before), confirm_in), false};
    if (m_ledger.size() >= k_unconfirmed_batches || (m_ledger.has_retried() && m_batch.empty())) return {confirm_in, false};

    if (m_batch.empty()) {
        switch (load(flushing)) {
        case Loaded::ready: break;
        case Loaded::more: return {};
        case Loaded::lingers: return {std::min(until(*m_linger_until), confirm_in), false};
        case Loaded::nothing: return {confirm_in, !awaits_confirmation()};
        case Loaded::failed: return {until(m_not_before), false};
        }
    }
    send(stop);
    if (m_surroundings.now() >= m_not_before) return {};
    // What was sent before is asked about while this waits.
    return {awaits_confirmation() ? std::min(until(m_not_before), until(m_next_confirm)) : until(m_not_before), false};
}

Courier::Loaded Courier::load(bool flushing)
{
    const auto limit = [](auto value) { return static_cast<std::size_t>(std::max<decltype(value)>(value, 1)); };
    auto pending = m_store.pending(m_sink.name, m_cursor, {.events = limit(m_sink.batch_events), .bytes = limit(m_sink.batch_bytes.bytes)},
                                   [&](const state::EventRow& event) { return wants(m_sink, event); });
    if (!pending) {
        store_failed(pending.error());
        return Loaded::failed;
    }
    if (pending->events.empty()) {
        if (pending->through <= m_cursor) {
            m_linger_until.reset();
            return Loaded::nothing;
        }
        m_batch.load(std::move(*pending));
        settle();
        return Loaded::more;
    }
    const auto now = m_surroundings.now();
    if (!m_linger_until) m_linger_until = now + m_sink.linger;
    // After a failure the events have waited already.
    const bool lingers = !flushing && !pending->retried && m_retry_reason.empty() && !is_full(*pending);
    if (lingers && now < *m_linger_until) return Loaded::lingers;
    m_linger_until.reset();
    m_batch.load(std::move(*pending));
    return Loaded::ready;
}

/// Whether waiting would add nothing: the batch has no room for one more event of average length.
bool Courier::is_full(const state::Pending& pending) const
{
    std::size_t bytes = 0;
    for (const auto& event : pending.events)
        bytes += event.body.size();
    return pending.events.size() >= static_cast<std::size_t>(m_sink.batch_events) || bytes + bytes / pending.events.size() > m_sink.batch_bytes.bytes;
}

void Courier::send(const std::stop_token& stop)
{
    const auto events = m_batch.next();
    const auto count = events.size();
    {
        const std::lock_guard lock{m_mutex};
        m_facts.events += count;
        if (!m_retry_reason.empty()) ++m_facts.retries[m_retry_reason];
    }
    m_retry_reason.clear();
    auto delivery = send_by(*m_transport, events, stop);
    if (stop.stop_requested() && delivery.answer == Answer::transient) return; // says nothing about the receiver
    if (delivery.items.size() != count) delivery.items.clear();
    if (count == 1 && delivery.items.size() == 1 && delivery.items.front() == Answer::too_large) {
        delivery.answer = Answer::too_large;
        delivery.items.clear();
    }
    delivery.accepted_first = std::min(delivery.accepted_first, count);
    judge(delivery, count);
    decide();
    settle();
}

void Courier::judge(const Delivery& delivery, std::size_t count)
{
    if (!delivery.items.empty()) return judge_each(delivery);
    const bool failed = delivery.answer != Answer::delivered && delivery.answer != Answer::sent;
    if (!failed) {
        const bool kept_none = delivery.rejected >= static_cast<std::int64_t>(count);
        took(count, kept_none ? Taken::dropped : delivery.answer == Answer::delivered ? Taken::confirmed : Taken::unconfirmed);
        if (delivery.rejected > 0) {
            const std::lock_guard lock{m_mutex};
            m_facts.lost[std::string{k_rejected}] += static_cast<std::uint64_t>(delivery.rejected);
            m_facts.last_error = words(delivery);
        }
        return succeed();
    }
    const auto left = count - delivery.accepted_first;
    if (delivery.answer == Answer::event_fault || delivery.answer == Answer::too_large) return judge_refusal(delivery, left);
    took(delivery.accepted_first, Taken::confirmed);
    if (delivery.answer == Answer::transient) {
        count_failures(k_transient, left);
        return back_off(delivery, k_transient);
    }
    count_failures(k_sink_fault, left);
    pause(delivery);
}

/// The receiver answers for each event (a bulk request).
void Courier::judge_each(const Delivery& delivery)
{
    const auto is = [&](Answer answer) { return static_cast<std::size_t>(std::ranges::count(delivery.items, answer)); };
    const auto last = m_batch.next().back().sequence;
    std::vector<std::int64_t> retried;
    for (std::size_t i = 0; m_batch.retried() && i < delivery.items.size(); ++i)
        if (delivery.items[i] == Answer::delivered) retried.push_back(m_batch.next()[i].sequence);
    if (!unpark(retried)) return forget();
    if (is(Answer::event_fault) > 0) m_refusal = words(delivery);
    const auto taken = m_batch.answer_each(delivery.items, delivery.reason, delivery.status);
    if (is(Answer::sent) > 0) m_last_sent = last;
    count_failures(k_event_fault, is(Answer::event_fault));
    count_failures(k_too_large, is(Answer::too_large));
    const auto faults = is(Answer::sink_fault) + is(Answer::disabled);
    count_failures(k_sink_fault, faults);
    count_failures(k_transient, is(Answer::transient));
    if (taken > 0) {
        m_trusted = true;
        succeed();
        const std::lock_guard lock{m_mutex};
        m_facts.last_success = m_surroundings.wall();
    }
    if (faults > 0) return pause(delivery);
    if (is(Answer::transient) > 0) back_off(delivery, k_transient);
}

void Courier::judge_refusal(const Delivery& delivery, std::size_t count)
{
    const bool is_size = delivery.answer == Answer::too_large;
    count_failures(is_size ? k_too_large : k_event_fault, count);
    {
        const std::lock_guard lock{m_mutex};
        m_facts.last_error = words(delivery);
    }
    if (delivery.accepted_first > 0) {
        took(delivery.accepted_first, Taken::confirmed);
        if (!is_size && count > 0) m_batch.take_before_refused(0);
        return;
    }
    if (is_size) {
        (void)m_batch.reduce(delivery.reason, delivery.status);
        return;
    }
    m_refusal = words(delivery);
    const bool was_single = count == 1;
    // A receiver that refuses an event once may be in a bad moment: give it some time before the next of the attempts.
    if (!m_batch.refuse(delivery.reason, delivery.status) && was_single)
        m_not_before = m_surroundings.now() + Backoff{m_sink.retry_base, m_sink.retry_base * 2}.next(m_surroundings.random(), delivery.wait);
}

/// The receiver has the first `count` events of the batch.
void Courier::took(std::size_t count, Taken how)
{
    if (count == 0) return;
    const bool confirmed = how != Taken::unconfirmed;
    const auto events = m_batch.next().first(count);
    const auto last = events.back().sequence;
    if (!confirmed && !awaits_confirmation()) m_next_confirm = m_surroundings.now() + m_transport->confirm_interval();
    if (m_batch.retried()) {
        std::vector<std::int64_t> sequences;
        for (const auto& event : events)
            sequences.push_back(event.sequence);
        if (!confirmed) {
            m_ledger.add({.last = last, .retried = std::move(sequences)});
        } else if (!unpark(sequences)) {
            return forget();
        }
    } else if (!confirmed) {
        m_last_sent = last;
    }
    m_batch.take(count);
    if (how == Taken::dropped) return; // the receiver has none of them: no proof that it takes any
    m_trusted = true;
    const std::lock_guard lock{m_mutex};
    m_facts.last_success = m_surroundings.wall();
}

/// Sets refused events aside, or finds that not they are at fault.
void Courier::decide()
{
    if (m_paused_now || m_batch.refused().empty()) return;
    bool has_more = false;
    if (m_batch.empty() && !m_batch.retried()) {
        // Others may tell whether the receiver takes anything.
        auto more = m_store.pending(m_sink.name, std::max(m_cursor, m_batch.through()), {.events = 1, .bytes = 1},
                                    [&](const state::EventRow& event) { return wants(m_sink, event); });
        if (!more) return store_failed(more.error());
        if (!more->retried && more->through > m_batch.through()) {
            has_more = true;
            m_batch.extend(std::move(*more));
        }
    }
    const auto last = m_batch.refused().back();
    switch (m_batch.decide(m_trusted, has_more)) {
    case Batch::Decision::none: return;
    case Batch::Decision::ask_others:
        if (m_batch.empty()) decide(); // the filter left out what came
        return;
    case Batch::Decision::park: {
        const bool by_evidence = m_batch.decide(false, false) == Batch::Decision::park;
        if (!park_refused()) return;
        if (!by_evidence) m_trusted = false; // the next one alone would be the second in a row
        return;
    }
    case Batch::Decision::sink_fault: break;
    }
    m_trusted = false;
    pause({.answer = Answer::sink_fault,
           .reason = "all_refused",
           .status = last.status,
           .detail = fmt::format("the receiver refuses every event: nothing is set aside until it takes one; see its index, mapping, limits or the "
                                 "certificate it wants. It says: {}",
                                 m_refusal.empty() ? last.reason : m_refusal)});
    forget();
}

bool Courier::park_refused()
{
    for (const auto& refused : m_batch.refused()) {
        const auto parked = m_store.park(m_sink.name, refused.sequence, refused.reason, refused.status);
        if (!parked) {
            store_failed(parked.error());
            forget();
            return false;
        }
    }
    m_batch.parked();
    return true;
}

/// Moves the position past what is dealt with.
void Courier::settle()
{
    const auto through = m_batch.settled_through();
    if (through <= m_cursor) return;
    m_cursor = through;
    if (awaits_confirmation()) {
        m_ledger.add({.last = m_last_sent, .through = through});
        m_last_sent = 0;
        return;
    }
    m_acknowledge = through;
    acknowledge();
}

/// Tells the store. False: it fails, and is told again later; the events are not sent again for that.
bool Courier::acknowledge()
{
    if (m_acknowledge == 0) return true;
    const auto done = m_store.acknowledge(m_sink.name, m_acknowledge);
    if (!done) {
        store_failed(done.error());
        return false;
    }
    m_acknowledge = 0;
    return true;
}

void Courier::ask_for_confirmation()
{
    Confirmation news;
    try {
        news = m_transport->confirm();
    } catch (const std::exception& error) {
        news = {.broken = true, .reason = "internal", .detail = printable(error.what(), k_detail_bytes)};
    }
    m_next_confirm = m_surroundings.now() + m_transport->confirm_interval();
    m_confirmed = std::max(m_confirmed, m_ledger.has_retried() ? 0 : news.through);
    bool some = false;
    while (const auto entry = m_ledger.settle(m_ledger.has_retried() ? news.through : m_confirmed)) {
        some = true;
        if (!unpark(entry->retried)) return forget();
        if (entry->through > 0) m_acknowledge = std::max(m_acknowledge, entry->through);
    }
    if (m_last_sent != 0 && m_last_sent <= m_confirmed) m_last_sent = 0;
    if (some) {
        const std::lock_guard lock{m_mutex};
        m_facts.last_success = m_surroundings.wall();
    }
    if (some) acknowledge(); // at once: what is sent next may have to wait long
    if (!news.broken) return;
    back_off({.reason = news.reason, .detail = news.detail}, k_replay);
    forget();
}

bool Courier::unpark(const std::vector<std::int64_t>& sequences)
{
    for (const auto sequence : sequences) {
        const auto done = m_store.unpark(m_sink.name, sequence);
        if (done) continue;
        store_failed(done.error());
        return false;
    }
    return true;
}

/// Goes back to the store's position; what was sent after it is sent again.
void Courier::forget()
{
    m_batch.clear();
    m_ledger.clear();
    m_last_sent = 0;
    m_cursor = m_acknowledge; // what is confirmed and only not told the store yet is not sent again
    m_linger_until.reset();
}

void Courier::succeed()
{
    m_backoff.reset();
    enter(State::ok, {});
}

void Courier::back_off(const Delivery& delivery, std::string_view kind)
{
    m_retry_reason = kind;
    m_not_before = m_surroundings.now() + m_backoff.next(m_surroundings.random(), delivery.wait);
    if (m_batch.is_fresh() && m_batch.refused().empty()) m_batch.clear(); // by then there may be more, or the store has given some up
    // A sink that is paused stays so until it takes something: a receiver that flaps makes one pause, not many.
    enter(is_pause(m_state) ? m_state : State::retrying, delivery);
}

void Courier::pause(const Delivery& delivery)
{
    m_paused_now = true;
    m_retry_reason = k_sink_fault;
    const bool disabled = delivery.answer == Answer::disabled;
    m_not_before = m_surroundings.now() + m_backoff.longest(m_surroundings.random(), delivery.wait);
    if (m_batch.is_fresh() && m_batch.refused().empty()) m_batch.clear();
    enter(disabled ? State::disabled : is_about_credentials(delivery) ? State::auth_failed : State::paused, delivery);
}

void Courier::store_failed(const Error& error)
{
    back_off({.reason = "store", .detail = error.message}, k_transient);
}

void Courier::enter(State state, const Delivery& delivery)
{
    Change change{.sink = m_sink.name, .now = state, .reason = delivery.reason, .detail = state == State::ok ? std::string{} : words(delivery)};
    change.before = std::exchange(m_state, state);
    {
        const std::lock_guard lock{m_mutex};
        m_facts.state = state;
        if (state != State::ok) m_facts.last_error = change.detail;
    }
    if (change.before != change.now && m_surroundings.on_change) m_surroundings.on_change(change);
}

Result<std::string> Courier::test(const state::EventRow& event, const std::stop_token& stop)
{
    const auto delivery = send_by(*m_transport, {&event, 1}, stop);
    auto answer = delivery.answer;
    if (delivery.items.size() == 1) answer = delivery.items.front();
    if (answer == Answer::delivered || answer == Answer::sent) {
        if (delivery.rejected > 0)
            return failure(Error::Kind::protocol, fmt::format("{}: the receiver dropped it: {}", m_sink.name, words(delivery)));
        // The way is free: what waited for its back-off may go.
        m_not_before = {};
        succeed();
        if (answer == Answer::sent) return fmt::format("{}: sent; the receiver has not confirmed it yet", m_sink.name);
        return delivery.status == 0 ? fmt::format("{}: taken", m_sink.name) : fmt::format("{}: taken, HTTP {}", m_sink.name, delivery.status);
    }
    const auto kind = is_about_credentials(delivery) ? Error::Kind::unauthorized
                      : answer == Answer::transient  ? Error::Kind::unreachable
                                                     : Error::Kind::protocol;
    return failure(kind, fmt::format("{}: {}", m_sink.name, words(delivery)));
}

void Courier::count_failures(std::string_view kind, std::size_t count)
{
    if (count == 0) return;
    const std::lock_guard lock{m_mutex};
    m_facts.failures[std::string{kind}] += count;
}

Facts Courier::facts() const
{
    const std::lock_guard lock{m_mutex};
    return m_facts;
}

milliseconds Courier::until(Clock::time_point time) const
{
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(time - m_surroundings.now()));
}

} // namespace seaworthy::sinks
