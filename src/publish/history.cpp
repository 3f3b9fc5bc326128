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
constexpr std::size_t k_most_recent = 240;    ///< in two hours one every thirty seconds
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

/// Keeps the reports of this hour and the one before; where they are many, two become one.
void note_recent(std::deque<TrendPoint>& recent, const TrendPoint& point)
{
    if (!recent.empty() && recent.back().at >= point.at) return;
    recent.push_back(point);
    const auto oldest = begin_of(Step::hour, point.at).unix_seconds() - k_hour;
    while (recent.front().at.unix_seconds() < oldest)
        recent.pop_front();
    if (recent.size() <= k_most_recent) return;
    std::deque<TrendPoint> halved;
    for (std::size_t i = 0; i < recent.size(); ++i) {
        if (i % 2 == 1 || i + 1 == recent.size()) halved.push_back(recent[i]);
        if (i % 2 == 0) continue;
        halved.back().opened += recent[i - 1].opened;
        halved.back().resolved += recent[i - 1].resolved;
    }
    recent = std::move(halved);
}

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

bool History::restore(const Move& remembered)
{
    const std::lock_guard lock{m_mutex};
    return m_moves.restore(remembered);
}

Timestamp History::moves_complete_from() const
{
    const std::lock_guard lock{m_mutex};
    return m_moves.complete_from();
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

    const auto tell_opened = [&](const std::string& ns, const check::Check& check) {
        ++by_namespace[""].opened;
        if (!ns.empty()) ++by_namespace[ns].opened;
        m_moves.opened(report.generated_at, ns, check.id);
    };
    const auto tell_resolved = [&](const std::string& ns, const check::Check& check) {
        ++by_namespace[""].resolved;
        if (!ns.empty()) ++by_namespace[ns].resolved;
        m_moves.resolved(report.generated_at, ns, check.id);
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
            tell_resolved(m_names[gone.ns], *gone.check);
    };
    for (const auto& now : seen) {
        for (; before != m_open.end() && before->key < now.key; ++before)
            pass_over(*before);
        const bool was_open = before != m_open.end() && before->key == now.key;
        if (now.finding) {
            open.push_back({now.key, now.check, now.ns});
            if (!was_open && m_compared) tell_opened(names[now.ns], *now.check);
        } else if (was_open) {
            if (now.certain)
                tell_resolved(names[now.ns], *now.check);
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
    note_recent(series.recent, {.at = at, .score = score, .findings = counts.findings, .opened = counts.opened, .resolved = counts.resolved});
}

Recorded History::record(const report::Report& report)
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
    return {std::move(changed), m_moves.take_changed()};
}

std::vector<TrendPoint> History::trend(std::string_view ns) const
{
    const std::lock_guard lock{m_mutex};
    const auto at = m_series.find(ns);
    if (at == m_series.end()) return {};
    const auto& hours = at->second.hours;
    const auto& days = at->second.days;
    std::vector<TrendPoint> points;
    for (const auto& day : days)
        if (hours.empty() || day.at < begin_of(Step::day, hours.front().at)) points.push_back(day);
    points.insert(points.end(), hours.begin(), hours.end());
    return points;
}

std::vector<TrendPoint> History::fine_trend(std::string_view ns) const
{
    auto points = trend(ns);
    const std::lock_guard lock{m_mutex};
    const auto at = m_series.find(ns);
    if (at == m_series.end() || at->second.recent.size() < 2) return points;
    const auto& recent = at->second.recent;
    const auto from = begin_of(Step::hour, recent.front().at);
    std::erase_if(points, [&](const TrendPoint& point) { return point.at >= from; });
    points.insert(points.end(), recent.begin(), recent.end());
    return points;
}

std::optional<History::Base> History::base_of(const Series& series, const Since& since)
{
    struct Choice {
        const std::deque<TrendPoint>* points;
        std::int64_t length; ///< of what a point sums up: its score is that at the end
    };
    std::optional<Base> oldest;
    std::int64_t oldest_end = 0;
    // Hours first: moves are counted by the hour, so that both tell the same.
    for (const auto& choice : {Choice{&series.hours, k_hour}, Choice{&series.days, k_day}, Choice{&series.recent, 0}}) {
        const auto* points = choice.points;
        const auto length = choice.length;
        if (points->size() < 2) continue;
        const auto* ago = std::get_if<seconds>(&since);
        const auto limit = ago != nullptr ? points->back().at.unix_seconds() - ago->count() : std::get<Timestamp>(since).unix_seconds() - length;
        const auto begin = points->front().at.unix_seconds();
        const auto moves_from = [&](std::int64_t base) { return length == 0 ? begin_of(Step::hour, Timestamp{base}) : Timestamp{base + length}; };
        if (begin <= limit) {
            std::size_t index = 0;
            while (index + 2 < points->size() && (*points)[index + 1].at.unix_seconds() <= limit)
                ++index;
            return Base{points, index, moves_from((*points)[index].at.unix_seconds()), true};
        }
        if (oldest && oldest_end <= begin + length) continue;
        oldest = Base{points, 0, moves_from(begin), false};
        oldest_end = begin + length;
    }
    return oldest;
}

Change History::change_from(const Base& base)
{
    const auto& points = *base.points;
    const auto& then = points[base.index];
    Change change{.since = then.at, .score = then.score, .score_now = points.back().score, .reaches_back = base.reaches_back};
    for (auto i = base.index + 1; i < points.size(); ++i) {
        change.opened += points[i].opened;
        change.resolved += points[i].resolved;
    }
    return change;
}

std::optional<Change> History::change(std::string_view ns, const Since& since) const
{
    const std::lock_guard lock{m_mutex};
    const auto at = m_series.find(ns);
    if (at == m_series.end()) return std::nullopt;
    const auto base = base_of(at->second, since);
    return base ? std::optional{change_from(*base)} : std::nullopt;
}

std::optional<Difference> History::difference(std::string_view ns, const Since& since) const
{
    constexpr double k_least = 0.05; // what a score with one decimal shows
    const std::lock_guard lock{m_mutex};
    const auto at = m_series.find(ns);
    if (at == m_series.end()) return std::nullopt;
    const auto base = base_of(at->second, since);
    if (!base) return std::nullopt;
    Difference difference{.change = change_from(*base), .namespaces = {}, .checks = m_moves.since(base->moves_from, ns)};
    difference.all_checks = base->moves_from >= m_moves.complete_from();
    if (!ns.empty()) return difference;
    const auto moved_by = [](const Change& change) { return change.score && change.score_now ? std::abs(*change.score_now - *change.score) : 0; };
    for (const auto& [name, series] : m_series) {
        const auto own = name.empty() ? std::nullopt : base_of(series, since);
        if (!own) continue;
        const auto change = change_from(*own);
        if (change.opened > 0 || change.resolved > 0 || moved_by(change) >= k_least) difference.namespaces.emplace_back(name, change);
    }
    std::ranges::stable_sort(difference.namespaces, std::greater{}, [&](const auto& one) { return moved_by(one.second); });
    return difference;
}

} // namespace seaworthy::publish
