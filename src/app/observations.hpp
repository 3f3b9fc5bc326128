// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "app/log.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/model/document.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::app {

/// Where audits and probes find what earlier ones saw: the state database. Without one nothing is found, and nothing kept beyond the process.
/// A copy is as good as the original; both are outlived by the store and the log.
class Observations {
public:
    Observations() = default;
    Observations(state::Store* store, Log* log) : m_store(store), m_log(log) {}

    [[nodiscard]] bool kept() const { return m_store != nullptr; }
    /// Gives all of a kind to `take`, by key and time. A database is a file that anything may have written to: what `take` says false to is left
    /// out, and the log says how many.
    void load(std::string_view kind, const std::function<bool(const state::Observation&)>& take) const;
    /// As Store::observe(). A failure is told in the log, and what could not be kept is lost with this process.
    void save(std::string_view kind, const std::vector<state::Observation>& observations, Timestamp oldest,
              state::Keep keep = state::Keep::all) const;

private:
    state::Store* m_store = nullptr;
    Log* m_log = nullptr;
};

[[nodiscard]] state::Milliseconds milliseconds_of(Timestamp time);
/// The whole number that a JSON value is, if it is one from `least` to `most`.
[[nodiscard]] std::optional<std::int64_t> whole_number(const model::Value& value, std::int64_t least, std::int64_t most);

} // namespace seaworthy::app
