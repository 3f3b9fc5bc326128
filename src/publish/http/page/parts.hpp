// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "publish/http/call.hpp"
#include "publish/http/page/html.hpp"

namespace seaworthy::publish {

enum class Section : std::uint8_t { overview, controls, findings, tenants, exemptions, status };

/// A whole page: head, navigation, the body and the footer. `title` is what distinguishes it.
[[nodiscard]] http::Reply make_page(const Call& call, std::optional<Section> section, std::string_view title, const Html& body, int status = 200);

// Parts that several pages use.

/// The signs of the statuses, defined once a page and referred to by every cell.
[[nodiscard]] Html status_symbols();
/// The class that colours a status: "s-fail".
[[nodiscard]] std::string_view status_class(report::Status status);
[[nodiscard]] std::string_view status_label(report::Status status); ///< "not applicable"
/// Sign, name and colour.
[[nodiscard]] Html status_badge(report::Status status);
[[nodiscard]] Html severity_badge(report::Severity severity);
/// The sign alone, for where the name stands beside it or is read to those who do not see it.
[[nodiscard]] Html status_icon(report::Status status);

/// "71.3"; a dash where nothing was judged. Never rounded up to 100.
[[nodiscard]] std::string score_text(std::optional<double> percent);
[[nodiscard]] Html score_bar(std::optional<double> percent);
/// A ring with the score in it.
[[nodiscard]] Html score_ring(std::optional<double> percent, std::string_view label);
/// "4 fail, 1 warn" with colours; nothing where there is none of these.
[[nodiscard]] Html tally(const report::Counts& counts);
/// A moment as `<time>`; "never" for none.
[[nodiscard]] Html moment(Timestamp time);
/// How long before now: "3m ago".
[[nodiscard]] std::string ago(Timestamp time, Timestamp now);
/// A text of several lines: paragraphs, and lines that are indented or look like commands as blocks that can be copied.
[[nodiscard]] Html prose(std::string_view text);
/// Links where a reference is an https URL, text where it is not.
[[nodiscard]] Html references(std::string_view list);
/// The object of a result: kind and name, namespace in front where `with_namespace`.
[[nodiscard]] Html object_name(const report::Object& object, bool with_namespace);
[[nodiscard]] Html evidence_list(const check::Evidence& evidence);
[[nodiscard]] Html exemption_note(const report::Result& result, const report::Report& report);
/// That a result rests on what somebody states, where it does (C17).
[[nodiscard]] Html attested_note(const report::Result& result);
/// Why a result is unknown, and the grant that would help.
[[nodiscard]] Html unknown_note(const report::Result& result);
[[nodiscard]] std::string points_text(double worth); ///< "+0.35"

/// The scores of a trend as a line, told in words to those who do not see it; nothing for fewer than two points.
[[nodiscard]] Html trend_line(const std::vector<TrendPoint>& points);
/// "+1.7 since yesterday, 3 new findings, 5 resolved"
enum class Told : std::uint8_t { score, everything };
[[nodiscard]] Html change_text(const Change& change, Timestamp now, Told told);
/// "+1.7", in the colour of its direction; nothing where one of the scores is not known.
[[nodiscard]] Html score_change(const Change& change);

/// An empty list, said in words.
[[nodiscard]] Html empty_note(std::string_view text);

} // namespace seaworthy::publish
