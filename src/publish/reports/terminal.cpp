// SPDX-License-Identifier: Apache-2.0
#include "publish/reports/terminal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "publish/encoding/escape.hpp"

namespace seaworthy::publish {

std::string Terminal::paint(std::string_view text, Tone tone) const
{
    if (!m_color || tone == Tone::plain || text.empty()) return std::string{text};
    // The sixteen basic colours: the terminal's own theme makes them readable on its background.
    constexpr std::array<std::string_view, 7> k_codes{"", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[35m"};
    return fmt::format("{}{}\x1b[0m", k_codes[static_cast<std::size_t>(tone)], text);
}

std::string Terminal::status(report::Status status) const
{
    constexpr std::array<std::string_view, 5> k_signs{"–", "✓", "!", "?", "✗"};
    constexpr std::array<std::string_view, 5> k_ascii_signs{"-", "+", "!", "?", "x"};
    const auto index = static_cast<std::size_t>(status);
    const auto name = status == report::Status::not_applicable ? std::string_view{"n/a"} : check::name(status);
    return paint(fmt::format("{} {:<7}", m_unicode ? k_signs[index] : k_ascii_signs[index], name), tone_of(status));
}

Terminal::Tone Terminal::tone_of(report::Status status)
{
    constexpr std::array<Tone, 5> k_tones{Tone::dim, Tone::good, Tone::caution, Tone::puzzling, Tone::bad};
    return k_tones[static_cast<std::size_t>(status)];
}

Terminal::Tone Terminal::tone_of(report::Severity severity)
{
    constexpr std::array<Tone, 5> k_tones{Tone::dim, Tone::dim, Tone::plain, Tone::caution, Tone::bad};
    return k_tones[static_cast<std::size_t>(severity)];
}

Terminal::Tone Terminal::tone_of_score(std::optional<double> percent)
{
    if (!percent) return Tone::dim;
    return *percent >= 80 ? Tone::good : *percent >= 50 ? Tone::caution : Tone::bad;
}

std::string Terminal::bar(std::optional<double> percent, int cells) const
{
    constexpr std::array<std::string_view, 8> k_eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double share = std::clamp(percent.value_or(0) / 100.0, 0.0, 1.0);
    const int eighths = static_cast<int>(std::lround(share * cells * (m_unicode ? 8 : 1))) * (m_unicode ? 1 : 8);
    std::string filled;
    for (int i = 0; i < eighths / 8; ++i)
        filled += m_unicode ? "█" : "#";
    filled += k_eighths[static_cast<std::size_t>(eighths % 8)];
    std::string rest;
    for (int i = (eighths + 7) / 8; i < cells; ++i)
        rest += m_unicode ? "░" : ".";
    return paint(filled, tone_of_score(percent)) + paint(rest, Tone::dim);
}

std::string Terminal::score(std::optional<double> percent) const
{
    if (!percent) return std::string{dash()};
    // Never rounded up to full marks.
    const double shown = *percent < 100 ? std::min(std::round(*percent * 10) / 10, 99.9) : *percent;
    return fmt::format("{:.1f}", shown);
}

std::string Terminal::cut(std::string_view text, std::size_t columns) const
{
    if (display_width(text) <= columns) return std::string{text};
    const auto room = columns - std::min(columns, display_width(ellipsis()));
    return std::string{cut_to_width(text, room)} + std::string{ellipsis()};
}

std::string Terminal::fit(std::string_view text, std::size_t columns) const
{
    auto out = cut(text, columns);
    const auto width = display_width(out);
    if (width < columns) out.append(columns - width, ' ');
    return out;
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns)
{
    std::vector<std::string> lines;
    std::string line;
    std::size_t width = 0;
    const auto end_line = [&] {
        if (!line.empty()) lines.push_back(std::move(line));
        line.clear();
        width = 0;
    };
    while (!text.empty()) {
        const auto space = text.find(' ');
        auto word = text.substr(0, space);
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
        if (word.empty()) continue;
        if (width > 0 && width + 1 + display_width(word) > columns) end_line();
        while (display_width(word) > columns && columns > 0) { // longer than a line: broken anywhere
            const auto head = cut_to_width(word, columns);
            if (head.empty()) break;
            lines.emplace_back(head);
            word.remove_prefix(head.size());
        }
        if (width > 0) {
            line += ' ';
            ++width;
        }
        line += word;
        width += display_width(word);
    }
    end_line();
    return lines;
}

} // namespace seaworthy::publish
