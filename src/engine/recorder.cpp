// SPDX-License-Identifier: Apache-2.0
#include "engine/recorder.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/model/resource.hpp"

namespace seaworthy::engine {
namespace {

using check::Check;
using check::Status;
using check::Verdict;

} // namespace

void Recorder::begin(const Check& check, std::uint16_t control, const check::Context& context)
{
    m_check = &check;
    m_control = control;
    m_context = &context;
    m_severity = context.settings.of(check.id).severity.value_or(check.severity);
    m_lists = &lists_of(check);
}

const model::Gap* Recorder::decisive_gap(const Subject& subject) const
{
    const std::string_view ns = subject.object.ns.empty() && subject.object.kind != "Namespace" ? std::string_view{"*"}
                                : subject.object.kind == "Namespace"                            ? std::string_view{subject.object.name}
                                                                                                : std::string_view{subject.object.ns};
    for (const auto& resource : m_lists->evidence)
        if (const auto* gap = m_context->gap(resource, ns)) return gap;
    if (m_lists->pods_are_evidence && subject.rests_on_replica_sets) return m_context->gap("replicasets.apps", ns);
    return nullptr;
}

void Recorder::add(const Subject& subject, Verdict verdict)
{
    if (verdict.basis == Verdict::Basis::lists && verdict.status != Status::unknown) {
        if (const auto* gap = decisive_gap(subject)) verdict = m_context->unknown_for(*gap);
    }
    if (verdict.status == Status::pass && m_broken_premise &&
        (m_check->scope == check::Scope::workload || m_check->scope == check::Scope::namespace_)) {
        auto evidence = std::move(verdict.evidence);
        auto message = fmt::format("{}, but: {}", verdict.message, m_broken_premise->message);
        verdict = *m_broken_premise;
        verdict.message = std::move(message);
        verdict.evidence.insert(verdict.evidence.end(), evidence.begin(), evidence.end());
    }
    std::uint16_t exemption = 0;
    if (verdict.status == Status::warn || verdict.status == Status::fail) {
        const auto* ns = m_context->index.find_namespace(subject.counts_in);
        const auto control = controls::catalog()[m_control]->id;
        exemption = m_exemptions.cover(*m_check, control, subject, ns != nullptr ? &ns->meta.annotations : nullptr);
    }
    m_writer->add({*m_check, m_control, m_severity}, subject.object, subject.counts_in, verdict, exemption);
}

void Recorder::finish()
{
    m_writer.reset();
    const auto order = [](const report::Result& result) {
        const auto& object = result.object();
        return std::tuple{result.ns().view(),        object.ns.view(),  object.kind.view(), object.name.view(),
                          object.api_version.view(), object.uid.view(), result.status(),    result.message().view()};
    };
    // They come check by check in catalogue order, and mostly in this order already.
    const auto before = [&](const auto& a, const auto& b) { return order(a) < order(b); };
    for (auto first = m_report.results.begin(); first != m_report.results.end();) {
        const auto last = std::find_if(first, m_report.results.end(), [&](const auto& result) { return &result.check() != &first->check(); });
        if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
        first = last;
    }
}

} // namespace seaworthy::engine
