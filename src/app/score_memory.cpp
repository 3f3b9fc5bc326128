// SPDX-License-Identifier: Apache-2.0
#include "app/score_memory.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "seaworthy/model/json_text.hpp"

namespace seaworthy::app {
namespace {

using publish::Step;

constexpr std::int64_t k_day = 86'400;
constexpr std::string_view k_moves = "moves-hourly";
constexpr std::string_view k_cluster = "/"; ///< stands for the cluster: no namespace has this name

constexpr std::string_view kind_of(Step step)
{
    return step == Step::hour ? "scores-hourly" : "scores-daily";
}

std::string to_json(const publish::TrendPoint& point)
{
    const auto score = point.score ? fmt::format("{:.4f}", *point.score) : "null";
    return fmt::format(R"({{"score":{},"findings":{},"opened":{},"resolved":{}}})", score, point.findings, point.opened, point.resolved);
}

/// The key is the namespace, a slash and the check; both have none.
std::optional<publish::Move> read_move(const state::Observation& observation)
{
    const auto json = model::JsonText::parse(observation.value);
    const auto slash = observation.key.find('/');
    if (!json || slash == std::string::npos || observation.at % 1000 != 0) return std::nullopt;
    const auto opened = whole_number((*json)["opened"], 0, std::numeric_limits<std::uint32_t>::max());
    const auto resolved = whole_number((*json)["resolved"], 0, std::numeric_limits<std::uint32_t>::max());
    if (!opened || !resolved) return std::nullopt;
    return publish::Move{Timestamp{observation.at / 1000}, observation.key.substr(0, slash), observation.key.substr(slash + 1),
                         static_cast<std::uint32_t>(*opened), static_cast<std::uint32_t>(*resolved)};
}

std::optional<publish::PlacedPoint> read(Step step, const state::Observation& observation)
{
    const auto json = model::JsonText::parse(observation.value);
    if (!json || observation.key.empty() || observation.at % 1000 != 0) return std::nullopt;
    publish::PlacedPoint placed{observation.key == k_cluster ? "" : observation.key, step, {}};
    placed.point.at = Timestamp{observation.at / 1000};
    const double none = std::numeric_limits<double>::quiet_NaN();
    if (const double score = (*json)["score"].number_or(none); score == score) placed.point.score = score;
    const std::pair<std::string_view, std::uint32_t publish::TrendPoint::*> numbers[] = {
        {"findings", &publish::TrendPoint::findings}, {"opened", &publish::TrendPoint::opened}, {"resolved", &publish::TrendPoint::resolved}};
    for (const auto& [name, member] : numbers) {
        const auto number = whole_number((*json)[name], 0, std::numeric_limits<std::uint32_t>::max());
        if (!number) return std::nullopt;
        placed.point.*member = static_cast<std::uint32_t>(*number);
    }
    return placed;
}

} // namespace

void restore_scores(const Observations& observations, publish::History& history)
{
    for (const auto step : {Step::day, Step::hour})
        observations.load(kind_of(step), [&](const state::Observation& observation) {
            const auto placed = read(step, observation);
            return placed && history.restore(*placed);
        });
    observations.load(k_moves, [&](const state::Observation& observation) {
        const auto move = read_move(observation);
        return move && history.restore(*move);
    });
}

void keep_scores(const Observations& observations, const publish::Recorded& recorded, const publish::History& history, Timestamp now)
{
    if (!observations.kept()) return;
    for (const auto step : {Step::day, Step::hour}) {
        std::vector<state::Observation> changed;
        for (const auto& placed : recorded.points)
            if (placed.step == step)
                changed.push_back({placed.ns.empty() ? std::string{k_cluster} : placed.ns, milliseconds_of(placed.point.at), to_json(placed.point)});
        const auto days = step == Step::hour ? 3 : static_cast<std::int64_t>(history.days());
        if (!changed.empty()) observations.save(kind_of(step), changed, Timestamp{now.unix_seconds() - days * k_day});
    }
    std::vector<state::Observation> moves;
    for (const auto& move : recorded.moves)
        moves.push_back({fmt::format("{}/{}", move.ns, move.check), milliseconds_of(move.hour),
                         fmt::format(R"({{"opened":{},"resolved":{}}})", move.opened, move.resolved)});
    const Timestamp oldest{now.unix_seconds() - static_cast<std::int64_t>(history.days()) * k_day};
    if (!moves.empty()) observations.save(k_moves, moves, std::max(oldest, history.moves_complete_from()));
}

} // namespace seaworthy::app
