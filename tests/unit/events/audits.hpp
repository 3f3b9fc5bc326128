// SPDX-License-Identifier: Apache-2.0
// A cluster whose audits are made up, and what the journal tells of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "seaworthy/events/journal.hpp"
#include "seaworthy/report/report.hpp"
#include "unit/state/spool.hpp"

namespace seaworthy::test {

/// A catalogue of two controls, which does not change when the real one grows.
[[nodiscard]] std::span<const check::Control* const> two_controls();

/// One verdict of an audit.
struct Seen {
    std::string check = "netpol-deny"; ///< high; "image-tag" is medium
    std::string name = "api";
    check::Status status = check::Status::fail;
    std::string ns = "shop";
    std::string kind = "Deployment";
    std::optional<check::Severity> severity;
    check::Evidence evidence;
    bool exempt = false;
    model::Reason reason = model::Reason::none;
    std::string message = "is not as it should be";
    std::string uid; ///< of the object; empty: made of its name
};

/// One audit after the other, `interval` seconds apart.
class Audits {
public:
    using Change = std::function<void(report::Report&)>;

    explicit Audits(config::Events settings = {}, std::uint64_t spool_bytes = 4 * k_mib);

    [[nodiscard]] std::shared_ptr<report::Report> report(const std::vector<Seen>& rows, const Change& change = {}) const;
    /// A first audit without findings, so that the next is none.
    Audits& calm();
    /// The codes of what this audit caused, audit_completed left out.
    std::vector<std::string> audit(const std::vector<Seen>& rows, const Change& change = {});
    events::Recorded record(const report::Report& report);
    /// The daemon ends and starts again.
    void restart();
    void restart(config::Events settings);

    /// Everything that waits, in order; forgotten by forget().
    [[nodiscard]] std::vector<nlohmann::json> told();
    /// The last event with this code.
    [[nodiscard]] nlohmann::json last(std::string_view code);
    void forget();
    [[nodiscard]] std::vector<state::EventRow> rows() { return waiting(*m_store, "siem", 400); }

    [[nodiscard]] state::Store& store() { return *m_store; }
    [[nodiscard]] events::Journal& journal() { return *m_journal; }
    void wait(std::int64_t seconds) { m_now += seconds; }
    [[nodiscard]] std::int64_t now() const { return m_now; }

    std::int64_t interval = 300;
    events::ObjectFactsOf facts;
    config::Events settings;

private:
    void open_journal();

    Spool m_spool;
    std::unique_ptr<state::Store> m_store;
    std::unique_ptr<events::Journal> m_journal;
    std::int64_t m_now = 1'787'303'643;
    mutable int m_number = 0;
};

/// Findings that are open for somebody who heard `told` and nothing else.
[[nodiscard]] std::set<std::string> open_by_replay(const std::vector<nlohmann::json>& told);

} // namespace seaworthy::test
