// SPDX-License-Identifier: Apache-2.0
#include "events/finding_memory.hpp"

#include <nlohmann/json.hpp>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::events {
namespace {

using nlohmann::json;

// A move is written in at most 14 bytes, and a hundred are the most that the configuration asks for.
constexpr std::size_t k_text_bytes = 255;
constexpr std::size_t k_moves = 100;

std::string text(const json& document, const char* key)
{
    const auto found = document.find(key);
    return found != document.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number(const json& document, const char* key)
{
    const auto found = document.find(key);
    return found != document.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

} // namespace

std::string encode_memory(const FindingMemory& memory)
{
    json document = json::object();
    const auto put = [&](const char* key, const std::string& value) {
        if (!value.empty()) document[key] = printable(value, k_text_bytes);
    };
    put("object", memory.object_uid);
    put("ns", memory.ns);
    put("shape", memory.shape);
    put("exemption", memory.exemption);
    put("counted", memory.counted);
    if (memory.sightings != 0) document["sightings"] = memory.sightings;
    if (memory.passes != 0) document["passes"] = memory.passes;
    if (memory.flapping) document["flapping"] = true;
    if (memory.told != 0) document["told"] = memory.told;
    if (memory.waiting_since != 0) document["waiting"] = memory.waiting_since;
    const auto surplus = memory.moves.size() > k_moves ? memory.moves.size() - k_moves : 0;
    for (std::size_t i = surplus; i < memory.moves.size(); ++i)
        document["moves"].push_back(memory.moves[i]);
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

FindingMemory decode_memory(std::string_view text_of_memory)
{
    FindingMemory memory;
    const auto document = json::parse(text_of_memory, nullptr, false);
    if (!document.is_object()) return memory;
    memory.object_uid = text(document, "object");
    memory.ns = text(document, "ns");
    memory.shape = text(document, "shape");
    memory.exemption = text(document, "exemption");
    memory.counted = text(document, "counted");
    memory.sightings = static_cast<int>(number(document, "sightings"));
    memory.passes = static_cast<int>(number(document, "passes"));
    memory.flapping = document.contains("flapping");
    memory.told = number(document, "told");
    memory.waiting_since = number(document, "waiting");
    if (const auto moves = document.find("moves"); moves != document.end() && moves->is_array())
        for (const auto& move : *moves)
            if (move.is_number_integer()) memory.moves.push_back(move.get<state::Milliseconds>());
    return memory;
}

} // namespace seaworthy::events
