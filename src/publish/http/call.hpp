// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "publish/encoding/emitter.hpp"
#include "seaworthy/http/server.hpp"
#include "seaworthy/publish/routes.hpp"

namespace seaworthy::publish {

/// Lets an audit be triggered at most once in a while.
class TriggerGate {
public:
    /// True if `pause` has gone by since the last time that it was true.
    [[nodiscard]] bool pass(std::chrono::seconds pause);

private:
    std::mutex m_mutex;
    std::optional<std::chrono::steady_clock::time_point> m_last;
};

/// All that a route's answer may depend on.
struct Call {
    const http::Request& request;
    const RouteSettings& settings;
    const SelfMetrics& metrics;
    TriggerGate& gate;
    View view;
    Timestamp now;
    std::string_view parameter; ///< what stands for {ns} or {id}

    // Only for routes that need a report.
    [[nodiscard]] const Edition& edition() const { return *view.edition; }
    [[nodiscard]] const report::Report& report() const { return *view.edition->report; }
    [[nodiscard]] const Imprint& imprint() const { return view.edition->imprint; }
};

struct Route {
    enum class Kind : std::uint8_t {
        page,   ///< for people; before the first report: a page that says so
        api,    ///< of the latest report; before it: 503; the report's uid is its ETag
        direct, ///< works without a report
    };
    std::string_view pattern; ///< at most one segment in braces, the last
    std::string_view name;    ///< the `handler` label of the metrics
    Kind kind = Kind::page;
    http::Reply (*answer)(const Call&) = nullptr;
    std::string_view method = "GET"; ///< GET serves HEAD too
};

[[nodiscard]] std::span<const Route> routes();

// Pages.
[[nodiscard]] http::Reply answer_overview(const Call& call);
[[nodiscard]] http::Reply answer_namespace(const Call& call);
[[nodiscard]] http::Reply answer_controls(const Call& call);
[[nodiscard]] http::Reply answer_control(const Call& call);
[[nodiscard]] http::Reply answer_findings(const Call& call);
[[nodiscard]] http::Reply answer_tenants(const Call& call);
[[nodiscard]] http::Reply answer_exemptions(const Call& call);
[[nodiscard]] http::Reply answer_status(const Call& call);
[[nodiscard]] http::Reply page_before_first_report(const Call& call);
[[nodiscard]] http::Reply page_not_found(const Call& call);

// API.
[[nodiscard]] http::Reply answer_api_report(const Call& call);
[[nodiscard]] http::Reply answer_api_namespaces(const Call& call);
[[nodiscard]] http::Reply answer_api_namespace(const Call& call);
[[nodiscard]] http::Reply answer_api_controls(const Call& call);
[[nodiscard]] http::Reply answer_api_control(const Call& call);
[[nodiscard]] http::Reply answer_api_findings(const Call& call);
[[nodiscard]] http::Reply answer_api_tenants(const Call& call);
[[nodiscard]] http::Reply answer_api_trend(const Call& call);
[[nodiscard]] http::Reply answer_api_changes(const Call& call);
[[nodiscard]] http::Reply answer_api_exemptions(const Call& call);
[[nodiscard]] http::Reply answer_api_status(const Call& call);
[[nodiscard]] http::Reply answer_api_audit(const Call& call);
[[nodiscard]] http::Reply answer_openapi(const Call& call);

[[nodiscard]] http::Reply answer_metrics(const Call& call);
[[nodiscard]] http::Reply answer_asset(const Call& call);

/// An RFC 9457 problem document.
[[nodiscard]] http::Reply problem(int status, std::string_view title, std::string_view detail, std::vector<http::Field> headers = {});
[[nodiscard]] http::Reply api_before_first_report(const View& view);
/// A JSON document that `write` fills; one object.
[[nodiscard]] http::Reply json_reply(const std::function<void(Emitter&)>& write);
/// apiVersion, kind, and which report the document is of.
void emit_list_head(Emitter& out, std::string_view kind, const report::Report& report);

} // namespace seaworthy::publish
