// SPDX-License-Identifier: Apache-2.0
#include "sinks/rendering.hpp"

#include <fmt/format.h>

#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::sinks {

events::Format format_of(const config::Sink& sink, events::Format best)
{
    using enum config::Sink::Format;
    switch (sink.format) {
    case native: break;
    case ocsf: return events::Format::ocsf;
    case ecs: return events::Format::ecs;
    case cef: return events::Format::cef;
    case leef: return events::Format::leef;
    case cloudevents: return events::Format::cloudevents;
    case json: return events::Format::json;
    }
    return best;
}

std::string iso_time(state::Milliseconds time)
{
    auto seconds = format_rfc3339(Timestamp{time / 1000});
    if (seconds.ends_with('Z')) seconds.pop_back();
    return fmt::format("{}.{:03}Z", seconds, time % 1000);
}

tl::expected<std::vector<std::string>, Delivery> render(std::span<const state::EventRow> events, events::Format format)
{
    std::vector<std::string> texts;
    texts.reserve(events.size());
    for (const auto& event : events) {
        auto text = events::encode(format, event.body);
        // Bisection finds it in a batch, and parks it.
        if (text.empty())
            return tl::make_unexpected(Delivery{.answer = Answer::event_fault,
                                                .reason = "encode",
                                                .detail = fmt::format("event {} cannot be written as {}", event.sequence, events::name(format))});
        texts.push_back(std::move(text));
    }
    return texts;
}

} // namespace seaworthy::sinks
