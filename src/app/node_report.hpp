// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "seaworthy/base/error.hpp"
#include "seaworthy/http/server.hpp"
#include "seaworthy/node/registry_reader.hpp"

namespace seaworthy::app {

/// Serves what a node's files say: GET /v1/registry-config, with the token where there is one, and GET /healthz. Thread-safe.
class NodeReport {
public:
    /// No `token_file`: whoever reaches the listener is answered. An error where it cannot be read or holds nothing.
    [[nodiscard]] static Result<std::unique_ptr<NodeReport>> open(node::ReaderOptions options, std::string token_file);

    [[nodiscard]] http::Reply answer(const http::Request& request);

private:
    struct Copy {
        std::shared_ptr<const std::string> text; ///< what the files said last: whoever asks often does not read the disk often
        std::chrono::steady_clock::time_point read_at;
    };

    NodeReport(node::ReaderOptions options, std::string token_file) : m_options(std::move(options)), m_token_file(std::move(token_file)) {}
    [[nodiscard]] bool is_authorized(const http::Request& request);
    [[nodiscard]] std::shared_ptr<const std::string> report();

    node::ReaderOptions m_options;
    std::string m_token_file;
    std::mutex m_mutex;
    Copy m_token;  ///< guarded by m_mutex; one that cannot be read any more stays
    Copy m_report; ///< guarded by m_mutex
};

/// The same time for every pair of texts of these lengths.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace seaworthy::app
