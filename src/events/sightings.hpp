// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/finding_machine.hpp"
#include "seaworthy/report/report.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::events {

/// A report's results by fingerprint. 24 bytes a result; the report must outlive it.
class Sightings {
public:
    explicit Sightings(const report::Report& report);

    /// The result of the finding with this uid, which then is no unmatched one. nullptr: there is none.
    [[nodiscard]] const report::Result* match(std::string_view uid);
    /// Findings, exempt ones too, that were not matched, as indexes into the report's results, in the order of their fingerprints.
    [[nodiscard]] std::vector<std::uint32_t> unmatched_findings() const;

    /// True: the check is switched off.
    [[nodiscard]] bool is_switched_off(std::string_view check_id) const;
    /// True: the configuration leaves this namespace out, which is there.
    [[nodiscard]] bool is_excluded(std::string_view ns) const;
    /// True: the report says something of this object (ResourceName::path()).
    [[nodiscard]] bool knows(std::string_view resource);
    /// True: what is not in the report may be there all the same, since its list or the check itself failed.
    /// `ns`: the namespace it is in or counts in; `check`: nullptr where the catalogue has it no more.
    [[nodiscard]] bool is_blind(const check::Check* check, std::string_view check_id, std::string_view ns);

private:
    struct Entry {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        std::uint32_t result = 0; ///< index in the report
        bool matched = false;
    };
    struct Blindness {
        bool everywhere = false;
        std::set<std::string, std::less<>> namespaces;
    };
    static bool parse(std::string_view uid, Entry& entry);
    [[nodiscard]] Blindness blindness_by_gaps(const check::Check* check) const;

    const report::Report& m_report;
    std::vector<Entry> m_entries;                                  ///< by key, one each
    std::map<std::string, Blindness, std::less<>> m_unknowns;      ///< by check
    std::map<std::string, Blindness, std::less<>> m_gaps;          ///< by check, as they are asked for
    std::optional<std::set<std::string, std::less<>>> m_resources; ///< of objects, once somebody asks
    bool m_sees_nothing = false;
};

/// What the report shows of a finding, but for the shape of its evidence (shape_of()), which takes the longest. `result` may be nullptr;
/// `otherwise` is then how it is not seen.
[[nodiscard]] Observation observe(const report::Report& report, const report::Result* result, Sight otherwise);

/// The kinds of evidence that there are, without their values: numbers and names come and go with every rollout.
[[nodiscard]] std::string shape_of(const check::Evidence& evidence);

} // namespace seaworthy::events
