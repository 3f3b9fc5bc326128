// SPDX-License-Identifier: Apache-2.0
#include "controls/api_server_metrics.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::controls {
namespace {

constexpr std::size_t k_samples = 10'000;

/// `name="value",…}` in the text format 0.0.4; the bytes behind it in `rest`. Nothing for anything else.
std::optional<std::map<std::string, std::string, std::less<>>> parse_labels(std::string_view text, std::string_view& rest)
{
    std::map<std::string, std::string, std::less<>> labels;
    while (!text.starts_with('}')) {
        const auto equals = text.find("=\"");
        if (equals == std::string_view::npos) return std::nullopt;
        std::string name{text.substr(0, equals)};
        std::string value;
        std::size_t at = equals + 2;
        for (; at < text.size() && text[at] != '"'; ++at) {
            if (text[at] == '\\' && at + 1 < text.size()) ++at;
            value.push_back(text[at]);
        }
        if (at >= text.size()) return std::nullopt;
        labels.insert_or_assign(std::move(name), std::move(value));
        text.remove_prefix(at + 1);
        if (text.starts_with(',')) text.remove_prefix(1);
    }
    rest = text.substr(1);
    return labels;
}

std::optional<MetricSample> parse_sample(std::string_view line, std::string_view metric)
{
    if (!line.starts_with(metric)) return std::nullopt;
    auto rest = line.substr(metric.size());
    MetricSample sample;
    if (rest.starts_with('{')) {
        auto labels = parse_labels(rest.substr(1), rest);
        if (!labels) return std::nullopt;
        sample.labels = std::move(*labels);
    }
    if (!rest.starts_with(' ')) return std::nullopt; // another metric whose name begins the same
    rest.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), sample.value);
    if (error != std::errc{}) return std::nullopt;
    return sample;
}

} // namespace

std::string_view MetricSample::label(std::string_view name) const
{
    const auto at = labels.find(name);
    return at == labels.end() ? std::string_view{} : std::string_view{at->second};
}

std::optional<std::vector<MetricSample>> api_server_samples(const check::Context& context, std::string_view metric)
{
    const auto* answer = context.inventory.probe("apiserver:/metrics");
    if (answer == nullptr || answer->status != 200) return std::nullopt;
    return api_server_samples(*answer, metric);
}

std::optional<std::vector<MetricSample>> api_server_proofs(const check::Context& context, std::string_view metric)
{
    auto samples = api_server_samples(context, metric);
    const auto* seen = context.inventory.probe(k_seen_series);
    if (!samples || seen == nullptr) return samples;
    std::ranges::move(api_server_samples(*seen, metric), std::back_inserter(*samples));
    return samples;
}

std::vector<MetricSample> api_server_samples(const model::ProbeAnswer& scrape, std::string_view metric)
{
    std::vector<MetricSample> samples;
    const std::string_view body = scrape.body;
    for (std::size_t at = 0; at < body.size() && samples.size() < k_samples;) {
        const auto end = std::min(body.find('\n', at), body.size());
        if (auto sample = parse_sample(body.substr(at, end - at), metric)) samples.push_back(std::move(*sample));
        at = end + 1;
    }
    return samples;
}

} // namespace seaworthy::controls
