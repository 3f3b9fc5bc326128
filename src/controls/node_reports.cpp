// SPDX-License-Identifier: Apache-2.0
#include "node_reports.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {

namespace {

constexpr std::chrono::minutes k_fresh{15};
constexpr std::string_view k_path = "/v1/registry-config";

bool is_same_registry(std::string_view a, std::string_view b)
{
    const auto canonical = [](std::string_view host) {
        return host == "registry-1.docker.io" || host == "index.docker.io" ? std::string_view{"docker.io"} : host;
    };
    return canonical(a) == canonical(b);
}

/// The host of a mirror's URL, with its port.
std::string_view authority(std::string_view url)
{
    const auto scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find('/'));
}

MirrorKind kind_of(const model::Value& mirror, std::string_view host, const std::vector<std::string>& internal_domains)
{
    const auto where = authority(mirror["url"].text());
    const auto name = where.substr(0, where.rfind(':'));
    if (is_same_registry(where, host)) return MirrorKind::upstream;
    for (const auto& domain : internal_domains)
        if (name == domain || name.ends_with(fmt::format(".{}", domain))) return MirrorKind::internal;
    const auto kind = mirror["kind"].text();
    if (kind == "internal") return MirrorKind::internal;
    if (kind == "public") return MirrorKind::public_cache;
    if (kind == "p2p") return MirrorKind::peer_to_peer;
    return kind == "upstream" ? MirrorKind::upstream : MirrorKind::none;
}

MirrorKind best_of(const model::Value& entry, std::string_view host, const std::vector<std::string>& internal_domains)
{
    auto best = MirrorKind::none;
    for (const auto& mirror : entry["mirrors"].items())
        best = std::max(best, kind_of(mirror, host, internal_domains));
    return best;
}

} // namespace

std::string_view name(MirrorKind kind)
{
    switch (kind) {
    case MirrorKind::none: return "none";
    case MirrorKind::upstream: return "upstream";
    case MirrorKind::peer_to_peer: return "p2p";
    case MirrorKind::public_cache: return "public";
    case MirrorKind::internal: return "internal";
    }
    return {};
}

NodeReport report_of(const check::Context& context, std::string_view node)
{
    const auto* answer = context.inventory.probe(fmt::format("node:{}{}", node, k_path));
    if (answer == nullptr) return {{}, check::Reason::unobservable, "The node-probe on this node has not reported"};
    if (answer->at.known() && answer->at < context.now && answer->at.at_least(k_fresh + seconds{1}, context.now))
        return {{}, check::Reason::unobservable, "The newest report of the node-probe on this node is stale"};
    if (answer->status != 200)
        return {{},
                check::Reason::unavailable,
                fmt::format("The node-probe on this node does not answer: {}",
                            answer->error.empty() ? fmt::format("HTTP {}", answer->status) : answer->error)};
    auto report = model::JsonText::parse(answer->body);
    if (!report || report->root().kind() != model::Value::Kind::object)
        return {{}, check::Reason::malformed, "The report of the node-probe on this node cannot be read"};
    return {std::move(report), check::Reason::none, {}};
}

bool has_node_reports(const check::Context& context)
{
    const auto first = context.inventory.probes.lower_bound("node:");
    return first != context.inventory.probes.end() && first->first.starts_with("node:");
}

MirrorKind best_mirror(const model::JsonText& report, std::string_view host, const std::vector<std::string>& internal_domains)
{
    for (const auto& entry : report["registries"].items())
        if (is_same_registry(entry["host"].text(), host)) return best_of(entry, host, internal_domains);
    for (const auto& entry : report["registries"].items())
        if (entry["host"].text() == "_default" || entry["host"].text() == "*") return best_of(entry, host, internal_domains);
    return best_of(report["wildcard"], host, internal_domains);
}

bool ignores_mirrors(const model::JsonText& report)
{
    if (report["runtime"].text() != "containerd" || report["config_path_raw"].text().find(':') == std::string_view::npos) return false;
    if (report["use_local_image_pull"].is_true() || report["discard_unpacked_layers"].is_true()) return false;
    auto version = report["version"].text();
    if (version.starts_with('v')) version.remove_prefix(1);
    int major = 0;
    int minor = 0;
    const auto [rest, error] = std::from_chars(version.data(), version.data() + version.size(), major);
    if (error != std::errc{}) return false;
    if (rest != version.data() + version.size() && *rest == '.') std::from_chars(rest + 1, version.data() + version.size(), minor);
    return major > 2 || (major == 2 && minor >= 1);
}

std::vector<std::string> hosts_in_use(const check::Context& context)
{
    // Pods rather than templates: injected containers are pulled too. Equal specs are stored once.
    std::set<const model::PodSpec*> specs;
    for (const auto& pod : context.inventory.pods)
        if (pod.spec() != nullptr && pod.is_active()) specs.insert(pod.spec());
    std::set<std::string> hosts;
    for (const auto* spec : specs)
        for (const auto& container : spec->containers)
            if (const auto image = model::parse_image_reference(container.image)) hosts.insert(image->host);
    return {hosts.begin(), hosts.end()};
}

} // namespace seaworthy::controls
