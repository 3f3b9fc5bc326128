// SPDX-License-Identifier: Apache-2.0
#include "secret_systems.hpp"

#include <algorithm>
#include <array>

#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using model::Document;

/// One system: its controllers' images and what of the API is its own (C14).
struct System {
    Software software;
    int tier;
    std::string_view group; ///< API group; empty: none
    bool (*is_used)(const Context&);
};

bool holds_any(const Context& context, std::string_view resource)
{
    return !context.inventory.documents_of(resource).empty();
}

bool is_ready(const Document& document)
{
    return model::condition_of(document, "Ready")["status"].text() == "True";
}

bool has_ready(const Context& context, std::string_view resource)
{
    return std::ranges::any_of(context.inventory.documents_of(resource), is_ready);
}

bool uses_external_secrets(const Context& context)
{
    return has_ready(context, "secretstores.external-secrets.io") || has_ready(context, "clustersecretstores.external-secrets.io") ||
           has_ready(context, "externalsecrets.external-secrets.io");
}

/// Vault Secrets Operator: synced, by a condition, or in old versions by the MAC that it keeps of what it wrote.
bool uses_vault_operator(const Context& context)
{
    const auto synced = [](const Document& secret) {
        for (const std::string_view type : {"SecretSynced", "Ready", "Healthy"})
            if (model::condition_of(secret, type)["status"].text() == "True") return true;
        return !secret.at("status.secretMAC").text().empty();
    };
    return std::ranges::any_of(context.inventory.documents_of("vaultstaticsecrets.secrets.hashicorp.com"), synced) ||
           std::ranges::any_of(context.inventory.documents_of("vaultdynamicsecrets.secrets.hashicorp.com"), synced) ||
           std::ranges::any_of(context.inventory.documents_of("vaultpkisecrets.secrets.hashicorp.com"), synced) ||
           holds_any(context, "hcpvaultsecretsapps.secrets.hashicorp.com");
}

bool has_driver(const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of("csidrivers.storage.k8s.io"), [](const Document& driver) {
        return driver.meta.name == "secrets-store.csi.k8s.io" || driver.meta.name == "secrets-store-gke.csi.k8s.io";
    });
}

bool uses_csi_driver(const Context& context)
{
    return has_driver(context) && holds_any(context, "secretproviderclasses.secrets-store.csi.x-k8s.io");
}

template <typename Asks>
bool any_template(const Context& context, Asks asks)
{
    return std::ranges::any_of(context.index.workloads(), [&](const model::Workload& workload) {
        return std::ranges::any_of(workload.templates, [&](const auto* pod_template) { return asks(*pod_template); });
    });
}

bool uses_agent_injector(const Context& context)
{
    return any_template(context, [](const model::PodTemplate& pod_template) {
        return std::ranges::any_of(pod_template.annotations, [](const auto& entry) {
            const auto key = entry.key.view();
            return (key == "vault.hashicorp.com/agent-inject" || key.ends_with("openbao.org/agent-inject")) && entry.value == "true";
        });
    });
}

bool uses_bank_vaults(const Context& context)
{
    return any_template(context, [](const model::PodTemplate& pod_template) {
        return std::ranges::any_of(pod_template.spec->containers, [](const auto& container) {
            return std::ranges::any_of(container.env, [](const auto& variable) { return variable.value.view().starts_with("vault:"); });
        });
    });
}

/// Products whose objects are not read: installed and ready is all that can be seen.
bool is_not_seen(const Context&)
{
    return true;
}

bool uses_sealed_secrets(const Context& context)
{
    return holds_any(context, "sealedsecrets.bitnami.com");
}
bool uses_sops_operator(const Context& context)
{
    return holds_any(context, "sopssecrets.addons.projectcapsule.dev") || holds_any(context, "globalsopssecrets.addons.projectcapsule.dev");
}
bool uses_sops_secrets_operator(const Context& context)
{
    return holds_any(context, "sopssecrets.isindir.github.com");
}
bool uses_flux_decryption(const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of("kustomizations.kustomize.toolkit.fluxcd.io"),
                               [](const Document& kustomization) { return !kustomization.at("spec.decryption.provider").text().empty(); });
}

constexpr std::array k_systems{
    System{{"External Secrets Operator", "external-secrets/external-secrets, external-secrets"}, 1, "external-secrets.io", uses_external_secrets},
    System{{"Vault Secrets Operator", "hashicorp/vault-secrets-operator, vault-secrets-operator"}, 1, "secrets.hashicorp.com", uses_vault_operator},
    System{{"Secrets Store CSI driver",
            "csi-secrets-store/driver, hashicorp/vault-csi-provider, openbao/openbao-csi-provider, secrets-store-csi-driver-provider-aws, "
            "secrets-store/provider-azure, secrets-store-csi-driver-provider-gcp/plugin"},
           1,
           "secrets-store.csi.x-k8s.io",
           uses_csi_driver},
    System{{"Vault or OpenBao Agent Injector", "hashicorp/vault-k8s, openbao/openbao-k8s"}, 1, "", uses_agent_injector},
    System{{"Bank-Vaults webhook", "bank-vaults/vault-secrets-webhook, banzaicloud/vault-secrets-webhook"}, 1, "", uses_bank_vaults},
    System{{"Azure Key Vault to Kubernetes", "spvest/azure-keyvault-controller"}, 1, "spv.no", is_not_seen},
    System{{"Conjur", "cyberark/secrets-provider-for-k8s"}, 1, "", is_not_seen},
    System{{"Akeyless", "akeyless/k8s-webhook-server"}, 1, "", is_not_seen},
    System{{"Doppler", "dopplerhq/kubernetes-operator"}, 1, "", is_not_seen},
    System{{"1Password", "1password/onepassword-operator"}, 1, "", is_not_seen},
    System{{"Infisical", "infisical/kubernetes-operator"}, 1, "", is_not_seen},
    System{{"Sealed Secrets", "sealed-secrets-controller"}, 2, "bitnami.com", uses_sealed_secrets},
    System{{"sops-operator", "peak-scale/sops-operator"}, 2, "addons.projectcapsule.dev", uses_sops_operator},
    System{{"sops-secrets-operator", "sops-secrets-operator"}, 2, "isindir.github.com", uses_sops_secrets_operator},
};

bool is_repo_server(const model::Workload& workload)
{
    return workload.name.view().find("repo-server") != std::string_view::npos && has_image(workload, "argoproj/argocd, argocd-rhel*");
}

std::string_view plugin_in(std::string_view text)
{
    for (const std::string_view plugin : {"ksops", "helm-secrets", "argocd-vault-plugin", "avp"})
        if (plugin == "avp" ? text == plugin || text.starts_with("avp-") : text.find(plugin) != std::string_view::npos) return plugin;
    return {};
}

SecretController::Role role_of(const model::Workload& workload)
{
    const auto name = workload.name.view();
    return name.ends_with("-webhook") || name.ends_with("-cert-controller") ? SecretController::Role::webhook : SecretController::Role::controller;
}

} // namespace

std::vector<SecretSystem> find_secret_systems(const Context& context)
{
    std::vector<SecretSystem> found;
    for (const auto& system : k_systems) {
        const auto workloads = find_software(context, std::span{&system.software, 1});
        const bool served = system.group.empty() || context.inventory.serves_group(system.group);
        if (workloads.empty() && (system.group.empty() || !served)) continue;
        const bool ready = std::ranges::any_of(workloads, [](const Installation& installation) {
            return installation.readiness == Readiness::ready && role_of(*installation.workload) == SecretController::Role::controller;
        });
        found.push_back({system.software.name, system.tier, !workloads.empty(), ready && served, system.is_used(context)});
    }
    if (uses_flux_decryption(context)) {
        static constexpr std::array k_flux{Software{"Flux", "fluxcd/kustomize-controller"}};
        const auto flux = find_software(context, k_flux);
        const bool ready = std::ranges::find(flux, Readiness::ready, &Installation::readiness) != flux.end();
        found.push_back({"SOPS decryption by Flux", 2, !flux.empty(), ready, true});
    }
    return found;
}

std::vector<SecretController> find_secret_controllers(const Context& context)
{
    std::vector<SecretController> found;
    for (const auto& system : k_systems)
        for (const auto& installation : find_software(context, std::span{&system.software, 1}))
            found.push_back({installation.workload, installation.readiness, role_of(*installation.workload)});
    return found;
}

std::string argo_secret_plugin(const Context& context)
{
    for (const auto& workload : context.index.workloads()) {
        if (!is_repo_server(workload)) continue;
        for (const auto* pod_template : workload.templates) {
            for (const auto& container : pod_template->spec->containers) {
                if (const auto plugin = plugin_in(container.image); !plugin.empty()) return std::string{plugin};
                if (const auto plugin = plugin_in(container.name); !plugin.empty()) return std::string{plugin};
            }
            for (const auto& volume : pod_template->spec->volumes)
                if (const auto plugin = plugin_in(volume.name); !plugin.empty()) return std::string{plugin};
        }
    }
    return {};
}

} // namespace seaworthy::controls
