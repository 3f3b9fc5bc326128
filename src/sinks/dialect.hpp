// SPDX-License-Identifier: Apache-2.0
// The HTTP receivers that need nothing but a request and a look at its answer.
#pragma once

#include <cstdint>
#include <span>

#include "seaworthy/config/events.hpp"
#include "seaworthy/events/encoding.hpp"
#include "seaworthy/state/store.hpp"
#include "sinks/http_engine.hpp"

namespace seaworthy::sinks {

/// What a dialect knows of the sink when it writes a request or reads an answer.
struct Job {
    const config::Sink& sink;
    std::span<const state::EventRow> events;
    state::Milliseconds now = 0; ///< since 1970
    bool restamp = false;        ///< Loki: every line gets the present time
};

struct Dialect {
    config::Sink::Type type;
    /// The request; or why there can be none.
    tl::expected<Draft, Delivery> (*build)(const Job& job);
    Delivery (*judge)(const Job& job, const HttpEngine& engine, const Reply& reply);
};

extern const Dialect k_webhook;       ///< CloudEvents 1.0 by HTTP; Standard Webhooks; https://docs.github.com/en/webhooks (X-Hub-Signature-256)
extern const Dialect k_sumologic;     ///< Sumo Logic: HTTP Logs and Metrics Source
extern const Dialect k_elasticsearch; ///< Elasticsearch and OpenSearch: Bulk API
extern const Dialect k_otlp;          ///< OpenTelemetry: OTLP/HTTP, JSON encoding, OTLP specification 1.x
extern const Dialect k_loki;          ///< Grafana Loki: POST /loki/api/v1/push

} // namespace seaworthy::sinks
