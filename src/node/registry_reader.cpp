// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/node/registry_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "node/host_tree.hpp"
#include "node/sources.hpp"
#include "node/toml.hpp"
#include "seaworthy/base/yaml_json.hpp"

namespace seaworthy::node {
namespace {

using model::RegistryConfigLimits;

/// The runtime that the kubelet is told to use, where its configuration can be read.
Runtime told_to_kubelet(HostTree& tree)
{
    struct Socket {
        std::string_view part;
        Runtime runtime;
    };
    constexpr Socket k_sockets[] = {{"crio", Runtime::cri_o}, {"cri-dockerd", Runtime::docker}, {"containerd", Runtime::containerd}};
    constexpr const char* k_file = "/var/lib/kubelet/config.yaml";
    if (!tree.exists(k_file)) return Runtime::automatic;
    const auto file = read_yaml(tree, k_file);
    if (!file) return Runtime::automatic;
    const auto endpoint = (*file)["containerRuntimeEndpoint"].text();
    for (const auto& socket : k_sockets)
        if (endpoint.find(socket.part) != std::string_view::npos) return socket.runtime;
    return Runtime::automatic;
}

bool read_containerd_anywhere(const Source& source)
{
    // Distributions that bring their own containerd say so by their folders; /etc/containerd may be left from before.
    if (read_rancher(source)) return true;
    struct Place {
        const char* config;
        const char* hosts; ///< where no config.toml names the folder
    };
    constexpr Place k_places[] = {
        {"/etc/cri/conf.d/cri.toml", "/etc/cri/conf.d/hosts"},                                          // Talos
        {"/var/snap/microk8s/current/args/containerd.toml", "/var/snap/microk8s/current/args/certs.d"}, // MicroK8s
    };
    for (const auto& place : k_places) {
        if (!read_hosts_folder(source, place.hosts)) continue;
        source.report.config_path_raw = place.hosts;
        return true;
    }
    return read_containerd(source, "/etc/containerd/config.toml");
}

bool read_as(const Source& source, Runtime runtime)
{
    switch (runtime) {
    case Runtime::containerd: source.report.runtime = "containerd"; return read_containerd_anywhere(source);
    case Runtime::cri_o: source.report.runtime = "cri-o"; return read_registries_conf(source);
    case Runtime::docker: source.report.runtime = "docker"; return read_docker(source);
    case Runtime::automatic: break;
    }
    for (const auto candidate : {Runtime::containerd, Runtime::cri_o, Runtime::docker}) {
        // Podman's registries.conf lies on many nodes whose runtime is another: CRI-O leaves /etc/crio too.
        if (read_as(source, candidate)) return true;
    }
    source.report.runtime.clear();
    return false;
}

} // namespace

model::RegistryMirror Source::mirror(std::string_view url, std::string_view registry) const
{
    model::RegistryMirror mirror;
    mirror.url = url.find("://") == std::string_view::npos ? fmt::format("https://{}", url) : std::string{url};
    mirror.kind = classify(mirror.url, registry, options);
    return mirror;
}

void Source::add(model::RegistryEntry entry) const
{
    std::size_t mirrors = entry.mirrors.size() + (report.wildcard ? report.wildcard->mirrors.size() : 0);
    for (const auto& known : report.registries)
        mirrors += known.mirrors.size();
    if (report.registries.size() >= RegistryConfigLimits::registries || mirrors > RegistryConfigLimits::mirrors)
        return tree.note(entry.host, "more registries or mirrors than a report can hold");
    if (entry.is_wildcard()) {
        if (!report.wildcard) report.wildcard = std::move(entry);
        return;
    }
    const auto same = [&](const model::RegistryEntry& known) { return known.host == entry.host; };
    if (std::ranges::none_of(report.registries, same)) report.registries.push_back(std::move(entry));
}

std::optional<model::JsonText> read_toml(HostTree& tree, const std::string& path)
{
    const auto text = tree.read(path);
    if (!text) return std::nullopt;
    auto parsed = parse_toml(*text);
    if (parsed) return std::move(*parsed);
    tree.note(path, parsed.error().message);
    return std::nullopt;
}

std::optional<model::JsonText> read_yaml(HostTree& tree, const std::string& path)
{
    const auto text = tree.read(path);
    if (!text) return std::nullopt;
    auto parsed = model::JsonText::parse_yaml(*text);
    if (!parsed) tree.note(path, "is no YAML");
    return parsed;
}

model::RegistryConfig read_registry_config(const ReaderOptions& options)
{
    model::RegistryConfig report;
    report.node = options.node;
    HostTree tree{options.root};
    const Source source{tree, options, report};
    HostTree others{options.root}; // what is wrong with the kubelet's files says nothing about mirrors
    auto runtime = options.runtime;
    if (runtime == Runtime::automatic) runtime = told_to_kubelet(others);
    read_as(source, runtime);
    report.errors = tree.take_errors();
    read_credential_providers({others, options, report});
    report.config_files = tree.take_files();
    // Once through the reader of the other end: what it would refuse is never sent, and credentials in URLs are gone.
    auto checked = model::parse_registry_config(to_json(report));
    if (checked) return std::move(*checked);
    model::RegistryConfig refused;
    refused.node = options.node;
    refused.runtime = report.runtime;
    refused.errors = {fmt::format("the configuration does not fit into a report: it {}", checked.error().message)};
    return refused;
}

} // namespace seaworthy::node
