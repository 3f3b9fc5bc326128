// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "http/connection.hpp"
#include "seaworthy/http/server.hpp"

namespace seaworthy::http {

/// What one worker needs to turn a complete request into a reply. Holds the only use of cpp-httplib: it writes the reply's
/// head, frames the body and knows HEAD. It sees none of the client's headers, since of those it would percent-decode the values,
/// parse Range by a recursive regular expression and compress our bodies a second time.
class Engine {
public:
    /// `stop_descriptor` becomes readable when the server stops. All references must outlive the engine.
    Engine(const Handler& handler, const Options& options, int stop_descriptor);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Runs the handler for `connection.head.request` and leaves the reply in `connection.outgoing`, streamed bodies apart:
    /// those are sent before it returns. Clears `keep_alive` when the connection has to end.
    void answer(Connection& connection);

private:
    class Library;
    std::unique_ptr<Library> m_library;
};

} // namespace seaworthy::http
