// SPDX-License-Identifier: Apache-2.0
// What a node-probe says about how its node pulls images (interfaces.md §3: `node:<name>/v1/registry-config`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"

namespace seaworthy::model {

/// Where pulls from a registry go first, best last.
enum class MirrorKind : std::uint8_t { none, upstream, peer_to_peer, public_cache, internal };
[[nodiscard]] std::string_view name(MirrorKind kind); ///< "p2p", as reports write it

/// Which pulls a registry's mirrors serve (containers-registries.conf: pull-from-mirror).
enum class PullMode : std::uint8_t { all, digest_only, tag_only };
[[nodiscard]] std::string_view name(PullMode mode); ///< "digest-only"

struct RegistryMirror {
    std::string url;            ///< with its scheme; never with credentials
    bool can_pull = true;       ///< capabilities of containerd's hosts.toml; none written means all
    bool can_resolve = true;    ///< may turn tags into digests
    bool can_push = true;       ///< irrelevant to pulls, kept as configured
    bool insecure = false;      ///< the server's certificate need not be verified, or plain HTTP will do
    std::string ca;             ///< a path on the node, or empty
    bool override_path = false; ///< the URL's path is the API's root
    MirrorKind kind = MirrorKind::none;
    std::string dial; ///< "ok", an error word of a probe, or empty: not asked
};

struct RegistryEntry {
    std::string host; ///< a registry host, or host/path where only a part of a registry is configured; "_default" or "*" for all others
    std::vector<RegistryMirror> mirrors; ///< in the order in which they are tried
    bool upstream_fallback = true;       ///< the registry itself is asked where no mirror answers
    PullMode mode = PullMode::all;
    bool blocked = false; ///< pulls under this name are refused

    [[nodiscard]] bool is_wildcard() const { return host == "_default" || host == "*"; }
};

struct ConfigFile {
    std::string path;
    std::string sha256;
    std::string modified; ///< RFC 3339
};

struct RegistryConfig {
    std::string node;
    std::string runtime; ///< "containerd", "cri-o", "podman", "docker", or empty: none found
    std::string version; ///< of the runtime, where the probe knows it
    std::vector<ConfigFile> config_files;
    std::string config_path_raw; ///< containerd's config_path as written
    bool use_local_image_pull = false;
    bool discard_unpacked_layers = false;
    std::vector<RegistryEntry> registries;
    std::optional<RegistryEntry> wildcard;         ///< for registries without an entry
    std::vector<std::string> credential_providers; ///< names of the kubelet's image credential providers
    std::vector<std::string> errors;               ///< what could not be read, a sentence each

    /// The entry that decides about a repository ("docker.io/library/nginx", or a host alone): the longest that is the name or a part of it
    /// up to a "/"; else the wildcard; nullptr where there is none. docker.io also goes by index.docker.io and registry-1.docker.io.
    [[nodiscard]] const RegistryEntry* entry_of(std::string_view repository) const;
};

/// "docker.io" for the other two names of Docker Hub, everything else as it is.
[[nodiscard]] std::string_view canonical_registry(std::string_view host);
/// host or host:port of a mirror's URL.
[[nodiscard]] std::string_view authority_of(std::string_view url);
/// Where a mirror is asked whether it is there (distribution-spec end-1): `/v2/` at the root of its host, whatever path pulls take.
[[nodiscard]] std::string ping_url_of(std::string_view mirror_url);

/// Caps of a report: what a node says beyond them makes the whole report unusable.
struct RegistryConfigLimits {
    static constexpr std::size_t bytes = 512 * 1024; ///< of an answer
    static constexpr std::size_t registries = 1000;
    static constexpr std::size_t mirrors = 1000; ///< of all registries
    static constexpr std::size_t list = 256;     ///< files, errors, providers
    static constexpr std::size_t text = 2048;
};

/// Reads a report, which may come from anybody: an error for what is no JSON object of this form or beyond a limit. Unknown members are
/// ignored; of known ones only those of the right type are taken for granted. Texts are made printable, credentials in URLs are dropped.
[[nodiscard]] Result<RegistryConfig> parse_registry_config(std::string_view json);
/// The report as JSON, whose parse gives the same again.
[[nodiscard]] std::string to_json(const RegistryConfig& config);

} // namespace seaworthy::model
