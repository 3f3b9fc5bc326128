// SPDX-License-Identifier: Apache-2.0
// What scores and findings were: aggregates of earlier reports, for trends and for what has changed since yesterday.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/publish/moves.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

/// The last report of an hour or a day, and what changed during it.
struct TrendPoint {
    Timestamp at; ///< when the hour or day (UTC) began
    std::optional<double> score;
    std::uint32_t findings = 0; ///< warnings and failures that no exemption covers
    std::uint32_t opened = 0;   ///< findings that were not there in the report before
    std::uint32_t resolved = 0; ///< findings that were, and of which it could be seen that they are no more: unknown is not resolved

    bool operator==(const TrendPoint&) const = default;
};

/// How finely something is remembered, and how long.
enum class Step : std::uint8_t { hour, day };

/// A point with its place: of a namespace, or of the cluster where that is empty.
struct PlacedPoint {
    std::string ns;
    Step step = Step::hour;
    TrendPoint point;
};

/// From when on changes are told: a length before the last report, or a moment.
using Since = std::variant<seconds, Timestamp>;
inline constexpr seconds k_since_yesterday{86'400};

struct Change {
    Timestamp since;                 ///< when what is compared with was so
    std::optional<double> score;     ///< then
    std::optional<double> score_now; ///< of the last report
    std::uint32_t opened = 0;        ///< since then
    std::uint32_t resolved = 0;
    bool reaches_back = true; ///< false: what was so at the wanted time is not known any more, or not yet; `since` is the oldest that is
};

/// The last report beside an earlier one, as far as their sums and the moves between them tell.
struct Difference {
    Change change;
    std::vector<std::pair<std::string, Change>> namespaces; ///< that changed, the largest moves of scores first; of the cluster only
    std::vector<CheckMove> checks;                          ///< whose findings moved, the most moved first
    bool all_checks = true;                                 ///< false: there were so many moves that the earliest are forgotten
};

/// What a report adds to what is to be remembered.
struct Recorded {
    std::vector<PlacedPoint> points; ///< that it made or changed
    std::vector<Move> moves;         ///< the same
};

/// Reports of two hours, hours of three days and days of `days`, for the cluster and each namespace that is still there: 40 bytes a point; and which
/// checks' findings moved when. Thread-safe.
class History {
public:
    explicit History(std::size_t days = 90) : m_days(days), m_moves(days) {}

    [[nodiscard]] std::size_t days() const { return m_days; }
    /// Takes in what an earlier process remembered; false: the point is not one.
    bool restore(const PlacedPoint& remembered);
    bool restore(const Move& remembered);
    [[nodiscard]] Recorded record(const report::Report& report);
    /// Moves of hours before it need not be remembered.
    [[nodiscard]] Timestamp moves_complete_from() const;

    /// Days, then the hours of the last three; ascending. Empty: nothing is known of it.
    [[nodiscard]] std::vector<TrendPoint> trend(std::string_view ns) const;
    /// The same with the reports of the last two hours in place of those hours, as far as this process made them.
    [[nodiscard]] std::vector<TrendPoint> fine_trend(std::string_view ns) const;
    /// None: there is only the present one.
    [[nodiscard]] std::optional<Change> change(std::string_view ns, const Since& since = k_since_yesterday) const;
    /// Of a namespace, or of the cluster where that is empty.
    [[nodiscard]] std::optional<Difference> difference(std::string_view ns, const Since& since) const;

private:
    struct Series {
        std::deque<TrendPoint> recent; ///< a report each, or several where they are many
        std::deque<TrendPoint> hours;
        std::deque<TrendPoint> days;
    };
    /// What a series compares its last point with.
    struct Base {
        const std::deque<TrendPoint>* points = nullptr;
        std::size_t index = 0;
        Timestamp moves_from; ///< the first hour whose moves came later
        bool reaches_back = true;
    };
    struct Counts {
        std::uint32_t findings = 0;
        std::uint32_t opened = 0;
        std::uint32_t resolved = 0;
    };
    /// 24 bytes of what a fingerprint, an object and a namespace are.
    struct Finding {
        std::uint64_t key = 0;               ///< the first half of the fingerprint
        const check::Check* check = nullptr; ///< in the catalog, which outlives everything
        std::uint32_t ns = 0;                ///< index of its name
    };
    using CountsByNamespace = std::map<std::string, Counts, std::less<>>;

    CountsByNamespace compare_findings(const report::Report& report);
    void note(std::string_view ns, Timestamp at, std::optional<double> score, const Counts& counts, std::vector<PlacedPoint>& changed);
    [[nodiscard]] static std::optional<Base> base_of(const Series& series, const Since& since);
    [[nodiscard]] static Change change_from(const Base& base);

    std::size_t m_days;
    mutable std::mutex m_mutex;
    std::map<std::string, Series, std::less<>> m_series;
    Moves m_moves;
    std::vector<Finding> m_open;      ///< of the report before, and those of earlier ones that cannot be seen any more; by key
    std::vector<std::string> m_names; ///< their namespaces
    bool m_compared = false;          ///< there was a report before
};

} // namespace seaworthy::publish
