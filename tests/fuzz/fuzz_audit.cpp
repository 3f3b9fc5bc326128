// SPDX-License-Identifier: Apache-2.0
// A snapshot with hostile objects, judged by every check: whatever they hold, there is a report, and it is JSON.
#include <sstream>

#include <nlohmann/json.hpp>

#include "fuzz/fuzz_target.hpp"
#include "fuzz/memory_file.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/engine/engine.hpp"
#include "seaworthy/kube/snapshot.hpp"
#include "seaworthy/publish/reports.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(audit, input)
{
    static const auto settings = check::default_settings(controls::catalog());
    static const auto plan = engine::read_plan(settings, engine::Grants::all);

    const fuzz::MemoryFile file{input};
    kube::SnapshotOptions options;
    options.paths = {file.path()};
    options.keep_going = true;
    options.clock = [] { return parse_rfc3339("2026-11-22T04:00:00Z"); };
    kube::SnapshotSource source{std::move(options)};
    const auto inventory = source.read(plan, {});
    if (!inventory) return;
    const auto report = engine::evaluate(*inventory, settings);
    std::ostringstream json;
    const auto write = publish::writer("json");
    fuzz::require(write.has_value());
    (*write)(*report, {.catalog = controls::catalog(), .control_weights = {}, .version = "0"}, {}, json);
    fuzz::require(nlohmann::json::accept(json.str()));
}
