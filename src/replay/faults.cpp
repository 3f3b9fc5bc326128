// SPDX-License-Identifier: Apache-2.0
#include "replay/faults.hpp"

#include <fmt/format.h>

#include "replay/json.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::replay {

namespace {

/// Sets one member from its JSON value; false for a key that no fault has. Throws what nlohmann throws for a wrong type.
bool set_member(Fault& fault, const std::string& key, const Json& value)
{
    const auto milliseconds = [&] { return std::chrono::milliseconds{value.get<std::int64_t>()}; };
    if (key == "path")
        fault.path = value.get<std::string>();
    else if (key == "query")
        fault.query = value.get<std::string>();
    else if (key == "from")
        fault.from = value.get<unsigned>();
    else if (key == "times")
        fault.times = value.get<unsigned>();
    else if (key == "status")
        fault.status = value.get<int>();
    else if (key == "reason")
        fault.reason = value.get<std::string>();
    else if (key == "body")
        fault.body = value.get<std::string>();
    else if (key == "retryAfterSeconds")
        fault.retry_after_seconds = value.get<int>();
    else if (key == "newToken")
        fault.new_token = value.get<bool>();
    else if (key == "delayMs")
        fault.delay = milliseconds();
    else if (key == "cutAfter")
        fault.cut_after = value.get<std::size_t>();
    else if (key == "reset")
        fault.reset = value.get<bool>();
    else if (key == "dripMs")
        fault.drip = milliseconds();
    else if (key == "dripBytes")
        fault.drip_bytes = value.get<std::size_t>();
    else
        return false;
    return true;
}

} // namespace

Result<std::vector<Fault>> parse_faults(std::string_view text)
{
    const auto document = Json::parse(text, nullptr, false);
    if (!document.is_array()) return failure(Error::Kind::invalid_input, "a script of faults is a JSON array");
    std::vector<Fault> faults;
    for (const auto& line : document) {
        auto& fault = faults.emplace_back();
        if (!line.is_object()) return failure(Error::Kind::invalid_input, "each fault is a JSON object");
        for (const auto& [key, value] : line.items()) {
            try {
                if (!set_member(fault, key, value)) return failure(Error::Kind::invalid_input, fmt::format("a fault has no key \"{}\"", key));
            } catch (const Json::exception&) {
                return failure(Error::Kind::invalid_input, fmt::format("\"{}\" of a fault cannot be {}", key, value.dump()));
            }
        }
    }
    return faults;
}

void FaultScript::replace(std::vector<Fault> faults)
{
    const std::lock_guard lock{m_mutex};
    m_lines.clear();
    for (auto& fault : faults)
        m_lines.push_back({std::move(fault), 0});
}

std::optional<Fault> FaultScript::strike(std::string_view path, std::string_view target)
{
    const std::lock_guard lock{m_mutex};
    std::optional<Fault> struck;
    for (auto& [fault, seen] : m_lines) {
        if (!glob_match(fault.path, path) || target.find(fault.query) == std::string_view::npos) continue;
        ++seen;
        const bool strikes = seen >= fault.from && (fault.times == 0 || seen < fault.from + fault.times);
        if (strikes && !struck) struck = fault;
    }
    return struck;
}

} // namespace seaworthy::replay
