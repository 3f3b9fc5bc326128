// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "seaworthy/kube/kubeconfig.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// One request to the API server that ended.
struct RequestRecord {
    std::string_view verb;    ///< "get", "list" or "create"
    int code = 0;             ///< HTTP status; 0 if no answer began
    std::string_view failure; ///< empty, or why there is no complete answer ("timeout", "tls_expired", …)
    std::chrono::duration<double> duration{0};
    std::uint64_t bytes = 0; ///< of the body, decoded
};

struct Progress {
    std::string_view resource; ///< whose list just ended; empty at the beginning
    std::size_t lists_done = 0;
    std::size_t lists_total = 0;
    std::uint64_t objects = 0;
};

/// Told what a LiveSource does; called on the reading thread.
class SourceObserver {
public:
    virtual ~SourceObserver() = default;
    virtual void request_done(const RequestRecord&) {}
    /// The server asked for a pause (429, 503) and got it.
    virtual void throttled(std::chrono::duration<double>) {}
    virtual void credential_refresh_failed(std::string_view) {} ///< "file" or "exec"
    virtual void progress(const Progress&) {}
    /// For the log: something odd that does not fail the audit.
    virtual void warning(std::string_view) {}
    /// One object as the server sent it, after it was decoded (`seaworthy capture`); `json` is valid during the call. Objects of built-in
    /// lists carry no kind and apiVersion. Secrets come as rows of a Table, and `ns` says where they are; it is empty for the rest.
    virtual void object_read(std::string_view /*resource*/, std::string_view /*ns*/, std::string_view /*json*/) {}
    /// A list began anew: the objects told of it so far, in namespace `ns` or everywhere (empty), are void.
    virtual void list_restarted(std::string_view /*resource*/, std::string_view /*ns*/) {}
};

/// Time and chance, replaced in tests so that nothing sleeps.
struct Pacing {
    std::function<Timestamp()> wall_clock; ///< `Inventory::taken_at`
    std::function<std::chrono::steady_clock::time_point()> now;
    std::function<void(std::chrono::milliseconds, const std::stop_token&)> sleep; ///< returns early on a stop request
    std::function<double()> random;                                               ///< uniform in [0, 1)

    [[nodiscard]] static Pacing real();
};

struct LiveSourceOptions {
    std::string user_agent = "seaworthy";
    std::chrono::milliseconds request_timeout{65'000}; ///< of one request; the server itself ends a list after 60 s
    std::chrono::milliseconds stall_timeout{20'000};   ///< without progress
    std::chrono::milliseconds deadline{300'000};       ///< of a whole read(); what is missing then is a gap `timeout`
    std::optional<std::uint32_t> chunk_size;           ///< --chunk-size: objects a page, 0 = unpaged; empty: chosen by server and object size
    std::uint32_t max_in_flight = 4;                   ///< transfers at a time
    bool accept_gzip = false;                          ///< for slow links
    std::uint32_t max_attempts = 5;                    ///< of one request, before its list is a gap; pauses the server asks for count apart
    std::uint64_t max_list_bytes = 16ULL << 30U;       ///< of one resource; more is a gap `truncated`
    std::uint64_t max_list_objects = 5'000'000;
    Pacing pacing = Pacing::real();
};

/// Reads a live cluster through its API server. One thread, at most `max_in_flight` transfers;
/// objects are decoded as they arrive, so nothing larger than one object is contiguous in memory.
/// A connection that does not work at all (unreachable, 401) is an error; anything less becomes gaps.
class LiveSource final : public model::InventorySource {
public:
    LiveSource(std::unique_ptr<Connection> connection, LiveSourceOptions options, SourceObserver* observer = nullptr);
    ~LiveSource() override;

    [[nodiscard]] Result<model::Inventory> read(const model::ReadPlan& plan, std::stop_token stop) override;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace seaworthy::kube
