// SPDX-License-Identifier: Apache-2.0
#include "secret_cover.hpp"
#include "controls/secret_references.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/template_parts.hpp"
#include "names.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;

constexpr std::string_view k_kustomizations = "kustomizations.kustomize.toolkit.fluxcd.io";

using Names = std::set<std::string, std::less<>>;

/// Secrets that the namespace's templates use, pull secrets left aside.
Names used_secrets(std::string_view ns, const Context& context)
{
    Names names;
    for (const auto* workload : context.index.workloads_in(ns)) {
        if (workload->finished || workload->mirror) continue;
        for (const auto* pod_template : workload->templates)
            for_each_secret(*pod_template->spec, [&](std::string_view name, bool) { names.emplace(name); });
    }
    names.erase(std::string{});
    return names;
}

/// Credentials that an operator makes for what it runs, and certificates that components make for themselves: no store holds them.
bool is_made_by_owner(std::string_view name, std::string_view ns, const Context& context)
{
    static constexpr std::string_view k_globs[] = {"*.credentials.postgresql.acid.zalan.do", "*-admission", "*-webhook-server-cert", "*-tls-pair",
                                                   "*-token-?????"};
    if (std::ranges::any_of(k_globs, [&](std::string_view glob) { return glob_match(glob, name); })) return true;
    for (const std::string_view suffix : {"-app", "-superuser", "-ca", "-server", "-replication"}) {
        if (!name.ends_with(suffix)) continue;
        const auto cluster = name.substr(0, name.size() - suffix.size());
        if (std::ranges::any_of(context.index.workloads_in(ns), [&](const auto* each) {
                return each->kind == "Cluster" && each->name == cluster && each->api_version.view().starts_with("postgresql.cnpg.io/");
            }))
            return true;
    }
    const auto* row = context.index.find_secret(ns, name);
    return row != nullptr && row->type == "kubernetes.io/service-account-token";
}

std::string_view target_of(const Document& external)
{
    const auto name = external.at("spec.target.name").text();
    return name.empty() ? external.meta.name.view() : name;
}

void add_external_secrets(std::string_view ns, const Context& context, Names& names)
{
    for (const auto* external : context.index.documents_in("externalsecrets.external-secrets.io", ns)) {
        const auto policy = external->at("spec.target.creationPolicy").text();
        if (policy != "Merge" && policy != "None") names.emplace(target_of(*external)); // these two make no Secret
    }
    for (const auto& cluster : context.inventory.documents_of("clusterexternalsecrets.external-secrets.io")) {
        if (!cluster.at("status.provisionedNamespaces").contains(ns)) continue;
        const auto target = cluster.at("spec.externalSecretSpec.target.name").text();
        const auto own = cluster.at("spec.externalSecretName").text();
        names.emplace(!target.empty() ? target : !own.empty() ? own : cluster.meta.name.view());
    }
}

void add_sops(std::string_view ns, const Context& context, Names& names)
{
    const auto add = [&](const Document& secret, bool global) {
        const auto prefix = secret.at("spec.metadata.prefix").text();
        const auto suffix = secret.at("spec.metadata.suffix").text();
        for (const auto& entry : secret.at("spec.secrets").items())
            if (!global || entry["namespace"].text() == ns) names.insert(fmt::format("{}{}{}", prefix, entry["name"].text(), suffix));
    };
    for (const auto* secret : context.index.documents_in("sopssecrets.addons.projectcapsule.dev", ns))
        add(*secret, false);
    for (const auto& secret : context.inventory.documents_of("globalsopssecrets.addons.projectcapsule.dev"))
        add(secret, true);
    for (const auto* secret : context.index.documents_in("sopssecrets.isindir.github.com", ns))
        for (const auto& entry : secret->at("spec.secretTemplates").items())
            names.emplace(entry["name"].text());
}

/// What Flux applied from files that it decrypted, by the inventories of its Kustomizations: `<namespace>_<name>__Secret`.
void add_decrypted(std::string_view ns, const Context& context, Names& names)
{
    constexpr std::string_view k_secret = "__Secret";
    const auto prefix = fmt::format("{}_", ns);
    for (const auto& kustomization : context.inventory.documents_of(k_kustomizations)) {
        if (kustomization.at("spec.decryption.provider").text().empty()) continue;
        for (const auto& entry : kustomization.at("status.inventory.entries").items()) {
            const auto id = entry["id"].text();
            if (!id.starts_with(prefix) || !id.ends_with(k_secret) || id.size() < prefix.size() + k_secret.size()) continue;
            names.emplace(id.substr(prefix.size(), id.size() - prefix.size() - k_secret.size()));
        }
    }
}

/// Secrets of the namespace that a store's controller writes.
Names managed_secrets(std::string_view ns, const Context& context)
{
    Names names;
    add_external_secrets(ns, context, names);
    add_sops(ns, context, names);
    add_decrypted(ns, context, names);
    for (const std::string_view kind : {"vaultstaticsecrets.secrets.hashicorp.com", "vaultdynamicsecrets.secrets.hashicorp.com",
                                        "vaultpkisecrets.secrets.hashicorp.com", "hcpvaultsecretsapps.secrets.hashicorp.com"})
        for (const auto* secret : context.index.documents_in(kind, ns))
            names.emplace(secret->at("spec.destination.name").text());
    for (const auto* sealed : context.index.documents_in("sealedsecrets.bitnami.com", ns))
        names.insert(sealed->meta.name.str());
    for (const auto* classes : context.index.documents_in("secretproviderclasses.secrets-store.csi.x-k8s.io", ns))
        for (const auto& object : classes->at("spec.secretObjects").items())
            names.emplace(object["secretName"].text());
    for (const auto& row : context.inventory.secrets)
        if (row.ns == ns &&
            (row.labels.is("reconcile.external-secrets.io/managed", "true") || row.labels.is("app.kubernetes.io/managed-by", "hashicorp-vso") ||
             row.labels.has("secrets.hashicorp.com/vso-ownerRefUID") || row.labels.is("secrets-store.csi.k8s.io/managed", "true")))
            names.insert(row.name.str());
    return names;
}

/// Workloads that read the store themselves: each counts as one managed name.
std::size_t direct_readers(std::string_view ns, const Context& context)
{
    return static_cast<std::size_t>(std::ranges::count_if(context.index.workloads_in(ns), [](const auto* workload) {
        return !workload->finished && std::ranges::any_of(workload->templates, [](const auto* each) {
            const bool mounts = std::ranges::any_of(each->spec->volumes, is_secrets_store);
            return mounts || each->annotations.is("vault.hashicorp.com/agent-inject", "true");
        });
    }));
}

bool is_certificate(std::string_view name, std::string_view ns, const Context& context)
{
    return std::ranges::any_of(context.index.documents_in("certificates.cert-manager.io", ns),
                               [&](const auto* certificate) { return certificate->at("spec.secretName").text() == name; });
}

/// The verdict, resting on what says who makes Secrets. The Secrets themselves only add labels that say the same of some: without the grant for
/// them, which nobody has by default, the sources decide.
Verdict by_sources(Verdict verdict, const Context& context, std::string_view ns)
{
    return resting_on(std::move(verdict), context, ns,
                      {"WL", "externalsecrets.external-secrets.io", "clusterexternalsecrets.external-secrets.io",
                       "vaultstaticsecrets.secrets.hashicorp.com", "vaultdynamicsecrets.secrets.hashicorp.com",
                       "vaultpkisecrets.secrets.hashicorp.com", "hcpvaultsecretsapps.secrets.hashicorp.com", "sealedsecrets.bitnami.com",
                       "sopssecrets.addons.projectcapsule.dev", "globalsopssecrets.addons.projectcapsule.dev", "sopssecrets.isindir.github.com",
                       "secretproviderclasses.secrets-store.csi.x-k8s.io", "certificates.cert-manager.io", k_kustomizations});
}

} // namespace

Verdict judge_secret_cover(const model::Namespace& ns, const Context& context)
{
    const auto name = ns.meta.name.view();
    const auto managed = managed_secrets(name, context);
    NameList unmanaged;
    auto covered = direct_readers(name, context);
    for (const auto& secret : used_secrets(name, context)) {
        if (is_certificate(secret, name, context) || is_made_by_owner(secret, name, context)) continue;
        if (managed.contains(secret))
            ++covered;
        else
            unmanaged.add(secret);
    }
    const auto all = covered + unmanaged.size();
    const auto rest = [&](Verdict verdict) { return by_sources(std::move(verdict), context, name); };
    if (all == 0) return rest(check::not_applicable("No workload here uses a Secret that a store could hold"));
    constexpr double k_percent = 100;
    constexpr double k_good = 80;
    constexpr double k_half = 50;
    const auto share = k_percent * static_cast<double>(covered) / static_cast<double>(all);
    if (unmanaged.empty()) return rest(check::pass("Every Secret in use comes from a store"));
    const auto message = fmt::format("{} of {} Secrets in use come from a store; by hand: {}", covered, all, unmanaged.text());
    if (share >= k_good) return rest(check::pass(message));
    auto verdict = share >= k_half ? check::warn(message) : check::fail(message);
    return rest(std::move(verdict).with("unmanaged", unmanaged.values()).by_absence());
}

Verdict judge_vault_health(const Context& context)
{
    const auto url = context.settings.outside.url_of("vault", "/v1/sys/health");
    if (url.empty()) return check::unknown(check::Reason::unobservable, "No Vault is configured (probes.components.vault)").needs_grant("H");
    const auto found = context.inventory.probes.find(url);
    if (found == context.inventory.probes.end() || found->second.empty())
        return check::unknown(check::Reason::unobservable, "Vault has not been asked yet").needs_grant("H");
    const auto& answers = found->second;
    const auto& last = answers.back();
    switch (last.status) {
    case 200: return check::pass("Vault is unsealed and active").proven();
    case 429:
    case 472:
    case 473: return check::pass("Vault answers as a healthy standby").proven();
    case 501: return check::fail("Vault is not initialised");
    case 503: return check::fail("Vault is sealed");
    default: break;
    }
    std::uint32_t failures = 0;
    for (auto answer = answers.rbegin(); answer != answers.rend() && answer->status == 0; ++answer)
        failures += answer->samples;
    constexpr std::uint32_t k_times = 3;
    if (failures >= k_times) return check::fail(fmt::format("Vault did not answer three times: {}", last.error)).with("error", last.error);
    return check::unknown(check::Reason::unavailable,
                          last.status != 0 ? fmt::format("Vault answered {}", last.status) : fmt::format("Vault did not answer: {}", last.error));
}

} // namespace seaworthy::controls
