// SPDX-License-Identifier: Apache-2.0
#include "controls/metadata_subjects.hpp"

#include <fmt/format.h>

#include "controls/evidence.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::MetadataSubject;
using check::Verdict;

std::optional<Verdict> excused(const MetadataSubject& subject, bool finished, const Context& context)
{
    if (context.is_system(subject.meta.ns)) return check::not_applicable("Not judged in a system namespace").proven();
    if (subject.pod != nullptr && subject.pod->is_mirror()) return check::not_applicable("A mirror pod: its file on the node decides").proven();
    if (finished) return check::not_applicable("It has finished").proven();
    if (subject.object != nullptr && subject.meta.controller != nullptr)
        return check::not_applicable(fmt::format("Made by {} {}, which decides its metadata", subject.meta.controller->kind.view(),
                                                 subject.meta.controller->name.view()))
            .proven();
    return too_young(subject.meta, context);
}

} // namespace

void judge_each_object(const Context& context, check::Results& results, const std::function<Verdict(const MetadataSubject&)>& judge)
{
    const auto add = [&](const MetadataSubject& subject, bool finished) {
        auto verdict = excused(subject, finished, context);
        results.add(check::ObjectKey::of(subject.api_version, subject.kind, subject.meta), subject.meta.ns,
                    verdict ? std::move(*verdict) : judge(subject));
    };
    for (const auto& object : context.inventory.workloads)
        add({model::kind_api_version(object.kind), model::kind_name(object.kind), object.meta, &object, nullptr}, object.finished);
    for (const auto& pod : context.inventory.pods)
        if (pod.controller() == nullptr || pod.is_mirror()) {
            const auto meta = pod.meta();
            add({"v1", "Pod", meta, nullptr, &pod}, !pod.is_active());
        }
}

const model::StringMap& pod_labels(const MetadataSubject& subject)
{
    const auto* pod_template = subject.pod_template();
    return pod_template != nullptr ? pod_template->labels : subject.meta.labels;
}

} // namespace seaworthy::controls
