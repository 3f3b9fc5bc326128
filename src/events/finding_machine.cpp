// SPDX-License-Identifier: Apache-2.0
#include "events/finding_machine.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace seaworthy::events {
namespace {

using check::Status;

/// An object that never rests hides nothing for longer than so many times `settle`.
constexpr int k_longest_wait = 10;

enum class Action : std::uint8_t {
    ignore,
    open,    ///< once the object has settled and enough audits have shown it
    reopen,  ///< likewise
    compare, ///< was and is open
    suppress,
    refresh,    ///< was and is suppressed: nobody is told how it changes
    lapse,      ///< the exemption has gone
    lose,       ///< cannot be looked at any more
    regain,     ///< can be looked at again
    still_gone, ///< not there again, though it may have been seen once
    distrust,   ///< an unknown between passes: they are not in a row
    count,      ///< an audit without it
    forget,     ///< it never was more than a change in progress
};

using enum Action;
constexpr std::size_t k_sights = 8;
constexpr std::size_t k_phases = 6;

// An unknown never leads to `closed`, from wherever.
constexpr std::array<std::array<Action, k_sights>, k_phases> k_actions{{
    /*                finding  exempt    unknown   pass        not appl.   absent      retired     out of scope */
    /* none        */ {open, suppress, ignore, ignore, ignore, ignore, ignore, ignore},
    /* settling    */ {open, suppress, ignore, forget, forget, forget, forget, forget},
    /* open        */ {compare, suppress, lose, count, count, count, count, count},
    /* suppressed  */ {lapse, refresh, distrust, count, count, count, count, count},
    /* unevaluated */ {regain, suppress, distrust, count, count, count, count, count},
    /* closed      */ {reopen, suppress, ignore, still_gone, still_gone, still_gone, still_gone, still_gone},
}};

constexpr std::array<std::string_view, k_phases> k_phase_names{"none", "settling", "open", "suppressed", "unevaluated", "closed"};

struct Closing {
    Sight sight;
    Transition transition;
    Status status;
};
constexpr Closing k_closings[] = {
    {Sight::pass, Transition::resolved, Status::pass},
    {Sight::not_applicable, Transition::not_applicable, Status::not_applicable},
    {Sight::absent, Transition::deleted, Status::not_applicable},
    {Sight::retired, Transition::retired, Status::not_applicable},
    {Sight::out_of_scope, Transition::out_of_scope, Status::not_applicable},
};

class Mover {
public:
    Mover(Standing& standing, const Observation& seen, const Moment& moment) : m_standing(standing), m_seen(seen), m_moment(moment)
    {
        if (standing.phase != Phase::none && standing.phase != Phase::settling) m_step.from = standing.row.status;
    }

    Step run()
    {
        const auto before = m_standing.phase;
        act(k_actions[static_cast<std::size_t>(before)][static_cast<std::size_t>(m_seen.sight)]);
        if (m_step.transition) count_transition();
        damp();
        return m_step;
    }

private:
    void act(Action action)
    {
        switch (action) {
        case ignore: return;
        case Action::open: return begin(Transition::opened);
        case reopen: return begin(Transition::reopened);
        case compare: return compare_with_row();
        case suppress: return go_suppressed();
        case refresh: return take_over_quietly();
        case lapse: return enter(Phase::open, Transition::exemption_ended);
        case lose: return go_unevaluated();
        case regain: return enter(Phase::open, Transition::evaluated);
        case distrust: return forget_passes();
        case still_gone: return forget_sightings();
        case Action::count: return count_pass();
        case forget:
            m_step.changed = true;
            m_step.forgotten = true;
            return;
        }
    }

    void begin(Transition transition)
    {
        if (must_wait()) return;
        begin_episode();
        enter(Phase::open, transition);
    }

    void begin_episode()
    {
        m_standing.memory.waiting_since = 0;
        m_standing.memory.sightings = 0;
        ++m_standing.row.episode;
        if (m_standing.row.first_seen == 0) m_standing.row.first_seen = m_moment.now;
    }

    /// True: nothing is said of it in this audit.
    bool must_wait()
    {
        if (!is_unsettled() && !is_seldom_seen()) return false;
        if (m_standing.phase != Phase::none) return true;
        m_standing.phase = Phase::settling;
        m_standing.row.first_seen = m_moment.now;
        take_over_quietly();
        return true;
    }

    bool is_unsettled()
    {
        auto& since = m_standing.memory.waiting_since;
        if (m_seen.settled) return false;
        if (since > m_moment.now) since = m_moment.now; // the clock was put back
        if (since != 0) return m_moment.now - since < k_longest_wait * m_moment.settings.settle.count();
        since = m_moment.now;
        m_step.changed = true;
        return true;
    }

    bool is_seldom_seen()
    {
        auto& memory = m_standing.memory;
        const int wanted = m_moment.is_first ? 1 : m_moment.settings.open_after;
        if (wanted <= 1) return false;
        if (memory.sightings == 0 || memory.counted != m_moment.audit) {
            ++memory.sightings;
            memory.counted = m_moment.audit;
            m_step.changed = true;
        }
        return memory.sightings < wanted;
    }

    /// A closed finding that is not there: what was seen of it before was no row of audits.
    void forget_sightings()
    {
        if (m_standing.memory.sightings == 0) return;
        m_standing.memory.sightings = 0;
        m_step.changed = true;
    }

    /// The verdict as it is now becomes the row's.
    void take_over_quietly()
    {
        auto& [row, phase, memory] = m_standing;
        const auto status = check::name(m_seen.status);
        const auto severity = check::name(m_seen.severity);
        if (row.status == status && row.severity == severity && memory.shape == m_seen.shape && memory.exemption == m_seen.exemption &&
            memory.passes == 0)
            return;
        row.status = status;
        row.severity = severity;
        memory.shape = m_seen.shape;
        memory.exemption = m_seen.exemption;
        memory.passes = 0;
        m_step.changed = true;
    }

    void enter(Phase phase, Transition transition)
    {
        m_standing.phase = phase;
        take_over_quietly();
        m_step.transition = transition;
    }

    void compare_with_row()
    {
        const auto& row = m_standing.row;
        if (row.severity != check::name(m_seen.severity))
            m_step.transition = Transition::severity_changed;
        else if (row.status != check::name(m_seen.status))
            m_step.transition = Transition::status_changed;
        else if (m_standing.memory.shape != m_seen.shape)
            m_step.transition = Transition::evidence_changed;
        take_over_quietly();
    }

    void go_suppressed()
    {
        const bool is_new = m_standing.phase == Phase::none || m_standing.phase == Phase::settling || m_standing.phase == Phase::closed;
        if (is_new) begin_episode();
        enter(Phase::suppressed, Transition::suppressed);
    }

    void go_unevaluated()
    {
        m_standing.phase = Phase::unevaluated;
        m_standing.row.status = check::name(Status::unknown);
        m_standing.memory.passes = 0;
        m_step.transition = Transition::unevaluated;
    }

    void forget_passes()
    {
        if (m_standing.memory.passes == 0) return;
        m_standing.memory.passes = 0;
        m_step.changed = true;
    }

    void count_pass()
    {
        auto& memory = m_standing.memory;
        if (!m_seen.settled) return;
        if (memory.passes > 0 && memory.counted == m_moment.audit) return;
        ++memory.passes;
        memory.counted = m_moment.audit;
        m_step.changed = true;
        if (memory.passes < m_moment.settings.resolve_after) return;
        const auto* closing = std::ranges::find(k_closings, m_seen.sight, &Closing::sight);
        m_standing.phase = Phase::closed;
        m_standing.row.status = check::name(closing->status);
        memory.passes = 0;
        memory.exemption.clear();
        m_step.transition = closing->transition;
    }

    void count_transition()
    {
        auto& [row, phase, memory] = m_standing;
        ++row.revision;
        row.last_change = m_moment.now;
        m_step.changed = true;
        if (!facts_of(*m_step.transition).opens_or_closes) return;
        memory.moves.push_back(m_moment.now);
        const auto most = static_cast<std::size_t>(m_moment.settings.flap_transitions);
        if (memory.moves.size() > most) memory.moves.erase(memory.moves.begin(), memory.moves.end() - static_cast<std::ptrdiff_t>(most));
    }

    /// Tells that a finding flaps instead of what it does, and where it ends.
    void damp()
    {
        auto& memory = m_standing.memory;
        const auto& settings = m_moment.settings;
        if (memory.flapping) {
            if (m_standing.row.last_change > m_moment.now) { // the clock was put back
                m_standing.row.last_change = m_moment.now;
                m_step.changed = true;
            }
            if (m_step.transition)
                m_step.transition.reset();
            else if (m_moment.now - m_standing.row.last_change >= settings.flap_quiet.count())
                end_flapping();
        } else if (m_step.transition && facts_of(*m_step.transition).opens_or_closes) {
            const auto oldest = m_moment.now - settings.flap_window.count();
            const auto recent = std::ranges::count_if(memory.moves, [&](auto at) { return at > oldest && at <= m_moment.now; });
            if (recent >= settings.flap_transitions) {
                memory.flapping = true;
                m_step.transition = Transition::flapping;
            }
        }
        if (m_step.transition) memory.told = m_moment.now;
    }

    void end_flapping()
    {
        m_standing.memory.flapping = false;
        m_standing.memory.moves.clear();
        ++m_standing.row.revision;
        m_step.changed = true;
        m_step.transition = resting_transition();
    }

    [[nodiscard]] Transition resting_transition() const
    {
        switch (m_standing.phase) {
        case Phase::suppressed: return Transition::suppressed;
        case Phase::unevaluated: return Transition::unevaluated;
        case Phase::closed: {
            if (m_standing.row.status == check::name(Status::pass)) return Transition::resolved;
            const auto* closing = std::ranges::find(k_closings, m_seen.sight, &Closing::sight);
            return closing != std::end(k_closings) && m_seen.sight != Sight::pass ? closing->transition : Transition::not_applicable;
        }
        case Phase::none:
        case Phase::settling:
        case Phase::open: break;
        }
        return Transition::stable;
    }

    Standing& m_standing;
    const Observation& m_seen;
    const Moment& m_moment;
    Step m_step;
};

} // namespace

std::string_view name(Phase phase)
{
    return k_phase_names.at(static_cast<std::size_t>(phase));
}

Phase find_phase(std::string_view name)
{
    const auto* const found = std::ranges::find(k_phase_names, name);
    return found == k_phase_names.end() ? Phase::none : static_cast<Phase>(found - k_phase_names.begin());
}

Standing read_standing(state::FindingRow row)
{
    Standing standing;
    standing.phase = find_phase(row.phase);
    standing.memory = decode_memory(row.memory);
    standing.row = std::move(row);
    return standing;
}

state::FindingRow seal(const Standing& standing)
{
    auto row = standing.row;
    row.phase = name(standing.phase);
    row.memory = encode_memory(standing.memory);
    return row;
}

Step advance(Standing& standing, const Observation& seen, const Moment& moment)
{
    return Mover{standing, seen, moment}.run();
}

void tell_again(Standing& standing, const Moment& moment)
{
    ++standing.row.revision;
    standing.memory.told = moment.now;
}

} // namespace seaworthy::events
