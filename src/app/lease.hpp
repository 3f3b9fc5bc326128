// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "seaworthy/base/error.hpp"
#include "seaworthy/kube/kubeconfig.hpp"

namespace seaworthy::app {

/// The part of a coordination.k8s.io/v1 Lease that an election is about.
struct Lease {
    std::string holder; ///< empty: nobody
    int duration_seconds = 0;
    int transitions = 0;
    std::string acquire_time; ///< MicroTime, as the server has it
    std::string renew_time;
    std::string resource_version;
};

/// What a request about the Lease came to.
struct LeaseReply {
    enum class Outcome {
        done,
        absent,   ///< 404: there is no such Lease
        conflict, ///< 409: somebody else was quicker
        failed,
    };
    Outcome outcome = Outcome::failed;
    Lease lease; ///< with `done`: as it is now
    Error error; ///< with `failed`
};

/// Where the Lease is kept; replaced in tests.
class LeaseStore {
public:
    virtual ~LeaseStore() = default;
    [[nodiscard]] virtual LeaseReply get(std::chrono::milliseconds timeout, const std::stop_token& stop) = 0;
    [[nodiscard]] virtual LeaseReply create(const Lease& lease, std::chrono::milliseconds timeout, const std::stop_token& stop) = 0;
    /// Only where the Lease still has `lease.resource_version`.
    [[nodiscard]] virtual LeaseReply update(const Lease& lease, std::chrono::milliseconds timeout, const std::stop_token& stop) = 0;
};

/// The API server's. `ns` empty: the connection's own namespace.
[[nodiscard]] std::unique_ptr<LeaseStore> api_lease_store(std::unique_ptr<kube::Connection> connection, std::string name, std::string ns);

/// The Lease as JSON, and back. Nothing for what is no Lease.
[[nodiscard]] std::string lease_json(const Lease& lease, std::string_view name, std::string_view ns);
[[nodiscard]] std::optional<Lease> parse_lease(std::string_view json);

} // namespace seaworthy::app
