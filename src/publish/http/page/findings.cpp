// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "publish/http/finding_query.hpp"
#include "publish/http/page/parts.hpp"
#include "publish/reports/report_document.hpp"

namespace seaworthy::publish {

namespace {

/// An empty value says nothing, but that of namespace: the cluster's own results.
bool says_something(const http::Field& field)
{
    return !field.value.empty() || field.name == "namespace";
}

/// A link with the filters of this request.
class Link {
public:
    explicit Link(const char* path) { m_out << std::string_view{path}; }

    Link& put(std::string_view key, std::string_view text)
    {
        if (m_first)
            m_out << "?";
        else
            m_out << "&amp;";
        m_out << Url{key} << "=" << Url{text};
        m_first = false;
        return *this;
    }
    /// All that the request says but some.
    Link& put_query(const http::Request& request, std::initializer_list<std::string_view> without)
    {
        for (const auto& field : request.query)
            if (says_something(field) && std::ranges::find(without, field.name) == without.end()) put(field.name, field.value);
        return *this;
    }
    [[nodiscard]] const Html& html() const { return m_out; }

private:
    Html m_out;
    bool m_first = true;
};

/// The query of this request with one parameter changed, and always from the first page on; an empty value takes the parameter out.
Html with_parameter(const http::Request& request, std::string_view name, std::string_view value)
{
    Link link{"/findings"};
    link.put_query(request, {name, "continue"});
    if (!value.empty()) link.put(name, value);
    return link.html();
}

/// All that match, in the page's order.
void put_exports(Html& out, const http::Request& request, std::size_t total)
{
    Link link{"/api/v1/findings"};
    link.put_query(request, {"continue", "limit", "format"});
    if (request.parameter("sort").empty()) link.put("sort", "-severity");
    auto csv = link;
    auto json = link;
    out << "<div class=\"choice\" role=\"group\" aria-label=\"Export\"><span>Export</span><a href=\"" << csv.put("format", "csv").html()
        << "\" download>CSV</a><a href=\"" << json.put("format", "json").put("limit", std::to_string(k_most_findings)).html() << "\">JSON</a>";
    if (total > k_most_findings) {
        out << "<span>JSON in pages of " << k_most_findings;
        if (total > k_most_rows) out << ", CSV in parts of " << k_most_rows;
        out << "</span>";
    }
    out << "</div>";
}

void put_choice(Html& out, const http::Request& request, std::string_view name, std::string_view label,
                std::initializer_list<std::pair<std::string_view, std::string_view>> choices)
{
    out << "<div class=\"choice\" role=\"group\" aria-label=\"" << label << "\"><span>" << label << "</span>";
    for (const auto& [value, text] : choices) {
        out << "<a href=\"" << with_parameter(request, name, value) << "\"";
        if (request.parameter(name) == value) out << " aria-current=\"true\"";
        out << ">" << text << "</a>";
    }
    out << "</div>";
}

void put_filters(Html& out, const Call& call, std::size_t total)
{
    const auto& request = call.request;
    out << "<section class=\"filters\" aria-label=\"Filters\"><form action=\"/findings\" method=\"get\" role=\"search\">";
    for (const auto& field : request.query)
        if (field.name != "q" && field.name != "continue" && says_something(field))
            out << "<input type=\"hidden\" name=\"" << field.name << "\" value=\"" << field.value << "\">";
    out << "<label for=\"q\">Search</label><input id=\"q\" name=\"q\" type=\"search\" value=\"" << request.parameter("q")
        << "\" placeholder=\"object, check or message\"><button type=\"submit\">Search</button></form>";
    put_choice(out, request, "status", "Status",
               {{"", "fail and warn"}, {"fail", "fail"}, {"warn", "warn"}, {"unknown", "unknown"}, {"pass", "pass"}, {"all", "all"}});
    put_choice(out, request, "severity", "Severity",
               {{"", "any"}, {"critical", "critical"}, {"high", "high"}, {"medium", "medium"}, {"low", "low"}, {"info", "info"}});
    put_choice(out, request, "sort", "Order", {{"", "severity"}, {"-worth", "worth"}, {"namespace", "namespace"}, {"check", "check"}});
    bool any = false;
    for (const std::string_view name : {"namespace", "tenant", "control", "check"}) {
        if (!request.has_parameter(name)) continue;
        if (!any) out << "<div class=\"choice\"><span>Only</span>";
        any = true;
        const auto value = request.parameter(name);
        out << "<a class=\"drop\" href=\"" << with_parameter(request, name, "") << "\">" << name << " "
            << (value.empty() ? std::string_view{"of the cluster"} : value)
            << "<span aria-hidden=\"true\"> ×</span><span class=\"vh\"> (remove)</span></a>";
    }
    if (any) out << "</div>";
    put_exports(out, request, total);
    out << "</section>";
}

void put_finding(Html& out, const Call& call, const report::Result& result)
{
    out << "<tr><td>" << status_badge(result.status()) << "</td><td>" << severity_badge(result.severity()) << "</td><td>";
    if (result.ns().empty())
        out << "<span class=\"dim\">cluster</span>";
    else
        out << "<a href=\"/namespaces/" << Url{result.ns()} << "#" << Url{control_id(result.control(), call.imprint())} << "\">" << result.ns()
            << "</a>";
    out << "</td><td class=\"object\">" << object_name(result.object(), result.object().ns != result.ns())
        << "</td><td class=\"what\"><a href=\"/controls/" << Url{control_id(result.control(), call.imprint())} << "#" << Url{result.check().id}
        << "\">" << result.check().title << "</a><p>" << attested_note(result) << result.message() << "</p>" << exemption_note(result, call.report())
        << unknown_note(result) << "</td><td class=\"num\">" << points_text(static_cast<double>(result.worth)) << "</td></tr>";
}

} // namespace

http::Reply answer_findings(const Call& call)
{
    const auto query = parse_finding_query(call.request, call.report(), {FindingQuery::Order::severity, true, 100});
    Html body;
    body << "<div class=\"title\"><h1>Findings</h1>";
    if (!query) {
        body << "</div><div class=\"callout s-fail\"><p>" << query.error().message
             << "</p><p><a class=\"button\" href=\"/findings\">All findings</a></p></div>";
        return make_page(call, Section::findings, "Findings", body, query.error().kind == Error::Kind::not_found ? 410 : 400);
    }
    // A page of thousands of rows helps nobody; the API gives as many.
    auto bounded = *query;
    bounded.limit = std::min<std::size_t>(bounded.limit, 200);
    const auto page = select(bounded, call.report(), call.imprint());
    body << "<p class=\"dim\">" << page.total << " match";
    if (page.total > page.rows.size() && !page.rows.empty())
        body << ", " << (query->offset + 1) << " to " << (query->offset + page.rows.size()) << " shown";
    body << "</p></div>";
    put_filters(body, call, page.total);
    body << "<section class=\"card wide\">";
    if (page.rows.empty()) {
        body << empty_note("Nothing matches.");
    } else {
        body << "<div class=\"scroll\"><table class=\"list findings\"><caption class=\"vh\">Findings</caption><thead><tr><th "
                "scope=\"col\">Status</th><th scope=\"col\">Severity</th>"
                "<th scope=\"col\">Namespace</th><th scope=\"col\">Object</th><th scope=\"col\">What</th><th "
                "scope=\"col\">Points</th></tr></thead><tbody>";
        for (const auto* result : page.rows)
            put_finding(body, call, *result);
        body << "</tbody></table></div>";
    }
    if (!page.next.empty())
        body << "<nav class=\"pages\" aria-label=\"Pages of findings\"><a class=\"button\" href=\""
             << with_parameter(call.request, "continue", page.next) << "\">Next</a></nav>";
    body << "</section>";
    return make_page(call, Section::findings, "Findings", body);
}

} // namespace seaworthy::publish
