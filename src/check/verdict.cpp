// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/check/verdict.hpp"

#include <array>

namespace seaworthy::check {
namespace {

constexpr std::array<std::string_view, 5> k_statuses{"not_applicable", "pass", "warn", "unknown", "fail"};
constexpr std::array<std::string_view, 5> k_severities{"info", "low", "medium", "high", "critical"};
constexpr std::array<double, 5> k_weights{0, 2, 4, 7, 10};

Verdict decided(Status status, Verdict::Basis basis, std::string message)
{
    Verdict verdict;
    verdict.status = status;
    verdict.reason = Reason::none;
    verdict.basis = basis;
    verdict.message = std::move(message);
    return verdict;
}

} // namespace

std::string_view name(Status status)
{
    return k_statuses[static_cast<std::size_t>(status)];
}
std::string_view name(Severity severity)
{
    return k_severities[static_cast<std::size_t>(severity)];
}
double weight(Severity severity)
{
    return k_weights[static_cast<std::size_t>(severity)];
}

std::optional<Status> parse_status(std::string_view text)
{
    for (std::size_t i = 0; i < k_statuses.size(); ++i)
        if (k_statuses[i] == text) return static_cast<Status>(i);
    return std::nullopt;
}

std::optional<Severity> parse_severity(std::string_view text)
{
    for (std::size_t i = 0; i < k_severities.size(); ++i)
        if (k_severities[i] == text) return static_cast<Severity>(i);
    return std::nullopt;
}

Verdict pass(std::string message)
{
    return decided(Status::pass, Verdict::Basis::lists, std::move(message));
}
Verdict warn(std::string message)
{
    return decided(Status::warn, Verdict::Basis::proof, std::move(message));
}
Verdict fail(std::string message)
{
    return decided(Status::fail, Verdict::Basis::proof, std::move(message));
}
Verdict not_applicable(std::string message)
{
    return decided(Status::not_applicable, Verdict::Basis::lists, std::move(message));
}

Verdict unknown(Reason reason, std::string message)
{
    Verdict verdict;
    verdict.reason = reason;
    verdict.message = std::move(message);
    return verdict;
}

Verdict worst(Verdict a, Verdict b)
{
    return b.status > a.status ? std::move(b) : std::move(a);
}

} // namespace seaworthy::check
