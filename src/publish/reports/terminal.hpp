// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/publish/reports.hpp"

namespace seaworthy::publish {

/// How we draw on one terminal: colours and signs, or neither.
class Terminal {
public:
    enum class Tone : std::uint8_t { plain, strong, dim, good, caution, bad, puzzling };

    explicit Terminal(const FormatOptions& options) : m_color(options.color), m_unicode(options.unicode), m_width(options.width) {}

    /// `text` in a tone; it must be terminal-safe already.
    [[nodiscard]] std::string paint(std::string_view text, Tone tone) const;
    /// The sign and the name of a status: the meaning never rests on the colour alone.
    [[nodiscard]] std::string status(report::Status status) const;
    [[nodiscard]] static Tone tone_of(report::Status status);
    [[nodiscard]] static Tone tone_of(report::Severity severity);
    [[nodiscard]] static Tone tone_of_score(std::optional<double> percent);
    /// A bar of `cells` columns for 0 to 100.
    [[nodiscard]] std::string bar(std::optional<double> percent, int cells) const;
    /// "71.3", or a dash where nothing was judged.
    [[nodiscard]] std::string score(std::optional<double> percent) const;
    [[nodiscard]] std::string_view ellipsis() const { return m_unicode ? "…" : "..."; }
    [[nodiscard]] std::string_view dash() const { return m_unicode ? "–" : "-"; }
    [[nodiscard]] std::string_view dot() const { return m_unicode ? " · " : " | "; }
    [[nodiscard]] int width() const { return m_width; }
    /// Cut to `columns` with an ellipsis, then filled up with blanks to `columns`.
    [[nodiscard]] std::string fit(std::string_view text, std::size_t columns) const;
    [[nodiscard]] std::string cut(std::string_view text, std::size_t columns) const;

private:
    bool m_color;
    bool m_unicode;
    int m_width;
};

/// `text` broken at blanks into lines of at most `columns`.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t columns);

} // namespace seaworthy::publish
