// SPDX-License-Identifier: Apache-2.0
// rbac.authorization.k8s.io.
#include "kube/decode/decode_context.hpp"

namespace seaworthy::kube {

namespace {

Array<model::PolicyRule> policy_rules(DecodeContext& c, Value value)
{
    std::vector<model::PolicyRule> rules;
    c.json.array(value, [&](Value item) {
        model::PolicyRule rule;
        c.json.object(item, [&](std::string_view key, Value member) {
            if (key == "verbs")
                rule.verbs = c.texts(member);
            else if (key == "apiGroups")
                rule.api_groups = c.texts(member);
            else if (key == "resources")
                rule.resources = c.texts(member);
            else if (key == "resourceNames")
                rule.resource_names = c.texts(member);
            else if (key == "nonResourceURLs")
                rule.non_resource_urls = c.texts(member);
        });
        rules.push_back(rule);
    });
    return c.vault.keep(rules);
}

void decode_role(DecodeContext& c, Object& object)
{
    model::Role role;
    std::vector<model::LabelSelector> aggregation;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, role.meta);
        else if (key == "rules")
            role.rules = policy_rules(c, value);
        if (key != "aggregationRule") return;
        c.json.object(value, [&](std::string_view name, Value member) {
            if (name == "clusterRoleSelectors") c.json.array(member, [&](Value item) { aggregation.push_back(c.selector(item)); });
        });
    });
    role.aggregation = c.vault.keep(aggregation);
    if (c.accept(role.meta)) c.inventory.roles.push_back(role);
}

model::Subject subject(DecodeContext& c, Value value)
{
    using Kind = model::Subject::Kind;
    model::Subject subject;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "name")
            subject.name = c.intern(member);
        else if (key == "namespace")
            subject.ns = c.intern(member);
        else if (key == "kind") {
            const std::string_view kind = c.json.text(member);
            if (kind == "User")
                subject.kind = Kind::user;
            else if (kind == "Group")
                subject.kind = Kind::group;
            else if (kind == "ServiceAccount")
                subject.kind = Kind::service_account;
        }
    });
    if (subject.kind != Kind::service_account) subject.ns = {};
    return subject;
}

void decode_role_binding(DecodeContext& c, Object& object)
{
    model::RoleBinding binding;
    std::vector<model::Subject> subjects;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, binding.meta);
        else if (key == "subjects")
            c.json.array(value, [&](Value item) { subjects.push_back(subject(c, item)); });
        else if (key == "roleRef") {
            c.json.object(value, [&](std::string_view name, Value member) {
                if (name == "kind")
                    binding.role_kind = c.intern(member);
                else if (name == "name")
                    binding.role_name = c.intern(member);
            });
        }
    });
    // A ServiceAccount without a namespace is one of the RoleBinding's own.
    for (auto& each : subjects)
        if (each.kind == model::Subject::Kind::service_account && each.ns.empty()) each.ns = binding.meta.ns;
    binding.subjects = c.vault.keep(subjects);
    if (c.json.ok() && binding.role_name.empty()) c.json.fail("roleRef.name is missing");
    if (c.accept(binding.meta)) c.inventory.role_bindings.push_back(binding);
}

} // namespace

std::span<const KindDecoder> rbac_decoders()
{
    static constexpr KindDecoder k_decoders[] = {
        {"roles.rbac.authorization.k8s.io", decode_role},
        {"clusterroles.rbac.authorization.k8s.io", decode_role},
        {"rolebindings.rbac.authorization.k8s.io", decode_role_binding},
        {"clusterrolebindings.rbac.authorization.k8s.io", decode_role_binding},
    };
    return k_decoders;
}

} // namespace seaworthy::kube
