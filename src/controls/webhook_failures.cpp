// SPDX-License-Identifier: Apache-2.0
#include "controls/webhook_failures.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "controls/api_server_metrics.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/webhooks.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::ProbeAnswer;

constexpr std::string_view k_metrics = "apiserver:/metrics";
constexpr std::string_view k_failed_open = "apiserver_admission_webhook_fail_open_count";
constexpr std::string_view k_rejections = "apiserver_admission_webhook_rejection_count";

struct Failures {
    double open = 0;    ///< requests that went past it
    double refused = 0; ///< requests that were refused because it, or the call to it, failed
};
using ByWebhook = std::map<std::string, Failures, std::less<>>;

/// The totals since the API server started, as one scrape shows them.
ByWebhook totals(const ProbeAnswer& answer)
{
    ByWebhook found;
    for (const auto& sample : api_server_samples(answer, k_failed_open))
        found[std::string{sample.label("name")}].open += sample.value;
    for (const auto& sample : api_server_samples(answer, k_rejections)) {
        const auto type = sample.label("error_type");
        if (type == "calling_webhook_error" || type == "apiserver_internal_error") found[std::string{sample.label("name")}].refused += sample.value;
    }
    return found;
}

/// A counter that fell began anew: another replica answered, or it restarted.
double increase(double before, double after)
{
    return after >= before ? after - before : after;
}

/// What happened within the window, or, where there is one scrape alone, at most happened.
class Observation {
public:
    Observation(const std::vector<ProbeAnswer>& answers, seconds window, Timestamp now)
    {
        const ProbeAnswer* previous = nullptr;
        for (const auto& answer : answers) {
            if (answer.status != 200 || answer.at.at_least(window + seconds{1}, now)) continue;
            ++m_scrapes;
            if (previous == nullptr) m_first = totals(answer);
            if (previous != nullptr) add(totals(*previous), totals(answer));
            // One that stands for several equal ones was seen more than once.
            if (answer.samples > 1) ++m_scrapes;
            previous = &answer;
        }
    }

    [[nodiscard]] bool any() const { return m_scrapes > 0; }
    /// False: the numbers are totals since the API server's start, of which an unknown part belongs to the window.
    [[nodiscard]] bool is_increase() const { return m_scrapes > 1; }
    [[nodiscard]] Failures of(std::string_view webhook) const
    {
        const auto& source = is_increase() ? m_increase : m_first;
        const auto at = source.find(webhook);
        return at != source.end() ? at->second : Failures{};
    }

private:
    void add(const ByWebhook& before, const ByWebhook& after)
    {
        for (const auto& [name, now] : after) {
            const auto at = before.find(name);
            const auto then = at != before.end() ? at->second : Failures{}; // a counter appears with its first increment
            m_increase[name].open += increase(then.open, now.open);
            m_increase[name].refused += increase(then.refused, now.refused);
        }
    }

    std::size_t m_scrapes = 0;
    ByWebhook m_first;
    ByWebhook m_increase;
};

Verdict judge(const model::Document& configuration, const Observation& observation, const Context& context)
{
    const auto least = context.parameters.number("minCount");
    NameList passed_by;
    NameList failing;
    bool security = false;
    for (const auto& value : configuration["webhooks"].items()) {
        const Webhook webhook{value};
        const auto failures = observation.of(webhook.name());
        if (failures.open >= least) {
            passed_by.add(fmt::format("{} ({:.0f} times)", webhook.name(), failures.open));
            security = security || is_security_webhook(configuration, webhook);
        }
        if (failures.refused >= least) failing.add(fmt::format("{} ({:.0f} times)", webhook.name(), failures.refused));
    }
    if (passed_by.empty() && failing.empty()) return check::pass("Its webhooks were neither bypassed nor failed").proven();
    if (!observation.is_increase())
        return check::unknown(check::Reason::unobservable,
                              "Its webhooks have failed since the API server started; when, one reading of the counters does not tell");
    if (!passed_by.empty()) {
        auto verdict = security ? check::fail(fmt::format("Requests went past a security webhook that did not answer: {}", passed_by.text()))
                                : check::warn(fmt::format("Requests went past a webhook that did not answer: {}", passed_by.text()));
        return std::move(verdict).with("webhooks", passed_by.values());
    }
    return check::warn(fmt::format("Requests were refused because a webhook did not answer: {}", failing.text())).with("webhooks", failing.values());
}

} // namespace

void judge_webhook_failures(const Context& context, check::Results& results)
{
    static const std::vector<ProbeAnswer> k_none;
    const auto at = context.inventory.probes.find(k_metrics);
    const Observation observation{at != context.inventory.probes.end() ? at->second : k_none, context.parameters.duration("window"), context.now};
    if (!observation.any()) {
        return results.add(check::ObjectKey::cluster(), {},
                           check::unknown(check::Reason::unobservable, "The API server's metrics were not read").needs_grant("ME"));
    }
    for (const auto list : check::split_list(k_webhook_lists)) {
        for (const auto& configuration : context.inventory.documents_of(list)) {
            auto young = too_young(configuration.meta, context);
            results.add(check::ObjectKey::of(configuration), {}, young ? *std::move(young) : judge(configuration, observation, context));
        }
    }
}

} // namespace seaworthy::controls
