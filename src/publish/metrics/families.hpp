// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/publish/metrics.hpp"

namespace seaworthy::publish {

/// The row of a metric. Throws std::logic_error for a name that the table does not have: no series without documentation.
[[nodiscard]] const Metric& metric(std::string_view name);

/// `metric`'s labels in the order of the table.
[[nodiscard]] std::vector<std::string_view> label_names(const Metric& metric);
/// What the table allows a label to hold; empty: anything.
[[nodiscard]] std::vector<std::string_view> label_values(const Metric& metric, std::string_view label);

struct HistogramSample {
    std::vector<std::pair<double, std::uint64_t>> buckets; ///< upper bound and cumulative count; the last bound is +Inf
    double sum = 0;
    std::uint64_t count = 0;
};

/// Writes families in both expositions. A sample's lines are the same in both but for nothing: `le` is written as OpenMetrics wants it
/// (`1.0`), so that a series keeps its identity whichever a scraper asks for. Samples are sorted; of two with equal labels the
/// first stays, because one duplicate would cost the scraper the whole scrape.
class FamilyWriter {
public:
    /// Begins a family, ending the one before. Families must come in the order of their names; one without samples leaves no trace.
    void begin(const Metric& metric);
    /// `values`: one for each label of the family, in the order of the table.
    void add(std::initializer_list<std::string_view> values, double value);
    void add(const std::vector<std::string_view>& values, double value);
    void add(const std::vector<std::string_view>& values, const HistogramSample& histogram);
    /// Ends the last family and gives all of it away, deflated too unless the level is 0.
    [[nodiscard]] RenderedFamilies finish(int compression_level);

private:
    struct Sample {
        std::string labels; ///< `namespace="a",control="b"`
        std::string lines;  ///< complete lines of the sample
        std::size_t series = 1;
    };
    [[nodiscard]] std::string labels_of(const std::string_view* values, std::size_t count) const;
    void end();

    const Metric* m_metric = nullptr;
    std::vector<std::string_view> m_labels;
    std::vector<Sample> m_samples;
    RenderedFamilies m_rendered;
};

} // namespace seaworthy::publish
