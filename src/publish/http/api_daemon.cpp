// SPDX-License-Identifier: Apache-2.0
// The parts of the API that are about the daemon instead of a report.
#include <algorithm>

#include "publish/http/call.hpp"
#include "publish/http/host_names.hpp"
#include "publish/reports/report_document.hpp"

namespace seaworthy::publish {

namespace {

void emit_time(Emitter& out, std::string_view name, Timestamp time)
{
    out.key(name);
    if (time.known())
        out.string(format_rfc3339(time));
    else
        out.null();
}

/// A page of another site, or of a name that resolves to this machine, must not be able to make a browser post here.
bool comes_from_elsewhere(const http::Request& request)
{
    const auto site = request.header("Sec-Fetch-Site");
    if (!site.empty() && site != "same-origin" && site != "none") return true;
    const auto origin = request.header("Origin");
    if (origin.empty()) return false;
    const auto scheme_end = origin.find("://");
    return scheme_end == std::string_view::npos || origin.substr(scheme_end + 3) != request.header("Host");
}

/// Compares in a time that does not tell how much is right. `b` is not empty.
bool equal_secrets(std::string_view a, std::string_view b)
{
    unsigned difference = a.size() == b.size() ? 0U : 1U;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i % b.size()]));
    return difference == 0;
}

bool carries_token(const Call& call)
{
    const auto& token = call.settings.trigger_token;
    constexpr std::string_view k_scheme = "Bearer ";
    const auto authorization = call.request.header("Authorization");
    return !token.empty() && authorization.starts_with(k_scheme) && equal_secrets(authorization.substr(k_scheme.size()), token);
}

bool trusts_peer(const Call& call)
{
    const auto host = host_of(call.request.header("Host"));
    return call.settings.on_loopback && is_loopback_address(call.request.peer) && (host == "localhost" || is_loopback_address(host));
}

} // namespace

http::Reply answer_api_status(const Call& call)
{
    const auto& view = call.view;
    return json_reply([&](Emitter& out) {
        out.field("apiVersion", k_api_version);
        out.field("kind", "Status");
        out.field("version", call.settings.version);
        out.field("revision", call.settings.revision);
        emit_time(out, "startedAt", view.started_at);
        out.field("leader", view.leading);
        out.key("audit");
        out.begin_object();
        out.field("running", view.auditing_since.known());
        emit_time(out, "runningSince", view.auditing_since);
        emit_time(out, "lastAttempt", view.last_attempt);
        emit_time(out, "lastSuccess", view.last_success);
        emit_time(out, "lastFailure", view.last_failure);
        out.field("lastError", view.last_error);
        out.field("intervalSeconds", static_cast<std::int64_t>(view.interval.count()));
        out.end_object();
        out.key("report");
        if (!view.edition) {
            out.null();
            return;
        }
        out.begin_object();
        out.field("uid", call.report().uid);
        emit_time(out, "generatedAt", call.report().generated_at);
        out.key("ageSeconds");
        const auto age = call.report().generated_at.age(call.now);
        out.integer(age ? std::max<std::int64_t>(0, age->count()) : 0);
        out.field("complete", call.report().complete);
        out.key("gaps");
        out.begin_array();
        for (const auto& gap : call.report().gaps)
            emit_gap(out, gap);
        out.end_array();
        out.end_object();
    });
}

http::Reply answer_api_audit(const Call& call)
{
    if (!call.settings.trigger_audit) return problem(403, "Forbidden", "starting audits by request is switched off");
    if (comes_from_elsewhere(call.request)) return problem(403, "Forbidden", "the request comes from a page of another site");
    if (!trusts_peer(call) && !carries_token(call)) {
        if (call.settings.trigger_token.empty()) return problem(403, "Forbidden", "audits can be started from this machine only");
        return problem(401, "Unauthorized", "a bearer token is needed", {{"WWW-Authenticate", "Bearer realm=\"seaworthy\""}});
    }
    const auto pause = call.settings.trigger_pause;
    if (!call.gate.pass(pause))
        return problem(429, "Too Many Requests", "an audit was asked for a moment ago", {{"Retry-After", std::to_string(pause.count())}});
    if (!call.settings.trigger_audit()) return problem(409, "Conflict", "an audit is running already");
    auto reply = json_reply([&](Emitter& out) {
        out.field("apiVersion", k_api_version);
        out.field("kind", "AuditRequest");
        out.field("accepted", true);
    });
    reply.status = 202;
    reply.headers.push_back({"Location", "/api/v1/status"});
    return reply;
}

} // namespace seaworthy::publish
