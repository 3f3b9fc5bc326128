// SPDX-License-Identifier: Apache-2.0
// Asks the hosts that the configuration names, and keeps what they answered: evidence from outside the cluster.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/check/outside.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::probe {

/// By URL, oldest first, as `model::Inventory::probes`.
using History = std::map<std::string, std::vector<model::ProbeAnswer>, std::less<>>;

/// How far a history reaches back.
constexpr std::chrono::hours k_history_kept{24 * 10};

struct ProberOptions {
    std::string user_agent;
    std::function<Timestamp()> now;
};

/// GET and HEAD of configured hosts, without credentials and redirects; TLS verified; 1 MiB an answer. Metadata services are never asked, and
/// hosts that an answer names (a key set, a token service) neither at private addresses nor unless the rules of C11 let them.
///
/// restore() and run() belong to one thread; history() may be called from any.
class Prober {
public:
    explicit Prober(ProberOptions options);
    ~Prober();

    /// What an earlier process knew, before the first run; of each URL oldest first. Of URLs that are not asked any more the first run forgets it.
    void restore(History history);
    /// Asks everything that is configured, once, and returns when all have answered or timed out.
    void run(const check::Outside& outside, const config::Probes& limits, const std::stop_token& stop);
    /// What is known of the URLs of the last run's configuration. A run of equal answers is one row, for an hour at most; the newest of a URL has
    /// body and headers. Reaches back k_history_kept.
    [[nodiscard]] History history() const;

private:
    class Round;
    void keep(History answers);

    ProberOptions m_options;
    mutable std::mutex m_mutex;
    History m_history; ///< guarded by m_mutex
};

} // namespace seaworthy::probe
