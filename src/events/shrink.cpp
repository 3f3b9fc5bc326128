// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "events/record_view.hpp"
#include "seaworthy/events/encoding.hpp"

namespace seaworthy::events {
namespace {

using Pointer = Json::json_pointer;

/// Removes `member` of the object at `parent` and, where that is an array, of each object in it.
void drop(Json& record, const char* parent, const char* member)
{
    const Pointer pointer{parent};
    if (!record.contains(pointer)) return;
    auto& at = record.at(pointer);
    if (at.is_object()) at.erase(member);
    if (!at.is_array()) return;
    for (auto& item : at)
        if (item.is_object()) item.erase(member);
}

struct Omission {
    int step = 0;
    const char* parent;
    const char* member;
};

// In the order in which they go, all of a step at once. Nothing that OCSF 1.6 requires: a remediation goes whole, since it must have its `desc`.
constexpr Omission k_omissions[] = {
    {1, "", "evidences"},
    {2, "", "observables"},
    {3, "", "remediation"},
    {3, "/finding_info", "desc"},
    {3, "/finding_info/analytic", "desc"},
    {3, "/compliance", "desc"},
    {3, "/compliance/checks", "desc"},
    {3, "/compliance/assessments", "desc"},
    {3, "/policy", "desc"},
    {4, "/resources", "labels"},
    {4, "/metadata", "labels"},
};
constexpr int k_steps = 4;

/// False where there is no place to say so.
bool mark(Json& record, std::size_t bytes)
{
    auto& metadata = record["metadata"];
    if (!metadata.is_null() && !metadata.is_object()) return false;
    metadata["is_truncated"] = true;
    // Kilobytes. One that was shrunk before keeps the size that it had then.
    if (!metadata.contains("untruncated_size")) metadata["untruncated_size"] = (bytes + 1023) / 1024;
    return true;
}

} // namespace

std::optional<std::string> shrink(std::string_view record, std::size_t max_bytes)
{
    const auto view = RecordView::parse(record);
    if (!view) return std::nullopt;
    if (view->line().size() <= max_bytes) return view->line();

    auto shorter = view->document();
    if (!mark(shorter, view->line().size())) return std::nullopt;
    for (int step = 1; step <= k_steps; ++step) {
        for (const auto& omission : k_omissions)
            if (omission.step == step) drop(shorter, omission.parent, omission.member);
        if (auto line = one_line(shorter); line.size() <= max_bytes) return line;
    }
    // What stands for many findings at once names a hundred of its resources; `count` still says how many there are.
    auto resources = shorter.find("resources");
    while (resources != shorter.end() && resources->is_array() && resources->size() > 1) {
        resources->erase(resources->begin() + static_cast<Json::difference_type>(resources->size() + 1) / 2, resources->end());
        if (auto line = one_line(shorter); line.size() <= max_bytes) return line;
    }
    return std::nullopt;
}

} // namespace seaworthy::events
