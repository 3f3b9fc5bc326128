// SPDX-License-Identifier: Apache-2.0
#include "controls/rbac/judge_binding.hpp"

#include <optional>

#include <fmt/format.h>

#include "controls/day.hpp"
#include "controls/rbac/default_objects.hpp"
#include "controls/wording.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

using check::Context;
using check::Status;
using check::Verdict;
using model::Reach;

namespace {

std::string role_path(const model::RoleBinding& binding)
{
    return fmt::format("{}/{}", binding.role_kind.view(), binding.role_name.view());
}

/// The value of a key of the record, or `*`: a key that is left out matches anything.
std::string_view glob_of(const check::Record& record, std::string_view key)
{
    const auto found = record.find(key);
    return found == record.end() || found->second.empty() ? std::string_view{"*"} : std::string_view{found->second.front()};
}

Verdict accepted(Verdict verdict, const check::Record& exception)
{
    verdict.status = Status::warn;
    verdict.message += " (accepted)";
    verdict.evidence.emplace_back("accepted", std::string{glob_of(exception, "reason")});
    return verdict;
}

/// Where the role is not there: unread is unknown, missing grants nothing.
Verdict without_role(const model::RoleBinding& binding, const Context& context)
{
    const bool role = binding.role_kind == "Role";
    const auto* gap =
        context.gap(role ? "roles.rbac.authorization.k8s.io" : "clusterroles.rbac.authorization.k8s.io", role ? binding.meta.ns.view() : "*");
    if (gap != nullptr) return context.unknown_for(*gap);
    return check::pass(fmt::format("{} does not exist, so the binding grants nothing", role_path(binding)));
}

} // namespace

std::string Grant::where() const
{
    return cluster_wide() ? "in the whole cluster" : fmt::format("in namespace {}", binding.meta.ns.view());
}

std::string Grant::how() const
{
    return "through " + role_path(binding);
}

Verdict worse(Verdict a, Verdict b)
{
    if (a.status != b.status) return b.status > a.status ? std::move(b) : std::move(a);
    const auto rank = [](const Verdict& verdict) { return verdict.severity.value_or(check::Severity::critical); };
    return rank(b) > rank(a) ? std::move(b) : std::move(a);
}

const check::Record* exception_for(const Grant& grant, const Context& context)
{
    return exception_for(grant.who(), role_path(grant.binding), context);
}

const check::Record* exception_for(std::string_view who, std::string_view role, const Context& context)
{
    for (const auto& record : context.parameters.records("exceptions")) {
        if (!record.contains("subject") && !record.contains("role")) continue; // would excuse everything
        if (!glob_match(glob_of(record, "subject"), who) || !glob_match(glob_of(record, "role"), role)) continue;
        const auto expires = record.find("expires");
        if (expires != record.end() && !expires->second.empty()) {
            const auto until = end_of(expires->second.front());
            if (!until.known() || until < context.now) continue;
        }
        return &record;
    }
    return nullptr;
}

Verdict by_reach(Reach reach, const Grant& grant, std::string_view what)
{
    if (reach == Reach::all) return check::fail(fmt::format("{} may {} {} {}", grant.who(), what, grant.where(), grant.how()));
    if (reach == Reach::named)
        return check::warn(fmt::format("{} may {} {}, limited to certain names, {}", grant.who(), what, grant.where(), grant.how()));
    return check::pass(fmt::format("{} may not {} {}", grant.who(), what, grant.how()));
}

Verdict judge_subjects(const model::RoleBinding& binding, const Context& context, GrantRule rule, GrantTest inexcusable)
{
    if (is_default_binding(binding, context)) return check::not_applicable("The binding comes with Kubernetes or the platform").proven();
    if (binding.subjects.empty()) return check::not_applicable("The binding names nobody").proven();
    const auto* role = context.rbac.role_of(binding);
    if (role == nullptr) return without_role(binding, context);

    std::optional<Verdict> verdict;
    std::vector<std::string> found;
    for (const auto& subject : binding.subjects) {
        const Grant grant{binding, *role, context.rbac.powers_of(*role), model::identity_of(subject)};
        auto one = is_platform_identity(grant.identity, context) ? check::not_applicable(grant.who() + " belongs to the platform").proven()
                                                                 : rule(grant, context);
        if (one.status == Status::fail && (inexcusable == nullptr || !inexcusable(grant)))
            if (const auto* exception = exception_for(grant, context)) one = accepted(std::move(one), *exception);
        if (one.status == Status::fail || one.status == Status::warn) found.push_back(grant.who());
        verdict = verdict ? worse(std::move(*verdict), std::move(one)) : std::move(one);
    }
    if (found.size() > 1) verdict->message += fmt::format("; {} subjects of this binding are concerned", found.size());
    verdict->evidence.emplace_back("role", role_path(binding));
    if (!found.empty()) verdict->evidence.emplace_back("subjects", as_evidence(std::move(found)));
    return std::move(*verdict);
}

} // namespace seaworthy::controls
