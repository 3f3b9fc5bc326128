// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/engine/engine.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "engine/exemptions.hpp"
#include "engine/recorder.hpp"
#include "engine/score.hpp"
#include "engine/tenants.hpp"
#include "engine/walk.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/model/network_isolation.hpp"

namespace seaworthy::engine {
namespace {

void add_namespaces(report::Report& report, const model::Inventory& inventory, const check::Context& context)
{
    const auto tenants = tenants_of_namespaces(inventory, context.settings);
    std::map<std::string, report::TenantSummary> by_tenant;
    for (const Text name : context.index.namespace_names()) {
        if (!is_audited(context.settings, name)) {
            report.excluded_namespaces.push_back(report.texts.intern(name));
            continue;
        }
        auto& summary = report.namespaces.emplace_back();
        summary.name = report.texts.intern(name);
        summary.system = context.is_system(name);
        const auto at = tenants.find(name.view());
        if (at == tenants.end()) continue;
        summary.tenant = report.texts.intern(at->second.name);
        auto& tenant = by_tenant[at->second.name];
        tenant.name = summary.tenant;
        if (!at->second.state.empty()) tenant.state = report.texts.intern(at->second.state);
        tenant.namespaces.push_back(summary.name);
    }
    for (auto& [name, tenant] : by_tenant)
        report.tenants.push_back(std::move(tenant));
}

/// A defect in one rule costs that rule's verdicts, not the audit.
void judge(const check::Check& check, const check::Context& context, Recorder& recorder)
{
    try {
        walk(check, context, recorder);
    } catch (const std::exception& error) {
        recorder.subjects_missing("");
        recorder.add({}, check::unknown(model::Reason::unavailable, fmt::format("the check failed: {}", error.what())));
    }
}

std::optional<check::Verdict> broken_premise(const check::Control& control, const check::Context& context)
{
    if (control.premise == nullptr || !context.settings.of(control.premise_check).enabled) return std::nullopt;
    auto verdict = control.premise(context);
    if (verdict.status == check::Status::pass) return std::nullopt;
    return verdict;
}

} // namespace

std::shared_ptr<report::Report> evaluate(const model::Inventory& inventory, const check::Settings& settings)
{
    auto report = std::make_shared<report::Report>();
    report->generated_at = inventory.taken_at;
    report->cluster_name = inventory.cluster.name;
    report->cluster_uid = inventory.cluster.uid;
    report->cluster_version = inventory.cluster.version;
    report->platform = inventory.cluster.platform;
    report->gaps = inventory.gaps;
    std::sort(report->gaps.begin(), report->gaps.end(), [](const model::Gap& a, const model::Gap& b) {
        return std::tie(a.resource, a.ns, a.reason, a.message) < std::tie(b.resource, b.ns, b.reason, b.message);
    });
    report->complete = std::none_of(report->gaps.begin(), report->gaps.end(), [](const model::Gap& gap) { return model::is_missing(gap.reason); });

    const model::Index index{inventory};
    const model::RbacIndex rbac{inventory};
    const model::NetworkIsolation network{inventory, index};
    check::Derived derived;
    Exemptions exemptions{*report, settings, inventory.taken_at};
    Recorder recorder{*report, exemptions};
    const check::Parameters no_parameters;
    add_namespaces(*report, inventory, {inventory, index, rbac, network, derived, settings, no_parameters, inventory.taken_at});
    for (const auto* control : controls::catalog()) {
        recorder.presume(broken_premise(*control, {inventory, index, rbac, network, derived, settings, no_parameters, inventory.taken_at}));
        for (const auto& check : control->checks) {
            const auto& row = settings.of(check.id);
            if (!row.enabled) {
                report->switched_off.push_back(check.id);
                continue;
            }
            const check::Context context{inventory, index, rbac, network, derived, settings, row.parameters, inventory.taken_at};
            recorder.begin(check, static_cast<std::uint16_t>(controls::index_of(*control)), context);
            judge(check, context, recorder);
        }
    }
    recorder.finish();
    score(*report, settings, recorder.subjects_missing());
    return report;
}

} // namespace seaworthy::engine
