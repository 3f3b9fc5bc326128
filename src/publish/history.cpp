// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/history.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "seaworthy/check/check.hpp"

namespace seaworthy::publish {

namespace {

using report::Status;

constexpr std::int64_t k_hour = 3600;
constexpr std::int64_t k_day = 24 * k_hour;
constexpr std::size_t k_hours = 72;
constexpr std::size_t k_most_series = 20'000; ///< of which a database can make us believe

std::int64_t length(Step step)
{
    return step == Step::hour ? k_hour : k_day;
}

Timestamp begin_of(Step step, Timestamp at)
{
    const auto seconds = at.unix_seconds();
    return Timestamp{seconds - ((seconds % length(step)) + length(step)) % length(step)};
}

/// The first 16 hex digits of "f1:" and 32 of them.
std::uint64_t key_of(const report::Result& result)
{
    const auto fingerprint = report::fingerprint(result);
    std::uint64_t key = 0;
    if (fingerprint.size() > 19) std::from_chars(fingerprint.data() + 3, fingerprint.data() + 19, key, 16);
    return key;
}

bool counts(const report::Result& result)
{
    return result.is_finding() && result.exemption() == 0;
}

/// Of what is no finding now: whether one may believe that it is none.
bool is_certain(const report::Result& result)
{
    return result.status() != Status::unknown || result.exemption() != 0;
}

/// Tells whether a finding that is not in the report any more may only be hidden: a list that its check needs was not read.
class Hiding {
public:
    explicit Hiding(const std::vector<model::Gap>& gaps) : m_gaps(gaps) {}

    bool covers(const check::Check& check, std::string_view ns)
    {
        if (m_gaps.empty()) return false;
        auto& needs = m_needs[&check];
        if (needs.empty())
            for (const auto& need : check::expand_needs(check.needs))
                needs.insert(need);
        return std::ranges::any_of(m_gaps, [&](const model::Gap& gap) {
            return gap.reason != model::Reason::not_served && (gap.ns == "*" || gap.ns == ns) && needs.contains(gap.resource);
        });
    }

private:
    const std::vector<model::Gap>& m_gaps;
    std::map<const check::Check*, std::set<std::string, std::less<>>> m_needs;
};

void trim(std::deque<TrendPoint>& points, std::size_t most)
{
    while (points.size() > most)
        points.pop_front();
}

} // namespace

bool History::restore(const PlacedPoint& remembered)
{
    const auto& point = remembered.point;
    if (!point.at.known() || begin_of(remembered.step, point.at) != point.at) return false;
    if (point.score && !(*point.score >= 0 && *point.score <= 100)) return false;
    const std::lock_guard lock{m_mutex};
    if (!m_series.contains(remembered.ns) && m_series.size() >= k_most_series) return false;
    auto& series = m_series[remembered.ns];
    auto& points = remembered.step == Step::hour ? series.hours : series.days;
    if (!points.empty() && points.back().at >= point.at) return false;
    points.push_back(point);
    trim(points, remembered.step == Step::hour ? k_hours : m_days);
    return true;
}

History::CountsByNamespace History::compare_findings(const report::Report& report)
{
    struct Seen {
        std::uint64_t key;
        const check::Check* check;
        std::uint32_t ns;
        bool finding;
        bool certain;
    };
    CountsByNamespace by_namespace;
    std::vector<std::string> names;
    std::map<std::string_view, std::uint32_t> ids;
    std::vector<Seen> seen;
    for (const auto& result : report.results) {
        // Without gaps a pass says no more than a result that is not there, and fingerprints of all passes are most of the work.
        if (report.gaps.empty() && !counts(result) && is_certain(result)) continue;
        const auto [id, added] = ids.try_emplace(result.ns(), static_cast<std::uint32_t>(names.size()));
        if (added) names.emplace_back(result.ns());
        seen.push_back({key_of(result), &result.check(), id->second, counts(result), is_certain(result)});
        if (!counts(result)) continue;
        ++by_namespace[""].findings;
        if (!result.ns().empty()) ++by_namespace[std::string{result.ns()}].findings;
    }
    // Of several results of one fingerprint the finding comes first.
    std::ranges::sort(seen, {}, [](const Seen& one) { return std::pair{one.key, !one.finding}; });
    seen.erase(std::unique(seen.begin(), seen.end(), [](const Seen& one, const Seen& other) { return one.key == other.key; }), seen.end());

    const auto tell = [&](const std::string& ns, std::uint32_t Counts::*what) {
        ++(by_namespace[""].*what);
        if (!ns.empty()) ++(by_namespace[ns].*what);
    };
    std::vector<Finding> open;
    const auto keep = [&](const Finding& before) {
        const auto& name = m_names[before.ns];
        auto id = ids.find(name);
        if (id == ids.end()) {
            names.push_back(name);
            id = ids.emplace(name, static_cast<std::uint32_t>(names.size() - 1)).first;
        }
        open.push_back({before.key, before.check, id->second});
    };
    Hiding hiding{report.gaps};
    auto before = m_open.begin();
    const auto pass_over = [&](const Finding& gone) {
        if (hiding.covers(*gone.check, m_names[gone.ns]))
            keep(gone);
        else
            tell(m_names[gone.ns], &Counts::resolved);
    };
    for (const auto& now : seen) {
        for (; before != m_open.end() && before->key < now.key; ++before)
            pass_over(*before);
        const bool was_open = before != m_open.end() && before->key == now.key;
        if (now.finding) {
            open.push_back({now.key, now.check, now.ns});
            if (!was_open && m_compared) tell(names[now.ns], &Counts::opened);
        } else if (was_open) {
            if (now.certain)
                tell(names[now.ns], &Counts::resolved);
            else
                keep(*before);
        }
        if (was_open) ++before;
    }
    for (; before != m_open.end(); ++before)
        pass_over(*before);

    m_open = std::move(open);
    m_names = std::move(names);
    m_compared = true;
    return by_namespace;
}

void History::note(std::string_view ns, Timestamp at, std::optional<double> score, const Counts& counts, std::vector<PlacedPoint>& changed)
{
    auto& series = m_series.try_emplace(std::string{ns}).first->second;
    for (const auto step : {Step::hour, Step::day}) {
        auto& points = step == Step::hour ? series.hours : series.days;
        const auto begin = begin_of(step, at);
        if (!points.empty() && points.back().at > begin) continue; // the clock was set back: the past stays as it is
        if (points.empty() || points.back().at < begin) points.push_back({.at = begin, .score = {}, .findings = 0, .opened = 0, .resolved = 0});
        auto& point = points.back();
        const auto before = point;
        const bool is_new = !point.score && point.findings == 0 && point.opened == 0 && point.resolved == 0;
        point.score = score;
        point.findings = counts.findings;
        point.opened += counts.opened;
        point.resolved += counts.resolved;
        if (is_new || !(point == before)) changed.push_back({std::string{ns}, step, point});
        trim(points, step == Step::hour ? k_hours : m_days);
    }
}

std::vector<PlacedPoint> History::record(const report::Report& report)
{
    const std::lock_guard lock{m_mutex};
    std::vector<PlacedPoint> changed;
    const auto by_namespace = compare_findings(report);
    const auto counts_of = [&](std::string_view ns) {
        const auto at = by_namespace.find(ns);
        return at == by_namespace.end() ? Counts{} : at->second;
    };
    note({}, report.generated_at, report.score.score, counts_of({}), changed);
    for (const auto& ns : report.namespaces)
        note(ns.name, report.generated_at, ns.score.score, counts_of(ns.name), changed);
    const auto is_hidden = [](const model::Gap& gap) { return gap.resource == "namespaces"; };
    if (std::ranges::none_of(report.gaps, is_hidden)) // those that are hidden may come back
        std::erase_if(m_series, [&](const auto& series) { return !series.first.empty() && report.find_namespace(series.first) == nullptr; });
    return changed;
}

std::vector<TrendPoint> History::trend(std::string_view ns) const
{
    const std::lock_guard lock{m_mutex};
    const auto at = m_series.find(ns);
    if (at == m_series.end()) return {};
    const auto& [hours, days] = at->second;
    std::vector<TrendPoint> points;
    for (const auto& day : days)
        if (hours.empty() || day.at < begin_of(Step::day, hours.front().at)) points.push_back(day);
    points.insert(points.end(), hours.begin(), hours.end());
    return points;
}

std::optional<Change> History::change_of(const Series& series)
{
    const auto& hours = series.hours;
    if (hours.size() < 2) return std::nullopt;
    const auto now = hours.back().at.unix_seconds();
    auto base = hours.begin();
    for (auto at = hours.begin(); at + 1 != hours.end(); ++at)
        if (at->at.unix_seconds() <= now - k_day) base = at;
    Change change{.since = base->at, .score = base->score, .score_now = hours.back().score};
    for (auto at = base + 1; at != hours.end(); ++at) {
        change.opened += at->opened;
        change.resolved += at->resolved;
    }
    return change;
}

std::optional<Change> History::change(std::string_view ns) const
{
    const std::lock_guard lock{m_mutex};
    const auto at = m_series.find(ns);
    return at == m_series.end() ? std::nullopt : change_of(at->second);
}

std::vector<std::pair<std::string, Change>> History::movers(std::size_t most) const
{
    constexpr double k_least = 0.05; // what a score with one decimal shows
    std::vector<std::pair<std::string, Change>> moved;
    {
        const std::lock_guard lock{m_mutex};
        for (const auto& [ns, series] : m_series) {
            const auto change = ns.empty() ? std::nullopt : change_of(series);
            if (change && change->score && change->score_now && std::abs(*change->score_now - *change->score) >= k_least)
                moved.emplace_back(ns, *change);
        }
    }
    std::ranges::stable_sort(moved, std::greater{}, [](const auto& one) { return std::abs(*one.second.score_now - *one.second.score); });
    if (moved.size() > most) moved.resize(most);
    return moved;
}

} // namespace seaworthy::publish
