// SPDX-License-Identifier: Apache-2.0
// wgpolicyk8s.io/v1alpha2 of the Kubernetes Policy Working Group: a PolicyReport a namespace and a ClusterPolicyReport, as one List for
// `kubectl apply -f -`. Seaworthy itself never writes them to a cluster.
#include <algorithm>
#include <span>

#include "publish/encoding/emitter.hpp"
#include "publish/reports/places.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/writers.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

namespace {

using report::Status;
using Results = std::span<const report::Result* const>;

constexpr std::size_t k_most_results = 1'000; ///< an object of etcd has at most 1.5 MiB
constexpr std::size_t k_longest_text = 500;

/// `error` is "could not be evaluated" there.
std::string_view result_word(Status status)
{
    switch (status) {
    case Status::pass: return "pass";
    case Status::warn: return "warn";
    case Status::fail: return "fail";
    case Status::unknown: return "error";
    case Status::not_applicable: return "skip";
    }
    return "error";
}

void emit_summary(Emitter& out, const report::Counts& counts)
{
    out.key("summary");
    out.begin_object();
    for (const auto status : {Status::pass, Status::fail, Status::warn, Status::unknown, Status::not_applicable})
        out.field(result_word(status), counts.of(status));
    out.end_object();
}

void emit_resource(Emitter& out, const report::Object& object)
{
    out.key("resources");
    out.begin_array();
    out.begin_object();
    if (!object.api_version.empty()) out.field("apiVersion", printable(object.api_version));
    out.field("kind", printable(object.kind));
    if (!object.ns.empty()) out.field("namespace", printable(object.ns));
    out.field("name", printable(object.name));
    if (!object.uid.empty()) out.field("uid", printable(object.uid));
    out.end_object();
    out.end_array();
}

void emit_policy_result(Emitter& out, const report::Result& result, const report::Report& report, const Imprint& imprint)
{
    out.begin_object();
    out.field("source", "seaworthy");
    out.field("policy", control_id(result.control(), imprint));
    out.field("rule", result.check().id);
    out.field("category", control_title(result.control(), imprint));
    out.field("severity", check::name(result.severity()));
    out.field("result", result_word(result.status()));
    out.field("scored", result.exemption() == 0);
    out.field("message", printable(result.message(), k_longest_text));
    emit_resource(out, result.object());
    out.key("timestamp");
    out.begin_object();
    out.field("seconds", report.generated_at.known() ? report.generated_at.unix_seconds() : std::int64_t{0});
    out.field("nanos", std::int64_t{0});
    out.end_object();
    out.key("properties");
    out.begin_object();
    out.field("fingerprint", report::fingerprint(result));
    out.field("remediation", printable(remediation_of(result), k_longest_text));
    if (result.exemption() != 0) out.field("exempt", "true");
    if (result.attested()) out.field("attested", "true");
    out.end_object();
    out.end_object();
}

void emit_policy_report(Emitter& out, std::string_view ns, const report::Counts& counts, Results results, const report::Report& report,
                        const Imprint& imprint)
{
    out.begin_object();
    out.field("apiVersion", "wgpolicyk8s.io/v1alpha2");
    out.field("kind", ns.empty() ? "ClusterPolicyReport" : "PolicyReport");
    out.key("metadata");
    out.begin_object();
    out.field("name", "seaworthy");
    if (!ns.empty()) out.field("namespace", printable(ns));
    out.key("labels");
    out.begin_object();
    out.field("app.kubernetes.io/managed-by", "seaworthy");
    out.end_object();
    if (results.size() > k_most_results) {
        out.key("annotations");
        out.begin_object();
        out.field("seaworthy.dev/results-left-out", std::to_string(results.size() - k_most_results));
        out.end_object();
    }
    out.end_object();
    emit_summary(out, counts);
    out.key("results");
    out.begin_array();
    for (const auto* result : results.first(std::min(results.size(), k_most_results)))
        emit_policy_result(out, *result, report, imprint);
    out.end_array();
    out.end_object();
}

report::Counts counts_of_cluster(const report::Report& report)
{
    report::Counts counts;
    for (const auto& result : report.results)
        if (result.ns().empty()) counts.add(result.status());
    return counts;
}

} // namespace

void write_policy_report(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& stream)
{
    const auto all = results_by_place(report, imprint, filter_of(options, default_statuses()));
    const auto of = [&](std::string_view ns) {
        const auto found = results_of_place(all, ns);
        std::vector<const report::Result*> sorted{found.begin(), found.end()};
        std::ranges::stable_sort(sorted, std::ranges::greater{}, &report::Result::severity); // a limit keeps the worst
        return sorted;
    };
    YamlEmitter out{sink_to(stream)};
    out.begin_object();
    out.field("apiVersion", "v1");
    out.field("kind", "List");
    out.key("items");
    out.begin_array();
    emit_policy_report(out, {}, counts_of_cluster(report), of({}), report, imprint);
    for (const auto& ns : report.namespaces)
        emit_policy_report(out, ns.name, ns.counts, of(ns.name), report, imprint);
    out.end_array();
    out.end_object();
    out.finish();
}

} // namespace seaworthy::publish
