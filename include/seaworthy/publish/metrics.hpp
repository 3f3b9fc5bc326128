// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "seaworthy/base/error.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/publish/imprint.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

enum class MetricType : std::uint8_t { gauge, counter, histogram, info };
enum class Stability : std::uint8_t { experimental, stable, deprecated };

/// One metric family: the row that its exposition, `metrics list` and docs/metrics.md are made from.
struct Metric {
    std::string_view name; ///< full, as in the text format: with `_total` or `_info`
    MetricType type = MetricType::gauge;
    std::string_view labels; ///< comma-separated, in the order in which values are given; empty: none
    std::string_view help;
    Stability stability = Stability::stable;
    std::string_view values; ///< what a label may hold, for the documentation: "status=pass|warn|fail|unknown|not_applicable"
};

/// Every metric that this program can expose, by name.
[[nodiscard]] std::span<const Metric> metrics();

/// `metrics list`: "table", "json" or "markdown" (docs/metrics.md). An error of kind usage for any other name.
[[nodiscard]] Result<std::string> list_metrics(std::string_view format);

/// The two expositions that a scraper may ask for.
enum class Exposition : std::uint8_t { text, open_metrics };
/// Exactly what Content-Type says of it.
[[nodiscard]] std::string_view content_type(Exposition exposition);
/// By Accept with its q-values; text 0.0.4 where the client has no wish that we can fulfil.
[[nodiscard]] Exposition negotiate_exposition(std::string_view accept);

/// One part of a scrape, rendered for both expositions and deflated. Families are complete, sorted and without duplicates;
/// OpenMetrics' closing `# EOF` is not in it. Immutable once made.
struct RenderedFamilies {
    /// Bytes of one exposition, plain and as a raw deflate stream that ends at a byte boundary (RFC 1951 empty stored block).
    struct Body {
        std::string plain;
        std::string deflated;
        unsigned long crc32 = 0; ///< of `plain`
    };
    Body text;
    Body open_metrics;
    std::size_t series = 0;
    std::size_t dropped_series = 0; ///< left out because of metrics.maxNamespaces

    [[nodiscard]] const Body& of(Exposition exposition) const { return exposition == Exposition::text ? text : open_metrics; }
};

/// The compliance families of a report (interfaces.md §6). A namespace that metrics.namespaces leaves out has no series.
[[nodiscard]] RenderedFamilies render_compliance(const report::Report& report, const Imprint& imprint, const config::Metrics& options);

} // namespace seaworthy::publish
