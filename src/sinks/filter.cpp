// SPDX-License-Identifier: Apache-2.0
#include "sinks/filter.hpp"

#include <algorithm>

#include "seaworthy/base/pattern.hpp"

namespace seaworthy::sinks {
namespace {

/// OCSF's severity_id: 1 is informational, 5 critical.
int severity_id(config::Events::MinSeverity severity)
{
    return static_cast<int>(severity) + 1;
}

bool lists(const std::vector<std::string>& list, const std::string& word)
{
    return list.empty() || std::ranges::find(list, word) != list.end();
}

bool matches(const std::vector<std::string>& globs, const std::string& word)
{
    return globs.empty() || glob_match_any(globs, word);
}

} // namespace

bool wants(const config::Sink& sink, const state::EventRow& event)
{
    if (!lists(sink.classes, event.event_class) || !matches(sink.codes, event.code)) return false;
    // Heartbeats and what the daemon says of itself are informational, but their absence is what an alert is made of: filter.classes alone drops
    // them.
    if (event.event_class != "finding") return true;
    if (sink.min_severity != config::Events::MinSeverity::info && event.severity < severity_id(sink.min_severity)) return false;
    if (!sink.namespaces.empty() && event.ns.empty()) return false; // `*` means every namespace, not the cluster
    return lists(sink.controls, event.control) && matches(sink.checks, event.check) && matches(sink.namespaces, event.ns);
}

} // namespace seaworthy::sinks
