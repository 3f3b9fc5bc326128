// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "node/sources.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::node {
namespace {

using model::JsonText;
using model::RegistryEntry;
using model::RegistryMirror;
using model::Value;

constexpr std::size_t k_most_imports = 64;

/// docs/hosts.md: names of a host's folder, in the order in which containerd looks for them.
std::string host_of_folder(std::string_view folder)
{
    // "registry.example_5000_" stands for a port where a colon cannot be in a file's name.
    if (folder.ends_with('_') && folder != "_") {
        const auto body = folder.substr(0, folder.size() - 1);
        const auto port = body.rfind('_');
        if (port != std::string_view::npos && body.find_first_not_of("0123456789", port + 1) == std::string_view::npos)
            return fmt::format("{}:{}", body.substr(0, port), body.substr(port + 1));
    }
    return std::string{folder};
}

/// One `[host."URL"]` table, or the top of the file for `server`.
RegistryMirror mirror_of(const Source& source, std::string_view url, const Value& table, std::string_view registry)
{
    auto mirror = source.mirror(url, registry);
    if (const auto& caps = table["capabilities"]; caps.size() > 0) {
        mirror.can_pull = caps.contains("pull");
        mirror.can_resolve = caps.contains("resolve");
        mirror.can_push = caps.contains("push");
    }
    mirror.insecure = table["skip_verify"].is_true();
    mirror.override_path = table["override_path"].is_true();
    const auto& ca = table["ca"];
    mirror.ca = ca.kind() == Value::Kind::array && ca.size() > 0 ? ca.items().front().text() : ca.text();
    return mirror;
}

RegistryEntry entry_of(const Source& source, const Value& file, std::string host)
{
    RegistryEntry entry{.host = std::move(host)};
    for (const auto& [url, table] : file["host"].members())
        if (!url.empty()) entry.mirrors.push_back(mirror_of(source, url, table, entry.host));
    // Without `server` the registry itself is the last to be asked.
    if (const auto server = file["server"].text(); !server.empty()) {
        auto last = mirror_of(source, server, file, entry.host);
        entry.upstream_fallback = last.kind == model::MirrorKind::upstream;
        if (!entry.upstream_fallback) entry.mirrors.push_back(std::move(last));
    }
    return entry;
}

/// The image service's table of config.toml: version 3, or 2.
const Value& registry_table(const JsonText& config)
{
    const auto& images = config["plugins"]["io.containerd.cri.v1.images"]["registry"];
    return images.exists() ? images : config["plugins"]["io.containerd.grpc.v1.cri"]["registry"];
}

/// The older tables: `registry.mirrors."docker.io".endpoint`, used where config_path is not set.
void read_legacy(const Source& source, const Value& registry)
{
    for (const auto& [host, table] : registry["mirrors"].members()) {
        RegistryEntry entry{.host = host.str()};
        for (const auto& endpoint : table["endpoint"].items()) {
            if (endpoint.text().empty()) continue;
            auto mirror = source.mirror(endpoint.text(), entry.host);
            const auto& tls = registry["configs"][model::authority_of(mirror.url)]["tls"];
            mirror.insecure = tls["insecure_skip_verify"].is_true();
            mirror.ca = tls["ca_file"].text();
            entry.mirrors.push_back(std::move(mirror));
        }
        if (!entry.host.empty()) source.add(std::move(entry));
    }
}

/// config.toml and what it imports. Later files win; of the parts that matter here each file sets all or nothing.
class Configuration {
public:
    explicit Configuration(const Source& source) : m_source(source) {}

    bool read(const std::string& path)
    {
        if (!m_source.tree.exists(path)) return false;
        add(path, 0);
        if (m_config_path.empty()) {
            for (const auto& file : m_files)
                read_legacy(m_source, registry_table(file));
            return true;
        }
        m_source.report.config_path_raw = m_config_path;
        for (std::string_view rest = m_config_path; !rest.empty();) {
            const auto end = std::min(rest.find(':'), rest.size());
            read_hosts_folder(m_source, std::string{rest.substr(0, end)});
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return true;
    }

private:
    void add(const std::string& path, int depth)
    {
        constexpr int k_deepest = 8;
        if (!m_seen.insert(path).second) return;
        if (m_seen.size() > k_most_imports || depth > k_deepest) return m_source.tree.note(path, "too many imports: this one is not read");
        auto file = read_toml(m_source.tree, path);
        if (!file) return;
        take(*file);
        m_files.push_back(std::move(*file));
        const auto imports = m_files.back()["imports"].items();
        for (const auto& import : std::vector<Value>(imports.begin(), imports.end()))
            if (!import.text().empty()) add_import(path, import.text(), depth + 1);
    }

    /// A path, perhaps with `*` in its last part, relative to the file that names it.
    void add_import(const std::string& from, std::string_view import, int depth)
    {
        const auto target = (std::filesystem::path{from}.parent_path() / import).lexically_normal();
        const auto name = target.filename().string();
        if (name.find('*') == std::string::npos) return add(target.string(), depth);
        const auto folder = target.parent_path().string();
        const auto names = m_source.tree.list(folder);
        if (!names) return;
        for (const auto& candidate : *names)
            if (glob_match(name, candidate)) add(fmt::format("{}/{}", folder, candidate), depth);
    }

    void take(const JsonText& file)
    {
        auto& report = m_source.report;
        if (const auto path = registry_table(file)["config_path"].text(); !path.empty()) m_config_path = path;
        const auto& images = file["plugins"]["io.containerd.cri.v1.images"];
        const auto& older = file["plugins"]["io.containerd.grpc.v1.cri"];
        for (const auto* table : {&images, &older}) {
            report.use_local_image_pull = report.use_local_image_pull || (*table)["use_local_image_pull"].is_true();
            report.discard_unpacked_layers = report.discard_unpacked_layers || (*table)["discard_unpacked_layers"].is_true() ||
                                             (*table)["containerd"]["discard_unpacked_layers"].is_true();
        }
    }

    const Source& m_source;
    std::set<std::string> m_seen;
    std::vector<JsonText> m_files;
    std::string m_config_path;
};

} // namespace

bool read_hosts_folder(const Source& source, const std::string& folder)
{
    const auto names = source.tree.list(folder);
    if (!names) return false;
    for (const auto& name : *names) {
        // A folder with certificates alone is no mirror.
        if (const auto file = read_toml(source.tree, fmt::format("{}/{}/hosts.toml", folder, name)))
            source.add(entry_of(source, file->root(), host_of_folder(name)));
    }
    return true;
}

bool read_containerd(const Source& source, const std::string& config)
{
    return Configuration{source}.read(config);
}

} // namespace seaworthy::node
