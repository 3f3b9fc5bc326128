// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "control_list.hpp"
#include "controls/secret_mounts.hpp"
#include "host_credentials.hpp"
#include "names.hpp"
#include "secret_encryption.hpp"
#include "secret_literals.hpp"
#include "secret_use.hpp"
#include "secret_variables.hpp"
#include "template_parts.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::fail;
using check::Fields;
using check::not_applicable;
using check::Parameter;
using check::pass;
using check::Scope;
using check::Severity;
using check::Status;
using check::unknown;
using check::Verdict;
using check::warn;

Verdict judge_host_credentials(const model::Workload& workload, const Context& context)
{
    if (names_workload(context.parameters.list("allowWorkloads"), workload))
        return not_applicable("The workload is allowed by allowWorkloads").proven();
    auto worst = Status::not_applicable;
    NameList paths;
    for (const auto* pod_template : workload.templates) {
        for (const auto& volume : pod_template->spec->volumes) {
            if (volume.kind != model::Volume::Kind::host_path || glob_match_any(context.parameters.list("allowPaths"), volume.source)) continue;
            const auto status = judge_host_path(volume, *pod_template->spec);
            worst = std::max(worst, status);
            if (status >= Status::warn) paths.add(volume.source.str());
        }
    }
    switch (worst) {
    case Status::fail: return fail(fmt::format("It mounts paths where the node keeps credentials: {}", paths.text())).with("paths", paths.values());
    case Status::warn:
        return warn(fmt::format("It reads paths of the node that hold or contain credentials: {}", paths.text())).with("paths", paths.values());
    case Status::pass: return pass("None of the host paths that it mounts holds credentials").proven();
    default: return not_applicable("It mounts no path of the node, or only what its kind of software needs").proven();
    }
}

/// True if a container or a volume of the template refers to a Secret. Pull secrets belong to another control.
bool refers_to_secret(const model::PodTemplate& pod_template)
{
    const auto& spec = *pod_template.spec;
    for (const auto& container : spec.containers) {
        if (container.kind == model::Container::Kind::ephemeral) continue;
        if (std::ranges::find(container.env, model::EnvVar::Source::secret, &model::EnvVar::source) != container.env.end()) return true;
        if (std::ranges::find(container.env_from, model::EnvFrom::Source::secret, &model::EnvFrom::source) != container.env_from.end()) return true;
    }
    return std::ranges::any_of(spec.volumes, [](const model::Volume& volume) {
        if (volume.kind == model::Volume::Kind::secret) return true;
        return std::ranges::find(volume.sources, model::ProjectedSource::Kind::secret, &model::ProjectedSource::kind) != volume.sources.end();
    });
}

constexpr std::string_view k_token_type = "kubernetes.io/service-account-token";

bool is_users_secret(const model::SecretRow& secret)
{
    constexpr std::array<std::string_view, 5> k_types{"Opaque", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", "kubernetes.io/tls",
                                                      "kubernetes.io/dockerconfigjson"};
    return std::ranges::find(k_types, secret.type.view()) != k_types.end();
}

Verdict judge_default_namespace(const model::Namespace& ns, const Context& context)
{
    if (ns.meta.name != "default") return not_applicable("Only the namespace default is judged").proven();
    NameList users;
    std::size_t workloads = 0;
    for (const auto* workload : context.index.workloads_in("default")) {
        if (workload->finished) continue;
        ++workloads;
        if (std::ranges::any_of(workload->templates, [](const auto* pod_template) { return refers_to_secret(*pod_template); }))
            users.add(fmt::format("{}/{}", workload->kind.view(), workload->name.view()));
    }
    NameList secrets;
    for (const auto& secret : context.inventory.secrets)
        if (secret.ns == "default" && is_users_secret(secret)) secrets.add(secret.name.str());
    if (!users.empty()) return fail(fmt::format("Workloads in namespace default use Secrets: {}", users.text())).with("workloads", users.values());
    if (!secrets.empty()) return fail(fmt::format("Secrets are kept in namespace default: {}", secrets.text())).with("secrets", secrets.values());
    if (workloads == 0) return not_applicable("Namespace default is empty");
    return pass("No workload in namespace default uses a Secret");
}

/// What the rows of a namespace's token Secrets say; pass: there is none.
Verdict judge_tokens(const std::vector<const model::SecretRow*>& tokens, Timestamp now)
{
    NameList stale;
    NameList used;
    for (const auto* token : tokens) {
        const auto last = parse_rfc3339(fmt::format("{}T00:00:00Z", token->labels.get("kubernetes.io/legacy-token-last-used")));
        const bool fresh = last.known() && !last.at_least(std::chrono::hours{24 * 91}, now); // the label is a day: 90 whole ones have to be over
        (fresh && !token->labels.has("kubernetes.io/legacy-token-invalid-since") ? used : stale).add(token->name.str());
    }
    if (!stale.empty())
        return fail(fmt::format("Token Secrets that never expire have not been used for 90 days: {}", stale.text())).with("secrets", stale.values());
    if (!used.empty()) return warn(fmt::format("Token Secrets that never expire are in use: {}", used.text())).with("secrets", used.values());
    return pass("The namespace holds no ServiceAccount token Secret");
}

/// Token Secrets that ServiceAccounts list themselves, as Kubernetes made them before 1.24. OpenShift lists its dockercfg Secrets there too.
NameList listed_tokens(const Context& context, std::string_view ns)
{
    NameList names;
    for (const auto& account : context.inventory.service_accounts) {
        if (account.meta.ns != ns) continue;
        const auto prefix = fmt::format("{}-token-", account.meta.name.view());
        for (const auto& secret : account.secrets)
            if (secret.view().starts_with(prefix) && !names_object(context.parameters.list("allow"), ns, "Secret", secret)) names.add(secret.str());
    }
    return names;
}

/// OpenShift before 4.16 makes a token for each dockercfg Secret of a ServiceAccount: `<account>-token-*` beside `<account>-dockercfg-*`.
bool is_platform_token(const Context& context, const model::SecretRow& secret)
{
    if (context.inventory.cluster.platform != "openshift") return false;
    const auto at = secret.name.view().rfind("-token-");
    if (at == std::string_view::npos) return false;
    const auto* account = context.index.find_service_account(secret.ns, secret.name.view().substr(0, at));
    const auto prefix = fmt::format("{}-dockercfg-", secret.name.view().substr(0, at));
    return account != nullptr && std::ranges::any_of(account->secrets, [&](const Text& name) { return name.view().starts_with(prefix); });
}

void run_legacy_tokens(const Context& context, check::Results& results)
{
    std::map<std::string_view, std::vector<const model::SecretRow*>> tokens;
    for (const auto& secret : context.inventory.secrets)
        if (secret.type == k_token_type && !names_object(context.parameters.list("allow"), secret.ns, "Secret", secret.name) &&
            !is_platform_token(context, secret))
            tokens[secret.ns].push_back(&secret);
    bool undecided = false;
    for (const auto& name : context.index.namespace_names()) {
        const auto* ns = context.index.find_namespace(name);
        const auto key = ns != nullptr ? check::ObjectKey::of("v1", "Namespace", ns->meta) : check::ObjectKey{"v1", "Namespace", "", name.str(), ""};
        if (context.is_system(name)) {
            results.add(key, name, not_applicable("A system namespace").proven());
            continue;
        }
        const auto* gap = context.gap("secrets", name);
        const bool asked = context.inventory.listed.contains("secrets") && (gap == nullptr || model::is_missing(gap->reason));
        const auto by_rows = judge_tokens(tokens[name], context.now);
        if (by_rows.status != Status::pass || (asked && gap == nullptr)) {
            results.add(key, name, by_rows);
        } else if (const auto listed = listed_tokens(context, name); !listed.empty()) {
            results.add(
                key, name,
                warn(fmt::format("ServiceAccounts list token Secrets that never expire: {}", listed.text())).with("secrets", listed.values()));
        } else if (asked) {
            results.add(key, name, context.unknown_for(*gap));
        } else {
            undecided = true;
        }
    }
    if (undecided)
        results.add(
            check::ObjectKey::cluster(), {},
            unknown(check::Reason::unobservable, "Without listing Secrets nobody knows whether token Secrets were made by hand").needs_grant("SE"));
}

constexpr std::string_view k_value_exclude = R"('^(true|false|\d+[smhd]?|/.*|\$[({].*|<.*>|\*+|x+|vault:.*|ref\+.*|op://.*|)"
                                             R"(arn:aws:(secretsmanager|ssm):.*|https?://[^@]*|ENC\[.*|none|null)$')";
constexpr std::string_view k_name_exclude = R"('(_FILE|_PATH|_DIR|_NAME|_URL|_URI|_HOST|_PORT|_TTL|_EXPIR\w*|_ENABLED|_LENGTH|_POLICY|_ISSUER|)"
                                            R"(_AUDIENCE|_HEADER|_KEY_ID|_SECRET_NAME|_REF)$')";

constexpr std::array k_literal_env_parameters{
    Parameter{"nameExclude", Parameter::Type::pattern, k_name_exclude, "Variables whose name matches hold no credential themselves."},
    Parameter{"valueExclude", Parameter::Type::pattern, k_value_exclude, "Values that match are references or placeholders."},
    Parameter{"allow", Parameter::Type::list, "[]", "Variables or workloads to leave out."},
};
constexpr std::array k_literal_args_parameters{
    Parameter{"valueExclude", Parameter::Type::pattern, k_value_exclude, "Values that match are references or placeholders."},
    Parameter{"allow", Parameter::Type::list, "[]", "Workloads to leave out."},
};
constexpr std::array k_config_map_parameters{
    Parameter{"maxValueBytes", Parameter::Type::number, "262144", "How much of each value is looked at."},
    Parameter{"exclude", Parameter::Type::list,
              "[kube-root-ca.crt, openshift-service-ca.crt, '*-ca-bundle', istio-ca-root-cert, extension-apiserver-authentication]",
              "ConfigMaps to leave out."},
    Parameter{"valueExclude", Parameter::Type::pattern, k_value_exclude, "Values that match are references or placeholders."},
};
constexpr std::array k_host_parameters{
    Parameter{"allowWorkloads", Parameter::Type::list, "[]", "Workloads that need such paths: backup agents, benchmark scanners."},
    Parameter{"allowPaths", Parameter::Type::list, "[]", "Host paths that may be mounted; `*` stands for any characters."},
};
constexpr std::array k_token_parameters{
    Parameter{"allow", Parameter::Type::list, "[]", "Token Secrets that are needed, such as those of cluster imports."},
};
constexpr std::array k_config_map_fields{Fields{"configmaps", "data"}};
constexpr std::array k_encryption_fields{
    Fields{"apiservers.config.openshift.io", "spec.encryption.type"},
    Fields{"kubeapiservers.operator.openshift.io", "status.conditions"},
};

constexpr std::array k_sub_path_parameters{
    Parameter{"immutableSecrets", Parameter::Type::list, "[]", "Secrets that never change."},
};
constexpr std::array k_sub_path_fields{
    Fields{"vaultstaticsecrets.secrets.hashicorp.com", "spec.rolloutRestartTargets"},
    Fields{"vaultdynamicsecrets.secrets.hashicorp.com", "spec.rolloutRestartTargets"},
    Fields{"vaultpkisecrets.secrets.hashicorp.com", "spec.rolloutRestartTargets"},
    Fields{"hcpvaultsecretsapps.secrets.hashicorp.com", "spec.rolloutRestartTargets"},
};
constexpr std::array k_variable_parameters{
    Parameter{"nonSensitiveKeys", Parameter::Type::pattern, "'^(host(name)?|port|db(name)?|database|user(name)?|endpoint|region|bucket)$'",
              "Keys of a Secret that name no secret."},
    Parameter{"allowWorkloads", Parameter::Type::list, "[]", "Workloads that may."},
    Parameter{"jobsSeverity", Parameter::Type::text, "warn", "What Jobs and CronJobs get: warn or fail."},
};

constexpr std::array k_unused_parameters{
    Parameter{"allow", Parameter::Type::list, "[]", "Secrets that something uses unseen: name, namespace/name or namespace/Secret/name."},
};

constexpr std::array k_checks{
    Check{
        .id = "secret-volume-readonly",
        .title = "Secret volume mount is not declared read-only",
        .scope = Scope::workload,
        .severity = Severity::info,
        .needs = "WL,pods",
        .grants = "WL,+PO",
        .rationale = "A pod whose secrets store volume is not read-only does not start: the driver refuses it.",
        .rule = "fail: a volume of the secrets store CSI driver without csi.readOnly: true. pass: else; a note where mounts of Secrets do not say "
                "readOnly, which kubelets make them anyway. not_applicable: no Secret is mounted.",
        .remediation = "volumes: [{name: store, csi: {driver: secrets-store.csi.k8s.io, readOnly: true}}]",
        .references = "https://secrets-store-csi-driver.sigs.k8s.io/",
        .judge_workload = judge_secret_read_only,
    },
    Check{
        .id = "secret-volume-mode",
        .title = "Secret files are world-readable",
        .scope = Scope::workload,
        .severity = Severity::low,
        .enabled = false,
        .needs = "WL,pods",
        .grants = "WL,+PO",
        .rationale = "With more than one user in a container each reads what was meant for one.",
        .rule =
            "warn: a Secret volume, or an item of it, may be read by others (no mode means 0644). pass: none. not_applicable: no Secret is mounted.",
        .remediation = "volumes: [{name: key, secret: {secretName: key, defaultMode: 0440}}]\n  securityContext: {fsGroup: 1000}",
        .limits = "Containers of a single user gain nothing.",
        .references = "https://kubernetes.io/docs/concepts/configuration/secret/#secret-files-permissions",
        .judge_workload = judge_secret_mode,
    },
    Check{
        .id = "secret-unused",
        .title = "Secret nobody references",
        .scope = Scope::object,
        .severity = Severity::low,
        .enabled = false,
        .needs = "secrets,WL,serviceaccounts,ingresses.networking.k8s.io,gateways.gateway.networking.k8s.io,issuers.cert-manager.io,"
                 "clusterissuers.cert-manager.io,secretstores.external-secrets.io,clustersecretstores.external-secrets.io,"
                 "helmreleases.helm.toolkit.fluxcd.io,servicemonitors.monitoring.coreos.com,podmonitors.monitoring.coreos.com,"
                 "prometheuses.monitoring.coreos.com,prometheusagents.monitoring.coreos.com,alertmanagers.monitoring.coreos.com",
        .grants = "SE,WL,SA,NP,RT,ES,CD,MO",
        .subjects = "secrets",
        .fields = k_secret_use_fields,
        .parameters = k_unused_parameters,
        .rationale = "A credential that nobody needs is one that nobody misses when it is stolen.",
        .rule = "For Secrets of type Opaque, basic-auth, ssh-auth and tls. pass: a template, pod, ServiceAccount, Ingress, Gateway, issuer, store, "
                "HelmRelease or monitoring object names it, or it is younger than 30 days. warn: none does. not_applicable: other types, and what "
                "controllers find by a label (Argo CD's clusters and repositories, sealing keys).",
        .remediation = "Look into the audit log for who reads it, then: kubectl delete secret <name> -n <namespace>",
        .limits = "Any program may read a Secret through the API, and any custom resource may name one. Sources of replicators are not recognised: "
                  "name them in `allow`.",
        .references = "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        .run = judge_unused_secrets,
    },
    Check{
        .id = "secret-dangling-ref",
        .title = "Referenced Secret does not exist",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "pods,events,WL,secrets,ingresses.networking.k8s.io,services,gateways.gateway.networking.k8s.io,"
                 "httproutes.gateway.networking.k8s.io",
        .grants = "PO,WL,+EV,+SE,+NP,+RT,+SV",
        .fields = k_dangling_secret_fields,
        .rationale = "The next pod does not start.",
        .rule = "fail: a kubelet says so, or the list of Secrets (grant SE) lacks one that is not optional; that of an Ingress in front of it too. "
                "warn: an optional one is missing. pass: all are there, or its pods run and nobody complains. unknown: no pod is ready and the list "
                "is not read. not_applicable: it names none.",
        .remediation = "Create or sync the Secret, or mark the reference optional.",
        .limits = "Pull secrets are judged by pullsecret-reference-dangling.",
        .references = "https://kubernetes.io/docs/concepts/configuration/secret/#restriction-secret-must-exist",
        .judge_workload = judge_dangling_secret,
    },
    Check{
        .id = "secret-tls-expiry",
        .title = "TLS certificate expires soon",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "certificates.cert-manager.io,probe:tls",
        .grants = "ES,+H",
        .subjects = "certificates.cert-manager.io",
        .fields = k_certificate_fields,
        .rationale = "An expired certificate takes the service down for everybody at once.",
        .rule = "By cert-manager. fail: expired, or not issued for an hour. warn: it ends within two weeks (of a short-lived one a tenth of its "
                "life, or renewBefore), or its renewal is a day overdue. pass: valid.",
        .remediation = "kubectl describe certificate <name> -n <namespace>: the issuer says why it is not renewed",
        .limits = "Certificates that are not cert-manager's are not seen: tls.crt is never read.",
        .references = "https://cert-manager.io/docs/usage/certificate/",
        .judges_system_namespaces = true,
        .judge_document = judge_certificate,
    },
    Check{
        .id = "secret-subpath-mount",
        .title = "Secret mounted with subPath never rotates",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL, vaultstaticsecrets.secrets.hashicorp.com, vaultdynamicsecrets.secrets.hashicorp.com, vaultpkisecrets.secrets.hashicorp.com, "
                 "hcpvaultsecretsapps.secrets.hashicorp.com, pods",
        .grants = "WL,+ES,+PO",
        .fields = k_sub_path_fields,
        .parameters = k_sub_path_parameters,
        .rationale = "The kubelet renews a mounted directory; a single file that is mounted with subPath stays what it was until the pod dies.",
        .rule = "warn: a Secret, projected or CSI secret volume is mounted with subPath or subPathExpr. pass: none is, or a reloader's annotation or "
                "Vault's "
                "rolloutRestartTargets restarts the pods. not_applicable: jobs, no such volume, `immutableSecrets`.",
        .remediation = "Mount the directory, or let a reloader restart the workload: metadata: {annotations: {reloader.stakater.com/auto: \"true\"}}",
        .references = "https://kubernetes.io/docs/concepts/storage/volumes/#secret",
        .judge_workload = judge_secret_sub_paths,
    },
    Check{
        .id = "secret-env-var",
        .title = "Secret is exposed through environment variables",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL, pods",
        .grants = "WL,+PO",
        .parameters = k_variable_parameters,
        .rationale =
            "Variables are inherited by every child process, printed in crash reports and readable by whoever may exec into the container; a file is "
            "read by who opens it, and follows a rotation.",
        .rule = "fail: a main container or sidecar takes a variable from a Secret. warn: only init containers, Jobs or CronJobs do (`jobsSeverity`), "
                "only keys "
                "that match `nonSensitiveKeys`, or an optional Secret that is not there. pass: Secrets are mounted as files. not_applicable: no "
                "Secret is "
                "used, or `allowWorkloads`.",
        .remediation = "Mount the Secret, and give the program the path (many images take NAME_FILE):\n"
                       "  volumes: [{name: db, secret: {secretName: app-db}}]\n"
                       "  volumeMounts: [{name: db, mountPath: /run/secrets/db, readOnly: true}]\n"
                       "  env: [{name: DB_PASSWORD_FILE, value: /run/secrets/db/password}]",
        .references = "https://kubernetes.io/docs/concepts/security/secrets-good-practices/, CIS 5.4.1",
        .judge_workload = judge_secret_variables,
    },
    Check{
        .id = "secret-literal-env",
        .title = "Credential written in clear text in an environment variable",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL, pods",
        .grants = "WL,+PO",
        .parameters = k_literal_env_parameters,
        .rationale = "Everyone who may read the workload, its history or the repository that it came from reads the credential.",
        .rule =
            "fail: a value has the form of a credential, or stands under a credential's name and is long and random. warn: a weak default under such "
            "a name, or an AWS access key id alone. pass: neither. not_applicable: no variable has a literal value.",
        .remediation = "Put the value into a Secret or an external store, mount it as a file, and rotate it, since it has been readable:\n"
                       "kubectl create secret generic app-db --from-file=password=./password\n"
                       "volumes: [{name: db, secret: {secretName: app-db}}]",
        .limits = "A name says what a value is for, not whether it is real: list test fixtures in `allow`. Values are never reported.",
        .references = "https://kubernetes.io/docs/concepts/security/secrets-good-practices/, CWE-798",
        .judge_workload = judge_literal_env,
    },
    Check{
        .id = "secret-literal-args",
        .title = "Credential passed on the command line",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL, pods",
        .grants = "WL,+PO",
        .parameters = k_literal_args_parameters,
        .rationale = "Arguments are readable in the workload object and, on the node, by every process that can read /proc.",
        .rule = "fail: an option for a password, token or key has a literal value, or an argument has the form of a credential. warn: an AWS access "
                "key id "
                "alone. pass: neither. not_applicable: no container has a command or arguments.",
        .remediation =
            "Let the program read the value from a file (most have a --password-file or the like) and mount a Secret there; rotate the value.",
        .references = "https://kubernetes.io/docs/concepts/security/secrets-good-practices/, CWE-214",
        .judge_workload = judge_literal_args,
    },
    Check{
        .id = "secret-in-configmap",
        .title = "Credential stored in a ConfigMap",
        .scope = Scope::config_map,
        .severity = Severity::high,
        .needs = "configmaps",
        .grants = "CMA",
        .subjects = "configmaps",
        .fields = k_config_map_fields,
        .parameters = k_config_map_parameters,
        .rationale = "ConfigMaps are neither encrypted at rest by the usual configurations nor kept from those who may not read Secrets.",
        .rule = "fail: a value has the form of a credential, or holds a kubeconfig or registry credential. warn: only a key's name says so. pass: "
                "neither. "
                "not_applicable: excluded, or no data. unknown: the grant CMA is off.",
        .remediation = "Move the value to a Secret or an external store and rotate it:\nkubectl create secret generic NAME --from-file=KEY=./value",
        .limits = "Inside files only forms are looked for, never the word password. binaryData is not read. Values are never reported.",
        .references = "https://kubernetes.io/docs/concepts/configuration/configmap/, CWE-312",
        .judge_document = judge_config_map,
    },
    Check{
        .id = "secret-host-credential-mount",
        .title = "Pod mounts host credential files",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL, pods",
        .grants = "WL,+PO",
        .parameters = k_host_parameters,
        .rationale = "With a node's credentials a container becomes the node: it reads every Secret of the node's pods, and more on a control plane.",
        .rule =
            "fail: a hostPath is at, above or below a place where nodes keep credentials. warn: a single read-only file that is no key, or the whole "
            "root read-only and non-root. pass: other host paths only. not_applicable: none, or those that node plugins and log shippers need.",
        .remediation =
            "Remove the volume and give the workload an identity of its own: a ServiceAccount token volume, or the cloud's workload identity.",
        .references = "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline, NSA Kubernetes Hardening Guidance 1.2",
        .judge_workload = judge_host_credentials,
    },
    Check{
        .id = "secret-legacy-sa-token",
        .title = "Long-lived ServiceAccount token Secret",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "serviceaccounts, secrets",
        .grants = "SA,+SE",
        .parameters = k_token_parameters,
        .rationale = "A token Secret never expires: a copy of it works until somebody deletes the Secret.",
        .rule = "fail: a token Secret was not used for 90 days or never. warn: one is in use, or a ServiceAccount lists one. pass: none. unknown: "
                "Secrets "
                "are not listed and no ServiceAccount names a token.",
        .remediation =
            "Use short-lived tokens (kubectl create token NAME, or a projected serviceAccountToken volume), then kubectl delete secret NAME.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/, CIS 5.1.6",
        .run = run_legacy_tokens,
    },
    Check{
        .id = "secret-default-namespace",
        .title = "Secrets are used in the default namespace",
        .scope = Scope::namespace_,
        .severity = Severity::low,
        .needs = "WL, secrets",
        .grants = "WL,+SE",
        .rationale = "Rights are granted by namespace: in default, where everything without a home ends up, they reach Secrets of strangers.",
        .rule =
            "fail: a workload in default refers to a Secret, or Secrets of users are kept there. pass: workloads without. not_applicable: default is "
            "empty, and every other namespace.",
        .remediation = "Give the application a namespace of its own: kubectl create namespace APP, then move the workload and its Secrets there.",
        .references = "https://kubernetes.io/docs/concepts/security/secrets-good-practices/, CIS 5.7.4",
        .judge_namespace = judge_default_namespace,
    },
    Check{
        .id = "secret-encryption-at-rest",
        .title = "Secrets are not encrypted at rest",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "apiserver:/metrics,apiserver:/readyz,pods,nodes,apiservers.config.openshift.io,kubeapiservers.operator.openshift.io,"
                 "configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,OX,+ME,+CM",
        .fields = k_encryption_fields,
        .rationale = "Whoever reads etcd, a backup of it or its disk reads every Secret of the cluster.",
        .rule =
            "pass: the API server's metrics count writes of Secrets through an encrypting provider; OpenShift's encryption type is one; with low "
            "confidence, --encryption-provider-config on every API server, a KMS health check, or a k3s or RKE2 server that says so on its Node; "
            "attest.encryptionAtRest stands. fail: an API server without, or OpenShift's type identity. warn: metrics count only plain writes though "
            "encryption is configured, or OpenShift still writes Secrets anew. unknown: a hidden control plane.",
        .remediation =
            "Write an EncryptionConfiguration, name it by --encryption-provider-config on every API server, then write every Secret anew:\n"
            "  kubectl get secrets -A -o json | kubectl replace -f -",
        .limits = "What the configuration file holds, and the order of its providers, is on the node. Secrets written before stay as they were.",
        .references = "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/, CIS 1.2.27",
        .judge_cluster = judge_secret_encryption,
    },
    Check{
        .id = "secret-encryption-kms",
        .title = "Encryption key lives on the control-plane disk",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "apiserver:/metrics",
        .grants = "ME",
        .rationale = "A key beside what it encrypts falls into the same hands.",
        .rule = "By the provider that the API server's metrics count writes through. pass: KMS v2. warn: KMS v1, or a key in a local file (aescbc, "
                "aesgcm, secretbox). not_applicable: Secrets are not encrypted. unknown: no such metric (grant ME).",
        .remediation = "Run a KMS v2 plugin for your key service, put it first in the EncryptionConfiguration, then write every Secret anew.",
        .references = "https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/, CIS 1.2.28",
        .judge_cluster = judge_secret_encryption_key,
    },
};

} // namespace

constinit const check::Control k_secrets{
    .id = "secrets",
    .step = 10,
    .title = "Secrets",
    .summary = "Credentials belong into Secrets, mounted as files, encrypted at rest, short-lived, and nowhere else.",
    .checks = k_checks,
};

} // namespace seaworthy::controls
