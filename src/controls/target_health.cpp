// SPDX-License-Identifier: Apache-2.0
#include "controls/target_health.hpp"

#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Reason;
using check::Verdict;

using ByNamespace = std::map<std::string, double, std::less<>>;

/// Ends of the two URLs that Outside asks of a Prometheus.
constexpr std::string_view k_down = "up%5B15m%5D%29%20%3D%3D%200%29";
constexpr std::string_view k_all = "%28up%29";

/// An instant vector `count by (namespace)`: [{"metric": {"namespace": "shop"}, "value": [1790000000, "3"]}]. Nothing for anything else.
std::optional<ByNamespace> counts(const Context& context, std::string_view query)
{
    const auto* answer = context.inventory.probe(context.settings.outside.url_of("prometheus", query));
    if (answer == nullptr || answer->status != 200) return std::nullopt;
    const auto json = model::JsonText::parse(answer->body);
    if (!json || (*json)["status"].text() != "success" || (*json)["data"]["resultType"].text() != "vector") return std::nullopt;
    ByNamespace found;
    for (const auto& sample : (*json)["data"]["result"].items()) {
        const auto& pair = sample["value"];
        if (pair.size() != 2) return std::nullopt;
        const auto text = pair.items()[1].text();
        double count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{} || !std::isfinite(count) || count < 0) return std::nullopt;
        found[std::string{sample["metric"]["namespace"].text()}] += count;
    }
    return found;
}

double of(const ByNamespace& counts, std::string_view ns)
{
    const auto at = counts.find(ns);
    return at != counts.end() ? at->second : 0;
}

Verdict judge(double down, double all)
{
    constexpr double k_most = 0.5;
    if (all <= 0) return check::not_applicable("Prometheus has no target in this namespace").proven();
    if (down <= 0) return check::pass(fmt::format("All {:.0f} targets answer", all)).proven();
    const auto message = fmt::format("{:.0f} of {:.0f} scrape targets have not answered for 15 minutes", down, all);
    return (down > k_most * all ? check::fail(message) : check::warn(message))
        .with("down", static_cast<std::int64_t>(down))
        .with("targets", static_cast<std::int64_t>(all));
}

} // namespace

void judge_targets(const Context& context, check::Results& results)
{
    const auto down = counts(context, k_down);
    const auto all = counts(context, k_all);
    if (!down || !all) {
        const bool configured = !context.settings.outside.url_of("prometheus", k_all).empty();
        return results.add(ObjectKey::cluster(), {},
                           check::unknown(Reason::unobservable, configured ? "Prometheus did not answer the two queries"
                                                                           : "No Prometheus is configured: probes.components.prometheus")
                               .needs_grant("H"));
    }
    for (const auto& ns : context.inventory.namespaces) {
        const auto key = ObjectKey::of("v1", "Namespace", ns.meta);
        if (context.is_system(ns.meta.name))
            results.add(key, ns.meta.name, check::not_applicable("not judged in a system namespace").proven());
        else
            results.add(key, ns.meta.name, judge(of(*down, ns.meta.name), of(*all, ns.meta.name)));
    }
}

} // namespace seaworthy::controls
