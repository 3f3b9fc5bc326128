// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/timestamp.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace seaworthy {
namespace {

/// A cursor over fixed-width digits.
class Digits {
public:
    explicit Digits(std::string_view text) : m_text(text) {}
    [[nodiscard]] bool take(std::size_t width, int& value)
    {
        if (m_text.size() < width) return false;
        value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            if (m_text[i] < '0' || m_text[i] > '9') return false;
            value = value * 10 + (m_text[i] - '0');
        }
        m_text.remove_prefix(width);
        return true;
    }
    [[nodiscard]] bool take(char expected)
    {
        if (m_text.empty() || m_text.front() != expected) return false;
        m_text.remove_prefix(1);
        return true;
    }
    void skip_digits()
    {
        while (!m_text.empty() && m_text.front() >= '0' && m_text.front() <= '9')
            m_text.remove_prefix(1);
    }
    [[nodiscard]] bool at_end() const { return m_text.empty(); }

private:
    std::string_view m_text;
};

std::optional<int> take_offset_minutes(Digits& digits)
{
    if (digits.take('Z') || digits.take('z')) return 0;
    int sign = 0;
    if (digits.take('+'))
        sign = 1;
    else if (digits.take('-'))
        sign = -1;
    int hours = 0;
    int minutes = 0;
    if (sign == 0 || !digits.take(2, hours) || !digits.take(':') || !digits.take(2, minutes) || hours > 23 || minutes > 59) return std::nullopt;
    return sign * (hours * 60 + minutes);
}

} // namespace

Timestamp parse_rfc3339(std::string_view text)
{
    Digits digits{text};
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    const bool date = digits.take(4, year) && digits.take('-') && digits.take(2, month) && digits.take('-') && digits.take(2, day);
    if (!date || !(digits.take('T') || digits.take('t') || digits.take(' '))) return {};
    if (!digits.take(2, hour) || !digits.take(':') || !digits.take(2, minute) || !digits.take(':') || !digits.take(2, second)) return {};
    if (digits.take('.')) digits.skip_digits();
    const auto offset = take_offset_minutes(digits);
    using namespace std::chrono;
    const year_month_day calendar{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                  std::chrono::day{static_cast<unsigned>(day)}};
    if (!offset || !digits.at_end() || !calendar.ok() || hour > 23 || minute > 59 || second > 60) return {};
    const auto since_epoch = duration_cast<seconds>(sys_days{calendar}.time_since_epoch()).count();
    return Timestamp{since_epoch + hour * 3600 + minute * 60 + second - *offset * 60};
}

std::string format_rfc3339(Timestamp time)
{
    if (!time.known()) return {};
    using namespace std::chrono;
    const sys_seconds moment{seconds{time.unix_seconds()}};
    const auto day = floor<days>(moment);
    const year_month_day date{day};
    const hh_mm_ss clock{moment - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text)
{
    struct Unit {
        std::string_view name;
        double milliseconds;
    };
    static constexpr Unit k_units[] = {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}, {"w", 6.048e8}};
    if (text == "0") return std::chrono::milliseconds{0};
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        if (text.front() == '-' || text.front() == '+') return std::nullopt;
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
        if (error != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const auto letters = text.substr(0, std::min(text.find_first_of("0123456789.+-"), text.size()));
        const auto* unit = std::find_if(std::begin(k_units), std::end(k_units), [&](const Unit& known) { return known.name == letters; });
        if (unit == std::end(k_units)) return std::nullopt;
        total += number * unit->milliseconds;
        text.remove_prefix(letters.size());
    }
    if (total > 1e15) return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::int64_t>(total)};
}

std::string format_age(seconds age)
{
    const auto s = age.count();
    if (s < 120) return fmt::format("{}s", s);
    if (s < 2 * 3600) return fmt::format("{}m", s / 60);
    if (s < 2 * 86400) return fmt::format("{}h", s / 3600);
    return fmt::format("{}d", s / 86400);
}

} // namespace seaworthy
