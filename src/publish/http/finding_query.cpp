// SPDX-License-Identifier: Apache-2.0
#include "publish/http/finding_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>

#include "seaworthy/base/printable.hpp"
#include "seaworthy/check/check.hpp"

namespace seaworthy::publish {

namespace {

using Order = FindingQuery::Order;

struct OrderName {
    std::string_view name;
    Order order;
};
constexpr OrderName k_orders[] = {{"report", Order::report}, {"worth", Order::worth},  {"severity", Order::severity},
                                  {"status", Order::status}, {"namespace", Order::ns}, {"check", Order::check}};

Failure refuse(std::string_view parameter, std::string_view value, std::string_view allowed)
{
    return failure(Error::Kind::usage, "parameter " + std::string{parameter} + ": \"" + printable(value, 64) + "\" is not " + std::string{allowed});
}

std::vector<std::string> words(std::string_view text)
{
    std::vector<std::string> list;
    for (const auto word : check::split_list(text))
        list.emplace_back(word);
    return list;
}

void append(std::vector<std::string>& list, std::vector<std::string> more)
{
    std::ranges::move(more, std::back_inserter(list));
}

std::optional<std::size_t> parse_count(std::string_view text)
{
    std::size_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

class Parser {
public:
    Parser(const report::Report& report, const QueryDefaults& defaults) : m_report(report), m_defaults(defaults)
    {
        m_query.order = defaults.order;
        m_query.descending = defaults.descending;
    }

    Result<FindingQuery> parse(const http::Request& request)
    {
        for (const auto& [name, value] : request.query)
            SEAWORTHY_TRY(take(name, value));
        SEAWORTHY_TRY(limit());
        if (!m_query.filter.statuses) m_query.filter.statuses = {{report::Status::fail, report::Status::warn}};
        restrict_to_namespaces();
        return std::move(m_query);
    }

private:
    Result<void> take(std::string_view name, const std::string& value)
    {
        if (name == "status") return statuses(value);
        if (name == "severity") return severities(value);
        if (name == "sort") return sort(value);
        if (name == "format" && m_defaults.offers_forms) return form(value);
        if (name == "limit") {
            m_limit = value;
            return {};
        }
        if (name == "continue") return resume(value);
        if (name == "control")
            append(m_query.filter.controls, words(value));
        else if (name == "check")
            append(m_query.filter.checks, words(value));
        else if (name == "tenant")
            append(m_tenants.emplace(), words(value));
        else if (name == "namespace")
            namespaces(value);
        else if (name == "q")
            m_query.filter.text = value;
        else
            return failure(Error::Kind::usage, "unknown parameter \"" + printable(name, 64) +
                                                   "\"; there are namespace, control, check, status, severity, tenant, q, sort, limit, " +
                                                   (m_defaults.offers_forms ? "format and continue" : "and continue"));
        return {};
    }

    Result<void> statuses(std::string_view value)
    {
        auto& list = m_query.filter.statuses;
        if (!list) list.emplace();
        for (const auto word : check::split_list(value)) {
            if (word == "all") {
                for (const auto status :
                     {report::Status::fail, report::Status::warn, report::Status::unknown, report::Status::pass, report::Status::not_applicable})
                    list->push_back(status);
                continue;
            }
            const auto status = check::parse_status(word);
            if (!status) return refuse("status", word, "pass, warn, fail, unknown, not_applicable or all");
            list->push_back(*status);
        }
        if (list->empty()) list.reset(); // `status=` as an empty form field sends it
        return {};
    }

    Result<void> severities(std::string_view value)
    {
        for (const auto word : check::split_list(value)) {
            const auto severity = check::parse_severity(word);
            if (!severity) return refuse("severity", word, "critical, high, medium, low or info");
            m_query.filter.severities.push_back(*severity);
        }
        return {};
    }

    Result<void> sort(std::string_view value)
    {
        const bool descending = value.starts_with('-');
        const auto found = std::ranges::find(k_orders, value.substr(descending ? 1 : 0), &OrderName::name);
        if (found == std::end(k_orders))
            return refuse("sort", value, "report, worth, severity, status, namespace or check, with - in front for descending");
        m_query.order = found->order;
        m_query.descending = descending;
        return {};
    }

    Result<void> form(std::string_view value)
    {
        if (value != "json" && value != "csv") return refuse("format", value, "json or csv");
        m_query.form = value == "csv" ? FindingQuery::Form::csv : FindingQuery::Form::json;
        return {};
    }

    /// Last, because the form decides what is too many.
    Result<void> limit()
    {
        const bool table = m_query.form == FindingQuery::Form::csv;
        const auto most = table ? k_most_rows : k_most_findings;
        m_query.limit = table ? k_most_rows : m_defaults.limit;
        if (!m_limit) return {};
        const auto count = parse_count(*m_limit);
        if (!count || *count == 0 || *count > most) return refuse("limit", *m_limit, "a number from 1 to " + std::to_string(most));
        m_query.limit = *count;
        return {};
    }

    Result<void> resume(std::string_view value)
    {
        if (value.empty()) return {};
        const auto dot = value.rfind('.');
        const auto offset = dot == std::string_view::npos ? std::nullopt : parse_count(value.substr(dot + 1));
        if (!offset) return refuse("continue", value, "what an answer gave");
        if (value.substr(0, dot) != m_report.uid)
            return failure(Error::Kind::not_found, "the report that this page belongs to is no longer the latest; start again");
        m_query.offset = *offset;
        return {};
    }

    void namespaces(std::string_view value)
    {
        auto& list = m_namespaces.emplace(m_namespaces.value_or(std::vector<std::string>{}));
        append(list, words(value));
        if (value.empty()) list.emplace_back(); // the cluster's own
    }

    /// Namespaces that were named, or those of the named tenants, or what both have in common.
    void restrict_to_namespaces()
    {
        if (!m_tenants) {
            m_query.filter.namespaces = std::move(m_namespaces);
            return;
        }
        std::vector<std::string> members;
        for (const auto& tenant : m_report.tenants)
            if (std::ranges::find(*m_tenants, tenant.name.view()) != m_tenants->end())
                for (const auto ns : tenant.namespaces)
                    if (!m_namespaces || std::ranges::find(*m_namespaces, ns.view()) != m_namespaces->end()) members.push_back(ns.str());
        m_query.filter.namespaces = std::move(members);
    }

    const report::Report& m_report;
    QueryDefaults m_defaults;
    FindingQuery m_query;
    std::optional<std::string_view> m_limit; ///< into the request
    std::optional<std::vector<std::string>> m_namespaces;
    std::optional<std::vector<std::string>> m_tenants;
};

template <typename Key>
void sort_by(std::vector<const report::Result*>& rows, bool descending, Key key)
{
    std::ranges::stable_sort(rows, [&](const auto* a, const auto* b) { return descending ? key(*b) < key(*a) : key(*a) < key(*b); });
}

} // namespace

Result<FindingQuery> parse_finding_query(const http::Request& request, const report::Report& report, const QueryDefaults& defaults)
{
    return Parser{report, defaults}.parse(request);
}

FindingPage select(const FindingQuery& query, const report::Report& report, const Imprint& imprint)
{
    FindingPage page;
    auto& rows = page.rows;
    for (const auto& result : report.results)
        if (query.filter.matches(result, imprint)) rows.push_back(&result);
    switch (query.order) {
    case Order::report:
        if (query.descending) std::ranges::reverse(rows);
        break;
    case Order::worth: sort_by(rows, query.descending, [](const report::Result& r) { return r.worth; }); break;
    case Order::severity: sort_by(rows, query.descending, [](const report::Result& r) { return std::pair{r.severity(), r.worth}; }); break;
    case Order::status: sort_by(rows, query.descending, [](const report::Result& r) { return r.status(); }); break;
    case Order::ns: sort_by(rows, query.descending, [](const report::Result& r) { return r.ns().view(); }); break;
    case Order::check: sort_by(rows, query.descending, [](const report::Result& r) { return r.check().id; }); break;
    }
    page.total = rows.size();
    const auto begin = std::min(query.offset, rows.size());
    const auto end = std::min(rows.size(), begin + query.limit);
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(end), rows.end());
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(begin));
    if (end < page.total) page.next = report.uid + '.' + std::to_string(end);
    return page;
}

} // namespace seaworthy::publish
