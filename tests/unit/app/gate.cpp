// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "app/audit_gate.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/report/result_writer.hpp"

using namespace seaworthy;
using namespace seaworthy::app;
using report::Severity;
using report::Status;

namespace {

const check::Check& first_check()
{
    for (const auto* control : controls::catalog())
        if (!control->checks.empty()) return control->checks.front();
    throw std::logic_error("the catalogue is empty");
}

report::Report report_with(Status status, Severity severity, std::uint16_t exemption = 0)
{
    report::Report report;
    const auto control = static_cast<std::uint16_t>(controls::index_of(*controls::control_of(first_check())));
    check::Verdict verdict;
    verdict.status = status;
    report::ResultWriter{report}.add({first_check(), control, severity}, check::ObjectKey::cluster(), "", verdict, exemption);
    report.score.score = 50;
    return report;
}

ExitCode code(const report::Report& report, const Gate& gate, const publish::FormatOptions& filters = {})
{
    return judge_gate(report, gate, filters).code;
}

} // namespace

TEST_CASE("findings count from the wished severity up, warnings only when asked, exempted ones never", "[app]")
{
    const Gate high{.fail_on = Severity::high};
    const Gate high_and_warn{.fail_on = Severity::high, .warn_counts = true};

    CHECK(code(report_with(Status::fail, Severity::high), {}) == ExitCode::ok);
    CHECK(code(report_with(Status::fail, Severity::high), high) == ExitCode::finding);
    CHECK(code(report_with(Status::fail, Severity::critical), high) == ExitCode::finding);
    CHECK(code(report_with(Status::fail, Severity::medium), high) == ExitCode::ok);
    CHECK(code(report_with(Status::warn, Severity::high), high) == ExitCode::ok);
    CHECK(code(report_with(Status::warn, Severity::high), high_and_warn) == ExitCode::finding);
    CHECK(code(report_with(Status::unknown, Severity::high), high_and_warn) == ExitCode::ok);
    CHECK(code(report_with(Status::fail, Severity::high, 1), high) == ExitCode::ok);
}

TEST_CASE("filters select the findings that count", "[app]")
{
    const auto report = report_with(Status::fail, Severity::high);
    const Gate gate{.fail_on = Severity::low};

    CHECK(code(report, gate, {.checks = {"no-such-*"}}) == ExitCode::ok);
    CHECK(code(report, gate, {.checks = {std::string{first_check().id}}}) == ExitCode::finding);
    CHECK(code(report, gate, {.severities = {Severity::low}}) == ExitCode::ok);
}

TEST_CASE("a score below the limit, or none at all, is not good enough", "[app]")
{
    auto report = report_with(Status::pass, Severity::high);

    CHECK(code(report, {.min_score = 50}) == ExitCode::ok);
    CHECK(code(report, {.min_score = 50.1}) == ExitCode::score);
    report.score.score.reset();
    CHECK(code(report, {.min_score = 1}) == ExitCode::score);
}

TEST_CASE("with strict, anything unknown and any missing list is not good enough", "[app]")
{
    auto report = report_with(Status::pass, Severity::high);
    CHECK(code(report, {.strict = true}) == ExitCode::ok);

    CHECK(code(report_with(Status::unknown, Severity::info), {.strict = true}) == ExitCode::unobserved);
    report.gaps.push_back({"widgets.example.com", "*", model::Reason::not_served, ""});
    CHECK(code(report, {.strict = true}) == ExitCode::ok);
    report.gaps.push_back({"pods", "*", model::Reason::forbidden, ""});
    CHECK(code(report, {.strict = true}) == ExitCode::unobserved);
}

TEST_CASE("of several reasons the smallest exit code is given", "[app]")
{
    CHECK(code(report_with(Status::fail, Severity::high), {.fail_on = Severity::low, .min_score = 99, .strict = true}) == ExitCode::finding);
    CHECK(code(report_with(Status::unknown, Severity::high), {.fail_on = Severity::low, .min_score = 99, .strict = true}) == ExitCode::score);
}
