// SPDX-License-Identifier: Apache-2.0
#include "controls/webhook_failures.hpp"

#include <vector>

#include <fmt/format.h>

#include "controls/api_server_metrics.hpp"
#include "controls/webhooks.hpp"
#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::ProbeAnswer;

constexpr std::string_view k_probe = "apiserver:/metrics";

/// Counters of two scrapes compare only where one process answered both: behind a load balancer there are several.
double start_of(const ProbeAnswer& scrape)
{
    const auto samples = api_server_samples(scrape, k_process_start);
    return samples.empty() ? 0 : samples.front().value;
}

/// Both metrics of one scrape.
struct Counters {
    std::vector<MetricSample> skipped;
    std::vector<MetricSample> rejected;

    Counters() = default;
    explicit Counters(const ProbeAnswer* scrape)
    {
        if (scrape == nullptr) return;
        skipped = api_server_samples(*scrape, k_fail_open_count);
        rejected = api_server_samples(*scrape, k_rejection_count);
    }
};

/// What there is to compare.
struct Scrapes {
    const ProbeAnswer* newest = nullptr; ///< nullptr: none was good
    const ProbeAnswer* before = nullptr; ///< of the same process; nullptr: the newest is all there is
    bool from_zero = false;              ///< the process began within the window: its totals are what happened since
    Counters now;
    Counters then;
};

/// The comparison goes back to the last scrape before the window, else to the first within it.
Scrapes scrapes_of(const Context& context)
{
    Scrapes scrapes;
    const auto found = context.inventory.probes.find(k_probe);
    if (found == context.inventory.probes.end()) return scrapes;
    for (const auto& answer : found->second)
        if (answer.status == 200) scrapes.newest = &answer;
    if (scrapes.newest == nullptr) return scrapes;
    const auto window = context.parameters.duration("window");
    const auto start = start_of(*scrapes.newest);
    scrapes.from_zero = start > 0 && !Timestamp{static_cast<std::int64_t>(start)}.at_least(window, context.now);
    for (const auto& answer : found->second) {
        if (answer.status != 200 || &answer == scrapes.newest || start_of(answer) != start) continue;
        const auto age = answer.at.age(context.now);
        if (age && (scrapes.before == nullptr || *age >= window)) scrapes.before = &answer;
    }
    scrapes.now = Counters{scrapes.newest};
    scrapes.then = Counters{scrapes.before};
    return scrapes;
}

struct Count {
    double total = 0;
    double recent = 0; ///< the total, where nothing says what it was before
};

bool is_counted(const MetricSample& sample, std::string_view webhook, std::string_view type)
{
    const auto error = sample.label("error_type");
    const bool failed = error.empty() || error == "calling_webhook_error" || error == "apiserver_internal_error";
    return sample.label("name") == webhook && (sample.label("type").empty() || sample.label("type") == type) && failed;
}

double sum(const std::vector<MetricSample>& samples, std::string_view webhook, std::string_view type)
{
    double total = 0;
    for (const auto& sample : samples)
        if (is_counted(sample, webhook, type)) total += sample.value;
    return total;
}

Count count(const std::vector<MetricSample>& now, const std::vector<MetricSample>& then, std::string_view webhook, std::string_view type)
{
    const auto total = sum(now, webhook, type);
    const auto before = sum(then, webhook, type);
    return {total, total >= before ? total - before : total}; // a counter that fell began anew
}

Verdict unread(const Context& context)
{
    const auto* answer = context.inventory.probe(k_probe);
    if (answer == nullptr) return check::unknown(Reason::unobservable, "The API server's metrics were not read").needs_grant("ME");
    const auto reason = answer->status == 401 || answer->status == 403 ? Reason::forbidden : Reason::unavailable;
    return check::unknown(reason, fmt::format("The API server's metrics could not be read ({})",
                                              answer->error.empty() ? fmt::format("HTTP {}", answer->status) : answer->error))
        .needs_grant("ME");
}

Verdict judge(const model::Document& configuration, const model::Value& webhook, const Scrapes& scrapes, const Context& context)
{
    const auto name = webhook["name"].text();
    const std::string_view type = configuration.kind == "MutatingWebhookConfiguration" ? "admit" : "validating";
    const auto opened = count(scrapes.now.skipped, scrapes.then.skipped, name, type);
    const auto rejected = count(scrapes.now.rejected, scrapes.then.rejected, name, type);
    const auto least = context.parameters.number("minCount");
    const auto told = [&](Verdict verdict) {
        return std::move(verdict).with("webhook", std::string{name}).with("skipped", opened.recent).with("refused", rejected.recent);
    };
    if (opened.total < least && rejected.total < least) return check::pass("The API server counts hardly a call that failed").proven();
    if (scrapes.before == nullptr && !scrapes.from_zero)
        return check::unknown(Reason::unobservable,
                              fmt::format("Calls of {} have failed since the API server started; one scrape does not tell when", name));
    if (opened.recent >= least) {
        const auto message = fmt::format("{} was skipped {:.0f} times because it could not be called", name, opened.recent);
        return told(is_security_webhook(configuration, Webhook{webhook}) ? check::fail(message) : check::warn(message));
    }
    if (rejected.recent >= least)
        return told(check::warn(fmt::format("{} could not be called {:.0f} times, and what it should have seen was refused", name, rejected.recent)));
    return check::pass("The API server has counted hardly a call that failed of late").proven();
}

} // namespace

Verdict judge_webhook_failures(const model::Document& configuration, const Context& context)
{
    const auto scrapes = scrapes_of(context);
    const auto& webhooks = configuration["webhooks"].items();
    if (webhooks.empty()) return check::not_applicable("It has no webhook").proven();
    if (scrapes.newest == nullptr) return unread(context);
    auto verdict = judge(configuration, webhooks.front(), scrapes, context);
    for (const auto& webhook : webhooks.subspan(1))
        verdict = check::worst(std::move(verdict), judge(configuration, webhook, scrapes, context));
    return verdict;
}

} // namespace seaworthy::controls
