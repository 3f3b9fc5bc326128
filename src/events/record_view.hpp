// SPDX-License-Identifier: Apache-2.0
// An OCSF record as the other formats read it: by dotted path, whatever is missing or of another type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace seaworthy::events {

// Sorted members: with nlohmann::ordered_json a record of many members takes time with the square of their number.
using Json = nlohmann::json;

/// Where a record keeps what several formats tell. Members of objects and positions in arrays, parted by dots; `|` parts places of which the
/// first one that is there counts.
namespace path {
inline constexpr std::string_view event_uid = "metadata.uid";
inline constexpr std::string_view event_code = "metadata.event_code";
inline constexpr std::string_view sequence = "metadata.sequence";
inline constexpr std::string_view audit = "metadata.correlation_uid";
inline constexpr std::string_view logged_time = "metadata.logged_time";
inline constexpr std::string_view cluster_uid = "metadata.tenant_uid";
inline constexpr std::string_view vendor = "metadata.product.vendor_name";
inline constexpr std::string_view product = "metadata.product.name";
inline constexpr std::string_view product_version = "metadata.product.version";
inline constexpr std::string_view message = "message";
inline constexpr std::string_view finding = "finding_info.uid";
inline constexpr std::string_view check = "finding_info.analytic.uid";
inline constexpr std::string_view check_title = "finding_info.analytic.name|finding_info.title";
inline constexpr std::string_view check_version = "finding_info.analytic.version";
inline constexpr std::string_view control = "compliance.control";
inline constexpr std::string_view category = "compliance.category|finding_info.analytic.category";
inline constexpr std::string_view result = "compliance.status|status";
inline constexpr std::string_view reason = "compliance.status_code|status_code";
inline constexpr std::string_view resource_uid = "resources.0.uid";
inline constexpr std::string_view resource_name = "resources.0.name";
inline constexpr std::string_view resource_type = "resources.0.type";
inline constexpr std::string_view resource_kind = "resources.0.data.kind|resources.0.type";
inline constexpr std::string_view resource_namespace = "resources.0.namespace";
inline constexpr std::string_view cluster = "resources.0.data.cluster|unmapped.cluster";
} // namespace path

/// What a format calls something, and where a record keeps it.
struct Attribute {
    std::string_view key;
    std::string_view path;
};

class RecordView {
public:
    /// Nothing where `text` is no JSON object, or one nested deeper than any record. Broken UTF-8 is replaced by U+FFFD.
    [[nodiscard]] static std::optional<RecordView> parse(std::string_view text);

    /// The record on one line: its own text, in which raw line breaks between tokens are gone and control characters are escaped.
    [[nodiscard]] const std::string& line() const { return m_line; }
    [[nodiscard]] const Json& document() const { return m_document; }

    /// Null where it is not there. Valid as long as this.
    [[nodiscard]] const Json* find(std::string_view path) const;
    /// A string's content, a number or truth value as JSON writes it; empty for anything else.
    [[nodiscard]] std::string text(std::string_view path) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view path) const;
    /// Milliseconds since 1970 UTC within the years that ISO 8601 writes with four digits.
    [[nodiscard]] std::optional<std::int64_t> time(std::string_view path) const;

    /// When it happened, or else was logged; 0 where the record does not say.
    [[nodiscard]] std::int64_t event_time() const { return time("time").value_or(time(path::logged_time).value_or(0)); }
    /// `metadata.uid`, or a digest of the record where it has none: the same for the same record, never empty.
    [[nodiscard]] std::string event_uid() const;
    /// `seaworthy.finding_opened`: the name of this kind of event among those of other products.
    [[nodiscard]] std::string qualified_code() const;
    /// `success`, `failure` or `unknown`: the verdict of a finding, else the status of what was done.
    [[nodiscard]] std::string_view outcome() const;

private:
    Json m_document;
    std::string m_line;
};

/// JSON without raw line feeds, control characters and bidirectional overrides: those in strings become \u escapes, which lose nothing.
[[nodiscard]] std::string one_line(const Json& document);
/// The same of `document`, an object with members, and one more member whose JSON text is `line`.
[[nodiscard]] std::string one_line(const Json& document, std::string_view key, std::string_view line);

/// `2026-11-22T04:00:00.123Z` (RFC 3339) of milliseconds that RecordView::time() took.
[[nodiscard]] std::string iso_time(std::int64_t milliseconds);

} // namespace seaworthy::events
