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
#include <vector>

#include "seaworthy/base/timestamp.hpp"
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

struct Change {
    Timestamp since;                 ///< when what is compared with was so
    std::optional<double> score;     ///< then
    std::optional<double> score_now; ///< of the last report
    std::uint32_t opened = 0;        ///< since then
    std::uint32_t resolved = 0;
};

/// Hours of three days and days of `days`, for the cluster and each namespace that is still there: 20 bytes a point. Thread-safe.
class History {
public:
    explicit History(std::size_t days = 90) : m_days(days) {}

    [[nodiscard]] std::size_t days() const { return m_days; }
    /// Takes in what an earlier process remembered; false: the point is not one.
    bool restore(const PlacedPoint& remembered);
    /// Takes in a report and gives the points that it made or changed, to be remembered.
    [[nodiscard]] std::vector<PlacedPoint> record(const report::Report& report);

    /// Days, then the hours of the last three; ascending. Empty: nothing is known of it.
    [[nodiscard]] std::vector<TrendPoint> trend(std::string_view ns) const;
    /// What has changed in a day, or since the oldest hour that is known where that is less. None: there is only the present one.
    [[nodiscard]] std::optional<Change> change(std::string_view ns) const;
    /// The namespaces whose score has moved since then, the largest moves first.
    [[nodiscard]] std::vector<std::pair<std::string, Change>> movers(std::size_t most) const;

private:
    struct Series {
        std::deque<TrendPoint> hours;
        std::deque<TrendPoint> days;
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
    [[nodiscard]] static std::optional<Change> change_of(const Series& series);

    std::size_t m_days;
    mutable std::mutex m_mutex;
    std::map<std::string, Series, std::less<>> m_series;
    std::vector<Finding> m_open;      ///< of the report before, and those of earlier ones that cannot be seen any more; by key
    std::vector<std::string> m_names; ///< their namespaces
    bool m_compared = false;          ///< there was a report before
};

} // namespace seaworthy::publish
