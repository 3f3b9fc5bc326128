// SPDX-License-Identifier: Apache-2.0
#include "sinks/batch.hpp"

#include <algorithm>
#include <iterator>

#include "seaworthy/events/encoding.hpp"

namespace seaworthy::sinks {
namespace {

constexpr std::size_t k_refused_in_a_row = 10; ///< without one that is taken: the receiver refuses everything
constexpr int k_taken_before_growth = 16;      ///< requests in a row, before a larger one is tried again

} // namespace

void Batch::load(state::Pending pending)
{
    clear();
    m_events = std::move(pending.events);
    m_through = pending.through;
    m_retried = pending.retried;
}

void Batch::extend(state::Pending pending)
{
    m_through = pending.through;
    m_events.insert(m_events.end(), std::make_move_iterator(pending.events.begin()), std::make_move_iterator(pending.events.end()));
}

void Batch::clear()
{
    m_events.clear();
    m_refused.clear();
    m_through = 0;
    m_retried = false;
    m_fresh = true;
    m_accepted = 0;
    m_suspects = 0;
    m_attempts = 0;
    m_shrunk = false;
}

std::int64_t Batch::settled_through() const
{
    if (!m_refused.empty() || m_retried) return 0;
    return m_events.empty() ? m_through : m_events.front().sequence - 1;
}

std::span<const state::EventRow> Batch::next() const
{
    std::size_t count = m_events.size();
    if (is_probing()) {
        count = 1;
    } else if (m_suspects > 0) {
        count = std::max<std::size_t>(m_suspects / 2, 1);
    }
    return std::span{m_events}.first(std::min({count, m_most, m_events.size()}));
}

void Batch::take(std::size_t count)
{
    if (count == 0) return;
    m_accepted += count;
    drop_first(count);
    m_fresh = m_fresh && m_events.empty();
    if (++m_taken_in_a_row >= k_taken_before_growth && m_most < m_events.max_size() / 2) {
        m_most *= 2;
        m_taken_in_a_row = 0;
    }
}

void Batch::take_before_refused(std::size_t count)
{
    take(count);
    m_suspects = std::min<std::size_t>(1, m_events.size());
    m_fresh = false;
}

bool Batch::refuse(const std::string& reason, int status)
{
    m_fresh = false;
    const auto count = next().size();
    if (count > 1) {
        m_suspects = count;
        return false;
    }
    // Whoever asks to try a parked event again wants one answer; so does the question whether the receiver takes anything at all.
    const int attempts = m_retried || is_probing() ? 1 : m_poison_attempts;
    if (++m_attempts < attempts) return false;
    set_aside(reason, status, false);
    return true;
}

std::size_t Batch::answer_each(std::span<const Answer> answers, const std::string& reason, int status)
{
    m_fresh = false;
    std::vector<state::EventRow> left;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answers[i] == Answer::delivered || answers[i] == Answer::sent) {
            ++taken;
        } else if (answers[i] == Answer::event_fault) {
            m_refused.push_back({m_events[i].sequence, reason, status});
        } else {
            left.push_back(std::move(m_events[i]));
        }
    }
    const auto rest = m_events.begin() + std::ssize(answers);
    std::move(rest, m_events.end(), std::back_inserter(left));
    m_events = std::move(left);
    m_accepted += taken;
    m_suspects = std::ranges::find(answers, Answer::too_large) == answers.end() ? 0 : 1;
    m_attempts = 0;
    m_shrunk = false;
    return taken;
}

bool Batch::reduce(const std::string& reason, int status)
{
    m_fresh = false;
    m_taken_in_a_row = 0;
    const auto count = next().size();
    if (count > 1) {
        m_most = count / 2;
        return true;
    }
    if (!m_shrunk) {
        m_shrunk = true;
        auto& event = m_events.front();
        for (const auto most : {event.body.size() / 2, event.body.size() / 4 * 3}) {
            auto shorter = events::shrink(event.body, most);
            if (!shorter || shorter->size() >= event.body.size()) continue;
            event.body = std::move(*shorter);
            return true;
        }
    }
    set_aside(reason, status, true);
    return false;
}

Batch::Decision Batch::decide(bool trusted, bool has_more) const
{
    if (m_refused.empty()) return Decision::none;
    if (m_retried || m_accepted >= m_refused.size()) return Decision::park;
    if (m_refused.size() >= k_refused_in_a_row) return Decision::sink_fault;
    if (!m_events.empty() || has_more) return Decision::ask_others;
    // The size of a lone event explains its refusal without any fault of the sink.
    return m_refused.size() == 1 && (trusted || m_refused.front().for_size) ? Decision::park : Decision::sink_fault;
}

void Batch::drop_first(std::size_t count)
{
    m_events.erase(m_events.begin(), m_events.begin() + static_cast<std::ptrdiff_t>(std::min(count, m_events.size())));
    m_suspects -= std::min(m_suspects, count);
    m_attempts = 0;
    m_shrunk = false;
}

void Batch::set_aside(const std::string& reason, int status, bool for_size)
{
    m_refused.push_back({m_events.front().sequence, reason, status, for_size});
    drop_first(1);
    m_suspects = 0; // the one that was looked for
}

} // namespace seaworthy::sinks
