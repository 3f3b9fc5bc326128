// SPDX-License-Identifier: Apache-2.0
#include "app/probe_memory.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "seaworthy/model/json_text.hpp"

namespace seaworthy::app {
namespace {

using model::ProbeAnswer;

constexpr std::string_view k_kind = "probe";
constexpr std::size_t k_key_bytes = 4096;
constexpr std::size_t k_error_bytes = 64;
constexpr std::int64_t k_most_status = 999;
constexpr std::int64_t k_most_samples = 1'000'000;

/// "anonymous https://registry.example/v2/", or " https://registry.example/v2/".
std::string key_of(std::string_view url, const ProbeAnswer& answer)
{
    return answer.authorization + " " + std::string{url};
}

std::string to_json(const ProbeAnswer& answer)
{
    return nlohmann::json{{"at", answer.at.unix_seconds()}, {"status", answer.status}, {"error", answer.error}, {"samples", answer.samples}}.dump(
        -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<ProbeAnswer> from_json(const std::string& text, Timestamp now)
{
    const auto json = model::JsonText::parse(text);
    if (!json) return std::nullopt;
    const auto at = whole_number((*json)["at"], 1, now.unix_seconds());
    const auto status = whole_number((*json)["status"], 0, k_most_status);
    const auto samples = whole_number((*json)["samples"], 1, k_most_samples);
    const auto error = (*json)["error"].text();
    // Something answered, or there was an error: never both, never neither.
    if (!at || !status || !samples || (*status == 0) == error.empty() || error.size() > k_error_bytes) return std::nullopt;
    ProbeAnswer answer;
    answer.at = Timestamp{*at};
    answer.status = static_cast<int>(*status);
    answer.error = error;
    answer.samples = static_cast<std::uint32_t>(*samples);
    return answer;
}

} // namespace

probe::History ProbeMemory::load()
{
    probe::History history;
    m_observations.load(k_kind, [&](const state::Observation& observation) {
        const auto space = observation.key.find(' ');
        auto answer = from_json(observation.value, m_now());
        if (!answer || space == std::string::npos) return false;
        answer->authorization = observation.key.substr(0, space);
        if (!answer->authorization.empty() && answer->authorization != "anonymous") return false;
        m_newest[observation.key] = {observation.at, answer->at, answer->samples}; // they come in the order of time
        history[observation.key.substr(space + 1)].push_back(std::move(*answer));
        return true;
    });
    for (auto& [url, rows] : history)
        std::ranges::stable_sort(rows, {}, &ProbeAnswer::at);
    return history;
}

void ProbeMemory::save(const probe::History& history)
{
    if (!m_observations.kept()) return;
    std::vector<state::Observation> changes;
    std::map<std::string, Kept> still_asked;
    for (const auto& [url, rows] : history) {
        // A round adds to a URL one row at most for each authorization, or makes its newest one a row of more answers.
        std::map<std::string_view, const ProbeAnswer*> newest;
        for (const auto& row : rows)
            newest[row.authorization] = &row;
        for (const auto& [authorization, row] : newest) {
            auto key = key_of(url, *row);
            if (key.size() > k_key_bytes) continue;
            const auto before = m_newest.find(key);
            auto& kept = still_asked[key];
            if (before != m_newest.end()) kept = before->second;
            if (kept.at == row->at && kept.samples == row->samples) continue;
            const bool goes_on = row->samples > kept.samples && kept.samples > 0;
            kept = {goes_on ? kept.key_time : milliseconds_of(row->at), row->at, row->samples};
            changes.push_back({std::move(key), kept.key_time, to_json(*row)});
        }
    }
    m_newest = std::move(still_asked);
    m_observations.save(k_kind, changes, Timestamp{m_now().unix_seconds() - std::chrono::seconds{probe::k_history_kept}.count()});
}

} // namespace seaworthy::app
