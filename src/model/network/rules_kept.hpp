// SPDX-License-Identifier: Apache-2.0
// What is kept of policies' rules: of many thousands, little more than what they cover.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "model/network/policy.hpp"

namespace seaworthy::model {

/// The covers of rules, each distinct one once: nearly all are everything.
class Covers {
public:
    void make_wide(Policy& policy)
    {
        for (const auto direction : {Direction::ingress, Direction::egress}) {
            auto& way = policy.way(direction);
            for (const auto& rule : way.rules) {
                auto cover = cover_of(rule);
                if (cover.possible.any()) way.wide.push_back({rule.action, kept(cover)});
            }
            if (policy.kubernetes != nullptr) std::vector<TrafficRule>{}.swap(way.rules);
        }
    }

private:
    /// Few are compared: what is beyond is kept for itself.
    std::shared_ptr<const Cover> kept(const Cover& cover)
    {
        constexpr std::size_t k_compared = 32;
        for (const auto& known : m_known)
            if (known->sure == cover.sure && known->possible == cover.possible) return known;
        auto made = std::make_shared<const Cover>(cover);
        if (m_known.size() < k_compared) m_known.push_back(made);
        return made;
    }

    std::vector<std::shared_ptr<const Cover>> m_known;
};

/// Calls `visit(rule)` for the rules of a policy in a direction.
template <typename Visit>
void for_each_rule(const Policy& policy, Direction direction, Visit visit)
{
    if (policy.kubernetes == nullptr) {
        for (const auto& rule : policy.way(direction).rules)
            visit(rule);
        return;
    }
    for (const auto& rule : read_rules(*policy.kubernetes, direction))
        visit(rule);
}

} // namespace seaworthy::model
