// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check/context.hpp"

// C19: what the API server's own /metrics show (optional grant ME). One replica answers a scrape, so a series that is there proves
// something, one that is not proves nothing.
namespace seaworthy::controls {

struct MetricSample {
    std::map<std::string, std::string, std::less<>> labels;
    double value = 0;

    [[nodiscard]] std::string_view label(std::string_view name) const;
};

/// The samples of one metric in one scrape.
[[nodiscard]] std::vector<MetricSample> api_server_samples(const model::ProbeAnswer& scrape, std::string_view metric);
/// The samples of one metric in the newest scrape; nothing where none was read.
[[nodiscard]] std::optional<std::vector<MetricSample>> api_server_samples(const check::Context& context, std::string_view metric);
/// Those, and with the value 1 the ones above 0 that are remembered of other replicas: for rules that ask what is at work, not how much.
/// `metric` is one of k_proving_metrics.
[[nodiscard]] std::optional<std::vector<MetricSample>> api_server_proofs(const check::Context& context, std::string_view metric);

} // namespace seaworthy::controls
