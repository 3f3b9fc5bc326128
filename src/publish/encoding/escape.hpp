// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seaworthy::publish {

// All text that comes from a cluster goes through one of these on its way out. Each appends well-formed UTF-8 whatever the
// input: bytes that are not UTF-8 become U+FFFD.

/// A JSON string with its quotes (RFC 8259).
void append_json_string(std::string& out, std::string_view text);
/// Text for HTML content and for attribute values in double or single quotes.
void append_html(std::string& out, std::string_view text);
/// A Prometheus label value without its quotes: `\`, `"` and newline are escaped.
void append_label_value(std::string& out, std::string_view text);
/// The text of a HELP line: `\` and newline are escaped; OpenMetrics escapes `"` too, and the text format takes that for two characters.
void append_help(std::string& out, std::string_view text, bool escape_quotes);
/// A CSV field (RFC 4180). What a spreadsheet would take for a formula is made text by a leading apostrophe.
void append_csv_field(std::string& out, std::string_view text);
/// A URL path segment or query value (RFC 3986): everything but unreserved characters is percent-encoded.
void append_url(std::string& out, std::string_view text);

enum class LineBreaks : bool { flatten, keep };
/// Text for a terminal: no control characters (C0, C1, DEL), no bidirectional overrides or zero-width characters. Tabs become spaces,
/// and line breaks too unless they are kept.
[[nodiscard]] std::string terminal_safe(std::string_view text, LineBreaks line_breaks = LineBreaks::flatten);
/// Columns that terminal-safe text takes: 2 for wide East Asian characters, 0 for combining ones.
[[nodiscard]] std::size_t display_width(std::string_view text);
/// The longest prefix that takes at most `columns`, cut between characters.
[[nodiscard]] std::string_view cut_to_width(std::string_view text, std::size_t columns);

/// The shortest decimal that reads back as the same value; integers without an exponent. Not for NaN and infinities.
void append_number(std::string& out, double value);
void append_number(std::string& out, float value);

} // namespace seaworthy::publish
