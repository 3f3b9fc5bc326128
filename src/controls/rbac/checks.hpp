// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/rbac/judge_binding.hpp"
#include "seaworthy/check/check.hpp"

// The judges of the control `rbac`; its table of checks is in rbac.cpp.
namespace seaworthy::controls::rbac {

// power_rules.cpp: what one subject gets
check::Verdict cluster_admin_binding(const Grant& grant, const check::Context& context);
check::Verdict secrets_read(const Grant& grant, const check::Context& context);
check::Verdict escalation_verbs(const Grant& grant, const check::Context& context);
check::Verdict workload_create(const Grant& grant, const check::Context& context);
check::Verdict pod_exec(const Grant& grant, const check::Context& context);
check::Verdict nodes_proxy(const Grant& grant, const check::Context& context);
check::Verdict token_create(const Grant& grant, const check::Context& context);
check::Verdict csr_approve(const Grant& grant, const check::Context& context);
check::Verdict webhook_write(const Grant& grant, const check::Context& context);
check::Verdict pv_create(const Grant& grant, const check::Context& context);
check::Verdict namespace_patch(const Grant& grant, const check::Context& context);
check::Verdict system_config_write(const Grant& grant, const check::Context& context);
/// ServiceAccounts of dashboards that hand their own rights to whoever opens them: no exception covers them.
[[nodiscard]] bool is_dashboard(const Grant& grant);

// binding_shape.cpp: who is bound, and to what
check::Verdict authenticated_binding(const model::RoleBinding& binding, const check::Context& context);
check::Verdict dangling_subject(const model::RoleBinding& binding, const check::Context& context);
check::Verdict dangling_roleref(const model::RoleBinding& binding, const check::Context& context);

// reserved_subjects.cpp: who did not log in, and system:masters
check::Verdict anonymous_binding(const model::RoleBinding& binding, const check::Context& context);
check::Verdict masters_binding(const check::Context& context);

// authorization_mode.cpp
check::Verdict authorization_mode(const check::Context& context);

// roles.cpp
void wildcard_rule(const check::Context& context, check::Results& results);
void aggregation_poisoned(const check::Context& context, check::Results& results);

// service_accounts.cpp
void default_sa_bound(const check::Context& context, check::Results& results);
check::Verdict default_sa_used(const model::Workload& workload, const check::Context& context);
/// Bindings that give the namespace's ServiceAccount `default` rights of its own: default bindings and what every authenticated
/// identity has left aside.
[[nodiscard]] std::vector<const model::RoleBinding*> own_bindings_of_default(std::string_view ns, const check::Context& context);

/// rbac-token-automount-unneeded
check::Verdict token_unneeded(const model::Workload& workload, const check::Context& context);

// least_privilege.cpp
check::Verdict tenant_cluster_write(const model::ServiceAccount& account, const check::Context& context);
check::Verdict users_instead_of_groups(const check::Context& context);
void ineffective_or_unused(const check::Context& context, check::Results& results);

// own_rights.cpp
check::Verdict auditor_least_privilege(const check::Context& context);

} // namespace seaworthy::controls::rbac
