// SPDX-License-Identifier: Apache-2.0
#include "controls/pipelines.hpp"

#include <chrono>
#include <map>
#include <string>

#include <fmt/format.h>

#include "controls/names.hpp"
#include "seaworthy/model/label_query.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;

enum class Outcome { running, passed, failed };

struct Run {
    const Document* document = nullptr;
    Outcome outcome = Outcome::running;
    Timestamp ended;
};

Outcome outcome_of(std::string_view phase)
{
    // Argo Workflows and OpenShift Builds; a run that somebody cancelled says nothing about the pipeline.
    if (phase == "Succeeded" || phase == "Complete") return Outcome::passed;
    if (phase == "Failed" || phase == "Error") return Outcome::failed;
    return Outcome::running;
}

Run tekton(const Document& document)
{
    const auto& succeeded = model::condition_of(document, "Succeeded");
    const auto reason = succeeded["reason"].text();
    const bool cancelled =
        reason == "Cancelled" || reason == "PipelineRunCancelled" || reason.starts_with("CancelledRunning") || reason == "StoppedRunFinally";
    auto outcome = Outcome::running;
    if (succeeded["status"].text() == "True") outcome = Outcome::passed;
    if (succeeded["status"].text() == "False" && !cancelled) outcome = Outcome::failed;
    return {&document, outcome, parse_rfc3339(document.at("status.completionTime").text())};
}

Run argo(const Document& document)
{
    return {&document, outcome_of(document.at("status.phase").text()), parse_rfc3339(document.at("status.finishedAt").text())};
}

Run build(const Document& document)
{
    return {&document, outcome_of(document.at("status.phase").text()), parse_rfc3339(document.at("status.completionTimestamp").text())};
}

struct RunKind {
    std::string_view resource;
    std::string_view what; ///< of the pipeline, for the message
    Run (*read)(const Document&);
    std::string_view label;     ///< of a run: which pipeline it is of
    std::string_view reference; ///< the same, where the label is missing
};
constexpr RunKind k_kinds[] = {
    {"pipelineruns.tekton.dev", "Pipeline", tekton, "tekton.dev/pipeline", "spec.pipelineRef.name"},
    {"workflows.argoproj.io", "WorkflowTemplate", argo, "workflows.argoproj.io/workflow-template", "spec.workflowTemplateRef.name"},
    {"builds.build.openshift.io", "BuildConfig", build, "openshift.io/build-config.name", "status.config.name"},
};

std::string pipeline_of(const Document& document, const RunKind& kind)
{
    auto name = document.meta.labels.get(kind.label);
    if (name.empty()) name = document.at(kind.reference).text();
    return fmt::format("{} {}", kind.what, name.empty() ? document.meta.name.view() : name);
}

/// The newest finished run of each pipeline.
std::map<std::string, Run> newest_runs(std::string_view ns, const model::LabelQuery& wanted, const Context& context)
{
    std::map<std::string, Run> newest;
    for (const auto& kind : k_kinds)
        for (const auto* document : context.index.documents_in(kind.resource, ns)) {
            if (!wanted.matches(document->meta.labels)) continue;
            const auto run = kind.read(*document);
            if (run.outcome == Outcome::running) continue;
            auto& best = newest[pipeline_of(*document, kind)];
            if (best.document == nullptr || best.document->meta.created < run.document->meta.created) best = run;
        }
    return newest;
}

} // namespace

Verdict judge_pipelines(const model::Namespace& ns, const Context& context)
{
    constexpr std::chrono::hours k_patience{24};
    const auto& selector = context.parameters.text("pipelineSelector");
    const auto wanted = selector.empty() ? Result<model::LabelQuery>{model::LabelQuery{}} : model::LabelQuery::parse(selector);
    if (!wanted) return check::unknown(check::Reason::unobservable, fmt::format("pipelineSelector: {}", wanted.error().message));
    const auto runs = newest_runs(ns.meta.name, *wanted, context);
    if (runs.empty()) return check::not_applicable("No pipeline has run here");
    NameList failing;
    for (const auto& [pipeline, run] : runs)
        if (run.outcome == Outcome::failed && run.ended.known() && run.ended.at_least(k_patience, context.now))
            failing.add(fmt::format("{} ({})", pipeline, run.document->meta.name.view()));
    if (failing.empty()) return check::pass("No pipeline has been failing for a day");
    return check::warn(fmt::format("The newest run failed more than a day ago: {}", failing.text())).with("pipelines", failing.values());
}

} // namespace seaworthy::controls
