// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <typeindex>
#include <unordered_map>

namespace seaworthy::check {

/// What several rules derive from the inventory, made by the first that asks and once an audit: a rule that is asked about each workload must
/// not go through all of them each time. Not thread-safe: rules follow one another.
class Derived {
public:
    /// The Fact of this audit; `make()` gives it where nobody has asked yet. It lives as long as this does.
    template <typename Fact, typename Make>
    const Fact& get(Make make)
    {
        auto& place = m_facts[typeid(Fact)];
        if (place == nullptr) place = std::make_shared<Fact>(make());
        return *static_cast<const Fact*>(place.get());
    }

private:
    std::unordered_map<std::type_index, std::shared_ptr<void>> m_facts;
};

} // namespace seaworthy::check
