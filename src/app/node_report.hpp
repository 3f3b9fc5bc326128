// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "seaworthy/http/server.hpp"
#include "seaworthy/node/registry_reader.hpp"

namespace seaworthy::app {

/// Serves what a node's files say: GET /v1/registry-config, with the token where there is one, and GET /healthz. Thread-safe.
class NodeReport {
public:
    /// `token` empty: whoever reaches the listener is answered.
    NodeReport(node::ReaderOptions options, std::string token) : m_options(std::move(options)), m_token(std::move(token)) {}

    [[nodiscard]] http::Reply answer(const http::Request& request);

private:
    [[nodiscard]] bool is_authorized(const http::Request& request) const;
    [[nodiscard]] std::shared_ptr<const std::string> report();

    node::ReaderOptions m_options;
    std::string m_token;
    std::mutex m_mutex;
    std::shared_ptr<const std::string> m_report; ///< the last one: whoever asks often does not read the disk often
    std::chrono::steady_clock::time_point m_read_at;
};

/// The same time for every pair of texts of these lengths.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace seaworthy::app
