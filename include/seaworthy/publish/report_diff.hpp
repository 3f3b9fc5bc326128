// SPDX-License-Identifier: Apache-2.0
// Two reports that `audit -o json` wrote, compared: what a change brought, what it mended, and what nobody can see any more.
#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/check/verdict.hpp"

namespace seaworthy::publish {

/// One result of a saved report. All texts are as the file has them: whoever shows one escapes it.
struct SavedResult {
    std::string fingerprint;
    std::string check;
    check::Status status = check::Status::unknown;
    check::Severity severity = check::Severity::info;
    std::string ns;
    std::string kind;
    std::string name;
    std::string message;
    bool exempt = false;

    /// A warning or failure that nobody has excused.
    [[nodiscard]] bool is_finding() const { return !exempt && (status == check::Status::warn || status == check::Status::fail); }
};

struct SavedReport {
    std::string cluster;
    std::string generated_at; ///< RFC 3339
    std::optional<double> score;
    std::map<std::string, SavedResult, std::less<>> results; ///< by fingerprint; the worst of several
};

/// Reads a report of kind Report, apiVersion seaworthy.dev/v1, as JSON. Errors name the file and what is wrong with it.
[[nodiscard]] Result<SavedReport> read_saved_report(const std::string& path);
/// The same of a text; `name` is for errors.
[[nodiscard]] Result<SavedReport> parse_saved_report(std::string_view text, std::string_view name);

/// Pointers into the two reports, which must outlive it; each list by severity, then check, then object.
struct ReportDiff {
    const SavedReport* before = nullptr;
    const SavedReport* after = nullptr;
    std::vector<const SavedResult*> opened;   ///< findings of `after` that `before` has not
    std::vector<const SavedResult*> worsened; ///< warnings that have become failures
    std::vector<const SavedResult*> improved; ///< failures that have become warnings
    std::vector<const SavedResult*> resolved; ///< findings of `before` that pass now, do not apply, are exempt, or whose object is gone
    std::vector<const SavedResult*> unseen;   ///< findings of `before` that are unknown now: not resolved
};

[[nodiscard]] ReportDiff compare(const SavedReport& before, const SavedReport& after);

/// The new and the worsened findings that a gate counts: failures, warnings as well where `warn_counts`, of this severity or above.
[[nodiscard]] std::size_t count_gated(const ReportDiff& diff, check::Severity threshold, bool warn_counts);

void write_diff_text(const ReportDiff& diff, std::ostream& out);
void write_diff_markdown(const ReportDiff& diff, std::ostream& out); ///< for a comment on a pull request: at most 60,000 bytes
void write_diff_json(const ReportDiff& diff, std::ostream& out);

} // namespace seaworthy::publish
