// SPDX-License-Identifier: Apache-2.0
#include "app/event_memory.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "seaworthy/controls/judged_events.hpp"
#include "seaworthy/model/json_text.hpp"
#include "seaworthy/model/vault.hpp"

namespace seaworthy::app {
namespace {

constexpr std::string_view k_kind = "event";
constexpr seconds k_api_server_keeps = std::chrono::hours{1}; ///< --event-ttl
constexpr std::size_t k_most_events = 20'000;
constexpr std::size_t k_text_bytes = 1024;              ///< as the decoder cuts messages
constexpr std::int64_t k_latest_time = 253'402'300'799; ///< the end of the year 9999

/// Which pods these events are about is all that rules ask.
constexpr std::string_view k_involved_kind = "Pod";

void add_to(model::Inventory& inventory, const std::string& uid, const auto& remembered)
{
    auto& texts = inventory.vault().texts;
    auto& event = inventory.events.emplace_back();
    event.meta.uid = texts.store(uid);
    event.meta.ns = texts.intern(remembered.ns);
    event.meta.name = texts.store(remembered.name);
    event.meta.created = remembered.created;
    event.involved_kind = texts.intern(k_involved_kind);
    event.involved_ns = texts.intern(remembered.involved_ns);
    event.involved_name = texts.intern(remembered.involved_name);
    event.involved_uid = texts.intern(remembered.involved_uid);
    event.type = texts.intern(remembered.type);
    event.reason = texts.intern(remembered.reason);
    event.message = texts.intern(remembered.message);
    event.last_seen = remembered.last_seen;
    event.count = remembered.count;
}

} // namespace

EventMemory::Event EventMemory::copy_of(const model::Event& event)
{
    return {event.meta.ns.str(), event.meta.name.str(), event.involved_ns.str(), event.involved_name.str(), event.involved_uid.str(),
            event.type.str(),    event.reason.str(),    event.message.str(),     event.meta.created,        event.last_seen,
            event.count};
}

std::string EventMemory::to_json(const Event& event)
{
    return nlohmann::json{{"ns", event.ns},
                          {"name", event.name},
                          {"podNs", event.involved_ns},
                          {"pod", event.involved_name},
                          {"podUid", event.involved_uid},
                          {"type", event.type},
                          {"reason", event.reason},
                          {"message", event.message},
                          {"created", event.created.known() ? event.created.unix_seconds() : 0},
                          {"lastSeen", event.last_seen.unix_seconds()},
                          {"count", event.count}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool EventMemory::take(const state::Observation& observation)
{
    const auto json = model::JsonText::parse(observation.value);
    if (!json || observation.key.empty() || m_events.size() >= k_most_events) return false;
    const std::pair<std::string_view, std::string Event::*> texts[] = {{"ns", &Event::ns},
                                                                       {"name", &Event::name},
                                                                       {"podNs", &Event::involved_ns},
                                                                       {"pod", &Event::involved_name},
                                                                       {"podUid", &Event::involved_uid},
                                                                       {"type", &Event::type},
                                                                       {"reason", &Event::reason},
                                                                       {"message", &Event::message}};
    Event event;
    for (const auto& [name, member] : texts) {
        event.*member = (*json)[name].text();
        if ((event.*member).size() > k_text_bytes) return false;
    }
    const auto created = whole_number((*json)["created"], 0, k_latest_time);
    const auto last_seen = whole_number((*json)["lastSeen"], 1, k_latest_time);
    const auto count = whole_number((*json)["count"], 1, std::numeric_limits<std::int32_t>::max());
    if (!created || !last_seen || !count || event.involved_name.empty() || event.reason.empty()) return false;
    if (*created > 0) event.created = Timestamp{*created};
    event.last_seen = Timestamp{*last_seen};
    event.count = static_cast<std::int32_t>(*count);
    m_events.insert_or_assign(observation.key, std::move(event));
    return true;
}

/// What is too old, and the oldest of what is too much.
void EventMemory::forget(Timestamp before)
{
    std::erase_if(m_events, [&](const auto& entry) { return entry.second.last_seen < before; });
    if (m_events.size() <= k_most_events) return;
    std::vector<Timestamp> times;
    for (const auto& [uid, event] : m_events)
        times.push_back(event.last_seen);
    const auto first_kept = times.end() - static_cast<std::ptrdiff_t>(k_most_events);
    std::ranges::nth_element(times, first_kept);
    std::erase_if(m_events, [limit = *first_kept](const auto& entry) { return entry.second.last_seen < limit; });
}

void EventMemory::complete(model::Inventory& inventory)
{
    const seconds window = m_window;
    if (window <= k_api_server_keeps || !inventory.taken_at.known()) {
        m_events.clear();
        m_loaded = false;
        return;
    }
    if (!std::exchange(m_loaded, true)) m_observations.load(k_kind, [this](const state::Observation& observation) { return take(observation); });
    const Timestamp oldest{inventory.taken_at.unix_seconds() - window.count()};
    std::vector<state::Observation> changes;
    std::set<std::string, std::less<>> present;
    for (const auto& event : inventory.events) {
        if (!controls::is_judged_over_window(event) || !event.last_seen.known() || event.last_seen < oldest || event.meta.uid.empty()) continue;
        const auto& uid = *present.insert(event.meta.uid.str()).first;
        const auto known = m_events.find(uid);
        if (known != m_events.end() && known->second.last_seen == event.last_seen && known->second.count == event.count) continue;
        const auto& remembered = m_events.insert_or_assign(uid, copy_of(event)).first->second;
        changes.push_back({uid, milliseconds_of(remembered.last_seen), to_json(remembered)});
    }
    forget(oldest);
    for (const auto& [uid, event] : m_events)
        if (!present.contains(uid)) add_to(inventory, uid, event);
    m_observations.save(k_kind, changes, oldest, state::Keep::newest);
}

} // namespace seaworthy::app
