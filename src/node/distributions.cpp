// SPDX-License-Identifier: Apache-2.0
// Files of distributions and of Docker, and the kubelet's credential providers.
#include <fmt/format.h>

#include "node/sources.hpp"

namespace seaworthy::node {
namespace {

using model::RegistryEntry;

constexpr std::string_view k_distributions[] = {"k3s", "rke2"};

/// `mirrors.<host>.endpoint[]` and `configs.<host>.tls`. The rest of configs.* is credentials and is not looked at.
void read_registries_yaml(const Source& source, const std::string& path)
{
    const auto file = read_yaml(source.tree, path);
    if (!file) return;
    const auto& configs = (*file)["configs"];
    for (const auto& [host, table] : (*file)["mirrors"].members()) {
        if (host.empty()) continue;
        RegistryEntry entry{.host = host.str()};
        for (const auto& endpoint : table["endpoint"].items()) {
            if (endpoint.text().empty()) continue;
            auto mirror = source.mirror(endpoint.text(), entry.host);
            const auto& tls = configs[model::authority_of(mirror.url)]["tls"];
            mirror.insecure = tls["insecure_skip_verify"].is_true();
            mirror.ca = tls["ca_file"].text();
            entry.mirrors.push_back(std::move(mirror));
        }
        // No endpoint: the embedded registry's peers alone.
        if (entry.mirrors.empty()) entry.mirrors.push_back(source.mirror("https://127.0.0.1:6443/v2", entry.host));
        source.add(std::move(entry));
    }
}

} // namespace

bool read_rancher(const Source& source)
{
    for (const auto distribution : k_distributions) {
        const auto agent = fmt::format("/var/lib/rancher/{}/agent/etc/containerd", distribution);
        const auto yaml = fmt::format("/etc/rancher/{}/registries.yaml", distribution);
        const bool generated = read_hosts_folder(source, agent + "/certs.d");
        if (generated) {
            source.report.config_path_raw = agent + "/certs.d";
            return true;
        }
        if (!source.tree.exists(agent) && !source.tree.exists(yaml)) continue;
        read_registries_yaml(source, yaml);
        return true;
    }
    return false;
}

bool read_docker(const Source& source)
{
    constexpr const char* k_file = "/etc/docker/daemon.json";
    if (!source.tree.exists(k_file)) return false;
    const auto text = source.tree.read(k_file);
    if (!text) return true;
    const auto file = model::JsonText::parse(*text);
    if (!file) {
        source.tree.note(k_file, "is no JSON");
        return true;
    }
    RegistryEntry entry{.host = "docker.io"}; // mirrors of daemon.json are for Docker Hub alone
    for (const auto& url : (*file)["registry-mirrors"].items()) {
        if (url.text().empty()) continue;
        auto mirror = source.mirror(url.text(), entry.host);
        mirror.insecure = (*file)["insecure-registries"].contains(model::authority_of(mirror.url));
        entry.mirrors.push_back(std::move(mirror));
    }
    if (!entry.mirrors.empty()) source.add(std::move(entry));
    return true;
}

void read_credential_providers(const Source& source)
{
    // The kubelet's flag --image-credential-provider-config may name any file; these are where EKS, GKE, AKS and kubeadm set-ups have it.
    constexpr std::string_view k_files[] = {
        "/etc/eks/image-credential-provider/config.json",   "/etc/srv/kubernetes/cri_auth_config.yaml",
        "/var/lib/kubelet/credential-provider-config.yaml", "/etc/kubernetes/credential-provider-config.yaml",
        "/var/lib/rancher/credentialprovider/config.yaml",
    };
    for (const auto path : k_files) {
        if (!source.tree.exists(std::string{path})) continue;
        const auto file = read_yaml(source.tree, std::string{path});
        if (!file) continue;
        for (const auto& provider : (*file)["providers"].items())
            if (!provider["name"].text().empty() && source.report.credential_providers.size() < model::RegistryConfigLimits::list)
                source.report.credential_providers.emplace_back(provider["name"].text());
    }
}

} // namespace seaworthy::node
