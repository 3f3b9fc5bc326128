// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/control_list.hpp"
#include "controls/evidence.hpp"
#include "controls/login_issuers.hpp"
#include "controls/names.hpp"
#include "controls/oidc_api_server.hpp"
#include "controls/oidc_components.hpp"
#include "controls/oidc_grafana.hpp"
#include "controls/oidc_platform.hpp"
#include "controls/rbac/default_objects.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"
#include "controls/wording.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::Fields;
using check::ObjectKey;
using check::Parameter;
using check::Reason;
using check::Results;
using check::Scope;
using check::Severity;
using check::Verdict;
using model::Identity;
using model::Workload;

constexpr std::string_view k_tenants = "tenants.capsule.clastix.io";
constexpr std::string_view k_headlamp = "headlamp-k8s/headlamp";

// ---- oidc-static-credentials

/// Bootstrap tokens are meant for the minutes in which a node joins.
Verdict judge_bootstrap_tokens(const Context& context)
{
    constexpr std::chrono::hours k_joining{24};
    if (!is_readable(context, "secrets", "kube-system")) {
        if (const auto* gap = context.gap("secrets", "kube-system")) return context.unknown_for(*gap);
        return check::unknown(Reason::unobservable, "Bootstrap tokens are accepted, and whether old ones are left needs the optional grant SE")
            .needs_grant("SE");
    }
    NameList stale;
    for (const auto& row : context.inventory.secrets) {
        if (row.ns != "kube-system" || row.type != "bootstrap.kubernetes.io/token") continue;
        if (const auto age = row.created.age(context.now); !age || *age > k_joining) stale.add(row.name.str());
    }
    if (!stale.empty())
        return check::warn(fmt::format("Bootstrap tokens older than a day are left: {}", stale.text())).with("secrets", stale.values());
    return check::pass("No static tokens, and no old bootstrap token");
}

Verdict judge_static(const Context& context)
{
    const auto servers = find_api_servers(context);
    if (servers.empty()) return hidden_control_plane(context);
    bool bootstrap = false;
    for (const auto& server : servers) {
        for (const auto flag : {"token-auth-file", "basic-auth-file"})
            if (server.find(flag) != nullptr)
                return check::fail(fmt::format("{} accepts static credentials (--{})", server.name, flag)).with("flag", std::string{flag});
        const auto* tokens = server.find("enable-bootstrap-token-auth");
        bootstrap = bootstrap || (tokens != nullptr && *tokens == "true");
    }
    auto verdict = bootstrap ? judge_bootstrap_tokens(context) : check::pass("No static tokens are accepted");
    return resting_on(std::move(verdict), context, "*", {"pods", "nodes"});
}

// ---- oidc-rbac-uses-idp-groups

enum class Oidc { hidden, absent, configured };

struct OidcFlags {
    Oidc state = Oidc::hidden;
    std::string groups_prefix;
};

OidcFlags oidc_flags(const Context& context)
{
    OidcFlags flags;
    for (const auto& server : find_api_servers(context)) {
        const bool configured = server.find("oidc-issuer-url") != nullptr || server.find("authentication-config") != nullptr;
        if (configured)
            flags.state = Oidc::configured;
        else if (flags.state == Oidc::hidden)
            flags.state = Oidc::absent;
        if (const auto* prefix = server.find("oidc-groups-prefix")) flags.groups_prefix = *prefix;
    }
    return flags;
}

/// People among the subjects of bindings, default bindings and `system:` names left aside.
struct Humans {
    std::set<std::string> groups;
    std::set<std::string> users; ///< and groups that do not come from the identity provider
};

Humans find_humans(const Context& context, std::string_view groups_prefix)
{
    Humans humans;
    for (const auto& binding : context.inventory.role_bindings) {
        if (is_default_binding(binding, context)) continue;
        for (const auto& subject : binding.subjects) {
            const auto identity = model::identity_of(subject);
            if (!identity.is_human()) continue;
            const bool idp_group = identity.kind == Identity::Kind::group && identity.name.starts_with(groups_prefix);
            (idp_group ? humans.groups : humans.users).emplace(identity.name);
        }
    }
    for (const auto& tenant : context.inventory.documents_of(k_tenants))
        for (const auto& owner : tenant.at("spec.owners").items())
            if (owner["kind"].text() == "Group") humans.groups.emplace(owner["name"].text());
    return humans;
}

Verdict judge_groups(const Context& context)
{
    const auto flags = oidc_flags(context);
    if (flags.state == Oidc::absent) return check::not_applicable("The API server has no OpenID Connect provider");
    const auto humans = find_humans(context, flags.groups_prefix);
    if (!humans.groups.empty())
        return check::pass(fmt::format("{} of people {} bound", counted(humans.groups.size(), "group"), humans.groups.size() == 1 ? "is" : "are"));
    // What is bound in a namespace may be the group.
    if (const auto* gap = first_gap(context, "*", {"rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io"}))
        return context.unknown_for(*gap);
    if (flags.state == Oidc::hidden) {
        auto unknown = hidden_control_plane(context);
        unknown.message += ", so that no group is bound may be meant so";
        return unknown;
    }
    const std::vector<std::string> users{humans.users.begin(), humans.users.end()};
    if (!users.empty())
        return check::warn(fmt::format("People are bound one by one: {}", first_few(users))).by_absence().with("users", as_evidence(users));
    return check::fail("Nobody from the identity provider is bound to anything").by_absence();
}

// ---- oidc-headlamp-sa-privileged

bool is_true(std::string_view value)
{
    return value == "true" || value == "1" || value == "TRUE" || value == "True" || value == "t" || value == "T";
}

bool is_unsafe_argument(std::string_view argument)
{
    while (argument.starts_with('-'))
        argument.remove_prefix(1);
    constexpr std::string_view k_flag = "unsafe-use-service-account-token";
    if (!argument.starts_with(k_flag)) return false;
    const auto rest = argument.substr(k_flag.size());
    return rest.empty() || (rest.starts_with('=') && is_true(rest.substr(1)));
}

bool hands_out_its_token(const Workload& workload)
{
    bool unsafe = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto list : {container.command, container.args})
            unsafe = unsafe || std::ranges::any_of(list, [](Text argument) { return is_unsafe_argument(argument); });
        for (const auto& variable : container.env)
            unsafe = unsafe || (variable.name == "HEADLAMP_CONFIG_UNSAFE_USE_SERVICE_ACCOUNT_TOKEN" && is_true(variable.value));
    });
    return unsafe;
}

/// A binding that gives the account everything, or one whose role was not read.
Verdict judge_account(std::string_view ns, std::string_view account, const Context& context)
{
    const auto& rbac = context.rbac;
    std::optional<Verdict> unread;
    for (const auto list :
         {rbac.bindings_of_service_account(ns, account), rbac.bindings_of_service_accounts_in(ns), rbac.bindings_of_all_service_accounts()}) {
        for (const auto* binding : list) {
            if (rbac.powers_of(*binding)[model::Power::everything] == model::Reach::all)
                return check::fail(
                           fmt::format("ServiceAccount {} may do everything, and Headlamp acts with its rights for whoever opens it", account))
                    .with("binding", binding->meta.name.str())
                    .with("role", fmt::format("{}/{}", binding->role_kind.view(), binding->role_name.view()));
            const auto* gap = rbac.role_of(*binding) == nullptr ? context.gap("clusterroles.rbac.authorization.k8s.io") : nullptr;
            if (gap != nullptr) unread = context.unknown_for(*gap);
        }
    }
    return unread ? std::move(*unread) : check::pass(fmt::format("ServiceAccount {} holds no wide rights", account));
}

Verdict judge_headlamp(const Workload& workload, const Context& context)
{
    if (hands_out_its_token(workload))
        return check::fail("Headlamp is told to use its own token for everybody (-unsafe-use-service-account-token)")
            .with("flag", std::string{"unsafe-use-service-account-token"});
    auto verdict = check::pass("No template");
    for (const auto* pod_template : workload.templates) {
        const auto account = pod_template->spec->service_account.empty() ? std::string_view{"default"} : pod_template->spec->service_account.view();
        verdict = check::worst(judge_account(workload.ns, account, context), std::move(verdict));
    }
    return verdict;
}

void headlamp_privileged(const Context& context, Results& results)
{
    const Software headlamp{"Headlamp", k_headlamp};
    for (const auto& installation : find_software(context, std::span{&headlamp, 1})) {
        const auto& workload = *installation.workload;
        model::ObjectMeta meta;
        meta.created = workload.created;
        auto young = too_young(meta, context);
        results.add(ObjectKey::of(workload), workload.ns, young ? std::move(*young) : judge_headlamp(workload, context));
    }
}

constexpr Fields k_group_fields[] = {{k_tenants, "spec.owners.kind, spec.owners.name"}};

constexpr Parameter k_configured_parameters[] = {
    {"acceptProviderIAM", Parameter::Type::flag, "true", "On EKS, GKE and AKS the provider's own identities will do."},
};
constexpr Fields k_mapping_fields[] = {{k_authentications, "spec.type, spec.oidcProviders"}};

constexpr check::Parameter k_config_map_parameters[] = {
    {.name = "configMaps",
     .type = check::Parameter::Type::list,
     .fallback = "[]",
     .description = "ConfigMaps with a grafana.ini to read with the grant CM, as namespace/name: [monitoring/grafana]."},
};

constexpr Check k_checks[] = {
    {
        .id = "oidc-grafana-sso",
        .title = "Grafana is not integrated with the IdP",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL,configmap:grafana,grafanas.grafana.integreatly.org,probe:grafana,services,ingresses.networking.k8s.io,pods",
        .grants = "WL,+CM,+PI,+H,+SV,+NP,+PO",
        .fields = k_grafana_fields,
        .parameters = k_config_map_parameters,
        .rationale = "Who leaves the company keeps a password that Grafana holds itself, and sees every dashboard with it.",
        .rule =
            "By the redirect of /login/generic_oauth, else by the environment, grafana.ini and the operator's resource, in this order of strength. "
            "pass: people are sent to the host of oidc.expectedIssuer, of one of oidc.issuers or of its authorization endpoint, or a proxy asks "
            "for the login. warn: a provider is on and its host is another one or not visible; JWT, proxy, SAML or LDAP. fail: none is on. "
            "unknown: nothing of the configuration is visible.",
        .remediation = "[auth.generic_oauth]\n"
                       "enabled = true\n"
                       "auth_url = https://idp.example/authorize\n"
                       "client_secret = $__file{/etc/secrets/oauth/client_secret}",
        .limits = "Settings in Grafana's database override file and environment: only the redirect shows them.",
        .references = "https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/generic-oauth/",
        .judges_system_namespaces = true,
        .run = judge_grafana_sso,
    },
    {
        .id = "oidc-grafana-hardening",
        .title = "Grafana allows anonymous or password login",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,configmap:grafana,grafanas.grafana.integreatly.org,pods",
        .grants = "WL,+CM,+PI,+PO",
        .fields = std::span{k_grafana_fields}.last(1),
        .parameters = k_config_map_parameters,
        .rationale = "A second way in, or none that asks who comes, undoes the login of the identity provider.",
        .rule =
            "fail: anonymous visitors are Editor or Admin, or the provider's certificate is not verified. warn: anonymous visitors may look, or the "
            "form for passwords is on beside single sign-on. pass: neither. unknown: the configuration is not visible.",
        .remediation = "[auth.anonymous]\n"
                       "enabled = false\n"
                       "[auth]\n"
                       "disable_login_form = true",
        .limits = "Settings in Grafana's database are not seen.",
        .references = "https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/",
        .judges_system_namespaces = true,
        .run = judge_grafana_hardening,
    },
    {
        .id = "oidc-components-same-issuer",
        .title = "Platform components do not share one IdP",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "pods,nodes,authentications.config.openshift.io,oauths.config.openshift.io,"
                 "jwtauthenticators.authentication.concierge.pinniped.dev,clientconfigs.authentication.gke.io,grafanas.grafana.integreatly.org,WL,"
                 "apiserver:/metrics,configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config,configmap:argocd/argocd-cm,"
                 "configmap:grafana,argocds.argoproj.io,probe:argocd,probe:grafana,probe:headlamp,probe:harbor",
        .grants = "PO,NO,OC,PI,WL,+ME,+CM,+AR,+H",
        .fields = k_platform_issuer_fields,
        .parameters = k_config_map_parameters,
        .rationale = "Each further identity provider is one more place where a person has to be removed.",
        .rule =
            "Of the API server, Argo CD, Grafana, Headlamp, Harbor and oidc.extraComponents, as far as they are there. pass: all name one identity "
            "provider, by issuer, host, Entra tenant or oidc.issuerAliases. fail: two name different ones. warn: the provider of one is not visible. "
            "not_applicable: "
            "fewer than two.",
        .remediation = "Register every component as a client of the same identity provider, and list its issuers in oidc.issuerAliases where it has "
                       "several.",
        .limits = "Local accounts for emergencies are no identity providers. Of Grafana the login's host is compared, since it names no issuer.",
        .references = "https://openid.net/specs/openid-connect-discovery-1_0.html",
        .judge_cluster = judge_same_issuer,
    },
    {
        .id = "oidc-client-secret-inline",
        .title = "OIDC client secret is stored in plain text",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = "WL,configmap:argocd/argocd-cm,configmap:grafana",
        .grants = "WL,CM",
        .subjects = "WL",
        .parameters = k_config_map_parameters,
        .rationale = "With the client secret anybody may pose as the component at the identity provider; ConfigMaps and pod specs are read by many.",
        .rule = "fail: a client secret is written out in argocd-cm, in a grafana.ini, in a variable *CLIENT_SECRET* of one of the components, or in "
                "Headlamp's -oidc-client-secret. pass: references only. unknown: the ConfigMap was not read (grant CM). The report names the place, "
                "never the value.",
        .remediation = "Put it into a Secret, refer to it, and have the identity provider make a new one:\n"
                       "  Argo CD: clientSecret: $oidc-secret:clientSecret\n"
                       "  Grafana: client_secret = $__file{/etc/secrets/oauth/client_secret}",
        .references = "https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/#sensitive-data-and-sso-client-secrets",
        .judges_system_namespaces = true,
        .run = judge_client_secrets,
    },
    {
        .id = "oidc-apiserver-configured",
        .title = "Kubernetes API does not authenticate users through OIDC",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "pods,nodes,authentications.config.openshift.io,oauths.config.openshift.io,jwtauthenticators.authentication.concierge.pinniped.dev,"
                 "clientconfigs.authentication.gke.io,RB,apiserver:/metrics,configmap:kube-system/kubeadm-config,"
                 "configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,OC,PI,RB,+ME,+CM",
        .fields = k_issuer_fields,
        .parameters = k_configured_parameters,
        .rationale =
            "Client certificates cannot be revoked and tokens in files are shared: with OpenID Connect a person who leaves is out the same day.",
        .rule =
            "pass: an issuer is visible in the API server's flags, in OpenShift's configuration, a Pinniped JWTAuthenticator, GKE's ClientConfig or "
            "the API server's metrics. warn: an API server lacks what another one has; only --authentication-config (its file is not visible); only "
            "a "
            "token webhook; only bindings to names that look like a token's. fail: the API servers are visible and have none of these. "
            "not_applicable: EKS, GKE or AKS with `acceptProviderIAM`. unknown: a hidden control plane.",
        .remediation = "Write an AuthenticationConfiguration for the central issuer and name it by --authentication-config, or set\n"
                       "  - --oidc-issuer-url=https://idp.example/realms/platform\n"
                       "  - --oidc-client-id=kubernetes\n"
                       "  - --oidc-username-prefix=oidc:\n"
                       "  - --oidc-groups-claim=groups\n"
                       "  - --oidc-groups-prefix=oidc:",
        .limits = "Metrics name an issuer only after its keys were fetched, and show one of several API servers.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens, CIS 3.1.1",
        .judge_cluster = judge_oidc_configured,
    },
    {
        .id = "oidc-issuer-discovery-valid",
        .title = "Discovery document is unreachable or invalid",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "probe:oidc,pods,apiserver:/metrics",
        .grants = "H,+PO,+ME",
        .rationale = "The API server trusts what the issuer publishes: an invalid document or an expired certificate locks everybody out.",
        .rule = "For each of oidc.issuers, the worst decides. fail: no https, invalid TLS, no JSON, another issuer in the document (each character "
                "counts), "
                "no https jwks_uri, no signing key, no algorithm that the API server accepts, or it cannot be read and the API server's metrics say "
                "the same. "
                "warn: members are missing that logins need. pass: none of these. unknown: it cannot be read from here. not_applicable: no issuer is "
                "named.",
        .remediation = "Publish a conforming document over https, with a trusted certificate and exactly the issuer that the API server is told.",
        .limits = "The API server may be told another discovery URL.",
        .references = "https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata",
        .judge_cluster = judge_issuer_discovery,
    },
    {
        .id = "oidc-issuer-central",
        .title = "API server issuer is not the central IdP",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "pods,nodes,authentications.config.openshift.io,oauths.config.openshift.io,jwtauthenticators.authentication.concierge.pinniped.dev,"
                 "clientconfigs.authentication.gke.io,RB,apiserver:/metrics,configmap:kube-system/kubeadm-config,"
                 "configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,OC,PI,RB,+ME,+CM",
        .fields = k_issuer_fields,
        .rationale = "A second identity provider has its own joiners and leavers, and nobody watches it.",
        .rule =
            "pass: the issuers that the API server trusts are oidc.expectedIssuer, or of the same provider (host, Entra tenant, oidc.issuerAliases), "
            "besides oidc.additionalIssuers. fail: another one, or additional ones alone. not_applicable: oidc.expectedIssuer is not set, or no "
            "issuer is "
            "configured. unknown: which issuer it is, is not visible.",
        .remediation = "Point the API server at the central issuer; name build systems in oidc.additionalIssuers.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens",
        .judge_cluster = judge_issuer_central,
    },
    {
        .id = "oidc-claim-mapping-safe",
        .title = "Claims can collide with built-in identities",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "pods,nodes,authentications.config.openshift.io,configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,OC,+CM",
        .fields = k_mapping_fields,
        .rationale = "Whoever may name a group at the provider system:masters, or himself as another user, is that in the cluster.",
        .rule =
            "fail: users get their name from a claim that they edit themselves (name, preferred_username, nickname) without a prefix. warn: another "
            "claim without a prefix (email has none by default), no groups claim, or groups without a prefix. pass: users and groups are prefixed. "
            "unknown: the mapping is in a file, or flags are hidden. not_applicable: no OpenID Connect provider.",
        .remediation =
            "  - --oidc-username-claim=sub\n  - --oidc-username-prefix=oidc:\n  - --oidc-groups-claim=groups\n  - --oidc-groups-prefix=oidc:",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#configuring-the-api-server",
        .judge_cluster = judge_claim_mapping,
    },
    {
        .id = "oidc-jwks-fetch-healthy",
        .title = "API server cannot refresh IdP signing keys",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "apiserver:/metrics",
        .grants = "ME",
        .rationale = "When the provider rotates its keys, logins fail from that minute on.",
        .rule = "By the API server's metrics. fail: the newest fetch of an issuer's keys failed, or the newest reload of the authentication "
                "configuration. "
                "pass: they succeeded. not_applicable: there were none. unknown: no metrics (grant ME).",
        .remediation = "Restore the network path and the trust from the control plane to the identity provider.",
        .limits = "One of several API servers answers.",
        .references = "https://kubernetes.io/docs/reference/instrumentation/metrics/",
        .judge_cluster = judge_key_fetches,
    },
    {
        .id = "oidc-static-credentials",
        .title = "Static tokens are accepted by the API server",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "pods,nodes,secrets,configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,+SE,+CM",
        .rationale = "A token in a file never expires, is not bound to a person, and is revoked only by restarting every API server.",
        .rule = "fail: an API server has --token-auth-file or --basic-auth-file. warn: bootstrap tokens are accepted and one is older than a day. "
                "pass: neither. unknown: the flags are not visible "
                "(managed control planes), or bootstrap tokens are accepted and Secrets are not (grant SE).",
        .remediation = "Remove --token-auth-file from the API server, and old bootstrap tokens:\n"
                       "  kubeadm token list\n"
                       "  kubeadm token delete <id>",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file, CIS 1.2.2, CIS 3.1.3",
        .judge_cluster = judge_static,
    },
    {
        .id = "oidc-rbac-uses-idp-groups",
        .title = "No RBAC binding uses IdP groups",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "RB,pods,tenants.capsule.clastix.io",
        .grants = "RB,PO,+CA",
        .fields = k_group_fields,
        .rationale = "Whoever leaves a team loses its groups at the identity provider the same day; a binding to a person stays.",
        .rule = "pass: a binding, or the owner of a Capsule Tenant, names a group of people (with the API server's groups prefix, where that is "
                "visible). warn: only single users are bound. fail: "
                "nobody is bound though OpenID Connect is configured. not_applicable: it is not configured. unknown: no group is bound and the flags "
                "are not visible.",
        .remediation = "kubectl create rolebinding shop-developers -n shop --clusterrole=edit --group=oidc:shop-developers",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens",
        .judge_cluster = judge_groups,
    },
    {
        .id = "oidc-argocd-sso",
        .title = "Argo CD is not integrated with the IdP",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL,configmap:argocd/argocd-cm,argocds.argoproj.io,probe:argocd,services,ingresses.networking.k8s.io,pods",
        .grants = "WL,+CM,+AR,+H,+SV,+NP,+PO",
        .fields = k_argocd_fields,
        .rationale = "Argo CD deploys everywhere: a password of its own, shared by a team, is a key to every cluster that it manages.",
        .rule = "pass: argocd-cm has an oidc.config with an issuer or a connector of Dex, its operator sets one, its settings API names one, or a "
                "proxy in front "
                "asks for the login. warn: so, but url is not set. fail: none of these. unknown: argocd-cm was not read (grant CM) and "
                "probes.components.argocd "
                "is not set. Other workloads have no result.",
        .remediation = "kubectl -n argocd edit configmap argocd-cm\n"
                       "  url: https://cd.example\n"
                       "  oidc.config: |\n"
                       "    name: SSO\n"
                       "    issuer: https://idp.example/realms/platform\n"
                       "    clientID: argocd\n"
                       "    clientSecret: $oidc.argocd.clientSecret",
        .limits = "Only the ConfigMap argocd/argocd-cm is read.",
        .references = "https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/",
        .judges_system_namespaces = true,
        .run = judge_argocd_sso,
    },
    {
        .id = "oidc-argocd-hardening",
        .title = "Argo CD keeps a local or anonymous way in",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,configmap:argocd/argocd-cm,configmap:argocd/argocd-rbac-cm,pods",
        .grants = "WL,CM,+PO",
        .rationale = "A door beside the identity provider stays open when somebody leaves.",
        .rule = "fail: anonymous access with a policy.default, or the provider's certificate is not verified. warn: anonymous access that gives "
                "nothing, or the "
                "local admin beside single sign-on (accepted for emergencies). pass: none. unknown: the ConfigMaps were not read (grant CM).",
        .remediation = "Set admin.enabled: \"false\" in argocd-cm once single sign-on works, and users.anonymous.enabled: \"false\".",
        .references = "https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/#disable-admin-user",
        .judges_system_namespaces = true,
        .run = judge_argocd_hardening,
    },
    {
        .id = "oidc-headlamp-sso",
        .title = "Headlamp is not integrated with the IdP",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL,probe:headlamp,services,ingresses.networking.k8s.io,pods",
        .grants = "WL,+H,+SV,+NP,+PO",
        .fields = k_component_fields,
        .rationale = "Without it people paste long-lived tokens of ServiceAccounts into a page, and share them.",
        .rule = "pass: client and issuer are given by flag or variable, /config offers the login, or a proxy in front asks for it. warn: the issuer "
                "is in a "
                "Secret, the environment comes from one, or certificates are not verified. fail: none. Other workloads have no result.",
        .remediation = "Give it the central issuer:\n"
                       "  -oidc-client-id=headlamp\n"
                       "  -oidc-idp-issuer-url=https://idp.example/realms/platform",
        .limits = "Whether its client is one that the API server accepts is not judged.",
        .references = "https://headlamp.dev/docs/latest/installation/in-cluster/oidc/",
        .judges_system_namespaces = true,
        .run = judge_headlamp_sso,
    },
    {
        .id = "oidc-harbor-sso",
        .title = "Harbor is not integrated with the IdP",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL,probe:harbor,services,ingresses.networking.k8s.io,pods",
        .grants = "WL,+H,+SV,+NP,+PO",
        .fields = k_component_fields,
        .rationale = "Who may push an image may run code in production: that should end with the employment.",
        .rule = "By CONFIG_OVERWRITE_JSON, else by /api/v2.0/systeminfo. pass: oidc_auth, or a proxy in front asks for the login. warn: ldap_auth, "
                "uaa_auth or "
                "http_auth. fail: db_auth. unknown: neither says. Other workloads have no result.",
        .remediation = "Set auth_mode to oidc_auth before users are made: Administration > Configuration > Authentication.",
        .references = "https://goharbor.io/docs/latest/administration/configure-authentication/oidc-auth/",
        .judges_system_namespaces = true,
        .run = judge_harbor_sso,
    },
    {
        .id = "oidc-harbor-hardening",
        .title = "Harbor allows self-registration",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,probe:harbor,services,ingresses.networking.k8s.io,pods",
        .grants = "WL,H,+SV,+NP,+PO",
        .fields = k_component_fields,
        .rationale = "Whoever registers himself may list projects, pull what is public, and look for more.",
        .rule =
            "By /api/v2.0/systeminfo. fail: self_registration. warn: oidc_auth is not the primary login. pass: neither. unknown: it was not asked.",
        .remediation = "Switch self-registration off and make OpenID Connect the primary login: Administration > Configuration > Authentication.",
        .references = "https://goharbor.io/docs/latest/administration/configure-authentication/",
        .judges_system_namespaces = true,
        .run = judge_harbor_hardening,
    },
    {
        .id = "oidc-headlamp-sa-privileged",
        .title = "Headlamp's ServiceAccount bypasses user identity",
        .scope = Scope::workload,
        .severity = Severity::critical,
        .needs = "WL,RB,pods",
        .grants = "WL,RB,+PO",
        .rationale = "The chart binds Headlamp's account to cluster-admin by default: whoever reaches the pod's token, or the page in the unsafe "
                     "mode, is the administrator.",
        .rule = "fail: Headlamp runs with -unsafe-use-service-account-token, or its ServiceAccount is bound to a role that allows everything. pass: "
                "neither. Other workloads have no result.",
        .remediation = "Let people come with their own tokens, and take the account's rights away:\n"
                       "  helm upgrade headlamp headlamp/headlamp -n <namespace> --reuse-values --set clusterRoleBinding.create=false",
        .references = "https://headlamp.dev/docs/latest/installation/in-cluster/",
        .judges_system_namespaces = true,
        .run = headlamp_privileged,
    },
};

} // namespace

constinit const check::Control k_oidc{
    .id = "oidc",
    .title = "One identity provider for people",
    .summary = "People sign in to the cluster and to its platform components through one central identity provider: groups come from there, and "
               "nobody keeps a key of his own.",
    .checks = k_checks,
};

} // namespace seaworthy::controls
