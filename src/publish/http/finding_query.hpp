// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "publish/reports/result_filter.hpp"
#include "seaworthy/base/error.hpp"
#include "seaworthy/http/server.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

/// What a findings request asks for: namespace, control, check, status, severity, tenant (each may be repeated or hold a comma-separated list),
/// q, sort, limit, continue, and in the API format.
struct FindingQuery {
    enum class Form : std::uint8_t { json, csv };
    enum class Order : std::uint8_t { report, worth, severity, status, ns, check };

    ResultFilter filter;
    Order order = Order::report;
    bool descending = false;
    Form form = Form::json;
    std::size_t limit = 0;
    std::size_t offset = 0;
};

struct QueryDefaults {
    FindingQuery::Order order = FindingQuery::Order::report;
    bool descending = false;
    std::size_t limit = 500;
    bool offers_forms = false; ///< whether `format` is a parameter
};
inline constexpr std::size_t k_most_findings = 5000; ///< of a page
inline constexpr std::size_t k_most_rows = 100'000;  ///< of a CSV table, which is streamed; its default, too

/// Refuses parameters and values that it does not know, so that a typing error never reads as "no findings". Kind usage for those,
/// not_found for a `continue` of a report that is no longer the latest.
[[nodiscard]] Result<FindingQuery> parse_finding_query(const http::Request& request, const report::Report& report, const QueryDefaults& defaults);

struct FindingPage {
    std::vector<const report::Result*> rows;
    std::size_t total = 0;
    std::string next; ///< what `continue` must hold for the following page; empty: this is the last
};
[[nodiscard]] FindingPage select(const FindingQuery& query, const report::Report& report, const Imprint& imprint);

} // namespace seaworthy::publish
