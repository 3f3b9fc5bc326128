// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "controls/rbac/checks.hpp"
#include "controls/rbac/default_objects.hpp"
#include "controls/wording.hpp"

namespace seaworthy::controls::rbac {

using check::Context;
using check::Status;
using check::Verdict;
using model::Identity;
using model::Power;

namespace {

bool is_everybody(const Identity& identity)
{
    return identity.kind == Identity::Kind::group && (identity.name == "system:authenticated" || identity.name == "system:serviceaccounts" ||
                                                      !model::namespace_of_group(identity.name).empty());
}

/// Bindings to everybody that their platform ships and that do less than their rules say.
struct KnownWide {
    std::string_view binding;
    Status status;
    std::string_view why;
};
constexpr KnownWide k_openshift_wide[] = {
    {"basic-users", Status::pass, "OpenShift's default"},
    {"cluster-status-binding", Status::pass, "OpenShift's default"},
    {"cluster-status", Status::pass, "OpenShift's default"},
    {"self-provisioners", Status::warn, "every user may create projects"},
    {"self-provisioner", Status::warn, "every user may create projects"},
};
constexpr KnownWide k_calico_wide[] = {
    {"calico-tiered-policy-passthrough", Status::warn, "Calico's API server authorises again for each tier"},
    {"tigera-tiered-policy-passthrough", Status::warn, "Calico's API server authorises again for each tier"},
};

const KnownWide* known_wide(const model::RoleBinding& binding, const Context& context)
{
    const auto find = [&](std::span<const KnownWide> list) -> const KnownWide* {
        const auto found = std::ranges::find(list, binding.meta.name.view(), &KnownWide::binding);
        return found == list.end() ? nullptr : &*found;
    };
    if (const auto* found = find(k_calico_wide)) return found;
    return context.inventory.cluster.platform == "openshift" ? find(k_openshift_wide) : nullptr;
}

Verdict judge_everybody(const Grant& grant, const Context& context)
{
    if (!is_everybody(grant.identity)) return check::not_applicable(grant.who() + " is not everybody").proven();
    const auto who = grant.identity.name == "system:authenticated" ? "every authenticated identity" : "every ServiceAccount of " + grant.who();
    if (const auto* known = known_wide(grant.binding, context)) {
        auto verdict = known->status == Status::pass ? check::pass("") : check::warn("");
        verdict.message = fmt::format("{} is bound to {} ({})", who, grant.binding.role_name.view(), known->why);
        return verdict;
    }
    const auto& powers = grant.powers;
    std::vector<std::string> what;
    if (powers.has(Power::everything)) what.emplace_back("do everything");
    if (powers.has(Power::read_secrets)) what.emplace_back("read Secrets");
    if (powers.has(Power::enter_pods) || powers.has(Power::get_exec)) what.emplace_back("enter pods");
    if (powers.has(Power::write_anything)) what.emplace_back("change objects");
    const bool google = context.inventory.cluster.platform == "gke" && grant.identity.name == "system:authenticated";
    const std::string_view note = google ? "; on GKE that is anybody with a Google account" : "";
    if (!what.empty()) return check::fail(fmt::format("{} may {} {} {}{}", who, first_few(what), grant.where(), grant.how(), note));
    if (powers.has(Power::read_anything)) return check::warn(fmt::format("{} may read objects {} {}{}", who, grant.where(), grant.how(), note));
    return check::pass(fmt::format("{} gets nothing of weight {}", who, grant.how()));
}

/// A ServiceAccount that a controller of kube-system makes when it first needs it.
bool is_lazy(const Identity& identity, const model::RoleBinding& binding, const Context& context)
{
    return identity.ns == "kube-system" && is_default_binding(binding, context);
}

Verdict judge_existence(const Identity& identity, const model::RoleBinding& binding, const Context& context)
{
    if (is_lazy(identity, binding, context)) return check::not_applicable(identity.path() + " is made when it is first needed").proven();
    if (context.index.find_service_account(identity.ns, identity.name) != nullptr) return check::pass(identity.path() + " exists");
    if (context.index.find_namespace(identity.ns) == nullptr)
        return check::fail(fmt::format("Namespace {} of {} does not exist: whoever creates it inherits the rights", identity.ns, identity.path()))
            .by_absence();
    const auto& powers = context.rbac.powers_of(binding);
    if (powers.has(Power::write_anything) || powers.has(Power::read_secrets))
        return check::fail(fmt::format("{} does not exist: whoever creates it gets write or Secret rights", identity.path())).by_absence();
    return check::warn(fmt::format("{} does not exist", identity.path())).by_absence();
}

} // namespace

Verdict authenticated_binding(const model::RoleBinding& binding, const Context& context)
{
    const bool concerned = std::ranges::any_of(binding.subjects, [](const auto& subject) { return is_everybody(model::identity_of(subject)); });
    if (!concerned) return check::not_applicable("Binds neither every authenticated identity nor every ServiceAccount").proven();
    if (is_default_binding(binding, context)) return check::pass("A default binding of Kubernetes or the platform").proven();
    return judge_subjects(binding, context, judge_everybody);
}

Verdict dangling_subject(const model::RoleBinding& binding, const Context& context)
{
    std::optional<Verdict> verdict;
    std::vector<std::string> missing;
    for (const auto& subject : binding.subjects) {
        const auto identity = model::identity_of(subject);
        if (identity.kind != Identity::Kind::service_account) continue;
        auto one = judge_existence(identity, binding, context);
        if (one.status == Status::fail || one.status == Status::warn) missing.push_back(identity.path());
        verdict = verdict ? worse(std::move(*verdict), std::move(one)) : std::move(one);
    }
    if (!verdict) return check::not_applicable("Binds no ServiceAccount").proven();
    if (!missing.empty()) verdict->evidence.emplace_back("subjects", as_evidence(std::move(missing)));
    return std::move(*verdict);
}

Verdict dangling_roleref(const model::RoleBinding& binding, const Context& context)
{
    const auto role = fmt::format("{}/{}", binding.role_kind.view(), binding.role_name.view());
    if (context.rbac.role_of(binding) != nullptr) return check::pass(role + " exists");
    return check::fail(fmt::format("{} does not exist: whoever creates it decides what this binding grants", role)).by_absence().with("role", role);
}

} // namespace seaworthy::controls::rbac
