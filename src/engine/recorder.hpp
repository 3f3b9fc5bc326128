// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/check_lists.hpp"
#include "engine/exemptions.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/report/report.hpp"
#include "seaworthy/report/result_writer.hpp"

namespace seaworthy::engine {

/// What a verdict is about, and what decides how lists that could not be read bear on it.
struct Subject {
    check::ObjectKey object = check::ObjectKey::cluster();
    std::string_view counts_in = {};          ///< namespace whose score it counts in; empty: the cluster's
    const model::StringMap* labels = nullptr; ///< for exemptions by selector
    const model::StringMap* annotations = nullptr;
    bool rests_on_replica_sets = false; ///< its pods are found through ReplicaSets
};

/// Turns verdicts into the report's results: applies the gap rules, the severities and the exemptions, and writes them.
class Recorder {
public:
    Recorder(report::Report& report, Exemptions& exemptions) : m_report(report), m_exemptions(exemptions) {}

    /// Begins a control, whose checks' passes rest on its premise; nothing where it has none, or where it holds.
    void presume(std::optional<check::Verdict> broken) { m_broken_premise = std::move(broken); }
    /// Begins a check. `needs` are its resources, written out.
    void begin(const check::Check& check, std::uint16_t control, const check::Context& context);
    void add(const Subject& subject, check::Verdict verdict);
    /// A list of the check's own subjects is missing in `ns` ("" = for the whole cluster): the check counts 0 there.
    void subjects_missing(std::string_view ns) { m_subjects_missing.emplace(m_check, std::string{ns}); }
    [[nodiscard]] const std::set<std::pair<const check::Check*, std::string>>& subjects_missing() const { return m_subjects_missing; }
    /// Puts results into their one order.
    void finish();

private:
    [[nodiscard]] const model::Gap* decisive_gap(const Subject& subject) const;

    report::Report& m_report;
    Exemptions& m_exemptions;
    const check::Check* m_check = nullptr;
    const check::Context* m_context = nullptr;
    std::uint16_t m_control = 0;
    check::Severity m_severity = check::Severity::info;
    const CheckLists* m_lists = nullptr;
    std::optional<check::Verdict> m_broken_premise;
    std::optional<report::ResultWriter> m_writer{m_report};
    std::set<std::pair<const check::Check*, std::string>> m_subjects_missing;
};

} // namespace seaworthy::engine
