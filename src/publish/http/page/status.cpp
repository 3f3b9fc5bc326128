// SPDX-License-Identifier: Apache-2.0
// What the daemon does: its audits, its configuration, events on their way, and what it could not read.
#include <algorithm>

#include "publish/http/page/parts.hpp"

namespace seaworthy::publish {

namespace {

void put_fact(Html& out, std::string_view name, const Html& value)
{
    out << "<div><dt>" << name << "</dt><dd>" << value << "</dd></div>";
}

Html words(std::string_view text)
{
    Html out;
    out << text;
    return out;
}

void put_audit(Html& out, const Call& call)
{
    const auto& view = call.view;
    const auto dated = [&](Timestamp time) {
        Html value;
        value << moment(time);
        if (time.known()) value << " <span class=\"dim\">" << ago(time, call.now) << "</span>";
        return value;
    };
    out << "<section class=\"card\"><h2>Audits</h2><dl class=\"facts rows\">";
    Html now;
    if (view.auditing_since.known())
        now << "an audit has been running since " << moment(view.auditing_since);
    else
        now << "waiting for the next audit";
    put_fact(out, "Now", now);
    put_fact(out, "Last success", dated(view.last_success));
    put_fact(out, "Last failure", dated(view.last_failure));
    if (!view.last_error.empty()) put_fact(out, "Last error", words(view.last_error));
    if (view.interval.count() > 0) put_fact(out, "Interval", words(format_age(view.interval)));
    put_fact(out, "Role", words(view.leading ? "publishes metrics" : "stands by: another replica publishes metrics"));
    out << "</dl></section>";
}

void put_daemon(Html& out, const Call& call)
{
    out << "<section class=\"card\"><h2>Daemon</h2><dl class=\"facts rows\">";
    put_fact(out, "Version", words(call.settings.version));
    if (!call.settings.revision.empty()) put_fact(out, "Revision", words(call.settings.revision));
    Html started;
    started << moment(call.view.started_at) << " <span class=\"dim\">" << ago(call.view.started_at, call.now) << "</span>";
    put_fact(out, "Started", started);
    const auto configuration = call.metrics.configuration();
    if (configuration.read.known()) {
        Html read;
        read << "read " << moment(configuration.read) << " <span class=\"dim\">" << ago(configuration.read, call.now) << "</span>";
        if (configuration.newest_refused)
            read << "<br><span class=\"count s-fail\">" << status_icon(report::Status::fail)
                 << "a newer one is not valid, this one stays: the log has each error with its line</span>";
        put_fact(out, "Configuration", read);
    }
    if (call.view.edition) {
        put_fact(out, "Report", words(call.report().uid));
        Html series;
        series << call.edition().families.series;
        put_fact(out, "Compliance series", series);
        if (call.edition().families.dropped_series > 0) {
            Html dropped;
            dropped << call.edition().families.dropped_series << " (metrics.maxNamespaces)";
            put_fact(out, "Series left out", dropped);
        }
    }
    out << "</dl></section>";
}

/// What a list that was forbidden lacks. Which of the printed rules that is, its resource tells.
Html missing_right(const model::Gap& gap)
{
    Html out;
    if (gap.reason != model::Reason::forbidden) return out;
    out << "<p class=\"dim\">Lacks the right to <code>list</code>, which <code>seaworthy rbac</code> prints with the others; "
           "<code>kubectl auth can-i list "
        << gap.resource << "</code> asks for it.</p>";
    return out;
}

Html when(std::optional<double> seconds_since_1970, Timestamp now)
{
    Html out;
    if (!seconds_since_1970) {
        out << "<span class=\"dim\">never</span>";
        return out;
    }
    const Timestamp at{static_cast<std::int64_t>(*seconds_since_1970)};
    out << ago(at, now);
    return out;
}

void put_sink(Html& out, const SinkFacts& sink, Timestamp now)
{
    const auto status = sink.is_up() ? report::Status::pass : sink.state == "auth_failed" ? report::Status::fail : report::Status::warn;
    std::uint64_t dropped = 0;
    for (const auto& [reason, count] : sink.dropped)
        dropped += count;
    out << "<tr><td><span class=\"badge " << status_class(status) << "\">" << status_icon(status) << sink.state << "</span></td><th scope=\"row\">"
        << sink.name << " <span class=\"chip\">" << sink.type << "</span>";
    if (!sink.last_error.empty() && !sink.is_up()) out << "<p class=\"dim\">" << sink.last_error << "</p>";
    out << "</th><td>" << when(sink.last_success, now) << "</td><td class=\"num\">" << sink.queue_length << "</td><td class=\"num\">" << sink.parked
        << "</td><td class=\"num\">" << dropped << "</td></tr>";
}

void put_sinks(Html& out, const Call& call)
{
    const auto delivery = call.metrics.delivery();
    out << "<section class=\"card\"><h2>Events</h2>";
    if (!delivery) {
        out << empty_note("No sinks are configured: changes of verdicts are sent nowhere.") << "</section>";
        return;
    }
    out << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">Sinks</caption><thead><tr><th scope=\"col\">State</th><th "
           "scope=\"col\">Sink</th><th scope=\"col\">Last delivery</th><th scope=\"col\">Waiting</th><th scope=\"col\">Refused</th><th "
           "scope=\"col\">Lost</th></tr></thead><tbody>";
    for (const auto& sink : delivery->sinks)
        put_sink(out, sink, call.now);
    out << "</tbody></table></div></section>";
}

void put_gaps(Html& out, const report::Report& report)
{
    out << "<section class=\"card wide\"><h2>What could not be read</h2>";
    if (report.gaps.empty()) {
        out << empty_note("Nothing: every list that the configuration asks for was complete.") << "</section>";
        return;
    }
    constexpr std::size_t k_most = 500;
    out << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">Lists that could not be read</caption><thead><tr><th "
           "scope=\"col\">Resource</th><th scope=\"col\">Namespace</th><th scope=\"col\">Reason</th>"
           "<th scope=\"col\">What was said</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < std::min(report.gaps.size(), k_most); ++i) {
        const auto& gap = report.gaps[i];
        out << "<tr><th scope=\"row\"><code>" << gap.resource << "</code></th><td>"
            << (gap.ns == "*" ? std::string_view{"all"} : std::string_view{gap.ns}) << "</td><td>" << model::name(gap.reason) << "</td><td>"
            << gap.message << missing_right(gap) << "</td></tr>";
    }
    out << "</tbody></table></div>";
    if (report.gaps.size() > k_most)
        out << "<p class=\"dim\">" << (report.gaps.size() - k_most) << " more in <a href=\"/api/v1/status\">the API</a></p>";
    out << "</section>";
}

} // namespace

http::Reply answer_status(const Call& call)
{
    Html body;
    body << "<div class=\"title\"><h1>Status</h1></div><div class=\"grid two\">";
    put_audit(body, call);
    put_daemon(body, call);
    body << "</div>";
    put_sinks(body, call);
    if (call.view.edition) put_gaps(body, call.report());
    return make_page(call, Section::status, "Status", body);
}

} // namespace seaworthy::publish
