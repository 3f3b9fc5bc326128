// SPDX-License-Identifier: Apache-2.0
#include "app/scrape_memory.hpp"

#include <algorithm>
#include <chrono>

#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::app {
namespace {

constexpr seconds k_interval = std::chrono::hours{1};
constexpr std::size_t k_scrapes = std::size_t{8} * 24;
constexpr std::string_view k_kind = "apiserver-scrape";
constexpr std::size_t k_body_bytes = std::size_t{64} * 1024;

/// The lines of the series that rules compare; whoever names webhooks cannot make them large.
std::string compared_lines(std::string_view body)
{
    std::string kept;
    while (!body.empty()) {
        const auto line = body.substr(0, body.find('\n'));
        const bool compared = std::ranges::any_of(controls::k_compared_metrics, [&](std::string_view metric) { return line.starts_with(metric); });
        if (compared && kept.size() + line.size() < k_body_bytes) kept.append(line).push_back('\n');
        body.remove_prefix(std::min(line.size() + 1, body.size()));
    }
    return kept;
}

} // namespace

ScrapeMemory::ScrapeMemory(Observations observations) : m_observations(observations)
{
    m_observations.load(k_kind, [this](const state::Observation& observation) {
        const Timestamp at{observation.at / 1000};
        if (observation.at <= 0 || (!m_kept.empty() && at <= m_kept.back().at)) return false;
        auto& kept = m_kept.emplace_back();
        kept.at = at;
        kept.status = 200;
        kept.body = compared_lines(observation.value);
        if (m_kept.size() > k_scrapes) m_kept.pop_front();
        return true;
    });
}

void ScrapeMemory::complete(model::Inventory& inventory)
{
    const auto found = inventory.probes.find("apiserver:/metrics");
    if (found == inventory.probes.end() || found->second.empty()) return;
    auto& answers = found->second;
    const auto newest = answers.back();
    answers.insert(answers.begin(), m_kept.begin(), m_kept.end());
    if (newest.status != 200 || (!m_kept.empty() && !m_kept.back().at.at_least(k_interval, newest.at))) return;
    auto& kept = m_kept.emplace_back();
    kept.at = newest.at;
    kept.status = newest.status;
    kept.body = compared_lines(newest.body);
    if (m_kept.size() > k_scrapes) m_kept.pop_front();
    m_observations.save(k_kind, {{"", milliseconds_of(kept.at), kept.body}}, m_kept.front().at);
}

} // namespace seaworthy::app
