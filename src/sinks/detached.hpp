// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace seaworthy::sinks {

/// What `work` gives, which nothing can interrupt: the system's resolver, say. It runs on a thread of its own. Nothing: it has not ended at `until`
/// or at a stop. It goes on then and nobody hears of it, so it has to own all that it uses.
template <typename Value>
[[nodiscard]] std::optional<Value> wait_for_detached(std::function<Value()> work, std::chrono::steady_clock::time_point until,
                                                     const std::stop_token& stop = {})
{
    struct State {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::optional<Value> value;
    };
    const auto state = std::make_shared<State>();
    std::thread{[state, work = std::move(work)] {
        auto value = work();
        const std::lock_guard lock{state->mutex};
        state->value = std::move(value);
        state->changed.notify_all();
    }}.detach();
    std::unique_lock lock{state->mutex};
    state->changed.wait_until(lock, stop, until, [&] { return state->value.has_value(); });
    return std::exchange(state->value, std::nullopt);
}

} // namespace seaworthy::sinks
