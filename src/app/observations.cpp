// SPDX-License-Identifier: Apache-2.0
#include "app/observations.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::app {

state::Milliseconds milliseconds_of(Timestamp time)
{
    constexpr state::Milliseconds k_second = 1000;
    return time.unix_seconds() * k_second;
}

std::optional<std::int64_t> whole_number(const model::Value& value, std::int64_t least, std::int64_t most)
{
    const double number = value.number_or(std::numeric_limits<double>::quiet_NaN());
    if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most)) || number != std::floor(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

void Observations::load(std::string_view kind, const std::function<bool(const state::Observation&)>& take) const
{
    if (m_store == nullptr) return;
    const auto all = m_store->observations(kind);
    if (!all) {
        m_log->error("earlier observations cannot be read", {{"kind", std::string{kind}}, {"error", printable(all.error().message)}});
        return;
    }
    std::size_t skipped = 0;
    for (const auto& observation : *all)
        if (!take(observation)) ++skipped;
    if (skipped > 0)
        m_log->warn("earlier observations make no sense and are left out", {{"kind", std::string{kind}}, {"count", std::to_string(skipped)}});
}

void Observations::save(std::string_view kind, const std::vector<state::Observation>& observations, Timestamp oldest, state::Keep keep) const
{
    if (m_store == nullptr) return;
    const auto saved = m_store->observe(kind, observations, milliseconds_of(oldest), keep);
    if (!saved) m_log->error("observations cannot be kept", {{"kind", std::string{kind}}, {"error", printable(saved.error().message)}});
}

} // namespace seaworthy::app
