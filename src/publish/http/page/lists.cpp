// SPDX-License-Identifier: Apache-2.0
// The pages that are one list each: tenants and exemptions.
#include <algorithm>

#include "publish/http/page/parts.hpp"

namespace seaworthy::publish {

namespace {

/// "check a, check b in payments": what an exemption is for.
Html subject_of(const check::Exemption& exemption)
{
    Html out;
    const auto put = [&](std::string_view word, const std::vector<std::string>& values) {
        for (const auto& value : values)
            out << "<span class=\"chip\">" << word << value << "</span> ";
    };
    put("", exemption.checks);
    put("", exemption.controls);
    put("namespace ", exemption.namespaces);
    if (!exemption.kind.empty()) out << "<span class=\"chip\">" << exemption.kind << "</span> ";
    put("", exemption.names);
    for (const auto& [key, value] : exemption.match_labels)
        out << "<span class=\"chip\">" << key << "=" << value << "</span> ";
    return out;
}

struct ExemptionState {
    std::string_view name;
    report::Status status;
};

ExemptionState state_of(const report::ExemptionUse& use, Timestamp now)
{
    constexpr std::int64_t k_soon = 14 * 86'400; // enough to renew it, or to mend what it excuses
    if (use.expired) return {"expired", report::Status::fail};
    if (use.matched == 0) return {"unused", report::Status::warn};
    const auto& until = use.exemption.until;
    if (until.known() && until.unix_seconds() - now.unix_seconds() < k_soon) return {"expiring", report::Status::warn};
    return {"active", report::Status::pass};
}

void put_exemption(Html& out, const report::ExemptionUse& use, Timestamp now)
{
    const auto& exemption = use.exemption;
    const auto [state, status] = state_of(use, now);
    out << "<tr><td><span class=\"badge " << status_class(status) << "\">" << status_icon(status) << state << "</span></td><th scope=\"row\">"
        << subject_of(exemption) << "<p class=\"dim\"><code>" << exemption.id << "</code></p></th><td>" << exemption.reason << "</td><td>"
        << exemption.owner << "</td><td>" << moment(exemption.until) << "</td><td class=\"num\">" << use.matched << "</td></tr>";
}

} // namespace

http::Reply answer_tenants(const Call& call)
{
    Html body;
    body << "<div class=\"title\"><h1>Tenants</h1><p class=\"dim\">The same score over the namespaces of a tenant, without cluster-wide "
            "checks.</p></div><section class=\"card wide\">";
    if (call.report().tenants.empty()) {
        body << empty_note("No namespace belongs to a tenant.");
    } else {
        body << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">Tenants</caption><thead><tr><th scope=\"col\">Tenant</th><th "
                "scope=\"col\">Score</th><th scope=\"col\">Worst namespace</th><th scope=\"col\">Namespaces</th></tr></thead><tbody>";
        for (const auto& tenant : call.report().tenants) {
            constexpr std::size_t k_most = 40;
            body << "<tr><th scope=\"row\"><a href=\"/findings?tenant=" << Url{tenant.name} << "\">" << tenant.name << "</a>";
            if (!tenant.state.empty()) body << " <span class=\"chip\">" << tenant.state << "</span>";
            body << "</th><td class=\"num\"><span>" << score_text(tenant.score.score) << "</span>" << score_bar(tenant.score.score)
                 << "</td><td class=\"num\"><span>" << score_text(tenant.score_min) << "</span>" << score_bar(tenant.score_min) << "</td><td>";
            for (std::size_t i = 0; i < std::min(tenant.namespaces.size(), k_most); ++i)
                body << "<a class=\"chip\" href=\"/namespaces/" << Url{tenant.namespaces[i]} << "\">" << tenant.namespaces[i] << "</a> ";
            if (tenant.namespaces.size() > k_most) body << "and " << (tenant.namespaces.size() - k_most) << " more";
            body << "</td></tr>";
        }
        body << "</tbody></table></div>";
    }
    body << "</section>";
    return make_page(call, Section::tenants, "Tenants", body);
}

http::Reply answer_exemptions(const Call& call)
{
    Html body;
    body << "<div class=\"title\"><h1>Exemptions</h1><p class=\"dim\">Findings that somebody answers for, for a time. They stay findings: only the "
            "score with exemptions forgives them.</p></div><section class=\"card wide\">";
    if (call.report().exemptions.empty()) {
        body << empty_note("None are configured.");
    } else {
        body << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">Exemptions</caption><thead><tr><th scope=\"col\">State</th><th "
                "scope=\"col\">For</th><th scope=\"col\">Reason</th><th scope=\"col\">Owner</th><th scope=\"col\">Until</th>"
                "<th scope=\"col\">Findings</th></tr></thead><tbody>";
        for (const auto& use : call.report().exemptions)
            put_exemption(body, use, call.now);
        body << "</tbody></table></div>";
    }
    body << "</section>";
    return make_page(call, Section::exemptions, "Exemptions", body);
}

} // namespace seaworthy::publish
