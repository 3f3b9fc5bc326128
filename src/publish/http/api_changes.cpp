// SPDX-License-Identifier: Apache-2.0
// GET /api/v1/changes: the last report beside an earlier one.
#include <algorithm>

#include <fmt/format.h>

#include "publish/http/call.hpp"
#include "publish/http/since.hpp"
#include "publish/reports/report_document.hpp"

namespace seaworthy::publish {

namespace {

void emit_change(Emitter& out, const Change& change)
{
    out.key("score");
    out.begin_object();
    out.field("before", change.score);
    out.field("now", change.score_now);
    out.end_object();
    out.field("opened", std::int64_t{change.opened});
    out.field("resolved", std::int64_t{change.resolved});
}

void emit_checks(Emitter& out, const std::vector<CheckMove>& checks)
{
    out.key("checks");
    out.begin_array();
    for (const auto& move : checks) {
        out.begin_object();
        out.field("id", move.check);
        out.field("opened", std::int64_t{move.opened});
        out.field("resolved", std::int64_t{move.resolved});
        out.field("namespaces", std::int64_t{move.namespaces});
        out.end_object();
    }
    out.end_array();
}

} // namespace

http::Reply answer_api_changes(const Call& call)
{
    for (const auto& field : call.request.query)
        if (field.name != "since" && field.name != "namespace")
            return problem(400, "Bad Request", fmt::format("there is no parameter {}; there are since and namespace", field.name));
    const auto since = parse_since(call.request, call.now);
    if (!since) return problem(400, "Bad Request", since.error().message);
    const auto ns = call.request.parameter("namespace");
    const auto* history = call.settings.history;
    if (history != nullptr && !ns.empty() && history->trend(ns).empty())
        return problem(404, "Not Found",
                       fmt::format("nothing is remembered of a namespace {}; /api/v1/namespaces lists those of the last report", ns));
    const auto difference = history == nullptr ? std::nullopt : history->difference(ns, *since);
    return json_reply([&](Emitter& out) {
        out.field("apiVersion", k_api_version);
        out.field("kind", "Changes");
        out.field("namespace", ns);
        out.key("since");
        if (!difference) { // there is only one report
            out.null();
            return;
        }
        out.string(format_rfc3339(difference->change.since));
        out.field("reachesBack", difference->change.reaches_back);
        emit_change(out, difference->change);
        if (ns.empty()) {
            out.key("namespaces");
            out.begin_array();
            for (const auto& [name, change] : difference->namespaces) {
                out.begin_object();
                out.field("name", name);
                emit_change(out, change);
                out.end_object();
            }
            out.end_array();
        }
        emit_checks(out, difference->checks);
        out.field("allChecks", difference->all_checks);
    });
}

} // namespace seaworthy::publish
