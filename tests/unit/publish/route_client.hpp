// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/publish/routes.hpp"

namespace seaworthy::test {

/// The routes of a daemon that has published a report, or none yet, without a socket.
class RouteClient {
public:
    explicit RouteClient(std::shared_ptr<const report::Report> report = nullptr, publish::RouteSettings settings = {}, config::Metrics metrics = {});

    /// `target`: a decoded path, and a query of plain `name=value` pairs.
    [[nodiscard]] http::Reply get(std::string_view target, std::vector<http::Field> headers = {}) const
    {
        return request("GET", target, std::move(headers));
    }
    [[nodiscard]] http::Reply request(std::string_view method, std::string_view target, std::vector<http::Field> headers = {},
                                      std::string peer = "127.0.0.1") const;

    publish::Publication publication;
    publish::SelfMetrics metrics;

private:
    std::unique_ptr<publish::Routes> m_routes;
};

/// The reply's body: streamed, gunzipped where it says so.
[[nodiscard]] std::string body_of(const http::Reply& reply);
/// A header of the reply; empty where there is none. Throws where there are two.
[[nodiscard]] std::string header_of(const http::Reply& reply, std::string_view name);

} // namespace seaworthy::test
