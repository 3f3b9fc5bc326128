// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "attestations.hpp"
#include "control_list.hpp"
#include "csi_secrets.hpp"
#include "eso_stores.hpp"
#include "gitops.hpp"
#include "names.hpp"
#include "seaworthy/base/pattern.hpp"
#include "secret_cover.hpp"
#include "secret_operators.hpp"
#include "secret_systems.hpp"
#include "secret_use.hpp"
#include "sops_secrets.hpp"
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
using check::Reason;
using check::Scope;
using check::Severity;
using check::unknown;
using check::Verdict;
using check::warn;

// --- extsecrets-system-present ---

Verdict judge_system_present(const Context& context)
{
    const auto systems = find_secret_systems(context);
    const auto works = [](int tier) { return [tier](const SecretSystem& system) { return system.tier == tier && system.ready && system.used; }; };
    if (const auto found = std::ranges::find_if(systems, works(1)); found != systems.end())
        return pass(fmt::format("{} brings secrets from an external store", found->name)).proven().with("level", std::int64_t{1});
    if (auto unobservable = unobservable_in_manifests(context, "where secrets come from")) return *std::move(unobservable);
    if (const auto found = std::ranges::find_if(systems, works(2)); found != systems.end()) {
        const auto message = fmt::format("{} keeps secrets encrypted in Git; no external store is used", found->name);
        if (context.parameters.flag("acceptGitEncryption")) return pass(message).proven().with("level", std::int64_t{2});
        return warn(message).by_absence().with("level", std::int64_t{2});
    }
    const auto attested = [&](Verdict verdict) {
        return or_attested(std::move(verdict), context, "externalSecrets", "Secrets come from an external store", {"WL"});
    };
    if (!systems.empty()) {
        const auto& system = systems.front();
        const auto* word = !system.installed ? "crd-without-controller" : !system.ready ? "not-ready" : "unused";
        auto verdict = warn(fmt::format("{} is there, but brings no secret: {}", system.name, word)).by_absence().with("word", word);
        const bool broken = std::ranges::any_of(systems, [](const SecretSystem& each) { return each.installed && !each.ready; });
        return broken ? verdict : attested(std::move(verdict));
    }
    if (const auto plugin = argo_secret_plugin(context); !plugin.empty())
        return attested(unknown(Reason::unobservable, fmt::format("Argo CD's repo-server has {}, whose secrets the API does not show", plugin))
                            .with("word", "attest.externalSecrets"));
    return attested(fail("No external or encrypted source of secrets was found").by_absence());
}

// --- extsecrets-operator-healthy ---

/// The verdict on one controller of a system.
Verdict judge_controller(const SecretController& controller)
{
    const auto id = name_of(*controller.workload);
    const bool auxiliary = controller.role == SecretController::Role::webhook;
    std::int32_t wanted = 0;
    for (const auto* object : controller.workload->controllers) {
        if (object->kind == model::WorkloadKind::daemon_set) {
            if (object->ready_replicas < object->desired_scheduled && object->ready_replicas > 0)
                return warn(fmt::format("{} is ready on {} of {} nodes", id, object->ready_replicas, object->desired_scheduled));
            wanted = 2; // one a node
        } else {
            wanted += object->wanted_pods();
        }
    }
    if (controller.readiness == Readiness::not_observed && !controller.workload->controllers.empty())
        return fail(fmt::format("{} has no status: nothing of it runs", id));
    if (controller.readiness != Readiness::ready) {
        if (auxiliary) return warn(fmt::format("{} is down: new stores and secrets are not validated, those that exist go on", id));
        return fail(fmt::format("{} is down: secrets are no longer brought up to date", id));
    }
    if (!auxiliary && !controller.workload->controllers.empty() && wanted < 2)
        return warn(fmt::format("{} runs as a single replica: nothing takes over while it restarts", id));
    return pass("The controllers that bring secrets are ready").proven();
}

Verdict judge_operator_healthy(const Context& context)
{
    const auto controllers = find_secret_controllers(context);
    if (controllers.empty()) return not_applicable("No secret controller is installed");
    if (auto unobservable = unobservable_in_manifests(context, "whether a controller is ready")) return *std::move(unobservable);
    auto result = not_applicable("");
    NameList names;
    for (const auto& controller : controllers) {
        auto verdict = judge_controller(controller);
        if (verdict.status > result.status) names = {};
        if (verdict.status >= result.status) names.add(name_of(*controller.workload));
        result = worst(std::move(result), std::move(verdict));
    }
    return std::move(result).with("workloads", names.values());
}

// --- vault-agent-injection ---

/// The value of an injector's annotation, Vault's or OpenBao's: OpenBao's domain varies, so it is known by its end.
std::string_view injector_annotation(const model::StringMap& annotations, std::string_view key)
{
    for (const auto& entry : annotations) {
        const auto written = entry.key.view();
        if (!written.ends_with(key) || written.size() <= key.size() || written[written.size() - key.size() - 1] != '/') continue;
        const auto domain = written.substr(0, written.size() - key.size() - 1);
        if (domain == "vault.hashicorp.com" || domain == "openbao.org" || domain.ends_with(".openbao.org")) return entry.value;
    }
    return {};
}

bool has_agent(const model::Pod& pod)
{
    if (injector_annotation(pod.annotations(), "agent-inject-status") == "injected") return true;
    constexpr std::array<std::string_view, 4> k_agents{"vault-agent", "vault-agent-init", "openbao-agent", "openbao-agent-init"};
    return pod.spec() != nullptr && std::ranges::any_of(pod.spec()->containers, [&](const auto& container) {
               return std::ranges::find(k_agents, container.name.view()) != k_agents.end();
           });
}

Verdict judge_agent_injection(const model::Workload& workload, const Context& context)
{
    const auto asks = [](std::string_view key) {
        return [key](const model::PodTemplate* pod_template) { return injector_annotation(pod_template->annotations, key) == "true"; };
    };
    if (std::ranges::none_of(workload.templates, asks("agent-inject"))) return not_applicable("It does not ask for an agent").proven();
    if (context.inventory.cluster.partial) return unknown(Reason::unobservable, "Manifests do not show what the injector adds to pods");
    NameList without;
    for (const auto* pod : workload.pods)
        if (!has_agent(*pod)) without.add(pod->name.str());
    if (!without.empty())
        return fail(fmt::format("It asks for a Vault agent, but pods run without one: {}", without.text())).with("pods", without.values());
    if (workload.pods.empty()) return not_applicable("No pod of it runs");
    if (std::ranges::any_of(workload.templates, asks("agent-pre-populate-only")))
        return warn("The agent fetches secrets at the start only: nothing renews them");
    return pass("Every pod has its agent");
}

constexpr std::array k_present_parameters{
    Parameter{"acceptGitEncryption", Parameter::Type::flag, "true", "Take secrets encrypted in Git for enough."},
};
constexpr std::string_view k_spec_paths = "spec.secretStoreRef, spec.data.sourceRef, spec.dataFrom.sourceRef, status.conditions";
constexpr std::string_view k_cluster_spec_paths =
    "spec.externalSecretSpec.secretStoreRef, spec.externalSecretSpec.data.sourceRef, spec.externalSecretSpec.dataFrom.sourceRef";
constexpr std::array k_eso_fields{
    Fields{k_stores, "status.conditions"},
    Fields{k_cluster_stores, "status.conditions"},
    Fields{k_external_secrets, k_spec_paths},
    Fields{k_cluster_external_secrets, k_cluster_spec_paths},
};
constexpr std::array k_present_fields{
    Fields{k_stores, "status.conditions"},
    Fields{k_cluster_stores, "status.conditions"},
    Fields{k_external_secrets, "status.conditions"},
    Fields{"vaultstaticsecrets.secrets.hashicorp.com", "status"},
    Fields{"vaultdynamicsecrets.secrets.hashicorp.com", "status.conditions"},
    Fields{"vaultpkisecrets.secrets.hashicorp.com", "status.conditions"},
    Fields{"kustomizations.kustomize.toolkit.fluxcd.io", "spec.decryption"},
    Fields{"mutatingwebhookconfigurations.admissionregistration.k8s.io", "webhooks.name"},
};

constexpr std::string_view k_vault_lists =
    "vaultstaticsecrets.secrets.hashicorp.com, vaultdynamicsecrets.secrets.hashicorp.com, vaultpkisecrets.secrets.hashicorp.com, "
    "hcpvaultsecretsapps.secrets.hashicorp.com, vaultauths.secrets.hashicorp.com, vaultconnections.secrets.hashicorp.com";
constexpr std::array k_provider_fields{
    Fields{k_stores, "spec.provider"},
    Fields{k_cluster_stores, "spec.provider"},
};
constexpr std::array k_vault_connection_fields{Fields{"vaultconnections.secrets.hashicorp.com", "spec.address, spec.skipTLSVerify"}};
constexpr std::array k_vault_fields{
    Fields{"vaultstaticsecrets.secrets.hashicorp.com", "spec.refreshAfter, spec.syncConfig.instantUpdates, status.conditions, status.secretMAC"},
    Fields{"vaultdynamicsecrets.secrets.hashicorp.com", "status.conditions, status.secretMAC, status.lastRenewalTime, status.secretLease.duration"},
    Fields{"vaultpkisecrets.secrets.hashicorp.com", "status.conditions, status.secretMAC, status.expiration, status.valid"},
    Fields{"hcpvaultsecretsapps.secrets.hashicorp.com", "status.conditions, status.secretMAC"},
    Fields{"vaultauths.secrets.hashicorp.com", "status.conditions, status.valid"},
    Fields{"vaultconnections.secrets.hashicorp.com", "status.conditions, status.valid"},
};
constexpr std::array k_refresh_fields{
    Fields{k_external_secrets, "spec.refreshPolicy, spec.refreshInterval, spec.syncWindows.kind, spec.data.secretKey, spec.dataFrom.sourceRef, "
                               "status.conditions, status.refreshTime"},
};
constexpr std::array k_refresh_parameters{
    Parameter{"maxInterval", Parameter::Type::duration, "24h", "The longest interval that is no warning."},
};
constexpr std::array k_decryption_fields{Fields{"kustomizations.kustomize.toolkit.fluxcd.io", "spec.decryption.provider, status.conditions"}};
constexpr std::array k_sealed_fields{Fields{"sealedsecrets.bitnami.com", "status.conditions"}};

constexpr std::array k_scope_fields{Fields{k_cluster_stores, "spec.conditions"}};

constexpr std::array k_manual_parameters{
    Parameter{"allow", Parameter::Type::list, "[]", "Secrets that have to be made by hand: name, namespace/name or namespace/Secret/name."},
};

constexpr std::array k_checks{
    Check{
        .id = "eso-clusterstore-scope",
        .title = "Cluster-wide store usable from every namespace",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "clustersecretstores.external-secrets.io,namespaces,tenants.capsule.clastix.io",
        .grants = "ES,NS,+CA",
        .subjects = "clustersecretstores.external-secrets.io",
        .fields = k_scope_fields,
        .rationale = "Whoever may create an ExternalSecret anywhere takes any secret that the store reads.",
        .rule = "warn: it has no conditions, or one condition covers several tenants. fail: no conditions in a cluster of tenants. pass: its "
                "conditions say which namespaces.",
        .remediation = "spec: {conditions: [{namespaceSelector: {matchLabels: {capsule.clastix.io/tenant: shop}}}]}",
        .limits = "What the store itself may read is decided at the store.",
        .references = "https://external-secrets.io/latest/api/clustersecretstore/",
        .judge_document = judge_store_scope,
    },
    Check{
        .id = "sops-plaintext",
        .title = "Unencrypted value inside a SopsSecret object",
        .scope = Scope::object,
        .severity = Severity::critical,
        .needs = "sopssecrets.addons.projectcapsule.dev,globalsopssecrets.addons.projectcapsule.dev,"
                 "sopssecrets.isindir.github.com",
        .grants = "ES",
        .subjects = "sopssecrets.addons.projectcapsule.dev,globalsopssecrets.addons.projectcapsule.dev,sopssecrets.isindir.github.com",
        .fields = std::span{k_sops_fields}.first(3),
        .rationale = "A custom resource is readable by whoever may get it, and is usually not encrypted in etcd.",
        .rule = "fail: a value below data or stringData does not begin with ENC[AES256_GCM, or the object has no sops.mac. pass: every value is "
                "encrypted. Values are never kept, only whether they are encrypted.",
        .remediation = "Rotate the value, then encrypt before committing:\n  sops --encrypt --in-place secret.yaml",
        .limits = "Names, labels and annotations are in the open by design.",
        .references = "https://getsops.io/docs/",
        .judges_system_namespaces = true,
        .judge_document = judge_sops_plaintext,
    },
    Check{
        .id = "sops-sync",
        .title = "SOPS secret not decrypted",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = "sopssecrets.addons.projectcapsule.dev,globalsopssecrets.addons.projectcapsule.dev,"
                 "sopssecrets.isindir.github.com,sopsproviders.addons.projectcapsule.dev,namespaces,tenants.capsule.clastix.io",
        .grants = "ES,NS,+CA",
        .subjects = "sopssecrets.addons.projectcapsule.dev,globalsopssecrets.addons.projectcapsule.dev,sopssecrets.isindir.github.com,sopsproviders."
                    "addons.projectcapsule.dev",
        .fields = k_sops_fields,
        .rationale = "What cannot be decrypted is missing where it is needed, and shows only at the next restart.",
        .rule = "fail: not ready for ten minutes, or one of its secrets could not be decrypted. warn: nobody has looked at it, it is suspended, or a "
                "SopsProvider has no key or takes every tenant's. pass: decrypted.",
        .remediation = "Add the recipient's key to a SopsProvider, or encrypt for the key that is there.",
        .references = "https://github.com/peak-scale/sops-operator",
        .judge_document = judge_sops_sync,
    },
    Check{
        .id = "extsecrets-coverage",
        .title = "Most Secrets are not externally managed",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "externalsecrets.external-secrets.io,clusterexternalsecrets.external-secrets.io,"
                 "vaultstaticsecrets.secrets.hashicorp.com,vaultdynamicsecrets.secrets.hashicorp.com,"
                 "vaultpkisecrets.secrets.hashicorp.com,hcpvaultsecretsapps.secrets.hashicorp.com,sealedsecrets.bitnami.com,"
                 "sopssecrets.addons.projectcapsule.dev,globalsopssecrets.addons.projectcapsule.dev,"
                 "sopssecrets.isindir.github.com,secretproviderclasses.secrets-store.csi.x-k8s.io,certificates.cert-manager.io,"
                 "kustomizations.kustomize.toolkit.fluxcd.io,WL,secrets",
        .grants = "ES,CD,WL,+SE",
        .fields = k_cover_fields,
        .rationale = "A Secret that somebody applied by hand is in a shell history, cannot be rotated in one place, and nobody knows who has it.",
        .rule =
            "By the Secrets that templates use, certificates and what operators make for themselves left aside. pass: 80 percent or more come from a "
            "store: External Secrets, Vault, Sealed Secrets, SOPS, the CSI driver, or a Kustomization of Flux that decrypts. warn: half or more. "
            "fail: "
            "fewer. not_applicable: none is used.",
        .remediation = "Move the value into the store and declare it:\n  kind: ExternalSecret\n  spec: {secretStoreRef: {name: vault}, target: "
                       "{name: db}, dataFrom: [{extract: {key: shop/db}}]}",
        .limits =
            "Passwords that charts generate count as made by hand. What a Kustomization that decrypts delivers counts as encrypted in Git, though a "
            "file among the others may not be.",
        .references = "https://external-secrets.io/, CIS 5.4.2",
        .judge_namespace = judge_secret_cover,
    },
    Check{
        .id = "extsecrets-manual-secret",
        .title = "Secret was created by hand or by Helm values",
        .scope = Scope::object,
        .severity = Severity::medium,
        .enabled = false,
        .needs = "secrets",
        .grants = "SE",
        .subjects = "secrets",
        .parameters = k_manual_parameters,
        .rationale = "What is written by hand or from a chart's values is copied, kept in a file somewhere, and never rotated.",
        .rule =
            "For Secrets of type Opaque, basic-auth, ssh-auth and tls, by their labels. pass: External Secrets, the Vault operator, cert-manager, "
            "Flux's decryption or the secrets store driver made it. warn: Helm did, or none of them. not_applicable: other types, and `allow`.",
        .remediation = "Move the value into the store and declare it:\n  kind: ExternalSecret\n  spec: {secretStoreRef: {name: vault}, target: "
                       "{name: db}, dataFrom: [{extract: {key: shop/db}}]}",
        .limits =
            "The credential of the store itself has to be made by hand: name it in `allow`. Sealed Secrets leaves no label on what it decrypts.",
        .references = "https://external-secrets.io/, https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        .judge_secret = judge_manual_secret,
    },
    Check{
        .id = "vault-health",
        .title = "Vault/OpenBao is sealed or unreachable",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .enabled = false,
        .needs = "probe:vault",
        .grants = "H",
        .rationale = "A sealed Vault hands out nothing: the next pod that needs a secret does not start.",
        .rule = "By /v1/sys/health of probes.components.vault. pass: active or a standby. fail: sealed, not initialised, or no answer three times. "
                "unknown: not configured, or another answer.",
        .remediation = "vault operator unseal, and set up auto-unseal.",
        .references = "https://developer.hashicorp.com/vault/api-docs/system/health",
        .judge_cluster = judge_vault_health,
    },
    Check{
        .id = "extsecrets-system-present",
        .title = "No external or encrypted secret source",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "secretstores.external-secrets.io, clustersecretstores.external-secrets.io, externalsecrets.external-secrets.io, "
                 "clusterexternalsecrets.external-secrets.io, vaultstaticsecrets.secrets.hashicorp.com, vaultdynamicsecrets.secrets.hashicorp.com, "
                 "vaultpkisecrets.secrets.hashicorp.com, hcpvaultsecretsapps.secrets.hashicorp.com, sealedsecrets.bitnami.com, "
                 "sopssecrets.addons.projectcapsule.dev, globalsopssecrets.addons.projectcapsule.dev, sopssecrets.isindir.github.com, "
                 "secretproviderclasses.secrets-store.csi.x-k8s.io, csidrivers.storage.k8s.io, WL, "
                 "mutatingwebhookconfigurations.admissionregistration.k8s.io, kustomizations.kustomize.toolkit.fluxcd.io",
        .grants = "ES,WL,AD,CD",
        .fields = k_present_fields,
        .parameters = k_present_parameters,
        .rationale = "Secrets that are written by hand are copied, never rotated, and nobody knows who has them; a central store knows.",
        .rule = "pass: a controller that reads an external store is ready and in use, or (with acceptGitEncryption) one that decrypts from Git. "
                "warn: installed "
                "but not ready or unused, or only Git encryption. unknown: a plugin of Argo CD. fail: none.",
        .remediation =
            "helm repo add external-secrets https://charts.external-secrets.io && helm install external-secrets external-secrets/external-secrets -n "
            "external-secrets --create-namespace, then a SecretStore for Vault, OpenBao or the cloud's secret manager",
        .limits = "Encryption in CI is invisible: attest it with attest.externalSecrets.",
        .references = "https://external-secrets.io/, https://getsops.io/, CIS 5.4.2",
        .judge_cluster = judge_system_present,
    },
    Check{
        .id = "extsecrets-operator-healthy",
        .title = "Secret sync controller is down",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "WL, validatingwebhookconfigurations.admissionregistration.k8s.io, mutatingwebhookconfigurations.admissionregistration.k8s.io",
        .grants = "WL,AD",
        .rationale = "While the controller is down, rotated credentials do not reach their workloads, and new workloads get none.",
        .rule = "fail: a controller is unavailable. warn: a single replica, a DaemonSet ready on some nodes, or only the part that validates is "
                "down. pass: ready. "
                "not_applicable: none is installed.",
        .remediation = "kubectl -n NAMESPACE describe deployment NAME and its logs say why it is down; then kubectl -n NAMESPACE scale deployment "
                       "NAME --replicas=2",
        .references = "https://external-secrets.io/latest/guides/ha/",
        .judge_cluster = judge_operator_healthy,
    },
    Check{
        .id = "eso-store-ready",
        .title = "Secret store is not usable",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = "secretstores.external-secrets.io, clustersecretstores.external-secrets.io, externalsecrets.external-secrets.io, "
                 "clusterexternalsecrets.external-secrets.io",
        .grants = "ES",
        .subjects = "secretstores.external-secrets.io, clustersecretstores.external-secrets.io",
        .fields = k_eso_fields,
        .rationale = "Nothing that comes from a store which is not usable is brought up to date.",
        .rule =
            "fail: not ready for ten minutes. warn: the provider cannot validate it, or no controller looks at it. pass: ready. not_applicable: no "
            "ExternalSecret uses it.",
        .remediation = "kubectl describe secretstore NAME names the error: repair the credentials, URL or CA that it names.",
        .references = "https://external-secrets.io/latest/api/secretstore/",
        .judge_document = judge_store_ready,
    },
    Check{
        .id = "eso-sync-ready",
        .title = "External secret is not synced",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = "secretstores.external-secrets.io, clustersecretstores.external-secrets.io, externalsecrets.external-secrets.io, "
                 "clusterexternalsecrets.external-secrets.io",
        .grants = "ES",
        .subjects = "externalsecrets.external-secrets.io",
        .fields = k_eso_fields,
        .rationale = "A Secret that is not synced keeps the old credential after a rotation, or is missing.",
        .rule = "fail: not ready for 15 minutes, or its store does not exist. warn: deleted in the store, or never looked at. pass: synced.",
        .remediation = "kubectl describe externalsecret NAME names the error: check the store's authentication and the remote key.",
        .references = "https://external-secrets.io/latest/api/externalsecret/",
        .judge_document = judge_sync_ready,
    },
    Check{
        .id = "csi-secrets-ready",
        .title = "Secrets Store CSI volume cannot work",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "secretproviderclasses.secrets-store.csi.x-k8s.io, secretproviderclasspodstatuses.secrets-store.csi.x-k8s.io, "
                 "csidrivers.storage.k8s.io, WL, "
                 "pods",
        .grants = "ES,WL,+PO",
        .fields = k_csi_fields,
        .rationale =
            "A pod that mounts such a volume does not start without its class, driver and provider, and that shows with the next node that drains.",
        .rule = "fail: the class is not in the workload's namespace, the driver is not installed, its provider is not ready while no pod has its "
                "volume, or a "
                "pod has waited for ten minutes. warn: the driver does not rotate. pass: none of these. not_applicable: no such volume.",
        .remediation = "Make the SecretProviderClass in the namespace of the workload, install the provider's DaemonSet, and run the driver with "
                       "--enable-secret-rotation=true.",
        .limits = "Providers other than vault, aws, azure and gcp are not looked for.",
        .references = "https://secrets-store-csi-driver.sigs.k8s.io/",
        .judge_workload = judge_csi_secrets,
    },
    Check{
        .id = "eso-store-provider",
        .title = "Store provider is not a real vault or uses plain HTTP",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = "secretstores.external-secrets.io, clustersecretstores.external-secrets.io",
        .grants = "ES",
        .subjects = "secretstores.external-secrets.io, clustersecretstores.external-secrets.io",
        .fields = k_provider_fields,
        .rationale = "A store is worth what stands behind it: who may read it, whether that is recorded, and whether the way there is encrypted.",
        .rule = "fail: the provider is fake, or its server is asked over plain HTTP (but on loopback). warn: kubernetes, crd, webhook, github or "
                "gitlab. pass: "
                "any other.",
        .remediation = "Point the store at Vault, OpenBao or the cloud's secret manager, over https.",
        .references = "https://external-secrets.io/latest/provider/",
        .judge_document = judge_store_provider,
    },
    Check{
        .id = "eso-store-auth",
        .title = "Store uses a static credential",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "secretstores.external-secrets.io, clustersecretstores.external-secrets.io",
        .grants = "ES",
        .subjects = "secretstores.external-secrets.io, clustersecretstores.external-secrets.io",
        .fields = k_provider_fields,
        .rationale = "A credential that opens the store is the one secret that matters, and it lies in the cluster for whoever reads Secrets there.",
        .rule = "For Vault, OpenBao, AWS, Azure and Google. warn: a token, AppRole, password, access key or service principal from a Secret. pass: "
                "an identity "
                "of the workload. not_applicable: other providers.",
        .remediation =
            "Let the store trust the cluster's ServiceAccount tokens: auth.kubernetes or auth.jwt (Vault), IRSA or Pod Identity (AWS), Workload "
            "Identity (Azure, Google).",
        .limits = "On premises the first credential may be unavoidable.",
        .references = "https://external-secrets.io/latest/provider/hashicorp-vault/#authentication",
        .judge_document = judge_store_credential,
    },
    Check{
        .id = "eso-refresh",
        .title = "Secret never or rarely rotates",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "externalsecrets.external-secrets.io",
        .grants = "ES",
        .subjects = "externalsecrets.external-secrets.io",
        .fields = k_refresh_fields,
        .parameters = k_refresh_parameters,
        .rationale = "Rotation ends where nobody reads the new value.",
        .rule = "Of ExternalSecrets that are Ready. fail: periodic, and last read three intervals ago (warn with syncWindows). warn: CreatedOnce, "
                "OnChange, an "
                "interval of 0 or above `maxInterval`. pass: read in time. not_applicable: not Ready, or only generated values.",
        .remediation = "spec: {refreshPolicy: Periodic, refreshInterval: 1h}, and a reloader for workloads that read only at their start.",
        .references = "https://external-secrets.io/latest/api/externalsecret/#update-behavior",
        .judge_document = judge_refresh,
    },
    Check{
        .id = "flux-decryption",
        .title = "Flux SOPS decryption in use",
        .scope = Scope::object,
        .severity = Severity::info,
        .needs = "kustomizations.kustomize.toolkit.fluxcd.io",
        .grants = "CD",
        .subjects = "kustomizations.kustomize.toolkit.fluxcd.io",
        .fields = k_decryption_fields,
        .rationale = "Secrets in Git are worth their encryption, and the workload its decryption.",
        .rule = "fail: Flux reports that it cannot decrypt. pass: spec.decryption is set. not_applicable: it is not.",
        .remediation = "spec: {decryption: {provider: sops, secretRef: {name: sops-age}}}",
        .limits = "Who uses External Secrets or Vault needs none.",
        .references = "https://fluxcd.io/flux/guides/mozilla-sops/",
        .judge_document = judge_decryption,
    },
    Check{
        .id = "vso-sync",
        .title = "Vault Secrets Operator object unhealthy",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = k_vault_lists,
        .grants = "ES",
        .subjects = k_vault_lists,
        .fields = k_vault_fields,
        .rationale = "A secret that is no longer synced keeps its last value until Vault revokes it, and then the workload stops.",
        .rule = "fail: SecretSynced, Healthy or Ready has been False for fifteen minutes, status.valid is false, or a lease or certificate has "
                "ended. warn: a "
                "static secret without refreshAfter and instantUpdates, or nobody has looked at it. pass: none of these.",
        .remediation = "kubectl describe names the reason; most often the role or policy of its VaultAuth.",
        .limits = "Whether workloads that take the secret as variables are restarted (rolloutRestartTargets) is not judged.",
        .references = "https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference",
        .judge_document = judge_vault_object,
    },
    Check{
        .id = "vso-connection-tls",
        .title = "Vault connection without TLS verification",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = "vaultconnections.secrets.hashicorp.com",
        .grants = "ES",
        .subjects = "vaultconnections.secrets.hashicorp.com",
        .fields = k_vault_connection_fields,
        .rationale = "Whoever stands in between reads every secret that the operator fetches, and its token.",
        .rule = "fail: skipTLSVerify, or an http:// address. not_applicable: http:// to a sidecar on loopback. pass: https.",
        .remediation = "spec: {address: https://vault.example:8200, caCertSecretRef: vault-ca, skipTLSVerify: false}",
        .references = "https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference#vaultconnection",
        .judge_document = judge_vault_connection,
    },
    Check{
        .id = "sealedsecret-sync",
        .title = "Sealed secret not decrypted or cluster-wide",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "sealedsecrets.bitnami.com, WL",
        .grants = "ES,WL",
        .subjects = "sealedsecrets.bitnami.com",
        .fields = k_sealed_fields,
        .rationale =
            "After a rebuild with other keys every sealed secret is lost; one that is sealed for the whole cluster can be opened in any namespace.",
        .rule = "fail: Synced is False. warn: sealed for the whole cluster, not looked at, or (one result of the cluster) the controller never "
                "renews its key. "
                "pass: unsealed.",
        .remediation = "Restore the sealing keys, or seal anew: kubeseal --scope strict < secret.yaml > sealed.yaml",
        .references = "https://github.com/bitnami-labs/sealed-secrets#scopes",
        .run = judge_sealed_secrets,
    },
    Check{
        .id = "vault-agent-injection",
        .title = "Vault/OpenBao agent injection requested but absent",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL, pods",
        .grants = "WL,PO",
        .rationale = "A pod that was admitted without its agent has no secrets, or an old copy of them.",
        .rule = "fail: injection is asked for and a pod has no agent. warn: the agent only fills in at the start. pass: every pod has one. "
                "not_applicable: not "
                "asked for, or no pod runs.",
        .remediation =
            "Repair the injector (kubectl get mutatingwebhookconfiguration, and its pods), then kubectl -n NAMESPACE rollout restart KIND/NAME",
        .references = "https://developer.hashicorp.com/vault/docs/platform/k8s/injector, https://openbao.org/docs/platform/k8s/injector/",
        .judge_workload = judge_agent_injection,
    },
};

} // namespace

constinit const check::Control k_secrets_management{
    .id = "secrets-management",
    .title = "Secrets management",
    .summary = "Credentials come from a central store that rotates and audits them, or at least from encrypted Git.",
    .checks = k_checks,
};

} // namespace seaworthy::controls
