// SPDX-License-Identifier: Apache-2.0
// What scores were, as a line, and what has changed, in words.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "publish/http/page/parts.hpp"

namespace seaworthy::publish {

namespace {

constexpr double k_width = 280;
constexpr double k_height = 56;
constexpr double k_margin = 4; // of a dot at the edge

/// What a trend of scores spans, so that a small change is still seen and a smaller one does not look like a storm.
struct Range {
    double low = 100;
    double high = 0;

    explicit Range(const std::vector<TrendPoint>& points)
    {
        for (const auto& point : points) {
            if (!point.score) continue;
            low = std::min(low, *point.score);
            high = std::max(high, *point.score);
        }
    }
    [[nodiscard]] bool empty() const { return low > high; }
    [[nodiscard]] double y(double score) const
    {
        constexpr double k_least_span = 10;
        const double span = std::max(high - low, k_least_span);
        const double top = std::min(100.0, (high + low) / 2 + span / 2);
        return k_margin + (top - score) / span * (k_height - 2 * k_margin);
    }
};

std::string day_of(Timestamp at)
{
    return format_rfc3339(at).substr(0, 10);
}

std::string signed_text(double difference)
{
    if (std::abs(difference) < 0.05) return "±0";
    return fmt::format("{}{:.1f}", difference < 0 ? "−" : "+", std::abs(difference));
}

std::string_view direction_class(double difference)
{
    if (std::abs(difference) < 0.05) return "same";
    return difference < 0 ? "down" : "up";
}

std::string since_text(const Change& change, Timestamp now)
{
    const auto age = change.since.age(now).value_or(seconds{0});
    constexpr auto k_hour = std::chrono::hours{1};
    if (age >= 20 * k_hour && age <= 30 * k_hour) return "since yesterday";
    return "in the last " + format_age(age);
}

} // namespace

Html trend_line(const std::vector<TrendPoint>& points)
{
    Html out;
    const Range range{points};
    if (points.size() < 2 || range.empty()) return out;
    const auto first = points.front().at.unix_seconds();
    const auto length = static_cast<double>(std::max<std::int64_t>(points.back().at.unix_seconds() - first, 1));
    std::string path;
    bool pen_down = false;
    double x = 0;
    double y = 0;
    for (const auto& point : points) {
        if (!point.score) { // nothing was judged: a gap in the line
            pen_down = false;
            continue;
        }
        x = k_margin + static_cast<double>(point.at.unix_seconds() - first) / length * (k_width - 2 * k_margin);
        y = range.y(*point.score);
        path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", x, y);
        pen_down = true;
    }
    const auto* last = &*std::ranges::find_if(points.rbegin(), points.rend(), [](const auto& point) { return point.score.has_value(); });
    out << "<svg class=\"trend\" role=\"img\" viewBox=\"0 0 280 56\" preserveAspectRatio=\"none\" aria-label=\"Score since "
        << day_of(points.front().at) << ": lowest " << score_text(range.low) << ", highest " << score_text(range.high) << ", last "
        << score_text(last->score) << "\"><path d=\"" << path << "\"/></svg>";
    return out;
}

Html score_change(const Change& change)
{
    Html out;
    if (!change.score || !change.score_now) return out;
    const double difference = *change.score_now - *change.score;
    out << "<strong class=\"" << direction_class(difference) << "\">" << signed_text(difference) << "</strong>";
    return out;
}

Html change_text(const Change& change, Timestamp now, Told told)
{
    Html out;
    out << "<p class=\"change\">" << score_change(change) << " " << since_text(change, now);
    if (told == Told::everything && change.opened > 0)
        out << ", " << change.opened << std::string_view{change.opened == 1 ? " new finding" : " new findings"};
    if (told == Told::everything && change.resolved > 0) out << ", " << change.resolved << " resolved";
    out << "</p>";
    return out;
}

} // namespace seaworthy::publish
