// SPDX-License-Identifier: Apache-2.0
// What one role allows, where it is easily thought to allow more or less. tests/e2e/test_rights_index.py asks the real API server the same.
#include <catch2/catch.hpp>

#include "seaworthy/model/role_powers.hpp"
#include "seaworthy/model/vault.hpp"

using namespace seaworthy;
using namespace seaworthy::model;

namespace {

using Words = std::vector<std::string>;

struct RuleText {
    Words verbs;
    Words groups;
    Words resources;
    Words names = {};
};

class Roles {
public:
    RolePowers powers(const std::vector<RuleText>& rules) { return RolePowers{role(rules)}; }
    Role role(const std::vector<RuleText>& rules)
    {
        std::vector<PolicyRule> made;
        for (const auto& rule : rules)
            made.push_back({.verbs = texts(rule.verbs),
                            .api_groups = texts(rule.groups),
                            .resources = texts(rule.resources),
                            .resource_names = texts(rule.names),
                            .non_resource_urls = {}});
        Role role;
        role.rules = m_vault.keep(made);
        return role;
    }

private:
    Array<Text> texts(const Words& words)
    {
        std::vector<Text> made;
        for (const auto& word : words)
            made.push_back(m_vault.texts.intern(word));
        return m_vault.keep(made);
    }
    Vault m_vault;
};

} // namespace

TEST_CASE("the empty resource name is that of requests that name no object", "[powers]")
{
    Roles roles;
    const auto secrets = roles.role({{{"*"}, {""}, {"secrets", "secrets/fake"}, {""}}});
    CHECK(reach_of(secrets, "list", "", "secrets") == Reach::all);
    CHECK(reach_of(secrets, "watch", "", "secrets") == Reach::all);
    CHECK(reach_of(secrets, "create", "", "secrets") == Reach::all);
    CHECK(reach_of(secrets, "deletecollection", "", "secrets") == Reach::all);
    CHECK(reach_of(secrets, "get", "", "secrets") == Reach::none);
    CHECK(reach_of(secrets, "update", "", "secrets") == Reach::none);
    CHECK(reach_of(secrets, "create", "", "secrets", "fake") == Reach::none);

    const auto powers = roles.powers({{{"list", "create"}, {""}, {"secrets", "pods", "persistentvolumes"}, {"", "a"}}});
    CHECK(powers[Power::read_secrets] == Reach::all);
    CHECK(powers[Power::write_workloads] == Reach::all);
    CHECK(powers[Power::create_persistent_volumes] == Reach::all);
    CHECK(powers[Power::read_anything] == Reach::all);
    CHECK(powers[Power::write_builtin] == Reach::all);
    CHECK(roles.powers({{{"get", "update"}, {""}, {"pods"}, {""}}})[Power::write_anything] == Reach::none);
}

TEST_CASE("a role that is created has no name yet, one that is changed has", "[powers]")
{
    Roles roles;
    const auto escalates = [&](Words names) {
        return roles.powers({{{"escalate"}, {"rbac.authorization.k8s.io"}, {"clusterroles"}, std::move(names)}})[Power::escalate_cluster_roles];
    };
    CHECK(escalates({}) == Reach::all);
    CHECK(escalates({""}) == Reach::all);
    CHECK(escalates({"view"}) == Reach::named);
    CHECK(roles.powers({{{"bind"}, {"rbac.authorization.k8s.io"}, {"clusterroles"}, {""}}})[Power::bind_roles] == Reach::none);
}

TEST_CASE("create and deletecollection by name match no request, whatever other verbs stand beside them", "[powers]")
{
    Roles roles;
    const auto write = [&](Words verbs, Words resources) {
        return roles.powers({{std::move(verbs), {""}, std::move(resources), {"a"}}})[Power::write_anything];
    };
    CHECK(write({"create"}, {"configmaps"}) == Reach::none);
    CHECK(write({"create", "get", "deletecollection"}, {"configmaps"}) == Reach::none);
    CHECK(write({"create", "update"}, {"configmaps"}) == Reach::named);
    CHECK(write({"*"}, {"configmaps"}) == Reach::named);
    CHECK(write({"create"}, {"pods/exec"}) == Reach::named);
    CHECK(write({"deletecollection"}, {"pods/exec"}) == Reach::none);

    const auto applied = roles.role({{{"create"}, {""}, {"pods"}, {"a"}}, {{"patch"}, {""}, {"pods"}, {"a", "b"}}});
    CHECK(reach_of(applied, "create", "", "pods") == Reach::named);
    const auto another = roles.role({{{"create"}, {""}, {"pods"}, {"a"}}, {{"patch"}, {""}, {"pods"}, {"b"}}});
    CHECK(reach_of(another, "create", "", "pods") == Reach::none);
    CHECK(roles.powers({{{"deletecollection"}, {""}, {"configmaps"}, {"coredns"}}})[Power::write_system_config] == Reach::none);
}

TEST_CASE("no request matches a star after a resource", "[powers]")
{
    Roles roles;
    for (const auto* resource : {"pods/*", "*/*"}) {
        INFO(resource);
        const auto powers = roles.powers({{{"*"}, {"*"}, {resource}}});
        CHECK_FALSE(powers.has(Power::write_anything));
        CHECK_FALSE(powers.has(Power::write_builtin));
        CHECK_FALSE(powers.has(Power::read_anything));
        CHECK_FALSE(powers.has(Power::enter_pods));
    }
    CHECK(roles.powers({{{"create"}, {""}, {"*/exec"}}})[Power::enter_pods] == Reach::all);
}

TEST_CASE("a rule on every group changes admission only where it names something of it", "[powers]")
{
    Roles roles;
    const auto admission = [&](Words groups, Words resources, Words verbs = {"update"}, Words names = {}) {
        return roles.powers({{std::move(verbs), std::move(groups), std::move(resources), std::move(names)}})[Power::write_cluster_admission];
    };
    CHECK(admission({"*"}, {"deployments"}) == Reach::none);
    CHECK(admission({"*"}, {"*/status"}) == Reach::none);
    CHECK(admission({"*"}, {"*"}) == Reach::all);
    CHECK(admission({"*"}, {"k8srequiredlabels"}) == Reach::all);
    CHECK(admission({"*"}, {"validatingwebhookconfigurations"}) == Reach::all);
    CHECK(admission({"constraints.gatekeeper.sh"}, {"nopublicimages"}) == Reach::all);
    CHECK(admission({"constraints.gatekeeper.sh"}, {"nopublicimages/status"}) == Reach::none);
    CHECK(admission({"constraints.gatekeeper.sh"}, {"nopublicimages"}, {"create", "get"}, {"a"}) == Reach::none);
    CHECK(admission({"constraints.gatekeeper.sh"}, {"nopublicimages"}, {"delete"}, {"a"}) == Reach::named);
}

TEST_CASE("impersonation is asked in the core group, with constrained modes in authentication.k8s.io", "[powers]")
{
    Roles roles;
    const std::string authentication = "authentication.k8s.io";
    const auto identities = [&](const std::string& verb, const std::string& group, const std::string& resource, Words names = {}) {
        return roles.powers({{{verb}, {group}, {resource}, std::move(names)}})[Power::impersonate_identities];
    };
    const auto accounts = [&](const std::string& verb, const std::string& group) {
        return roles.powers({{{verb}, {group}, {"serviceaccounts"}}})[Power::impersonate_service_accounts];
    };
    CHECK(identities("impersonate", "", "users") == Reach::all);
    CHECK(identities("impersonate", "", "groups", {"view"}) == Reach::named);
    CHECK(identities("impersonate", "", "groups", {""}) == Reach::none);
    CHECK(identities("impersonate", authentication, "users") == Reach::none);
    CHECK(identities("impersonate", authentication, "uids") == Reach::all);
    CHECK(identities("impersonate", "", "uids") == Reach::none);
    CHECK(identities("impersonate:user-info", authentication, "groups") == Reach::all);
    CHECK(identities("impersonate:user-info", "", "users") == Reach::none);
    CHECK(identities("impersonate-on:user-info:list", authentication, "users") == Reach::none);

    CHECK(accounts("impersonate", "") == Reach::all);
    CHECK(accounts("impersonate", authentication) == Reach::none);
    CHECK(accounts("impersonate:serviceaccount", authentication) == Reach::all);
    CHECK(accounts("impersonate:user-info", authentication) == Reach::none);
    CHECK(accounts("impersonate-on:serviceaccount:get", "") == Reach::none);
}

TEST_CASE("extra data is impersonated by its key, a node by the modes for nodes", "[powers]")
{
    Roles roles;
    const auto identities = [&](const std::string& verb, const std::string& resource, Words names = {}) {
        return roles.powers({{{verb}, {"authentication.k8s.io"}, {resource}, std::move(names)}})[Power::impersonate_identities];
    };
    CHECK(identities("impersonate", "userextras/scopes") == Reach::all);
    CHECK(identities("impersonate", "userextras/scopes", {"view"}) == Reach::named);
    CHECK(identities("impersonate:user-info", "userextras/scopes") == Reach::all);
    CHECK(identities("impersonate", "userextras") == Reach::none);
    CHECK(identities("impersonate", "userextras/*") == Reach::none);

    CHECK(identities("impersonate:arbitrary-node", "nodes") == Reach::all);
    CHECK(identities("impersonate:arbitrary-node", "nodes", {"a"}) == Reach::named);
    CHECK(identities("impersonate:associated-node", "nodes") == Reach::all);
    CHECK(identities("impersonate:associated-node", "nodes", {"*"}) == Reach::all);
    CHECK(identities("impersonate:associated-node", "nodes", {"a"}) == Reach::none);
    CHECK(identities("impersonate", "nodes") == Reach::none);
}

TEST_CASE("a star among resourceNames is a name", "[powers]")
{
    Roles roles;
    const auto approves = [&](Words names) {
        return roles.powers({{{"approve"}, {"certificates.k8s.io"}, {"signers"}, std::move(names)}}).has(Power::approve_client_signers);
    };
    CHECK(approves({}));
    CHECK(approves({"kubernetes.io/*"}));
    CHECK(approves({"kubernetes.io/kube-apiserver-client"}));
    CHECK(approves({"kubernetes.io/kube-apiserver-client-kubelet"}));
    CHECK_FALSE(approves({"*"}));
    CHECK_FALSE(approves({"kubernetes.io/kubelet-serving"}));
}

TEST_CASE("a node's proxy is reached by the verbs that methods become", "[powers]")
{
    Roles roles;
    const auto proxies = [&](const std::string& verb, Words names = {}) {
        return roles.powers({{{verb}, {""}, {"nodes/proxy"}, std::move(names)}})[Power::proxy_nodes];
    };
    for (const auto* verb : {"get", "create", "update", "patch", "delete", "*"}) {
        INFO(verb);
        CHECK(proxies(verb) == Reach::all);
        CHECK(proxies(verb, {"a"}) == Reach::named);
    }
    for (const auto* verb : {"list", "watch", "deletecollection", "proxy"}) {
        INFO(verb);
        CHECK(proxies(verb) == Reach::none);
    }
}
