// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/publish/delivery.hpp"
#include "seaworthy/publish/metrics.hpp"

namespace seaworthy::http {
struct Counters;
}

namespace seaworthy::publish {

/// The daemon's own counters, gauges and histograms. Every method is thread-safe and cheap. Label values are the fixed sets that
/// `metrics list` shows; others are counted as `other`, so that no caller can make series without end.
class SelfMetrics {
public:
    struct Build {
        std::string version;
        std::string revision;
    };
    explicit SelfMetrics(const Build& build);
    ~SelfMetrics();
    SelfMetrics(const SelfMetrics&) = delete;
    SelfMetrics& operator=(const SelfMetrics&) = delete;

    /// What one finished audit leaves behind; replaces what the last one left.
    struct Audit {
        std::map<std::string, double> phase_seconds;  ///< discover list evaluate publish forward
        std::map<std::string, std::uint64_t> objects; ///< by resource
        std::map<std::string, bool> accessible;       ///< by resource; not served: no entry
        std::uint32_t audited_namespaces = 0;
        std::uint32_t excluded_namespaces = 0;
        std::uint32_t failed_namespaces = 0;
        double duration_seconds = 0;
    };
    void set_audit_interval(double interval_seconds);
    void audit_started(std::string_view trigger, Timestamp now); ///< interval | watch | api | startup
    void audit_succeeded(Audit audit, Timestamp now);
    void audit_failed(std::string_view reason); ///< api_unreachable | forbidden | timeout | decode | internal | cancelled

    /// One answered request to the API server. `verb`: get | list | create | update; `code` is the HTTP status.
    void kube_request(std::string_view verb, int code, double duration_seconds);
    /// One that got no answer. `reason`: timeout | refused | dns | tls | reset | cancelled | protocol
    void kube_request_failed(std::string_view verb, std::string_view reason, double duration_seconds);
    void kube_throttled(double waited_seconds);
    void kube_credential_refresh_failed(std::string_view source); ///< file | exec

    /// `handler` is a route's name, never a path.
    void http_request(std::string_view handler, int code, double duration_seconds);
    /// Where the main listener's own counters are read at each scrape; an empty function takes them out again (before the listener goes).
    void set_http_counters(std::function<http::Counters()> source);
    /// Likewise what is said of sinks and spool; without a spool there are no such series.
    void set_delivery(std::function<DeliveryFacts()> source);

    void config_loaded(Timestamp now, std::uint64_t hash);
    void config_reload_failed();
    void set_leader(bool leading);

    // What the page on the daemon's state tells in words.
    struct ConfigurationFacts {
        Timestamp read; ///< the one in force
        bool newest_refused = false;
    };
    [[nodiscard]] ConfigurationFacts configuration() const;
    [[nodiscard]] std::optional<DeliveryFacts> delivery() const; ///< nothing without sinks
    void log_message(std::string_view level);                    ///< debug | info | warn | error
    void log_messages_dropped(std::uint64_t count);
    void set_dropped_series(std::size_t series);

    /// All of it at this moment, process_* included; not deflated.
    [[nodiscard]] RenderedFamilies render() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace seaworthy::publish
