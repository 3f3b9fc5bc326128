// SPDX-License-Identifier: Apache-2.0
// The table of the control: longer than a file should be, because each check says in words what it judges and how to fix it.
#include "controls/control_list.hpp"
#include "controls/environment_labels.hpp"
#include "controls/rbac/checks.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Parameter;
using check::Scope;
using check::Severity;

constexpr std::string_view k_needs = "RB,serviceaccounts,namespaces";
constexpr std::string_view k_grants = "RB,SA,+NS";

constexpr Parameter k_exceptions{
    .name = "exceptions",
    .type = Parameter::Type::records,
    .fallback = "[]",
    .description =
        "Bindings that are meant to be so: {subject: ServiceAccount/<ns>/<name>|User/<name>|Group/<name>, role: ClusterRole/<name>|Role/<name>, "
        "reason, expires}; `*` matches any text. What would fail is then a warning until the day `expires`.",
};
constexpr Parameter k_exception_parameters[] = {k_exceptions};
constexpr Parameter k_admin_parameters[] = {
    k_exceptions,
    {.name = "maxAdmins",
     .type = Parameter::Type::number,
     .fallback = "3",
     .description = "Groups of people that may hold cluster-admin: up to so many distinct ones are a warning, more fail."},
};

constexpr Parameter k_tenant_parameters[] = {k_exceptions, k_platform_namespaces};
constexpr Parameter k_user_parameters[] = {
    {.name = "maxUserShare",
     .type = Parameter::Type::number,
     .fallback = "20",
     .description = "Percentage of single users among the people and groups in bindings, above which it is a warning."},
};
constexpr Check k_checks[] = {
    {
        .id = "rbac-tenant-sa-cluster-write",
        .title = "Tenant ServiceAccount writes cluster-wide",
        .scope = Scope::service_account,
        .severity = Severity::medium,
        .needs = "RB,serviceaccounts,namespaces",
        .grants = "RB,SA,+NS",
        .parameters = k_tenant_parameters,
        .rationale = "Whoever takes over one pod of an application writes into the namespaces of all others.",
        .rule = "For ServiceAccounts outside of system and `platformNamespaces`. warn: a ClusterRoleBinding lets it, or its namespace's group, write "
                "built-in objects that live in namespaces. pass: it writes custom resources or cluster-scoped objects only, as an operator does, or "
                "only reads. not_applicable: no ClusterRoleBinding names it.",
        .remediation = "Bind the role where it is needed, with RoleBindings:\n"
                       "  kubectl create rolebinding <name> -n <namespace> --clusterrole=<role> --serviceaccount=<namespace>:<account>",
        .limits = "Custom resources may be as powerful as built-in ones.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
        .judge_service_account = rbac::tenant_cluster_write,
    },
    {
        .id = "rbac-token-automount-unneeded",
        .title = "API token mounted although the ServiceAccount has no API rights",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "pods,serviceaccounts,RB,WL",
        .grants = "PO,SA,RB,+WL",
        .parameters = k_exception_parameters,
        .rationale = "A token that nothing needs is an identity for whoever breaks into the container: a first step to look around.",
        .rule = "warn: a container of the workload mounts the API token, and no binding gives its ServiceAccount anything beyond what every "
                "authenticated identity has. pass: no token is mounted, there are rights to use, Vault's agent uses it, or `exceptions` names the "
                "ServiceAccount.",
        .remediation = "kubectl patch serviceaccount <name> -n <namespace> -p '{\"automountServiceAccountToken\": false}'",
        .limits = "Meshes, SPIFFE and logins to other systems may use the token without any rule: enter them in `exceptions`. Projected tokens for "
                  "another audience are not the API's.",
        .references = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting, "
                      "CIS 5.1.6",
        .judge_workload = rbac::token_unneeded,
    },
    {
        .id = "rbac-user-instead-of-group",
        .title = "Rights are bound to individual users",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "RB",
        .grants = "RB",
        .parameters = k_user_parameters,
        .rationale = "A binding to a person outlives the job; the identity provider's groups are kept by somebody.",
        .rule = "Of the users and groups outside `system:` in bindings that do not come with the cluster. warn: more than `maxUserShare` percent are "
                "users, or a user is bound to a role that may do everything. pass: else. not_applicable: none.",
        .remediation = "kubectl create clusterrolebinding <team>-view --clusterrole=view --group=<group of the identity provider>",
        .limits = "Some clouds name groups by object id, and some bind users only.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/, CIS 3.1.1",
        .judge_cluster = rbac::users_instead_of_groups,
    },
    {
        .id = "rbac-ineffective-or-unused",
        .title = "Rule can never match, or role is never bound",
        .scope = Scope::object,
        .severity = Severity::info,
        .needs = "RB",
        .grants = "RB",
        .subjects = "roles.rbac.authorization.k8s.io,clusterroles.rbac.authorization.k8s.io",
        .rationale = "A rule without effect makes people believe in a right that is not there, or in one that waits to be bound.",
        .rule = "For Roles and ClusterRoles. warn: a resource such as `pods/*`, `create` limited to names with no right to patch or update them, a "
                "resource that no group of the rule has, all of them custom and served, or no binding. pass: none of these; a ClusterRole that is "
                "added to others needs no "
                "binding. not_applicable: roles that come with the cluster.",
        .remediation = "Remove the rule or the role, or write what was meant: `pods/log`, `pods/exec`.",
        .limits = "Groups that are not served (yet) do not count.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources",
        .judges_system_namespaces = true,
        .run = rbac::ineffective_or_unused,
    },
    {
        .id = "rbac-anonymous-binding",
        .title = "Anonymous users are granted rights",
        .scope = Scope::role_binding,
        .severity = Severity::critical,
        .needs = "RB,pods,nodes,configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "RB,+PO,+NO,+CM",
        .rationale = "What system:unauthenticated may do, anybody may do who reaches the API server.",
        .rule =
            "fail: a binding names system:unauthenticated or system:anonymous. warn: it is one of the platform's, its role shows health and version "
            "alone, or every API server refuses anonymous requests (--anonymous-auth=false). pass: system:public-info-viewer, and kubeadm's binding "
            "in "
            "kube-public. not_applicable: nobody anonymous is bound.",
        .remediation =
            "kubectl delete clusterrolebinding <name>\nKeep system:public-info-viewer and kube-public/kubeadm:bootstrap-signer-clusterinfo alone.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles, CIS 1.2.1",
        .judges_system_namespaces = true,
        .judge_role_binding = rbac::anonymous_binding,
    },
    {
        .id = "rbac-authorization-mode",
        .title = "RBAC authorizer is active and nothing allows everything",
        .scope = Scope::cluster,
        .severity = Severity::critical,
        .needs = "pods,nodes,selfsubjectaccessreviews.authorization.k8s.io,apiserver:/metrics,configmap:kube-system/kubeadm-config,"
                 "configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,SS,+ME,+CM",
        .rationale =
            "Every role and binding is worth nothing where another authorizer says yes before RBAC is asked; that the API of RBAC is served does "
            "not mean that it decides.",
        .rule = "fail: an API server has the mode AlwaysAllow, lacks RBAC or has no mode at all, or a right that no role can name is granted to an "
                "account "
                "that has its other rights by RBAC. warn: ABAC, or the mode Node is missing. pass: RBAC by flag; else the API server names RBAC as "
                "the reason of "
                "this audit's own right, or its metrics count RBAC's decisions. unknown: none of these.",
        .remediation = "  - --authorization-mode=Node,RBAC",
        .limits = "One of several API servers answers the reviews, and they say nothing to a member of system:masters. An --authorization-config is "
                  "on the node.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/authorization/, CIS 1.2.6, CIS 1.2.7, CIS 1.2.8",
        .judge_cluster = rbac::authorization_mode,
    },
    {
        .id = "rbac-masters-binding",
        .title = "system:masters is used beyond the built-in binding",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "RB,configmap:kube-system/aws-auth",
        .grants = "RB,+CM",
        .rationale = "The group is above RBAC: no role limits it and no binding that is deleted takes it away.",
        .rule = "fail: a binding besides ClusterRoleBinding cluster-admin names system:masters, or on EKS an entry of aws-auth does. pass: none "
                "does. unknown: "
                "on EKS, aws-auth was not read (grant CM).",
        .remediation = "Bind administrators through a group of your own:\n"
                       "  kubectl create clusterrolebinding platform-admins --clusterrole=cluster-admin --group=oidc:platform-admins\n"
                       "On EKS, replace entries of aws-auth by access entries.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege, CIS 5.1.7",
        .judge_cluster = rbac::masters_binding,
    },
    {
        .id = "rbac-cluster-admin-binding",
        .title = "Cluster-admin is granted",
        .scope = Scope::role_binding,
        .severity = Severity::critical,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_admin_parameters,
        .rationale = "Whoever may do everything can read every Secret, change every workload and grant the same to others. One leaked token of such "
                     "an account is the "
                     "whole cluster.",
        .rule = "fail: a ClusterRoleBinding gives a subject every verb on every resource of every group, judged by the role's rules and not by its "
                "name; through a "
                "RoleBinding the severity is high. warn: a group of people, while at most maxAdmins groups hold it; an accepted exception, which "
                "never covers a "
                "dashboard's ServiceAccount. pass: the role grants less. not_applicable: the bindings that Kubernetes and the platform ship.",
        .remediation = "Bind a role with the verbs that are used, in the namespace where they are used:\n"
                       "  kubectl create role app-deployer -n shop --verb=get,list,watch,create,update,patch --resource=deployments.apps\n"
                       "  kubectl create rolebinding app-deployer -n shop --role=app-deployer --serviceaccount=ci:deployer\n"
                       "  kubectl delete clusterrolebinding <name>",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/, CIS 5.1.1",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::cluster_admin_binding, rbac::is_dashboard>,
    },
    {
        .id = "rbac-wildcard-rule",
        .title = "Role uses wildcards",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = k_needs,
        .grants = k_grants,
        .subjects = "roles.rbac.authorization.k8s.io,clusterroles.rbac.authorization.k8s.io",
        .rationale = "A wildcard also grants what is added later: the next custom resource, the next dangerous verb.",
        .rule = "fail: a rule of a bound role has `*` in resources, or the verb `*` on core, apps or RBAC resources; high for both, medium for one. "
                "warn: such a rule is "
                "limited by resourceNames, or a rule covers all non-resource URLs. pass: no wildcard, or only reads of one custom API group, or "
                "nobody is bound. "
                "not_applicable: roles that Kubernetes and the platform ship; the label of default roles alone excuses nothing.",
        .remediation = "List the resources and verbs that are used:\n"
                       "  rules:\n"
                       "  - {apiGroups: [apps], resources: [deployments], verbs: [get, list, watch, update]}",
        .limits = "`*` in apiGroups alone and `pods/*`, which matches nothing, are no findings.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/, CIS 5.1.3",
        .judges_system_namespaces = true,
        .run = rbac::wildcard_rule,
    },
    {
        .id = "rbac-secrets-read",
        .title = "Secrets are readable",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "Secrets hold the passwords and tokens of everything else; `get` alone is enough for whoever can guess a name, and `list` "
                     "returns all values.",
        .rule = "fail: get, list or watch of Secrets without resourceNames; high in the whole cluster, in one namespace medium for a ServiceAccount "
                "and low for people. "
                "pass: no such right, or named Secrets only.",
        .remediation = "Name the Secrets that are read, and mount them instead where a pod needs them:\n"
                       "  rules:\n"
                       "  - {apiGroups: [\"\"], resources: [secrets], resourceNames: [db-credentials], verbs: [get]}",
        .limits = "The default roles edit and admin read Secrets by design; each binding to them is shown.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets, CIS 5.1.2",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::secrets_read>,
    },
    {
        .id = "rbac-escalation-verbs",
        .title = "Escalate, bind or impersonate is granted",
        .scope = Scope::role_binding,
        .severity = Severity::critical,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "These verbs let their holder take rights that nobody gave him: write a stronger role, bind one, or act as somebody else.",
        .rule = "fail: escalate or bind on roles, impersonate of users, groups, uids, extras or nodes (constrained impersonation included); "
                "critical in the whole cluster, high in a namespace. warn: limited by resourceNames, or impersonation of ServiceAccounts in the "
                "whole cluster. pass: none; impersonation of ServiceAccounts in one namespace only, as edit and admin have it.",
        .remediation = "Drop the verbs, or limit them to the roles and groups that are meant:\n"
                       "  rules:\n"
                       "  - {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [view], verbs: [bind]}",
        .limits = "Authenticating proxies (Rancher, Teleport, kube-oidc-proxy, Capsule's proxy) need impersonation: enter them in `exceptions`.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb, https://kep.k8s.io/5284, CIS 5.1.8",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::escalation_verbs>,
    },
    {
        .id = "rbac-workload-create",
        .title = "Can create workloads everywhere",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale =
            "A pod may use any ServiceAccount and mount any Secret of its namespace: creating pods in kube-system is being the administrator.",
        .rule = "fail: create, update or patch of pods or of a kind that makes pods, in the whole cluster. warn: the same by resourceNames. pass: "
                "none; in one namespace, where it "
                "is what developers do; create alone by name, which matches no request.",
        .remediation = "Bind the deploying account in the namespaces that it deploys to:\n"
                       "  kubectl create rolebinding deployer -n shop --clusterrole=edit --serviceaccount=ci:deployer",
        .limits = "GitOps controllers need it: enter their accounts in `exceptions`.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation, CIS 5.1.4",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::workload_create>,
    },
    {
        .id = "rbac-pod-exec",
        .title = "Can enter or debug pods",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "A shell in a pod has the pod's tokens, Secrets and network.",
        .rule = "fail: create on pods/exec, pods/attach or pods/portforward, or update or patch of pods/ephemeralcontainers; high in the whole "
                "cluster, medium for a ServiceAccount in "
                "a namespace. Before 1.35, or where the version is not known, get counts as well: a WebSocket asked for no more. warn: by "
                "resourceNames. pass: none; people in one "
                "namespace.",
        .remediation = "Take pods/exec, pods/attach and pods/portforward out of the role; for debugging bind people in one namespace, for a time.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::pod_exec>,
    },
    {
        .id = "rbac-nodes-proxy",
        .title = "Can reach the kubelet API",
        .scope = Scope::role_binding,
        .severity = Severity::critical,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale =
            "The kubelet's API runs commands in any pod of its node, past admission and past the audit log; even `get` on nodes/proxy is enough.",
        .rule = "fail: get, create, update, patch or delete on nodes/proxy, or every verb, through a ClusterRoleBinding. warn: by resourceNames. "
                "pass: none; list, watch or deletecollection alone, which no request to a node asks for.",
        .remediation = "Give agents that collect metrics what they need instead:\n"
                       "  rules:\n"
                       "  - {apiGroups: [\"\"], resources: [nodes/metrics, nodes/stats], verbs: [get]}",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes, CIS 5.1.10",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::nodes_proxy>,
    },
    {
        .id = "rbac-token-create",
        .title = "Can mint ServiceAccount tokens",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "Whoever can mint a token of an account has all its rights, from outside the cluster too.",
        .rule = "fail: create on serviceaccounts/token without resourceNames. pass: none, or of named accounts only.",
        .remediation = "Name the accounts:\n"
                       "  rules:\n"
                       "  - {apiGroups: [\"\"], resources: [serviceaccounts/token], resourceNames: [vault-auth], verbs: [create]}",
        .limits = "The default roles edit and admin hold this right within their namespace; each binding to them is shown.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request, CIS 5.1.13",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::token_create>,
    },
    {
        .id = "rbac-csr-approve",
        .title = "Can approve client certificates",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "A client certificate names any user and any group, cannot be revoked and lives for a year.",
        .rule = "fail: update of certificatesigningrequests/approval together with approve on a signer of API client certificates, over all "
                "ClusterRoleBindings of the subject. warn: "
                "of named requests. pass: one half alone, which admission refuses, or other signers only.",
        .remediation =
            "Limit the approver to the signer that it serves:\n"
            "  rules:\n"
            "  - {apiGroups: [certificates.k8s.io], resources: [signers], resourceNames: [kubernetes.io/kubelet-serving], verbs: [approve]}",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#csrs-and-certificate-issuing, CIS 5.1.11",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::csr_approve>,
    },
    {
        .id = "rbac-webhook-write",
        .title = "Can change admission control",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "A webhook sees and changes every object that passes, Secrets included; whoever can take one away has no policy to follow.",
        .rule = "fail: create, update, patch or delete of webhook configurations, admission policies and their bindings, Gatekeeper constraints or "
                "configuration, Kyverno policies or "
                "exceptions. warn: by resourceNames. pass: none.",
        .remediation = "Leave these kinds to the policy engine and the platform team; an injector of CA bundles needs one name:\n"
                       "  rules:\n"
                       "  - {apiGroups: [admissionregistration.k8s.io], resources: [validatingwebhookconfigurations], resourceNames: [my-webhook], "
                       "verbs: [get, update, patch]}",
        .limits = "Policy engines and cert-manager's cainjector need it: enter their accounts in `exceptions`.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks, CIS 5.1.12",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::webhook_write>,
    },
    {
        .id = "rbac-pv-create",
        .title = "Can create PersistentVolumes",
        .scope = Scope::role_binding,
        .severity = Severity::medium,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "A PersistentVolume can be a path of a node: its creator reads the node's disk through an ordinary claim.",
        .rule = "fail: create of persistentvolumes through a ClusterRoleBinding. pass: none; ServiceAccounts of system namespaces and of volume "
                "provisioners.",
        .remediation = "Let people create claims and a StorageClass provision the volumes.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#persistent-volume-creation, CIS 5.1.9",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::pv_create>,
    },
    {
        .id = "rbac-namespace-patch",
        .title = "Can relabel namespaces",
        .scope = Scope::role_binding,
        .severity = Severity::medium,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "Pod security, network policies and policy engines choose namespaces by label: whoever writes the label chooses the rules.",
        .rule = "fail: patch or update of namespaces or namespaces/status, or update of namespaces/finalize, all of which write labels; a "
                "RoleBinding reaches its own Namespace. "
                "warn: by resourceNames. pass: none.",
        .remediation = "Take namespaces out of the role, or allow get and list only.",
        .limits = "Operators of tenancy (Capsule, HNC, Rancher) need it: enter their accounts in `exceptions`.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#namespace-modification",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::namespace_patch>,
    },
    {
        .id = "rbac-system-config-write",
        .title = "Can change kube-system configuration or nodes",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = k_needs,
        .grants = k_grants,
        .parameters = k_exception_parameters,
        .rationale = "kube-system's ConfigMaps map identities and steer DNS and proxies; a node's labels and taints decide where pods run.",
        .rule = "fail: update, patch or delete of ConfigMaps in kube-system (through a ClusterRoleBinding or there), update, patch or delete of "
                "nodes, update or patch of nodes/status. "
                "warn: by resourceNames, of which only the ConfigMaps that steer the cluster count; ServiceAccounts of system namespaces on nodes. "
                "pass: none.",
        .remediation = "Grant ConfigMaps in the application's own namespace; leave nodes to the platform's controllers.",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        .judges_system_namespaces = true,
        .judge_role_binding = by_subject<rbac::system_config_write>,
    },
    {
        .id = "rbac-authenticated-binding",
        .title = "Every authenticated identity or every ServiceAccount is granted rights",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = "RB",
        .grants = "RB",
        .parameters = k_exception_parameters,
        .rationale = "What everybody has, every compromised pod has. On GKE `system:authenticated` is anybody with a Google account.",
        .rule = "fail: the group system:authenticated, system:serviceaccounts or system:serviceaccounts:<namespace> gets write verbs, Secrets, exec "
                "or everything. warn: it gets other "
                "reads; bindings that a platform ships and that authorise again. pass: default bindings; a role that grants nothing. not_applicable: "
                "no such subject.",
        .remediation = "Bind named groups or accounts instead, then delete the binding:\n"
                       "  kubectl create rolebinding viewers -n shop --clusterrole=view --group=<group of the identity provider>",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings",
        .judges_system_namespaces = true,
        .judge_role_binding = rbac::authenticated_binding,
    },
    {
        .id = "rbac-default-sa-bound",
        .title = "The default ServiceAccount has permissions",
        .scope = Scope::service_account,
        .severity = Severity::high,
        .needs = "RB",
        .grants = "RB",
        .rationale = "Every pod that names no account runs as `default`: its rights go to pods that nobody meant.",
        .rule = "fail: the namespace's account `default`, or all accounts of the namespace as a group, hold any right beyond those of every "
                "authenticated identity. pass: none. "
                "not_applicable: other accounts; system namespaces with the platform's own bindings.",
        .remediation = "Give the workload an account of its own and move the binding to it:\n"
                       "  kubectl create serviceaccount api -n shop\n"
                       "  kubectl create rolebinding api -n shop --role=<role> --serviceaccount=shop:api",
        .references = "https://kubernetes.io/docs/concepts/security/service-accounts/, CIS 5.1.5",
        .judges_system_namespaces = true,
        .run = rbac::default_sa_bound,
    },
    {
        .id = "rbac-default-sa-used",
        .title = "Workload runs as the default ServiceAccount with a token",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "pods,serviceaccounts,RB,WL",
        .grants = "PO,SA,RB,+WL",
        .rationale = "A token that the workload does not use is only of use to an intruder, and rights given to `default` reach every such pod.",
        .rule = "fail: a pod runs as `default`, a container of its own template mounts the API token, and `default` has rights of its own. warn: the "
                "same without such rights. pass: "
                "otherwise. Where no pod runs, the template decides by its automount setting.",
        .remediation = "spec:\n"
                       "  serviceAccountName: <an account of its own>\n"
                       "  automountServiceAccountToken: false",
        .references = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/, CIS 5.1.5",
        .judges_system_namespaces = true,
        .judge_workload = rbac::default_sa_used,
    },
    {
        .id = "rbac-dangling-subject",
        .title = "Binding names a ServiceAccount that does not exist",
        .scope = Scope::role_binding,
        .severity = Severity::medium,
        .needs = "RB,serviceaccounts,namespaces",
        .grants = "RB,SA,NS",
        .rationale = "The rights wait for whoever creates an account, or a namespace, of that name.",
        .rule = "fail: the namespace does not exist, or the account does not and the role writes or reads Secrets. warn: the account does not exist "
                "and the role only reads. pass: all "
                "exist. not_applicable: no ServiceAccount among the subjects; accounts of kube-system in default bindings, which are made when they "
                "are first needed.",
        .remediation = "Remove the subject, or create the account on purpose:\n"
                       "  kubectl create serviceaccount <name> -n <namespace>",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
        .judges_system_namespaces = true,
        .judge_role_binding = rbac::dangling_subject,
    },
    {
        .id = "rbac-dangling-roleref",
        .title = "Binding points to a role that does not exist",
        .scope = Scope::role_binding,
        .severity = Severity::medium,
        .needs = "RB",
        .grants = "RB",
        .rationale = "It grants nothing today; whoever creates a role of that name decides what it grants tomorrow.",
        .rule = "fail: no role of that kind and name. pass: it exists.",
        .remediation = "Delete the binding, or create the role that was meant:\n"
                       "  kubectl delete rolebinding <name> -n <namespace>",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-binding-examples",
        .judges_system_namespaces = true,
        .judge_role_binding = rbac::dangling_roleref,
    },
    {
        .id = "rbac-aggregation-poisoned",
        .title = "A ClusterRole injects rights into view/edit/admin",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = "clusterroles.rbac.authorization.k8s.io",
        .grants = "RB",
        .subjects = "clusterroles.rbac.authorization.k8s.io",
        .rationale = "A label is all it takes to add rights to the default roles, and everybody who holds them has these rights at once.",
        .rule = "fail: a ClusterRole aggregated to view writes, reads Secrets, enters pods or uses wildcards. warn: one aggregated to edit or admin "
                "touches RBAC, impersonation, nodes or "
                "uses wildcards. pass: reads of an operator's own group, named kinds. not_applicable: the roles that Kubernetes ships. Roles without "
                "such a label have no result.",
        .remediation = "Remove the label, or move the rule to a stronger role:\n"
                       "  kubectl label clusterrole <name> rbac.authorization.k8s.io/aggregate-to-view-",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles",
        .judges_system_namespaces = true,
        .run = rbac::aggregation_poisoned,
    },
    {
        .id = "rbac-auditor-least-privilege",
        .title = "This daemon itself holds more than read access",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "selfsubjectrulesreviews.authorization.k8s.io,namespaces,RB",
        .grants = "SS,+NS,+RB",
        .rationale = "A tool that reads every namespace is worth stealing; it should not be worth more than that.",
        .rule = "fail: the API server's review of this daemon's rights shows a verb beyond get, list and watch, or Secrets without the optional "
                "grant SE. Reviews, leases of one namespace "
                "and what every authenticated identity has are no findings. warn: the review is incomplete. pass: read-only. unknown: no review.",
        .remediation = "Apply the role that the daemon needs, and nothing else:\n"
                       "  seaworthy rbac | kubectl apply -f -",
        .references = "https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/",
        .judge_cluster = rbac::auditor_least_privilege,
    },
};

} // namespace

constinit const check::Control k_rbac{
    .id = "rbac",
    .step = 7,
    .title = "Role-based access control",
    .summary = "Every identity, of people and of pods, should hold just the rights that its work needs. Judged by Kubernetes' own matching of rules, "
               "for each binding and subject, with the "
               "roles that Kubernetes and its distributions ship told apart from those that somebody added.",
    .checks = k_checks,
};

} // namespace seaworthy::controls
