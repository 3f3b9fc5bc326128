// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "seaworthy/model/gap.hpp"

namespace seaworthy::check {

using model::Reason;

/// Ordered so that the worst of several is their maximum (catalogue README, rule 2).
enum class Status : std::uint8_t { not_applicable, pass, warn, unknown, fail };
enum class Severity : std::uint8_t { info, low, medium, high, critical };

[[nodiscard]] std::string_view name(Status status);     ///< "not_applicable"
[[nodiscard]] std::string_view name(Severity severity); ///< "critical"
[[nodiscard]] std::optional<Status> parse_status(std::string_view text);
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view text);
/// critical 10, high 7, medium 4, low 2, info 0.
[[nodiscard]] double weight(Severity severity);

/// What a verdict rests on, shown to people. Never a value that a secret pattern matched (C21).
using EvidenceValue = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>>;
using Evidence = std::vector<std::pair<std::string, EvidenceValue>>;

/// What a rule says of one object. `unknown` is the default: forgetting to decide never yields a pass.
struct Verdict {
    /// How a verdict relates to lists that could not be read (catalogue README, rule 3).
    enum class Basis : std::uint8_t {
        lists, ///< rests on complete lists: turns into `unknown` where one that the check needs has a gap. Default of pass and not_applicable.
        proof, ///< visible evidence proves it, whatever else is hidden. Default of fail and warn.
    };

    Status status = Status::unknown;
    Reason reason = Reason::unobservable; ///< of an unknown
    Basis basis = Basis::proof;
    bool attested = false;            ///< rests on a configured attestation (C17)
    std::optional<Severity> severity; ///< of this one result, for display and events, never for the score
    std::string message;              ///< one sentence for the owner: what is so, with names
    std::string grant;                ///< of an unknown: the grant that would help
    std::string remediation;          ///< a fix made for this object; empty: the check's own text
    Evidence evidence;

    Verdict&& with(std::string key, EvidenceValue value) &&
    {
        evidence.emplace_back(std::move(key), std::move(value));
        return std::move(*this);
    }
    Verdict&& at(Severity value) &&
    {
        severity = value;
        return std::move(*this);
    }
    /// This pass or not_applicable is decided by what is in hand.
    Verdict&& proven() &&
    {
        basis = Basis::proof;
        return std::move(*this);
    }
    /// This fail or warn says "there is none": true only if the lists are complete.
    Verdict&& by_absence() &&
    {
        basis = Basis::lists;
        return std::move(*this);
    }
    Verdict&& fix(std::string text) &&
    {
        remediation = std::move(text);
        return std::move(*this);
    }
    Verdict&& needs_grant(std::string code) &&
    {
        grant = std::move(code);
        return std::move(*this);
    }
};

[[nodiscard]] Verdict pass(std::string message);
[[nodiscard]] Verdict warn(std::string message);
[[nodiscard]] Verdict fail(std::string message);
[[nodiscard]] Verdict not_applicable(std::string message);
[[nodiscard]] Verdict unknown(Reason reason, std::string message);

/// The worse of two; of equals the first, so that a fold over a fixed order is deterministic.
[[nodiscard]] Verdict worst(Verdict a, Verdict b);

} // namespace seaworthy::check
