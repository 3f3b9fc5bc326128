// SPDX-License-Identifier: Apache-2.0
// containers-registries.conf(5), which CRI-O and Podman share.
#include <algorithm>

#include <fmt/format.h>

#include "node/sources.hpp"

namespace seaworthy::node {
namespace {

using model::PullMode;
using model::RegistryEntry;
using model::RegistryMirror;
using model::Value;

constexpr const char* k_file = "/etc/containers/registries.conf";
constexpr const char* k_folder = "/etc/containers/registries.conf.d";

PullMode mode_of(std::string_view text)
{
    if (text == "digest-only") return PullMode::digest_only;
    return text == "tag-only" ? PullMode::tag_only : PullMode::all;
}

/// How all mirrors together are used: in one way only if each of them is.
PullMode mode_of(const std::vector<PullMode>& modes)
{
    const bool equal = !modes.empty() && std::ranges::all_of(modes, [&](PullMode mode) { return mode == modes.front(); });
    return equal ? modes.front() : PullMode::all;
}

RegistryEntry entry_of(const Source& source, const Value& table)
{
    const auto location = table["location"].text();
    const auto prefix = table["prefix"].text();
    RegistryEntry entry{.host = std::string{prefix.empty() ? location : prefix}};
    std::vector<PullMode> modes;
    const bool by_digest = table["mirror-by-digest-only"].is_true();
    for (const auto& item : table["mirror"].items()) {
        if (item["location"].text().empty()) continue;
        auto mirror = source.mirror(item["location"].text(), entry.host);
        mirror.insecure = item["insecure"].is_true();
        const auto mode = by_digest ? PullMode::digest_only : mode_of(item["pull-from-mirror"].text());
        mirror.can_resolve = mode != PullMode::digest_only;
        modes.push_back(mode);
        entry.mirrors.push_back(std::move(mirror));
    }
    entry.mode = mode_of(modes);
    entry.blocked = table["blocked"].is_true();
    if (!location.empty() && !prefix.empty() && location != prefix) {
        // A remap: the registry under the prefix is never asked, whatever is at the location takes its place.
        auto last = source.mirror(location, entry.host);
        last.insecure = table["insecure"].is_true();
        entry.upstream_fallback = last.kind == model::MirrorKind::upstream;
        if (!entry.upstream_fallback) {
            entry.mode = PullMode::all;
            entry.mirrors.push_back(std::move(last));
        }
    }
    return entry;
}

void read_file(const Source& source, const std::string& path, std::vector<RegistryEntry>& entries)
{
    const auto file = read_toml(source.tree, path);
    if (!file) return;
    for (const auto& table : (*file)["registry"].items()) {
        auto entry = entry_of(source, table);
        if (entry.host.empty()) continue;
        // Drop-in files come later and win.
        std::erase_if(entries, [&](const RegistryEntry& known) { return known.host == entry.host; });
        entries.push_back(std::move(entry));
    }
}

} // namespace

bool read_registries_conf(const Source& source)
{
    std::vector<RegistryEntry> entries;
    const bool there = source.tree.exists(k_file);
    if (there) read_file(source, k_file, entries);
    const auto names = source.tree.list(k_folder);
    if (names)
        for (const auto& name : *names)
            if (name.ends_with(".conf")) read_file(source, fmt::format("{}/{}", k_folder, name), entries);
    for (auto& entry : entries)
        source.add(std::move(entry));
    return there || names.has_value();
}

} // namespace seaworthy::node
