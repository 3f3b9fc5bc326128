// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "seaworthy/config/events.hpp"
#include "seaworthy/events/journal.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::app {

/// What events say of objects besides the verdicts, taken while their inventory is there: labels that `events.labels` chooses, and when those
/// that changed less than `events.settle` ago did. Of all others nothing is kept. Outlives the inventory; changes no more once it is made.
class ObjectNotes {
public:
    ObjectNotes() = default;
    ObjectNotes(const model::Inventory& inventory, const config::Events& settings);

    [[nodiscard]] events::ObjectFacts of(const report::Object& object) const;

private:
    using Labels = std::vector<std::pair<std::string, std::string>>;
    struct Note {
        Timestamp changed;
        std::shared_ptr<const Labels> labels; ///< nullptr: none were chosen
    };
    class Taker;

    std::unordered_map<std::string, Note> m_notes;
};

} // namespace seaworthy::app
