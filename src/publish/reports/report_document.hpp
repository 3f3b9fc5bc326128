// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "publish/encoding/emitter.hpp"
#include "publish/reports/result_filter.hpp"
#include "seaworthy/publish/imprint.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

inline constexpr std::string_view k_api_version = "seaworthy.dev/v1";

// The parts of the report document (interfaces.md §4), each one value. The API's lists are made of the same parts.

void emit_report(Emitter& out, const report::Report& report, const Imprint& imprint, const ResultFilter& filter);

void emit_counts(Emitter& out, const report::Counts& counts);
/// A control of the cluster: with step, title and coverage.
void emit_cluster_control(Emitter& out, const report::ControlSummary& summary, const Imprint& imprint);
void emit_namespace(Emitter& out, const report::NamespaceSummary& summary, const Imprint& imprint);
void emit_tenant(Emitter& out, const report::TenantSummary& tenant);
void emit_result(Emitter& out, const report::Result& result, const report::Report& report, const Imprint& imprint);
void emit_gap(Emitter& out, const model::Gap& gap);
/// A list of strings as one field.
void emit_strings(Emitter& out, std::string_view name, const std::vector<std::string>& values);

/// What to do about a result: its own text, or its check's.
[[nodiscard]] std::string_view remediation_of(const report::Result& result);

} // namespace seaworthy::publish
