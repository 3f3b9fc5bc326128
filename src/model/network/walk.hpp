// SPDX-License-Identifier: Apache-2.0
// The way of traffic through the policies that select a pod, from the strongest to the weakest.
#pragma once

#include <span>

#include "model/network/policy.hpp"

namespace seaworthy::model {

struct Selected {
    const Policy* policy = nullptr;
    bool surely = true; ///< false: its selector cannot be resolved
};

/// What cannot be resolved is taken once so that least gets through, and once so that most does. Where both agree, it does not matter.
enum class Bound : std::uint8_t { least, most };

/// One connection, as a space of one cell.
struct OneCell {
    bool set = false;
    [[nodiscard]] bool any() const { return set; }
    void clear() { set = false; }
    void remove(OneCell other) { set = set && !other.set; }
    friend OneCell operator&(OneCell a, OneCell b) { return {a.set && b.set}; }
    friend OneCell operator|(OneCell a, OneCell b) { return {a.set || b.set}; }
    friend bool operator==(OneCell, OneCell) = default;
};

template <typename Cells>
struct Ending {
    Cells allowed;
    Cells open;           ///< nothing decided
    bool unclear = false; ///< the two bounds say nothing about it: what is skipped, or in which order, cannot be told
};

/// Takes policies one by one, in the order of their places.
template <typename Cells>
class Walk {
public:
    Walk(Direction direction, Bound bound, Cells everything) : m_direction(direction), m_bound(bound) { m_ending.open = everything; }

    /// `rules(way, step)` calls `step(action, sure, possible)` for each rule that matters, with the cells that it covers.
    template <typename Rules>
    void enter(const Selected& selected, Rules rules)
    {
        const auto& way = selected.policy->way(m_direction);
        if (!way.affects) return;
        if (m_tier == nullptr || !m_tier->place.same_tier(selected.policy->place)) leave_tier();
        m_tier = selected.policy;
        const bool surely = selected.surely && !selected.policy->unplaced;
        const auto isolates = surely || way.isolates == Match::no ? way.isolates : Match::unresolved;
        m_tier_isolates = m_tier_isolates || isolates == Match::yes || (isolates == Match::unresolved && m_bound == Bound::least);
        rules(way, [&](PolicyAction action, const Cells& sure, const Cells& possible) { step(*selected.policy, surely, action, sure, possible); });
    }

    [[nodiscard]] Ending<Cells> end()
    {
        leave_tier();
        // Where a tier closes what it does not decide, what it passes on to nobody is as good as allowed.
        if (m_closed) {
            m_ending.allowed = m_ending.allowed | m_ending.open;
            m_ending.open.clear();
        }
        return m_ending;
    }

private:
    void step(const Policy& policy, bool surely, PolicyAction action, const Cells& sure, const Cells& possible)
    {
        auto cells = sure;
        if (action == PolicyAction::pass) {
            m_ending.unclear = m_ending.unclear || !surely || !(sure == possible);
        } else if ((action == PolicyAction::deny) == (m_bound == Bound::least)) {
            cells = possible;
        } else if (!surely) {
            return;
        }
        check_order(policy, action, cells);
        cells = cells & m_ending.open;
        if (action == PolicyAction::allow) m_ending.allowed = m_ending.allowed | cells;
        if (action == PolicyAction::pass) m_passed = m_passed | cells;
        m_ending.open.remove(cells);
    }

    /// Of two that contradict each other in one place, an implementation may take either.
    void check_order(const Policy& policy, PolicyAction action, const Cells& cells)
    {
        if (!policy.any_order || !cells.any()) return;
        if (m_last != nullptr && m_last->name != policy.name && m_last->place.same_tier(policy.place) && m_last->place.rank == policy.place.rank &&
            m_last->place.order == policy.place.order && m_last_action != action)
            m_ending.unclear = true;
        m_last = &policy;
        m_last_action = action;
    }

    void leave_tier()
    {
        if (m_tier_isolates && m_tier != nullptr && !m_tier->tier_passes) {
            m_ending.open.clear();
            m_closed = true;
        }
        m_ending.open = m_ending.open | m_passed;
        m_passed.clear();
        m_tier_isolates = false;
    }

    Direction m_direction;
    Bound m_bound;
    Ending<Cells> m_ending{};
    Cells m_passed{};
    const Policy* m_tier = nullptr; ///< the last policy, which stands for its tier
    bool m_tier_isolates = false;
    bool m_closed = false;
    const Policy* m_last = nullptr;
    PolicyAction m_last_action = PolicyAction::allow;
};

} // namespace seaworthy::model
