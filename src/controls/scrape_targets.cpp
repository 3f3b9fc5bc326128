// SPDX-License-Identifier: Apache-2.0
#include "controls/scrape_targets.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Reason;
using check::Results;
using check::Verdict;
using model::ProbeAnswer;

using ByNamespace = std::map<std::string, double, std::less<>>;

/// A count as Prometheus writes it; nothing for what no count can be.
std::optional<double> count_in(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || !std::isfinite(value) || value < 0) return std::nullopt;
    return value;
}

/// The vector of an instant query: `{"metric": {"namespace": "shop"}, "value": [1732248000, "3"]}`. Nothing for any other answer.
std::optional<ByNamespace> counts_of(const ProbeAnswer* answer)
{
    const auto json = answer != nullptr && answer->status == 200 ? model::JsonText::parse(answer->body) : std::nullopt;
    if (!json || (*json)["status"].text() != "success" || json->at("data.resultType").text() != "vector") return std::nullopt;
    ByNamespace counts;
    for (const auto& row : json->at("data.result").items()) {
        const auto& value = row["value"].items();
        const auto count = value.size() == 2 ? count_in(value[1].text()) : std::nullopt;
        if (!count) return std::nullopt;
        counts[std::string{row.at("metric.namespace").text()}] += *count;
    }
    return counts;
}

Verdict unanswered(const ProbeAnswer* answer)
{
    if (answer == nullptr)
        return check::unknown(Reason::unobservable, "Prometheus has not been asked: name it in probes.components").needs_grant("H");
    const auto what = answer->error.empty() ? fmt::format("HTTP {}", answer->status) : answer->error;
    return check::unknown(Reason::unavailable, fmt::format("Prometheus did not say which targets are down ({})", what)).needs_grant("H");
}

Verdict judge(std::string_view ns, const ByNamespace& down, const ByNamespace& all)
{
    const auto count = [&](const ByNamespace& counts) {
        const auto at = counts.find(ns);
        return at == counts.end() ? 0.0 : at->second;
    };
    const auto targets = count(all);
    const auto failing = count(down);
    if (targets <= 0 && failing <= 0) return check::not_applicable("Prometheus has no target there").proven();
    if (failing <= 0) return check::pass(fmt::format("Prometheus reaches its targets ({:.0f})", targets)).proven();
    constexpr double k_half = 0.5;
    const auto message = fmt::format("{:.0f} of {:.0f} targets have been down for a quarter of an hour", failing, std::max(targets, failing));
    auto verdict = failing > targets * k_half ? check::fail(message) : check::warn(message);
    verdict.evidence.emplace_back("down", failing);
    verdict.evidence.emplace_back("targets", targets);
    return verdict;
}

} // namespace

void judge_scrape_targets(const Context& context, Results& results)
{
    const auto urls = context.settings.outside.urls_of("prometheus");
    const auto answer_to = [&](bool all) -> const ProbeAnswer* {
        for (const auto& url : urls)
            if (url.ends_with("%28up%29") == all) return context.inventory.probe(url);
        return nullptr;
    };
    const auto* first = answer_to(false);
    const auto* second = answer_to(true);
    const auto down = counts_of(first);
    const auto all = counts_of(second);
    if (!down || !all) return results.add(ObjectKey::cluster(), {}, unanswered(down ? second : first));
    for (const Text name : context.index.namespace_names()) {
        const auto* ns = context.index.find_namespace(name);
        auto young = ns == nullptr ? std::nullopt : too_young(ns->meta, context);
        if (!young && context.is_system(name)) young = check::not_applicable("Not judged in a system namespace").proven();
        const ObjectKey key{"v1", "Namespace", "", name.str(), ns == nullptr ? std::string{} : ns->meta.uid.str()};
        results.add(key, key.name, young ? *std::move(young) : judge(name, *down, *all));
    }
}

} // namespace seaworthy::controls
