// SPDX-License-Identifier: Apache-2.0
#include "controls/prometheus_operator.hpp"

#include "controls/value_selector.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using model::Document;

constexpr Software k_prometheus[] = {
    {"Prometheus", "prom/prometheus, prometheus/prometheus"},
    {"VictoriaMetrics", "victoriametrics/vmagent"},
};
constexpr Software k_other_takers[] = {
    {"OpenTelemetry target allocator", "target-allocator"},
    {"Grafana Alloy", "grafana/alloy, grafana/agent"},
};

} // namespace

bool takes_namespace(const Document& owner, std::string_view selector, const Document& object, const Context& context)
{
    const auto& wanted = owner["spec"][selector];
    if (!wanted.exists()) return owner.meta.ns == object.meta.ns;
    if (selector_is_empty(wanted)) return true;
    const auto* ns = context.index.find_namespace(object.meta.ns);
    return ns != nullptr && namespace_selector_matches(wanted, ns->meta.labels, ns->meta.name);
}

bool takes(const Document& owner, const SelectorPair& pair, const Document& object, const Context& context)
{
    const auto& wanted = owner["spec"][pair.objects];
    return wanted.exists() && selector_matches(wanted, object.meta.labels) && takes_namespace(owner, pair.namespaces, object, context);
}

const model::Workload* find_plain_prometheus(const Context& context)
{
    for (const auto& installation : find_software(context, k_prometheus))
        if (installation.readiness == Readiness::ready && !installation.workload->operator_owned()) return installation.workload;
    return nullptr;
}

const model::Workload* find_other_taker(const Context& context)
{
    for (const auto& installation : find_software(context, k_other_takers))
        if (installation.readiness != Readiness::not_ready) return installation.workload;
    return nullptr;
}

} // namespace seaworthy::controls
