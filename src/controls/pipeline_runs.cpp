// SPDX-License-Identifier: Apache-2.0
#include "controls/pipeline_runs.hpp"

#include <chrono>
#include <map>

#include <fmt/format.h>

#include "controls/names.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/model/label_query.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Value;

constexpr std::chrono::hours k_failing_for{24};

enum class Outcome { none, failed, other };

/// One system's runs: how to tell whose run it is, how it ended, and when.
struct PipelineKind {
    std::string_view resource;
    std::string_view labels; ///< the first that a run carries names its pipeline
    std::string_view reference;
    std::string_view ended;
    Outcome (*outcome)(const Document& run);
};

Outcome outcome_of_pipeline_run(const Document& run)
{
    const auto& succeeded = model::condition_of(run, "Succeeded");
    if (succeeded["status"].text() != "False") return Outcome::other;
    // Somebody stopped it, which says nothing about the pipeline: "Cancelled", "CancelledRunFinally", "StoppedRunFinally".
    const auto reason = succeeded["reason"].text();
    return reason.starts_with("Cancelled") || reason.starts_with("Stopped") || reason == "PipelineRunCancelled" ? Outcome::none : Outcome::failed;
}

Outcome outcome_by_phase(const Document& run)
{
    const auto phase = run.at("status.phase").text();
    if (phase == "Cancelled") return Outcome::none;
    return phase == "Failed" || phase == "Error" ? Outcome::failed : Outcome::other;
}

constexpr PipelineKind k_kinds[] = {
    {"pipelineruns.tekton.dev", "tekton.dev/pipeline", "spec.pipelineRef.name", "status.completionTime", outcome_of_pipeline_run},
    {"workflows.argoproj.io", "workflows.argoproj.io/cron-workflow, workflows.argoproj.io/workflow-template", "spec.workflowTemplateRef.name",
     "status.finishedAt", outcome_by_phase},
    {"builds.build.openshift.io", "openshift.io/build-config.name, buildconfig", "status.config.name", "status.completionTimestamp",
     outcome_by_phase},
};

/// The pipeline that a run is of; a run of none is a pipeline of its own.
std::string_view pipeline_of(const Document& run, const PipelineKind& kind)
{
    for (const auto label : check::split_list(kind.labels))
        if (const auto name = run.meta.labels.get(label); !name.empty()) return name;
    const auto name = run.at(kind.reference).text();
    return name.empty() ? run.meta.name.view() : name;
}

bool is_newer(const Document& run, const Document& than)
{
    if (!run.meta.created.known() || !than.meta.created.known()) return run.meta.created.known();
    if (run.meta.created != than.meta.created) return run.meta.created > than.meta.created;
    return run.meta.name.view() > than.meta.name.view();
}

bool fails_for_long(const Document& run, const PipelineKind& kind, Timestamp now)
{
    if (kind.outcome(run) != Outcome::failed) return false;
    auto ended = parse_rfc3339(run.at(kind.ended).text());
    if (!ended.known()) ended = parse_rfc3339(model::condition_of(run, "Succeeded")["lastTransitionTime"].text());
    return (ended.known() ? ended : run.meta.created).at_least(k_failing_for, now);
}

struct Tally {
    std::size_t runs = 0; ///< whether or not they are selected
    std::size_t pipelines = 0;
    NameList failing;
};

void add_runs(Tally& tally, const PipelineKind& kind, std::string_view ns, const model::LabelQuery& query, const Context& context)
{
    std::map<std::string_view, const Document*> newest;
    for (const auto* run : context.index.documents_in(kind.resource, ns)) {
        ++tally.runs;
        if (!query.matches(run->meta.labels) || kind.outcome(*run) == Outcome::none) continue;
        auto& latest = newest[pipeline_of(*run, kind)];
        if (latest == nullptr || is_newer(*run, *latest)) latest = run;
    }
    tally.pipelines += newest.size();
    for (const auto& [pipeline, run] : newest)
        if (fails_for_long(*run, kind, context.now)) tally.failing.add(fmt::format("{} ({} {})", pipeline, run->kind.view(), run->meta.name.view()));
}

} // namespace

Verdict judge_pipelines(const model::Namespace& ns, const Context& context)
{
    const auto& selector = context.parameters.text("pipelineSelector");
    auto query = model::LabelQuery{};
    if (!selector.empty()) {
        auto parsed = model::LabelQuery::parse(selector);
        if (!parsed) return check::unknown(check::Reason::malformed, fmt::format("pipelineSelector is no label selector: {}", printable(selector)));
        query = *std::move(parsed);
    }
    Tally tally;
    for (const auto& kind : k_kinds)
        add_runs(tally, kind, ns.meta.name, query, context);
    if (!tally.failing.empty())
        return check::warn(fmt::format("The latest run failed more than a day ago, and nobody repaired it: {}", tally.failing.text()))
            .with("pipelines", tally.failing.values());
    if (tally.pipelines > 0) return check::pass("No pipeline's latest run has been failing for a day");
    if (tally.runs > 0) return check::not_applicable("No run here counts: they were cancelled, or pipelineSelector leaves them out");
    return check::not_applicable("No pipeline runs here");
}

} // namespace seaworthy::controls
