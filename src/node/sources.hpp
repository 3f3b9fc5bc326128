// SPDX-License-Identifier: Apache-2.0
// The kinds of files that configure registry mirrors; each reader adds what it finds to the report.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/host_tree.hpp"
#include "seaworthy/model/json_text.hpp"
#include "seaworthy/model/registry_config.hpp"
#include "seaworthy/node/registry_reader.hpp"

namespace seaworthy::node {

struct Source {
    HostTree& tree;
    const ReaderOptions& options;
    model::RegistryConfig& report;

    /// A mirror by its URL, with https:// where it has no scheme; its kind is decided here.
    [[nodiscard]] model::RegistryMirror mirror(std::string_view url, std::string_view registry) const;
    /// Keeps the entry, a wildcard apart; a registry that has one already keeps the first. Beyond a report's limits it is an error.
    void add(model::RegistryEntry entry) const;
};

[[nodiscard]] std::optional<model::JsonText> read_toml(HostTree& tree, const std::string& path);
[[nodiscard]] std::optional<model::JsonText> read_yaml(HostTree& tree, const std::string& path);

/// config.toml with its imports, certs.d or the older tables in it. True if there is one.
bool read_containerd(const Source& source, const std::string& config);
/// `<folder>/<host>/hosts.toml`. True if the folder is there.
bool read_hosts_folder(const Source& source, const std::string& folder);
/// registries.conf and registries.conf.d. True if there is one.
bool read_registries_conf(const Source& source);
/// k3s and RKE2: what they generated for containerd, else registries.yaml. True if there is one.
bool read_rancher(const Source& source);
/// daemon.json. True if there is one.
bool read_docker(const Source& source);
/// Names of the kubelet's credential providers.
void read_credential_providers(const Source& source);

/// p2p: loopback, the node's own address, a node port; internal: a private address, a name that only a private network can have, or one of
/// `internal_domains`; upstream: the registry itself; else public.
[[nodiscard]] model::MirrorKind classify(std::string_view url, std::string_view registry, const ReaderOptions& options);

} // namespace seaworthy::node
