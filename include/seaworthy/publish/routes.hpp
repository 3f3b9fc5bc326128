// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/http/server.hpp"
#include "seaworthy/publish/history.hpp"
#include "seaworthy/publish/publication.hpp"
#include "seaworthy/publish/self_metrics.hpp"

namespace seaworthy::publish {

struct RouteSettings {
    std::string version;
    std::string revision;
    std::function<Timestamp()> now; ///< for ages on the page; not set: the system's clock

    /// The listener is bound to a loopback address: peers on one may trigger audits, and names that others can own are refused.
    bool on_loopback = false;
    std::vector<std::string> allowed_hosts; ///< names by which page and API may be asked for, besides localhost and addresses; * as wildcard

    /// Starts an audit now; false: one is running already. Not set: POST /api/v1/audit answers 403.
    std::function<bool()> trigger_audit;
    std::string trigger_token;              ///< what `Authorization: Bearer` must carry; empty: no token opens it
    std::chrono::seconds trigger_pause{10}; ///< least time between two triggered audits
    const History* history = nullptr;       ///< of the reports; must outlive the routes. Not set: pages show no trends
};

/// Page, JSON API and /metrics: each answer is a function of the latest report and the request. Thread-safe.
class Routes {
public:
    /// Both must outlive it.
    Routes(RouteSettings settings, const Publication& publication, SelfMetrics& metrics);
    ~Routes();

    /// Answers a request of the main listener, 404 and 405 included, and counts it.
    [[nodiscard]] http::Reply handle(const http::Request& request) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// The probe listener: /livez (the event loop moves; says nothing of the API server), /readyz (a report is published and no shutdown has
/// begun), /startupz (the daemon serves).
[[nodiscard]] http::Reply answer_probe(const http::Request& request, const Publication& publication);

/// What every reply carries: a listener's default headers, so that its own refusals have them too (OWASP HTTP Headers Cheat Sheet).
[[nodiscard]] std::vector<http::Field> security_headers(bool tls);

/// The API's description, OpenAPI 3.1 (also GET /openapi.json).
[[nodiscard]] std::string_view openapi_document();

} // namespace seaworthy::publish
