// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/controls/judged_events.hpp"

#include <algorithm>
#include <string_view>

#include "seaworthy/check/check.hpp"
#include "seaworthy/controls/catalog.hpp"

namespace seaworthy::controls {
namespace {

constexpr std::string_view k_window = "window";

/// Events about pods that the rules with a window count.
struct Judged {
    std::string_view reason;
    std::string_view message_begins;
};
constexpr Judged k_judged[] = {
    {"Failed", "Failed to pull image"},
    {"FailedToRetrieveImagePullSecret", ""},
    {"Pulled", ""},
};

bool counts_events_over_window(const check::Check& check)
{
    return std::ranges::count(check::split_list(check.needs), "events") > 0 &&
           std::ranges::any_of(check.parameters, [](const check::Parameter& parameter) { return parameter.name == k_window; });
}

} // namespace

bool is_judged_over_window(const model::Event& event)
{
    return event.involved_kind == "Pod" && std::ranges::any_of(k_judged, [&](const Judged& judged) {
               return event.reason == judged.reason && event.message.view().starts_with(judged.message_begins);
           });
}

seconds longest_event_window(const check::Settings& settings)
{
    seconds longest{0};
    for (const auto* control : catalog())
        for (const auto& check : control->checks)
            if (const auto& own = settings.of(check.id); own.enabled && counts_events_over_window(check))
                longest = std::max(longest, own.parameters.duration(k_window));
    return longest;
}

} // namespace seaworthy::controls
