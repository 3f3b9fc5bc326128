// SPDX-License-Identifier: Apache-2.0
#include "app/series_memory.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::app {
namespace {

constexpr std::string_view k_kind = "apiserver-series";
constexpr std::size_t k_most_series = 5'000;
constexpr std::size_t k_series_bytes = 1024;
constexpr seconds k_renewed = std::chrono::hours{1};
constexpr std::chrono::hours k_longest{24 * 8};

struct Sample {
    std::string_view series; ///< `metric{labels}`
    std::string_view metric;
    double value = 0;
};

/// One line of the text format; nothing for comments and for what cannot be read.
std::optional<Sample> parse(std::string_view line)
{
    if (line.empty() || line.starts_with('#')) return std::nullopt;
    const auto brace = line.find('{');
    const auto labels_end = line.rfind('}');
    if ((brace == std::string_view::npos) != (labels_end == std::string_view::npos)) return std::nullopt;
    const auto end = brace == std::string_view::npos ? line.find(' ') : labels_end + 1;
    if (end >= line.size() || line[end] != ' ') return std::nullopt;
    Sample sample{line.substr(0, end), line.substr(0, std::min(brace, end)), 0};
    const auto number = line.substr(end + 1);
    if (std::from_chars(number.data(), number.data() + number.size(), sample.value).ec != std::errc{}) return std::nullopt;
    return sample;
}

bool proves(std::string_view metric)
{
    return std::ranges::find(controls::k_proving_metrics, metric) != std::end(controls::k_proving_metrics);
}

} // namespace

SeriesMemory::SeriesMemory(Observations observations) : m_observations(observations)
{
    m_observations.load(k_kind, [this](const state::Observation& observation) {
        const auto line = observation.key + " 1";
        const auto sample = parse(line);
        const Timestamp at{observation.at / 1000};
        if (!sample || !proves(sample->metric) || sample->series != observation.key || observation.key.size() > k_series_bytes ||
            observation.at <= 0 || m_seen.size() >= k_most_series || observation.key.find('\n') != std::string::npos)
            return false;
        m_seen.insert_or_assign(observation.key, Seen{at, at});
        return true;
    });
}

void SeriesMemory::complete(model::Inventory& inventory)
{
    const auto* scrape = inventory.probe("apiserver:/metrics");
    if (scrape == nullptr || scrape->status != 200) return;
    double start = 0;
    std::vector<std::string_view> proofs;
    std::string_view body = scrape->body;
    while (!body.empty()) {
        const auto line = body.substr(0, body.find('\n'));
        body.remove_prefix(std::min(line.size() + 1, body.size()));
        const auto sample = parse(line);
        if (!sample || sample->series.size() > k_series_bytes) continue;
        if (sample->metric == controls::k_process_start) start = sample->value;
        if (sample->value > 0 && proves(sample->metric)) proofs.push_back(sample->series);
    }
    const auto is_stale = [&](Timestamp at) { return static_cast<double>(at.unix_seconds()) < start || at.at_least(k_longest, scrape->at); };
    // Without a start nothing says that what was seen still stands.
    std::erase_if(m_seen, [&](const auto& entry) { return start <= 0 || is_stale(entry.second.at); });
    std::vector<state::Observation> changes;
    for (const auto series : proofs) {
        auto known = m_seen.find(series);
        if (known == m_seen.end()) {
            if (m_seen.size() >= k_most_series) continue;
            known = m_seen.emplace(std::string{series}, Seen{}).first;
        }
        known->second.at = scrape->at;
        if (!known->second.kept_at.at_least(k_renewed, scrape->at)) continue;
        known->second.kept_at = scrape->at;
        changes.push_back({known->first, milliseconds_of(scrape->at), ""});
    }
    auto& answer = inventory.probes[std::string{controls::k_seen_series}].emplace_back();
    answer.at = scrape->at;
    answer.status = 200;
    for (const auto& [series, seen] : m_seen)
        answer.body.append(series).append(" 1\n");
    m_observations.save(k_kind, changes, Timestamp{scrape->at.unix_seconds() - seconds{k_longest}.count()}, state::Keep::newest);
}

} // namespace seaworthy::app
