// SPDX-License-Identifier: Apache-2.0
#include "node_reports.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using check::Reason;
using model::MirrorKind;

constexpr std::chrono::minutes k_fresh{15};
constexpr std::string_view k_scheme = "node:";
constexpr std::string_view k_path = "/v1/registry-config";

bool is_fresh(const model::ProbeAnswer& answer, Timestamp now)
{
    return !answer.at.known() || answer.at >= now || !answer.at.at_least(k_fresh + seconds{1}, now);
}

/// The newest row that counts: an answer of the last 15 minutes, else whatever came last.
const model::ProbeAnswer& decisive(const std::vector<model::ProbeAnswer>& rows, Timestamp now)
{
    const auto answer = std::find_if(rows.rbegin(), rows.rend(), [&](const auto& row) { return row.status == 200 && is_fresh(row, now); });
    return answer != rows.rend() ? *answer : rows.back();
}

/// Whose files a runtime reads: CRI-O and Podman share theirs.
std::string_view family(std::string_view runtime)
{
    return runtime == "podman" ? std::string_view{"cri-o"} : runtime;
}

/// "containerd" and "2.1.4" of "containerd://2.1.4".
std::pair<std::string_view, std::string_view> runtime_of(const model::Node* node)
{
    if (node == nullptr) return {};
    const auto text = node->container_runtime.view();
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return {};
    return {text.substr(0, scheme), text.substr(scheme + 3)};
}

NodeReport judge_answer(const Context& context, const model::ProbeAnswer& answer, std::string_view name, const model::Node* node)
{
    const auto* read = context.index.report_in(answer);
    if (read == nullptr || !*read)
        return {nullptr, Reason::malformed,
                fmt::format("The report of the node-probe on this node cannot be read: it {}", read != nullptr ? read->error().message : "is none")};
    const auto& report = **read;
    if (!report.node.empty() && report.node != name)
        return {nullptr, Reason::malformed, fmt::format("The node-probe on this node reports about another one: {}", report.node)};
    const auto runtime = runtime_of(node).first;
    if (!runtime.empty() && !report.runtime.empty() && family(runtime) != family(report.runtime))
        return {nullptr, Reason::malformed, fmt::format("The node-probe reports about {}, but the node runs {}", report.runtime, runtime)};
    if (report.runtime.empty() && report.registries.empty() && !report.wildcard)
        return {nullptr, Reason::unobservable, "The node-probe on this node finds no configuration of a container runtime"};
    return {&report, Reason::none, {}};
}

std::vector<std::string> names_asked(const Context& context)
{
    std::vector<std::string> names;
    const auto& probes = context.inventory.probes;
    for (auto at = probes.lower_bound(k_scheme); at != probes.end() && at->first.starts_with(k_scheme); ++at) {
        std::string_view url = at->first;
        if (!url.ends_with(k_path)) continue;
        url.remove_prefix(k_scheme.size());
        url.remove_suffix(k_path.size());
        names.emplace_back(url);
    }
    return names;
}

int number_at(std::string_view& text)
{
    int number = -1;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return -1;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    if (text.starts_with('.')) text.remove_prefix(1);
    return number;
}

/// Calls `visit` with each image that active pods ask for: pods rather than templates, since injected containers are pulled too. Equal
/// specs are stored once.
template <typename Visit>
void for_each_image(const Context& context, Visit visit)
{
    std::set<const model::PodSpec*> specs;
    for (const auto& pod : context.inventory.pods)
        if (pod.spec() != nullptr && pod.is_active()) specs.insert(pod.spec());
    for (const auto* spec : specs)
        for (const auto& container : spec->containers)
            if (const auto image = model::parse_image_reference(container.image)) visit(*image);
}

} // namespace

check::Verdict NodeReport::unknown() const
{
    auto verdict = check::unknown(reason, problem).needs_grant(std::string{grant});
    return reason == Reason::unobservable ? std::move(verdict).with("word", "stale") : verdict;
}

check::ObjectKey ReportingNode::key() const
{
    return node != nullptr ? check::ObjectKey::of("v1", "Node", node->meta) : check::ObjectKey{"v1", "Node", "", name, ""};
}

NodeReport report_of(const Context& context, std::string_view node)
{
    const auto rows = context.inventory.probes.find(fmt::format("{}{}{}", k_scheme, node, k_path));
    if (rows == context.inventory.probes.end() || rows->second.empty())
        return {nullptr, Reason::unobservable, "The node-probe on this node has not reported"};
    const auto& answer = decisive(rows->second, context.now);
    if (!is_fresh(answer, context.now)) return {nullptr, Reason::unobservable, "The newest report of the node-probe on this node is stale"};
    if (answer.status != 200)
        return {nullptr, Reason::unavailable,
                fmt::format("The node-probe on this node does not answer: {}",
                            answer.error.empty() ? fmt::format("HTTP {}", answer.status) : answer.error)};
    const auto* object = context.index.find_node(node);
    // Which runtime reads those files only the Node says.
    if (const auto* gap = context.gap("nodes"); object == nullptr && gap != nullptr)
        return {nullptr, gap->reason, "The Node object, which says whose files count, could not be read", "NO"};
    return judge_answer(context, answer, node, object);
}

bool has_node_reports(const Context& context)
{
    const auto first = context.inventory.probes.lower_bound(k_scheme);
    return first != context.inventory.probes.end() && first->first.starts_with(k_scheme);
}

check::Verdict probe_disabled()
{
    return check::unknown(Reason::unobservable, "The API does not show which mirrors nodes use, and the node-probe is not in use")
        .needs_grant("NPR")
        .with("word", "probe-disabled");
}

bool has_no_host(const model::Node& node)
{
    return node.meta.labels.is("eks.amazonaws.com/compute-type", "fargate") || node.meta.labels.is("type", "virtual-kubelet") ||
           node.operating_system == "windows";
}

std::vector<ReportingNode> nodes_with_host(const Context& context)
{
    std::vector<ReportingNode> nodes;
    for (const auto& node : context.inventory.nodes)
        if (!has_no_host(node)) nodes.push_back({node.meta.name.str(), &node, report_of(context, node.meta.name)});
    std::ranges::sort(nodes, {}, &ReportingNode::name);
    return nodes;
}

std::vector<ReportingNode> nodes_asked(const Context& context)
{
    std::vector<ReportingNode> nodes;
    for (auto& name : names_asked(context)) {
        auto found = report_of(context, name);
        const auto* node = context.index.find_node(name);
        nodes.push_back({std::move(name), node, std::move(found)});
    }
    return nodes;
}

std::optional<double> report_coverage(const Context& context)
{
    std::size_t ready = 0;
    std::size_t reported = 0;
    for (const auto& node : nodes_with_host(context)) {
        if (!node.node->ready()) continue;
        ++ready;
        if (node.found.report) ++reported;
    }
    return ready == 0 ? std::nullopt : std::optional{static_cast<double>(reported) / static_cast<double>(ready)};
}

MirrorKind kind_of(const model::RegistryMirror& mirror, std::string_view host, const std::vector<std::string>& internal_domains)
{
    const auto where = model::authority_of(mirror.url);
    const auto name = where.substr(0, where.rfind(':'));
    const auto registry = host.substr(0, host.find('/'));
    if (model::canonical_registry(where) == model::canonical_registry(registry)) return MirrorKind::upstream;
    for (const auto& domain : internal_domains)
        if (name == domain || name.ends_with(fmt::format(".{}", domain))) return MirrorKind::internal;
    return mirror.kind;
}

MirrorKind best_mirror(const model::RegistryConfig& report, std::string_view repository, const std::vector<std::string>& internal_domains)
{
    auto best = MirrorKind::none;
    if (const auto* entry = report.entry_of(repository); entry != nullptr)
        for (const auto& mirror : entry->mirrors)
            if (mirror.can_pull) best = std::max(best, kind_of(mirror, repository, internal_domains));
    return best;
}

bool ignores_mirrors(const ReportingNode& node)
{
    const auto& report = *node.found.report;
    if (report.runtime != "containerd" || report.config_path_raw.find(':') == std::string::npos) return false;
    if (report.use_local_image_pull || report.discard_unpacked_layers) return false;
    // The probe sees files, not processes: the version is the kubelet's word where the report has none.
    auto version = report.version.empty() ? runtime_of(node.node).second : std::string_view{report.version};
    if (version.starts_with('v')) version.remove_prefix(1);
    const int major = number_at(version);
    const int minor = number_at(version);
    return major > 2 || (major == 2 && minor >= 1);
}

std::vector<std::string> hosts_in_use(const Context& context)
{
    std::set<std::string> hosts;
    for_each_image(context, [&](const model::ImageReference& image) { hosts.insert(image.host); });
    return {hosts.begin(), hosts.end()};
}

std::vector<std::string> repositories_by_tag(const Context& context)
{
    std::set<std::string> repositories;
    for_each_image(context, [&](const model::ImageReference& image) {
        if (image.digest.empty()) repositories.insert(image.repository());
    });
    return {repositories.begin(), repositories.end()};
}

} // namespace seaworthy::controls
