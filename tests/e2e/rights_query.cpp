// SPDX-License-Identifier: Apache-2.0
// What the index of rights says, for a comparison with the API server's own authoriser: rights_query MANIFESTS < QUESTIONS
//
// A question is a line of fields between tabs, and its answer is a line:
//   right USER GROUPS NAMESPACE VERB API-GROUP RESOURCE SUBRESOURCE   "none", "named" or "all"
//   powers USER GROUPS NAMESPACE                                      "everything=none read_secrets=all …"
// GROUPS stand between commas; a ServiceAccount has those of its kind without being asked. An empty NAMESPACE is the whole cluster.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "seaworthy/kube/snapshot.hpp"
#include "seaworthy/model/rbac_index.hpp"
#include "seaworthy/model/vault.hpp"

using namespace seaworthy;
using model::Identity;
using model::Power;
using model::Reach;

namespace {

constexpr std::pair<Power, std::string_view> k_powers[] = {
    {Power::everything, "everything"},
    {Power::read_secrets, "read_secrets"},
    {Power::escalate_roles, "escalate_roles"},
    {Power::escalate_cluster_roles, "escalate_cluster_roles"},
    {Power::bind_roles, "bind_roles"},
    {Power::impersonate_service_accounts, "impersonate_service_accounts"},
    {Power::impersonate_identities, "impersonate_identities"},
    {Power::write_workloads, "write_workloads"},
    {Power::enter_pods, "enter_pods"},
    {Power::get_exec, "get_exec"},
    {Power::proxy_nodes, "proxy_nodes"},
    {Power::create_tokens, "create_tokens"},
    {Power::approve_requests, "approve_requests"},
    {Power::approve_client_signers, "approve_client_signers"},
    {Power::write_cluster_admission, "write_cluster_admission"},
    {Power::write_namespaced_admission, "write_namespaced_admission"},
    {Power::create_persistent_volumes, "create_persistent_volumes"},
    {Power::write_namespaces, "write_namespaces"},
    {Power::write_system_config, "write_system_config"},
    {Power::write_nodes, "write_nodes"},
    {Power::write_anything, "write_anything"},
    {Power::write_builtin, "write_builtin"},
    {Power::read_anything, "read_anything"},
};
static_assert(std::size(k_powers) == static_cast<std::size_t>(Power::count_));

std::string_view name(Reach reach)
{
    return reach == Reach::all ? "all" : reach == Reach::named ? "named" : "none";
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    for (std::size_t start = 0;;) {
        const auto end = text.find(separator, start);
        parts.emplace_back(text.substr(start, end - start));
        if (end == std::string_view::npos) return parts;
        start = end + 1;
    }
}

class Answers {
public:
    explicit Answers(const model::Inventory& inventory) : m_inventory(inventory), m_index(inventory) {}

    std::string to(const std::vector<std::string>& question)
    {
        if (question.size() == 8 && question[0] == "right") return std::string{right(question)};
        if (question.size() == 4 && question[0] == "powers") return powers(question);
        return "?";
    }

private:
    using Bindings = std::set<const model::RoleBinding*>;

    /// Bindings of the user and its groups that reach into the namespace.
    Bindings bindings_of(const std::string& user, std::string_view groups, std::string_view ns) const
    {
        model::Subject subject;
        subject.kind = model::Subject::Kind::user;
        model::Vault vault;
        subject.name = vault.texts.intern(user);
        const auto identity = model::identity_of(subject);
        std::set<std::string> paths{identity.path()};
        for (const auto& group : split(groups, ','))
            paths.insert("Group/" + group);

        Bindings found;
        const auto add = [&](const model::RoleBinding* binding) {
            if (binding->is_cluster_binding() || (!ns.empty() && binding->meta.ns == ns)) found.insert(binding);
        };
        if (identity.kind == Identity::Kind::service_account) {
            std::ranges::for_each(m_index.bindings_of_service_account(identity.ns, identity.name), add);
            std::ranges::for_each(m_index.bindings_of_service_accounts_in(identity.ns), add);
            std::ranges::for_each(m_index.bindings_of_all_service_accounts(), add);
            paths.erase(identity.path());
        }
        for (const auto& binding : m_inventory.role_bindings)
            if (std::ranges::any_of(binding.subjects, [&](const auto& each) { return paths.contains(model::identity_of(each).path()); }))
                add(&binding);
        return found;
    }

    /// Rights add up, so the rules of all roles are judged as those of one.
    std::string_view right(const std::vector<std::string>& question) const
    {
        std::vector<model::PolicyRule> rules;
        for (const auto* binding : bindings_of(question[1], question[2], question[3]))
            if (const auto* role = m_index.role_of(*binding)) rules.insert(rules.end(), role->rules.begin(), role->rules.end());
        model::Vault vault;
        model::Role all;
        all.rules = vault.keep(rules);
        return name(model::reach_of(all, question[4], question[5], question[6], question[7]));
    }

    std::string powers(const std::vector<std::string>& question) const
    {
        model::RolePowers held;
        for (const auto* binding : bindings_of(question[1], question[2], question[3]))
            held.add(m_index.powers_of(*binding));
        std::string text;
        for (const auto& [power, label] : k_powers)
            text += fmt::format("{}{}={}", text.empty() ? "" : " ", label, name(held[power]));
        return text;
    }

    const model::Inventory& m_inventory;
    model::RbacIndex m_index;
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fputs("usage: rights_query MANIFESTS < QUESTIONS\n", stderr);
        return 2;
    }
    kube::SnapshotOptions options;
    options.paths = {argv[1]};
    kube::SnapshotSource source{options};
    const auto inventory = source.read({}, {});
    if (!inventory) {
        std::fputs((inventory.error().message + "\n").c_str(), stderr);
        return 1;
    }
    Answers answers{*inventory};
    for (std::string line; std::getline(std::cin, line);)
        std::cout << answers.to(split(line, '\t')) << '\n';
    return 0;
}
