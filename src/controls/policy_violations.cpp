// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_violations.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/policy_engines.hpp"
#include "controls/wording.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Verdict;
using model::Document;
using model::Value;

/// What engines found in one namespace.
struct Violations {
    std::set<std::string> denied; ///< "K8sRequiredLabels/owner: Deployment/web"
    std::set<std::string> observed;
};

using ViolationsByNamespace = std::map<std::string_view, Violations>;

std::string violation_name(const Document& constraint, const Value& violation)
{
    return fmt::format("{}/{}: {}/{}", constraint.kind.view(), constraint.meta.name.view(), violation["kind"].text(), violation["name"].text());
}

void read_constraints(const Context& context, ViolationsByNamespace& found, NameList& capped)
{
    for (const auto* constraint : documents_of("*.constraints.gatekeeper.sh", context)) {
        const auto& listed = constraint->at("status.violations");
        for (const auto& violation : listed.items()) {
            auto& here = found[violation["namespace"].text()];
            (violation["enforcementAction"].text() == "deny" ? here.denied : here.observed).insert(violation_name(*constraint, violation));
        }
        if (constraint->at("status.totalViolations").number_or(0) > static_cast<double>(listed.size()))
            capped.add(fmt::format("{}/{}", constraint->kind.view(), constraint->meta.name.view()));
    }
}

/// Reports of other tools (scanners, runtime detection) share the kind; they are not about policy.
bool is_policy_source(std::string_view source)
{
    return glob_match("*yverno*", source) || glob_match("*ubewarden*", source) || glob_match("*atekeeper*", source) ||
           source == "ValidatingAdmissionPolicy";
}

void read_reports(const Context& context, ViolationsByNamespace& found)
{
    for (const auto resource : {"policyreports.wgpolicyk8s.io", "reports.openreports.io"}) {
        for (const auto& report : context.inventory.documents_of(resource)) {
            const auto source = report["source"].text();
            for (const auto& result : report["results"].items()) {
                const auto own = result["source"].text();
                if (result["result"].text() != "fail" || !is_policy_source(own.empty() ? source : own)) continue;
                found[report.meta.ns].observed.insert(fmt::format("{}: {}", result["policy"].text(), report.meta.name.view()));
            }
        }
    }
}

Verdict judge_violations(const Violations* here, const NameList& capped)
{
    const auto listed = [](const std::set<std::string>& names) {
        NameList list;
        for (const auto& name : names)
            list.add(name);
        return list;
    };
    if (here != nullptr && !here->denied.empty()) {
        const auto names = listed(here->denied);
        return check::fail(fmt::format("{} of enforced policies: {}", counted(names.size(), "violation"), names.text()))
            .with("violations", names.values());
    }
    if (here != nullptr && !here->observed.empty()) {
        const auto names = listed(here->observed);
        return check::warn(fmt::format("{} of observed policies: {}", counted(names.size(), "violation"), names.text()))
            .with("violations", names.values());
    }
    // A list that is cut proves nothing by leaving this namespace out.
    if (!capped.empty())
        return check::unknown(check::Reason::truncated,
                              fmt::format("{} lists only some of its violations: those of this namespace may be among the rest", capped.text()));
    return check::pass("No policy is broken here");
}

} // namespace

void judge_open_violations(const Context& context, check::Results& results)
{
    const bool engine = std::ranges::any_of(policy_engines(), [&](const auto& candidate) { return is_served(candidate, context); });
    ViolationsByNamespace found;
    NameList capped;
    read_constraints(context, found, capped);
    read_reports(context, found);
    const auto* gap = gap_in_group(k_constraint_group, context);
    for (const auto& ns : context.inventory.namespaces) {
        const auto key = ObjectKey::of("v1", "Namespace", ns.meta);
        const auto at = found.find(ns.meta.name);
        auto verdict = too_young(ns.meta, context);
        if (!verdict && !engine) verdict = check::not_applicable("There is no policy engine");
        if (!verdict) verdict = judge_violations(at == found.end() ? nullptr : &at->second, capped);
        if (gap != nullptr && verdict->basis == Verdict::Basis::lists) verdict = context.unknown_for(*gap);
        results.add(key, ns.meta.name, std::move(*verdict));
    }
}

} // namespace seaworthy::controls
