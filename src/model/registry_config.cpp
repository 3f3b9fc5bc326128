// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/registry_config.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seaworthy/base/json_text.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::model {
namespace {

using Limits = RegistryConfigLimits;
using Kind = Value::Kind;

struct KindName {
    MirrorKind kind;
    std::string_view name;
};
constexpr KindName k_kinds[] = {
    {MirrorKind::none, "none"},           {MirrorKind::upstream, "upstream"}, {MirrorKind::peer_to_peer, "p2p"},
    {MirrorKind::public_cache, "public"}, {MirrorKind::internal, "internal"},
};

struct ModeName {
    PullMode mode;
    std::string_view name;
};
constexpr ModeName k_modes[] = {{PullMode::all, "all"}, {PullMode::digest_only, "digest-only"}, {PullMode::tag_only, "tag-only"}};

/// Thrown by the reader below, caught at its top: a report is good as a whole or not at all.
struct Unusable {
    std::string why;
};

const Value& member(const Value& object, std::string_view key, Kind kind)
{
    static const Value k_null;
    const auto& value = object[key];
    if (!value.exists()) return k_null;
    if (value.kind() != kind) throw Unusable{fmt::format("\"{}\" has the wrong type", key)};
    return value;
}

std::string text_of(const Value& value)
{
    if (value.kind() != Kind::text) throw Unusable{"a list of texts holds something else"};
    auto text = printable(value.text(), Limits::text * 2);
    if (text.size() > Limits::text) throw Unusable{"a text is too long"};
    return text;
}

std::string text_of(const Value& object, std::string_view key)
{
    const auto& value = member(object, key, Kind::text);
    return value.exists() ? text_of(value) : std::string{};
}

bool flag_of(const Value& object, std::string_view key, bool fallback)
{
    const auto& value = member(object, key, Kind::boolean);
    return value.exists() ? value.is_true() : fallback;
}

std::span<const Value> items_of(const Value& object, std::string_view key, std::size_t limit)
{
    const auto items = member(object, key, Kind::array).items();
    if (items.size() > limit) throw Unusable{fmt::format("\"{}\" has more than {} entries", key, limit)};
    return items;
}

std::vector<std::string> texts_of(const Value& object, std::string_view key)
{
    std::vector<std::string> texts;
    for (const auto& item : items_of(object, key, Limits::list))
        texts.push_back(text_of(item));
    return texts;
}

/// Credentials (RFC 3986 userinfo), query and fragment are nobody's business.
std::string without_secrets(std::string url)
{
    url.resize(std::min(url.find_first_of("?#"), url.size()));
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
    const auto authority = std::string_view{url}.substr(begin, url.find('/', begin) - begin);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) url.erase(begin, at + 1);
    return url;
}

const Value& object_of(const Value& value)
{
    if (value.kind() != Kind::object) throw Unusable{"a list of objects holds something else"};
    return value;
}

RegistryMirror read_mirror(const Value& value)
{
    RegistryMirror mirror;
    mirror.url = without_secrets(text_of(value, "url"));
    if (mirror.url.empty()) throw Unusable{"a mirror has no URL"};
    if (const auto caps = texts_of(value, "caps"); !caps.empty()) {
        const auto has = [&](std::string_view name) { return std::ranges::find(caps, name) != caps.end(); };
        mirror.can_pull = has("pull");
        mirror.can_resolve = has("resolve");
        mirror.can_push = has("push");
    }
    mirror.insecure = flag_of(value, "insecure", false);
    mirror.ca = text_of(value, "ca");
    mirror.override_path = flag_of(value, "override_path", false);
    mirror.dial = text_of(value, "dial");
    const auto kind = text_of(value, "kind");
    for (const auto& row : k_kinds)
        if (row.name == kind) mirror.kind = row.kind;
    return mirror;
}

RegistryEntry read_entry(const Value& value, std::size_t& mirrors_left)
{
    RegistryEntry entry;
    entry.host = text_of(value, "host");
    if (entry.host.empty()) throw Unusable{"a registry has no host"};
    const auto mirrors = items_of(value, "mirrors", mirrors_left);
    mirrors_left -= mirrors.size();
    for (const auto& mirror : mirrors)
        entry.mirrors.push_back(read_mirror(object_of(mirror)));
    entry.upstream_fallback = flag_of(value, "upstream_fallback", true);
    entry.blocked = flag_of(value, "blocked", false);
    const auto mode = text_of(value, "mode");
    for (const auto& row : k_modes)
        if (row.name == mode) entry.mode = row.mode;
    return entry;
}

RegistryConfig read_config(const Value& root)
{
    RegistryConfig config;
    config.node = text_of(root, "node");
    config.runtime = text_of(root, "runtime");
    config.version = text_of(root, "version");
    for (const auto& file : items_of(root, "config_files", Limits::list))
        config.config_files.push_back({text_of(object_of(file), "path"), text_of(file, "sha256"), text_of(file, "mtime")});
    config.config_path_raw = text_of(root, "config_path_raw");
    config.use_local_image_pull = flag_of(root, "use_local_image_pull", false);
    config.discard_unpacked_layers = flag_of(root, "discard_unpacked_layers", false);
    std::size_t mirrors_left = Limits::mirrors;
    for (const auto& entry : items_of(root, "registries", Limits::registries))
        config.registries.push_back(read_entry(object_of(entry), mirrors_left));
    if (const auto& wildcard = member(root, "wildcard", Kind::object); wildcard.exists()) config.wildcard = read_entry(wildcard, mirrors_left);
    config.credential_providers = texts_of(root, "credential_providers");
    config.errors = texts_of(root, "errors");
    return config;
}

std::string text_list(const std::vector<std::string>& texts)
{
    std::string out = "[";
    for (const auto& text : texts)
        out += (out.size() > 1 ? "," : "") + json_quote(text);
    return out + "]";
}

std::string mirror_json(const RegistryMirror& mirror)
{
    std::vector<std::string> caps;
    if (mirror.can_pull) caps.emplace_back("pull");
    if (mirror.can_resolve) caps.emplace_back("resolve");
    if (mirror.can_push) caps.emplace_back("push");
    if (caps.empty()) caps.emplace_back("none"); // an empty list would mean all of them
    auto out = fmt::format(R"({{"url":{},"caps":{},"insecure":{},"ca":{},"override_path":{},"kind":"{}")", json_quote(mirror.url), text_list(caps),
                           mirror.insecure, mirror.ca.empty() ? "null" : json_quote(mirror.ca), mirror.override_path, name(mirror.kind));
    if (!mirror.dial.empty()) out += ",\"dial\":" + json_quote(mirror.dial);
    return out + "}";
}

std::string entry_json(const RegistryEntry& entry)
{
    std::string mirrors;
    for (const auto& mirror : entry.mirrors)
        mirrors += (mirrors.empty() ? "" : ",") + mirror_json(mirror);
    return fmt::format(R"({{"host":{},"mirrors":[{}],"upstream_fallback":{},"mode":"{}","blocked":{}}})", json_quote(entry.host), mirrors,
                       entry.upstream_fallback, name(entry.mode), entry.blocked);
}

struct Name {
    std::string_view host;
    std::string_view path; ///< begins with "/" unless empty
};

Name split(std::string_view name)
{
    const auto slash = std::min(name.find('/'), name.size());
    return {canonical_registry(name.substr(0, slash)), name.substr(slash)};
}

/// True if `name` is what `pattern` says or a part of it. registries.conf: `*.example.com` stands for every host below it.
bool covers(const Name& pattern, const Name& name)
{
    if (pattern.host.starts_with("*.") ? !name.host.ends_with(pattern.host.substr(1)) : pattern.host != name.host) return false;
    return name.path.starts_with(pattern.path) && (name.path.size() == pattern.path.size() || name.path[pattern.path.size()] == '/');
}

} // namespace

std::string_view name(MirrorKind kind)
{
    return k_kinds[static_cast<std::size_t>(kind)].name;
}

std::string_view name(PullMode mode)
{
    return k_modes[static_cast<std::size_t>(mode)].name;
}

std::string_view canonical_registry(std::string_view host)
{
    return host == "registry-1.docker.io" || host == "index.docker.io" ? std::string_view{"docker.io"} : host;
}

std::string_view authority_of(std::string_view url)
{
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find('/'));
}

std::string ping_url_of(std::string_view mirror_url)
{
    const bool has_scheme = mirror_url.find("://") != std::string_view::npos;
    const auto scheme = has_scheme ? mirror_url.substr(0, mirror_url.find("://")) : std::string_view{"https"};
    return fmt::format("{}://{}/v2/", scheme, authority_of(mirror_url));
}

const RegistryEntry* RegistryConfig::entry_of(std::string_view repository) const
{
    const auto wanted = split(repository);
    const RegistryEntry* best = nullptr;
    std::size_t best_size = 0;
    for (const auto& entry : registries) {
        const auto pattern = split(entry.host);
        const auto size = pattern.host.size() + pattern.path.size();
        if (entry.is_wildcard() || !covers(pattern, wanted) || (best != nullptr && size <= best_size)) continue;
        best = &entry;
        best_size = size;
    }
    if (best != nullptr) return best;
    const auto at = std::ranges::find_if(registries, &RegistryEntry::is_wildcard);
    if (at != registries.end()) return &*at;
    return wildcard ? &*wildcard : nullptr;
}

Result<RegistryConfig> parse_registry_config(std::string_view json)
{
    const auto parsed = JsonText::parse(json);
    if (!parsed || parsed->root().kind() != Kind::object) return failure(Error::Kind::invalid_input, "is no JSON object");
    try {
        return read_config(parsed->root());
    } catch (const Unusable& unusable) {
        return failure(Error::Kind::invalid_input, unusable.why);
    }
}

std::string to_json(const RegistryConfig& config)
{
    std::string files;
    for (const auto& file : config.config_files)
        files += fmt::format(R"({}{{"path":{},"sha256":{},"mtime":{}}})", files.empty() ? "" : ",", json_quote(file.path), json_quote(file.sha256),
                             json_quote(file.modified));
    std::string registries;
    for (const auto& entry : config.registries)
        registries += (registries.empty() ? "" : ",") + entry_json(entry);
    return fmt::format(R"({{"node":{},"runtime":{},"version":{},"config_files":[{}],"config_path_raw":{},"use_local_image_pull":{},)"
                       R"("discard_unpacked_layers":{},"registries":[{}],"wildcard":{},"credential_providers":{},"errors":{}}})",
                       json_quote(config.node), json_quote(config.runtime), json_quote(config.version), files, json_quote(config.config_path_raw),
                       config.use_local_image_pull, config.discard_unpacked_layers, registries,
                       config.wildcard ? entry_json(*config.wildcard) : "null", text_list(config.credential_providers), text_list(config.errors));
}

} // namespace seaworthy::model
