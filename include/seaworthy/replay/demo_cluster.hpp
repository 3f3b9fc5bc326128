// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "seaworthy/base/error.hpp"

namespace seaworthy::replay {

struct DemoOptions {
    std::string listen = "127.0.0.1:0";
    std::chrono::milliseconds step_interval = std::chrono::seconds{20}; ///< 0: only advance() moves the cluster
    /// Told what just happened, for people ("legacy gets a default-deny policy"). Called on the demo's thread.
    std::function<void(std::string_view)> on_step;
};

/// An API server with a made-up cluster of two dozen namespaces of different quality, which changes as a story tells: a step each
/// interval, then from the beginning. The same story in every run; only the clock is real.
class DemoCluster {
public:
    [[nodiscard]] static Result<std::unique_ptr<DemoCluster>> start(DemoOptions options);
    ~DemoCluster();
    DemoCluster(const DemoCluster&) = delete;
    DemoCluster& operator=(const DemoCluster&) = delete;

    /// The API server's URL; plain HTTP on loopback, no credentials needed.
    [[nodiscard]] std::string url() const;
    /// Steps of the story before it begins again.
    [[nodiscard]] std::size_t steps() const;
    /// Takes the next step now; returns what it is.
    std::string advance();

private:
    class Implementation;
    explicit DemoCluster(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> m_implementation;
};

} // namespace seaworthy::replay
