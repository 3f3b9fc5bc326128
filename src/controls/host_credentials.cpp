// SPDX-License-Identifier: Apache-2.0
#include "host_credentials.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "seaworthy/base/pattern.hpp"
#include "software.hpp"

namespace seaworthy::controls {

namespace {

using check::Status;

/// Where nodes keep credentials; `*` is one path component.
constexpr std::array<std::string_view, 16> k_credential_paths{
    "/etc/kubernetes",
    "/var/lib/kubelet/pki",
    "/var/lib/kubelet/pods",
    "/var/lib/kubelet/kubeconfig",
    "/root/.aws",
    "/root/.kube",
    "/root/.ssh",
    "/root/.docker",
    "/home/*/.aws",
    "/home/*/.kube",
    "/home/*/.ssh",
    "/var/lib/rancher/k3s/server",
    "/var/lib/rancher/rke2/server",
    "/etc/rancher",
    "/var/lib/docker",
    "/",
};

/// Without doubled and trailing slashes; "/" stays.
std::string normalised(std::string_view path)
{
    std::string result;
    for (const char c : path)
        if (c != '/' || result.empty() || result.back() != '/') result += c;
    if (result.size() > 1 && result.back() == '/') result.pop_back();
    return result;
}

/// Takes the first component off an absolute path; empty at its end.
std::string_view next_component(std::string_view& path)
{
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    const auto component = path.substr(0, path.find('/'));
    path.remove_prefix(component.size());
    return component;
}

/// True if one of the two is the other or lies above it.
bool on_one_line(std::string_view path, std::string_view credentials)
{
    while (true) {
        const auto a = next_component(path);
        const auto b = next_component(credentials);
        if (a.empty() || b.empty()) return true;
        if (b != "*" && a != b) return false;
    }
}

bool is_below(std::string_view path, std::string_view folder)
{
    return path == folder || (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

struct Mounts {
    bool any = false;
    bool read_only = true; ///< every mount of the volume
    bool non_root = true;  ///< in every container that mounts it
};

bool runs_as_non_root(const model::Container& container, const model::PodSpec& spec)
{
    const auto user = container.security->run_as_user ? container.security->run_as_user : spec.security->run_as_user;
    const auto flag = container.security->run_as_non_root ? container.security->run_as_non_root : spec.security->run_as_non_root;
    return (user && *user != 0) || (!user && flag.value_or(false));
}

Mounts mounts_of(const model::Volume& volume, const model::PodSpec& spec)
{
    Mounts mounts;
    for (const auto& container : spec.containers) {
        for (const auto& mount : container.mounts) {
            if (mount.name != volume.name) continue;
            mounts.any = true;
            mounts.read_only = mounts.read_only && mount.read_only;
            mounts.non_root = mounts.non_root && runs_as_non_root(container, spec);
        }
    }
    mounts.read_only = mounts.read_only && mounts.any;
    return mounts;
}

bool is_key_file(std::string_view path)
{
    const auto name = path.substr(path.rfind('/') + 1);
    for (const std::string_view ending : {".key", ".pem", ".crt", ".conf"})
        if (name.ends_with(ending)) return true;
    return name == "kubeconfig" || name == "azure.json";
}

bool is_csi_node_plugin(const model::PodSpec& spec)
{
    return std::ranges::any_of(spec.containers, [](const auto& container) {
        return is_image_of(container.image, "csi-node-driver-registrar, *csi-node-driver-registrar*");
    });
}

bool is_node_probe(const model::PodSpec& spec)
{
    return std::ranges::any_of(spec.containers, [](const auto& container) {
        const auto asks = [](const auto& word) { return word == "node-probe"; };
        return is_image_of(container.image, "seaworthy") &&
               (std::ranges::any_of(container.command, asks) || std::ranges::any_of(container.args, asks));
    });
}

/// Paths that certain software cannot do without. By path, never by image alone.
bool is_needed(std::string_view path, bool read_only, const model::PodSpec& spec)
{
    if (is_below(path, "/var/lib/docker/containers")) return read_only;
    if (is_below(path, "/etc/rancher")) return read_only && is_node_probe(spec);
    for (const std::string_view folder : {"/var/lib/kubelet/plugins", "/var/lib/kubelet/plugins_registry", "/var/lib/kubelet/pods"})
        if (is_below(path, folder)) return is_csi_node_plugin(spec);
    return false;
}

} // namespace

Status judge_host_path(const model::Volume& volume, const model::PodSpec& spec)
{
    const auto path = normalised(volume.source);
    const auto mounts = mounts_of(volume, spec);
    if (is_needed(path, mounts.read_only, spec)) return Status::not_applicable;
    const auto holds = [&](std::string_view credentials) { return credentials == "/" ? path == "/" : on_one_line(path, credentials); };
    if (!std::ranges::any_of(k_credential_paths, holds)) return Status::pass;
    if (path == "/" && mounts.read_only && mounts.non_root) return Status::warn;
    if (volume.type == "File" && mounts.read_only && !is_key_file(path)) return Status::warn;
    return Status::fail;
}

} // namespace seaworthy::controls
