// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "publish/encoding/gzip.hpp"
#include "publish/http/call.hpp"
#include "publish/http/finding_query.hpp"
#include "publish/reports/csv.hpp"
#include "publish/reports/report_document.hpp"
#include "seaworthy/base/percent_encode.hpp"

namespace seaworthy::publish {

namespace {

constexpr std::string_view k_json = "application/json; charset=utf-8";

template <typename Items, typename Emit>
http::Reply list_reply(const Call& call, std::string_view kind, const Items& items, Emit emit)
{
    return json_reply([&](Emitter& out) {
        emit_list_head(out, kind, call.report());
        out.key("items");
        out.begin_array();
        for (const auto& item : items)
            emit(out, item);
        out.end_array();
    });
}

void emit_catalogue_check(Emitter& out, const check::Check& check, bool in_full)
{
    out.begin_object();
    out.field("id", check.id);
    out.field("title", check.title);
    out.field("scope", check::name(check.scope));
    out.field("severity", check::name(check.severity));
    if (in_full) {
        out.field("rationale", check.rationale);
        out.field("rule", check.rule);
        out.field("remediation", check.remediation);
        out.field("limits", check.limits);
        out.key("references");
        out.begin_array();
        for (const auto reference : check::split_list(check.references))
            out.string(reference);
        out.end_array();
    }
    out.end_object();
}

/// A body that is written as the client takes it and never held, compressed where that is asked for.
http::Reply stream_reply(const Call& call, std::string_view content_type, std::function<bool(const TextSink&)> write)
{
    const bool compressed = call.request.accepts_gzip();
    http::Reply reply{.status = 200, .content_type = std::string{content_type}, .headers = {{"Vary", "Accept-Encoding"}}};
    if (compressed) reply.headers.push_back({"Content-Encoding", "gzip"});
    reply.stream = [write = std::move(write), compressed](http::BodyWriter& writer) {
        const auto send = [&](std::string_view bytes) { return writer.write(bytes); };
        if (!compressed) return write(send);
        GzipStream gzip{send};
        return write([&](std::string_view bytes) { return gzip.write(bytes); }) && gzip.finish();
    };
    return reply;
}

/// What leads to the rows after these: the same request with another `continue` (RFC 8288).
std::string link_to_next(const http::Request& request, std::string_view next)
{
    std::string target{"</api/v1/findings?"};
    for (const auto& field : request.query)
        if (field.name != "continue") target += percent_encode(field.name) + '=' + percent_encode(field.value) + '&';
    return target + "continue=" + percent_encode(next) + ">; rel=\"next\"";
}

http::Reply table_reply(const Call& call, FindingPage page)
{
    const auto next = std::move(page.next);
    auto reply = stream_reply(call, "text/csv; charset=utf-8; header=present",
                              [edition = call.view.edition, rows = std::move(page.rows)](const TextSink& send) {
                                  constexpr std::size_t k_piece_bytes = 16'384;
                                  std::string piece;
                                  append_csv_head(piece);
                                  for (const auto* row : rows) {
                                      append_csv_result(piece, *row, *edition->report, edition->imprint);
                                      if (piece.size() < k_piece_bytes) continue;
                                      if (!send(piece)) return false;
                                      piece.clear();
                                  }
                                  return piece.empty() || send(piece);
                              });
    reply.headers.push_back({"Content-Disposition", "attachment; filename=\"seaworthy-findings.csv\""});
    if (!next.empty()) reply.headers.push_back({"Link", link_to_next(call.request, next)});
    return reply;
}

void emit_checks(Emitter& out, const check::Control& control, bool in_full)
{
    out.key("checks");
    out.begin_array();
    for (const auto& check : control.checks)
        emit_catalogue_check(out, check, in_full);
    out.end_array();
}

} // namespace

http::Reply problem(int status, std::string_view title, std::string_view detail, std::vector<http::Field> headers)
{
    const nlohmann::ordered_json document{{"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
    auto reply = http::Reply::of(status, "application/problem+json", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
    reply.headers = std::move(headers);
    return reply;
}

http::Reply api_before_first_report(const View& view)
{
    std::string detail = "there is no report yet: the first audit has not ended";
    if (!view.last_error.empty()) detail += "; the last attempt failed: " + view.last_error;
    return problem(503, "Service Unavailable", detail, {{"Retry-After", "5"}});
}

http::Reply json_reply(const std::function<void(Emitter&)>& write)
{
    std::string body;
    JsonEmitter out{[&](std::string_view text) {
        body += text;
        return true;
    }};
    out.begin_object();
    write(out);
    out.end_object();
    out.finish();
    return http::Reply::of(200, std::string{k_json}, std::move(body));
}

void emit_list_head(Emitter& out, std::string_view kind, const report::Report& report)
{
    out.field("apiVersion", k_api_version);
    out.field("kind", kind);
    out.key("metadata");
    out.begin_object();
    out.field("reportUid", report.uid);
    out.field("generatedAt", format_rfc3339(report.generated_at));
    out.end_object();
}

/// The report can be a hundred megabytes.
http::Reply answer_api_report(const Call& call)
{
    return stream_reply(call, k_json, [edition = call.view.edition](const TextSink& send) {
        JsonEmitter out{send};
        emit_report(out, *edition->report, edition->imprint, {});
        return out.finish();
    });
}

http::Reply answer_api_namespaces(const Call& call)
{
    return list_reply(call, "NamespaceList", call.report().namespaces,
                      [&](Emitter& out, const report::NamespaceSummary& ns) { emit_namespace(out, ns, call.imprint()); });
}

http::Reply answer_api_namespace(const Call& call)
{
    const auto* summary = call.report().find_namespace(call.parameter);
    if (summary == nullptr) return problem(404, "Not Found", "the report has no such namespace");
    return json_reply([&](Emitter& out) {
        emit_list_head(out, "NamespaceReport", call.report());
        out.key("namespace");
        emit_namespace(out, *summary, call.imprint());
        out.key("results");
        out.begin_array();
        for (const auto& result : call.report().results)
            if (result.ns() == summary->name) emit_result(out, result, call.report(), call.imprint());
        out.end_array();
    });
}

http::Reply answer_api_controls(const Call& call)
{
    return json_reply([&](Emitter& out) {
        emit_list_head(out, "ControlList", call.report());
        out.key("items");
        out.begin_array();
        for (const auto& summary : call.report().controls) {
            if (summary.control >= call.imprint().catalog.size()) continue;
            out.begin_object();
            out.key("control");
            emit_cluster_control(out, summary, call.imprint());
            out.field("weight", call.imprint().weight_of(*call.imprint().catalog[summary.control]));
            emit_checks(out, *call.imprint().catalog[summary.control], false);
            out.end_object();
        }
        out.end_array();
    });
}

http::Reply answer_api_control(const Call& call)
{
    const auto& report = call.report();
    const auto found = std::ranges::find_if(report.controls, [&](const auto& summary) {
        return summary.control < call.imprint().catalog.size() && call.imprint().catalog[summary.control]->id == call.parameter;
    });
    if (found == report.controls.end()) return problem(404, "Not Found", "there is no such control");
    const auto& control = *call.imprint().catalog[found->control];
    return json_reply([&](Emitter& out) {
        emit_list_head(out, "ControlReport", report);
        out.key("control");
        emit_cluster_control(out, *found, call.imprint());
        out.field("weight", call.imprint().weight_of(control));
        out.field("summary", control.summary);
        emit_checks(out, control, true);
        out.key("namespaces");
        out.begin_array();
        for (const auto& ns : report.namespaces)
            for (const auto& summary : ns.controls) {
                if (summary.control != found->control) continue;
                out.begin_object();
                out.field("name", ns.name);
                out.field("status", check::name(summary.status));
                out.field("score", summary.score.score);
                out.key("counts");
                emit_counts(out, summary.counts);
                out.end_object();
            }
        out.end_array();
    });
}

http::Reply answer_api_findings(const Call& call)
{
    const auto query = parse_finding_query(call.request, call.report(), {.offers_forms = true});
    if (!query) {
        const bool gone = query.error().kind == Error::Kind::not_found;
        return problem(gone ? 410 : 400, gone ? "Gone" : "Bad Request", query.error().message);
    }
    auto page = select(*query, call.report(), call.imprint());
    if (query->form == FindingQuery::Form::csv) return table_reply(call, std::move(page));
    return json_reply([&](Emitter& out) {
        out.field("apiVersion", k_api_version);
        out.field("kind", "FindingList");
        out.key("metadata");
        out.begin_object();
        out.field("reportUid", call.report().uid);
        out.field("generatedAt", format_rfc3339(call.report().generated_at));
        out.field("total", static_cast<std::int64_t>(page.total));
        out.field("continue", page.next);
        out.end_object();
        out.key("items");
        out.begin_array();
        for (const auto* result : page.rows)
            emit_result(out, *result, call.report(), call.imprint());
        out.end_array();
    });
}

http::Reply answer_api_tenants(const Call& call)
{
    return list_reply(call, "TenantList", call.report().tenants, [](Emitter& out, const report::TenantSummary& tenant) { emit_tenant(out, tenant); });
}

http::Reply answer_api_trend(const Call& call)
{
    const auto ns = call.request.parameter("namespace");
    std::vector<TrendPoint> points;
    if (call.settings.history != nullptr) points = call.settings.history->trend(ns);
    if (points.empty() && !ns.empty())
        return problem(404, "Not Found",
                       fmt::format("nothing is remembered of a namespace {}; /api/v1/namespaces lists those of the last report", ns));
    return json_reply([&](Emitter& out) {
        out.field("apiVersion", k_api_version);
        out.field("kind", "Trend");
        out.field("namespace", ns);
        out.key("items");
        out.begin_array();
        for (const auto& point : points) {
            out.begin_object();
            out.field("at", format_rfc3339(point.at));
            out.field("score", point.score);
            out.field("findings", std::int64_t{point.findings});
            out.field("opened", std::int64_t{point.opened});
            out.field("resolved", std::int64_t{point.resolved});
            out.end_object();
        }
        out.end_array();
    });
}

http::Reply answer_api_exemptions(const Call& call)
{
    return list_reply(call, "ExemptionList", call.report().exemptions, [](Emitter& out, const report::ExemptionUse& use) {
        const auto& exemption = use.exemption;
        out.begin_object();
        out.field("id", exemption.id);
        out.field("state", use.expired ? "expired" : use.matched == 0 ? "unused" : "active");
        out.field("matched", use.matched);
        emit_strings(out, "checks", exemption.checks);
        emit_strings(out, "controls", exemption.controls);
        emit_strings(out, "namespaces", exemption.namespaces);
        out.field("kind", exemption.kind);
        emit_strings(out, "names", exemption.names);
        out.key("matchLabels");
        out.begin_object();
        for (const auto& [key, value] : exemption.match_labels)
            out.field(key, value);
        out.end_object();
        out.field("reason", exemption.reason);
        out.field("owner", exemption.owner);
        out.field("until", format_rfc3339(exemption.until));
        out.end_object();
    });
}

http::Reply answer_openapi(const Call&)
{
    return http::Reply::of(200, std::string{k_json}, std::string{openapi_document()});
}

} // namespace seaworthy::publish
