// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/report/compare.hpp"

#include <string>
#include <unordered_map>

namespace seaworthy::report {
namespace {

std::unordered_map<std::string, const Result*> by_fingerprint(const Report& report)
{
    std::unordered_map<std::string, const Result*> map;
    for (const Result& result : report.results) {
        const auto [at, added] = map.try_emplace(fingerprint(result), &result);
        if (!added && result.status() > at->second->status()) at->second = &result; // two results on one object: the worse one speaks
    }
    return map;
}

bool says_the_same(const Result& a, const Result& b)
{
    return a.status() == b.status() && a.severity() == b.severity() && a.message() == b.message() && (a.exemption() != 0) == (b.exemption() != 0);
}

/// The change of a subject that the newer report knows.
void add_change(std::vector<Change>& changes, const Result* before, const Result& after)
{
    const bool was = before != nullptr && before->is_finding();
    if (after.is_finding()) {
        if (!was)
            changes.push_back({Change::Kind::opened, before, &after});
        else if (!says_the_same(*before, after))
            changes.push_back({Change::Kind::changed, before, &after});
    } else if (was) {
        changes.push_back({after.status() == Status::unknown ? Change::Kind::unevaluated : Change::Kind::resolved, before, &after});
    }
}

/// True if the newer report could not look: an unknown of the same check that stands for subjects whose list is missing there.
bool could_not_look(const Report& after, const Result& before)
{
    for (const Result& result : after.results) {
        if (&result.check() != &before.check() || result.status() != Status::unknown) continue;
        const bool stands_for_all = result.object().kind == "Cluster";
        const bool stands_for_namespace = result.object().kind == "Namespace" && result.object().name == before.ns();
        if (stands_for_all || stands_for_namespace) return true;
    }
    return false;
}

} // namespace

std::vector<Change> compare(const Report& before, const Report& after)
{
    const auto old_results = by_fingerprint(before);
    const auto new_results = by_fingerprint(after);
    std::vector<Change> changes;
    for (const Result& result : after.results) {
        const auto id = fingerprint(result);
        if (new_results.at(id) != &result) continue;
        const auto at = old_results.find(id);
        add_change(changes, at != old_results.end() ? at->second : nullptr, result);
    }
    for (const Result& result : before.results) {
        if (!result.is_finding()) continue;
        const auto id = fingerprint(result);
        if (old_results.at(id) != &result || new_results.contains(id)) continue;
        changes.push_back({could_not_look(after, result) ? Change::Kind::unevaluated : Change::Kind::deleted, &result, nullptr});
    }
    return changes;
}

} // namespace seaworthy::report
