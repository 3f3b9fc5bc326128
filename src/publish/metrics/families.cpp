// SPDX-License-Identifier: Apache-2.0
#include "publish/metrics/families.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "publish/encoding/escape.hpp"
#include "publish/encoding/gzip.hpp"
#include "seaworthy/check/check.hpp"

namespace seaworthy::publish {

namespace {

std::string value_of(double value)
{
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    std::string text;
    append_number(text, value);
    return text;
}

/// OpenMetrics' canonical form of a bucket's bound.
std::string bound_of(double bound)
{
    auto text = value_of(bound);
    if (std::isfinite(bound) && text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

void append_line(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels, std::string_view value)
{
    out += name;
    out += suffix;
    if (!labels.empty()) {
        out += '{';
        out += labels;
        out += '}';
    }
    out += ' ';
    out += value;
    out += '\n';
}

std::string_view without(std::string_view name, std::string_view suffix)
{
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
    return name;
}

/// The name of the family in OpenMetrics: counters and infos carry their suffix on the samples only.
std::string_view open_metrics_family(const Metric& metric)
{
    switch (metric.type) {
    case MetricType::counter: return without(metric.name, "_total");
    case MetricType::info: return without(metric.name, "_info");
    default: return metric.name;
    }
}

std::string_view unit_of(const Metric& metric)
{
    const auto family = open_metrics_family(metric);
    for (const std::string_view unit : {"seconds", "bytes", "ratio"})
        if (metric.type != MetricType::info && family.ends_with(unit) && family.size() > unit.size() &&
            family[family.size() - unit.size() - 1] == '_')
            return unit;
    return {};
}

std::string_view type_name(MetricType type, Exposition exposition)
{
    switch (type) {
    case MetricType::gauge: return "gauge";
    case MetricType::counter: return "counter";
    case MetricType::histogram: return "histogram";
    case MetricType::info: return exposition == Exposition::text ? "gauge" : "info";
    }
    return "untyped";
}

void append_head(std::string& out, const Metric& metric, Exposition exposition)
{
    const bool open_metrics = exposition == Exposition::open_metrics;
    const auto family = open_metrics ? open_metrics_family(metric) : metric.name;
    out += "# HELP ";
    out += family;
    out += ' ';
    append_help(out, metric.help, open_metrics);
    out += "\n# TYPE ";
    out += family;
    out += ' ';
    out += type_name(metric.type, exposition);
    out += '\n';
    if (const auto unit = unit_of(metric); open_metrics && !unit.empty()) {
        out += "# UNIT ";
        out += family;
        out += ' ';
        out += unit;
        out += '\n';
    }
}

} // namespace

const Metric& metric(std::string_view name)
{
    const auto rows = metrics();
    const auto found = std::ranges::lower_bound(rows, name, {}, &Metric::name);
    if (found == rows.end() || found->name != name) throw std::logic_error("no such metric: " + std::string{name});
    return *found;
}

std::vector<std::string_view> label_names(const Metric& metric)
{
    return check::split_list(metric.labels);
}

std::vector<std::string_view> label_values(const Metric& metric, std::string_view label)
{
    std::vector<std::string_view> values;
    auto rest = metric.values;
    while (!rest.empty()) {
        const auto clause = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(clause.size() + 1, rest.size()));
        const auto equals = clause.find('=');
        const auto name = clause.substr(clause.find_first_not_of(' '), equals - clause.find_first_not_of(' '));
        if (name != label) continue;
        auto list = clause.substr(equals + 1);
        while (!list.empty()) {
            const auto value = list.substr(0, list.find('|'));
            values.push_back(value);
            list.remove_prefix(std::min(value.size() + 1, list.size()));
        }
    }
    return values;
}

void FamilyWriter::begin(const Metric& metric)
{
    end();
    if (m_metric != nullptr && m_metric->name >= metric.name) throw std::logic_error("metric out of order: " + std::string{metric.name});
    m_metric = &metric;
    m_labels = label_names(metric);
}

std::string FamilyWriter::labels_of(const std::string_view* values, std::size_t count) const
{
    if (count != m_labels.size()) throw std::logic_error("wrong number of label values for " + std::string{m_metric->name});
    std::string labels;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) labels += ',';
        labels += m_labels[i];
        labels += "=\"";
        append_label_value(labels, values[i]);
        labels += '"';
    }
    return labels;
}

void FamilyWriter::add(std::initializer_list<std::string_view> values, double value)
{
    Sample sample{labels_of(values.begin(), values.size()), {}, 1};
    append_line(sample.lines, m_metric->name, {}, sample.labels, value_of(value));
    m_samples.push_back(std::move(sample));
}

void FamilyWriter::add(const std::vector<std::string_view>& values, double value)
{
    Sample sample{labels_of(values.data(), values.size()), {}, 1};
    append_line(sample.lines, m_metric->name, {}, sample.labels, value_of(value));
    m_samples.push_back(std::move(sample));
}

void FamilyWriter::add(const std::vector<std::string_view>& values, const HistogramSample& histogram)
{
    Sample sample{labels_of(values.data(), values.size()), {}, histogram.buckets.size() + 2};
    for (const auto& [bound, count] : histogram.buckets) {
        const auto le = "le=\"" + bound_of(bound) + '"';
        append_line(sample.lines, m_metric->name, "_bucket", sample.labels.empty() ? le : sample.labels + ',' + le, std::to_string(count));
    }
    append_line(sample.lines, m_metric->name, "_sum", sample.labels, value_of(histogram.sum));
    append_line(sample.lines, m_metric->name, "_count", sample.labels, std::to_string(histogram.count));
    m_samples.push_back(std::move(sample));
}

void FamilyWriter::end()
{
    if (m_samples.empty()) return;
    std::ranges::stable_sort(m_samples, {}, &Sample::labels);
    const auto duplicates = std::ranges::unique(m_samples, {}, &Sample::labels);
    m_samples.erase(duplicates.begin(), duplicates.end());
    append_head(m_rendered.text.plain, *m_metric, Exposition::text);
    append_head(m_rendered.open_metrics.plain, *m_metric, Exposition::open_metrics);
    for (const auto& sample : m_samples) {
        m_rendered.text.plain += sample.lines;
        m_rendered.open_metrics.plain += sample.lines;
        m_rendered.series += sample.series;
    }
    m_samples.clear();
}

RenderedFamilies FamilyWriter::finish(int compression_level)
{
    end();
    m_metric = nullptr;
    for (auto* body : {&m_rendered.text, &m_rendered.open_metrics}) {
        if (compression_level == 0) break;
        auto part = deflate_part(body->plain, compression_level);
        body->deflated = std::move(part.bytes);
        body->crc32 = part.crc32;
    }
    return std::exchange(m_rendered, {});
}

} // namespace seaworthy::publish
