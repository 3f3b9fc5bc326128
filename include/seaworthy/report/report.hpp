// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/text.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/model/gap.hpp"

namespace seaworthy::report {

using check::Severity;
using check::Status;
using model::Reason;

/// Results by status; `exempt` counts those of warn and fail that an exemption covers (they are in warn and fail too).
struct Counts {
    std::array<std::uint32_t, 5> by_status{}; ///< indexed by Status
    std::uint32_t exempt = 0;
    [[nodiscard]] std::uint32_t of(Status status) const { return by_status[static_cast<std::size_t>(status)]; }
    void add(Status status) { ++by_status[static_cast<std::size_t>(status)]; }
};

/// A score with what it is made of. Percentages 0–100; nothing where nothing was judged.
struct Score {
    std::optional<double> score;
    std::optional<double> score_with_exemptions;
    std::optional<double> coverage;
    double points = 0;
    double points_possible = 0;
};

struct ControlSummary {
    std::uint16_t control = 0;              ///< index into catalog()
    Status status = Status::not_applicable; ///< the worst
    Score score;
    Counts counts;
};

struct NamespaceSummary {
    Text name;
    bool system = false;
    Text tenant; ///< empty: none
    Score score;
    std::array<std::uint32_t, 5> findings{}; ///< open warn and fail, not exempt, by Severity
    Counts counts;
    std::vector<ControlSummary> controls; ///< all nineteen, in catalogue order
};

struct TenantSummary {
    Text name;
    Text state; ///< "Cordoned" or "Terminating" (Capsule); empty: neither
    Score score;
    std::optional<double> score_min;
    std::vector<Text> namespaces;
};

/// What results are about, and where they count.
struct Object {
    Text api_version;
    Text kind;
    Text ns;
    Text name;
    Text uid;
    Text counts_in; ///< the namespace whose score its results count in; empty: the cluster's
};

/// What a check says: most objects get the same words, so they are stored once.
struct Statement {
    const check::Check* check = nullptr;
    Text message;
    Text grant;                ///< of an unknown: the grant that would help
    Text remediation;          ///< empty: the check's own
    Text evidence;             ///< as encode() in evidence.hpp writes it; empty: none
    std::uint16_t control = 0; ///< index into catalog()
    Status status = Status::unknown;
    Severity severity = Severity::info;
    Reason reason = Reason::none; ///< of an unknown
    bool attested = false;
    std::uint16_t exemption = 0; ///< 1 + index into Report::exemptions; 0: none

    friend bool operator==(const Statement&, const Statement&) = default;
};

/// One verdict on one object: 12 bytes, since a cluster has hundreds of thousands. Points into its report. Made by a ResultWriter.
class Result {
public:
    Result(Link<Statement> statement, Link<Object> object) : m_statement(statement), m_object(object) {}

    float worth = 0; ///< points that fixing it adds to the namespace (or cluster)

    [[nodiscard]] const check::Check& check() const { return *m_statement->check; }
    [[nodiscard]] std::uint16_t control() const { return m_statement->control; }
    [[nodiscard]] const Object& object() const { return *m_object; }
    [[nodiscard]] const Statement& statement() const { return *m_statement; }
    [[nodiscard]] Text ns() const { return m_object->counts_in; } ///< the namespace whose score it counts in; empty: the cluster's
    [[nodiscard]] Status status() const { return m_statement->status; }
    [[nodiscard]] Severity severity() const { return m_statement->severity; }
    [[nodiscard]] Reason reason() const { return m_statement->reason; }
    [[nodiscard]] std::uint16_t exemption() const { return m_statement->exemption; } ///< 1 + index into Report::exemptions; 0: none
    [[nodiscard]] bool attested() const { return m_statement->attested; }
    [[nodiscard]] Text message() const { return m_statement->message; }
    [[nodiscard]] Text grant() const { return m_statement->grant; }
    [[nodiscard]] Text remediation() const { return m_statement->remediation; } ///< empty: the check's own
    [[nodiscard]] check::Evidence evidence() const;
    [[nodiscard]] bool is_finding() const { return status() == Status::warn || status() == Status::fail; }

private:
    Link<Statement> m_statement;
    Link<Object> m_object;
};

struct ExemptionUse {
    check::Exemption exemption;
    std::uint32_t matched = 0; ///< findings it covers (an expired one: would cover)
    bool expired = false;
};

/// The verdicts of one audit: immutable once published, shared between threads. Order is deterministic:
/// the same inventory gives equal results in equal order.
class Report {
public:
    std::string uid;
    Timestamp generated_at;
    double duration_seconds = 0;
    bool complete = true; ///< no gap that the configuration asked for
    std::string cluster_name;
    std::string cluster_uid;
    std::string cluster_version;
    std::string platform;
    std::string clock; ///< RFC 3339 of the audit's clock

    Score score; ///< the cluster's
    Counts counts;
    std::vector<ControlSummary> controls;     ///< of the cluster, all nineteen
    std::vector<NamespaceSummary> namespaces; ///< by name
    std::vector<TenantSummary> tenants;       ///< by name
    std::deque<Result> results;
    std::vector<model::Gap> gaps;
    std::vector<ExemptionUse> exemptions;
    std::vector<Text> excluded_namespaces;      ///< that are there, and that the configuration leaves out; by name
    std::vector<std::string_view> switched_off; ///< ids of the catalogue's checks that nobody asked for, in its order

    // What the results point into.
    TextPool texts;
    Arena arena; ///< of objects and statements

    [[nodiscard]] const NamespaceSummary* find_namespace(std::string_view name) const;
};

inline constexpr int k_score_formula = 1; ///< architecture.md "Score (version 1)"

/// `f1:` and 32 hex digits: the same finding (check and object, never its pods) has the same fingerprint in every audit of every replica.
[[nodiscard]] std::string fingerprint(const Result& result);

} // namespace seaworthy::report
