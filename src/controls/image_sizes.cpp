// SPDX-License-Identifier: Apache-2.0
#include "controls/image_sizes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Node;
using model::Workload;

constexpr double k_mebibyte = 1024.0 * 1024.0;

enum class Unit { compressed, uncompressed };

Unit unit_of(const Node& node)
{
    return node.container_runtime.view().starts_with("containerd") ? Unit::compressed : Unit::uncompressed;
}

double budget(std::string_view parameter, Unit unit, const Context& context)
{
    return context.parameters.number(fmt::format("{}.{}", parameter, unit == Unit::compressed ? "compressed" : "uncompressed"));
}

Verdict judge_bytes(double bytes, Unit unit, std::string_view image, std::string_view by, const Context& context)
{
    const auto size = bytes / k_mebibyte;
    const auto limit = budget("budgetMiB", unit, context);
    const auto what = fmt::format("{} has {:.0f} MiB {} ({})", image, size, unit == Unit::compressed ? "compressed" : "unpacked", by);
    auto verdict = size > budget("hardBudgetMiB", unit, context) ? check::fail(what) : size > limit ? check::warn(what) : check::pass(what);
    verdict.message += fmt::format(", budget {:.0f}", limit);
    return std::move(verdict).with("image", std::string{image}).with("bytes", static_cast<std::int64_t>(bytes));
}

/// The names under which a node may list an image: digest and tag, Docker's without its registry as well.
std::vector<std::string> listed_names(std::string_view text, std::string_view image_id)
{
    std::vector<std::string> names;
    const auto add = [&](std::string name) {
        names.push_back(name);
        for (const std::string_view prefix : {"docker.io/", "library/"}) {
            if (!name.starts_with(prefix)) break;
            name.erase(0, prefix.size());
            names.push_back(name);
        }
    };
    if (const auto image = model::parse_image_reference(text)) {
        if (!image->digest.empty())
            add(image->repository() + "@" + image->digest);
        else
            add(fmt::format("{}:{}", image->repository(), image->effective_tag()));
    }
    constexpr std::string_view k_pullable = "docker-pullable://";
    if (image_id.starts_with(k_pullable)) image_id.remove_prefix(k_pullable.size());
    // A bare `sha256:` is the configuration's digest, which no list of images holds.
    if (const auto image = image_id.find('@') == std::string_view::npos ? std::nullopt : model::parse_image_reference(image_id))
        add(image->repository() + "@" + image->digest);
    return names;
}

/// One container of a workload over all its pods.
struct Running {
    std::string_view name;
    std::string_view image;
    std::set<std::string> names;
    std::set<const Node*> nodes;
    std::vector<const model::Pod*> pods;
    bool on_windows = false;
};

/// `new_shape`: no pod with the same spec and statuses was added before, so its names may be new.
void add_pod(std::vector<Running>& found, const model::Pod& pod, const model::Container& container, bool new_shape, const Context& context)
{
    auto at = std::ranges::find_if(found, [&](const Running& other) { return other.name == container.name && other.image == container.image; });
    if (at == found.end()) at = found.insert(found.end(), Running{container.name, container.image, {}, {}, {}, false});
    if (new_shape) {
        const auto status = std::ranges::find(pod.container_statuses(), container.name, &model::ContainerStatus::name);
        for (auto& name : listed_names(container.image, status == pod.container_statuses().end() ? std::string_view{} : status->image_id.view()))
            at->names.insert(std::move(name));
    }
    at->pods.push_back(&pod);
    const auto* node = context.index.find_node(pod.node_name);
    if (node == nullptr) return;
    if (node->operating_system == "windows" || node->meta.labels.is("kubernetes.io/os", "windows"))
        at->on_windows = true;
    else
        at->nodes.insert(node);
}

std::vector<Running> running(const Workload& workload, const Context& context)
{
    std::vector<Running> found;
    const auto each = [&](const model::PodSpec& spec, auto&& visit) {
        for (const auto& container : spec.containers)
            if (container.kind != model::Container::Kind::ephemeral && workload.declares_container(container.name)) visit(container);
    };
    std::set<const model::PodShape*> shapes;
    for (const auto* pod : workload.pods) {
        if (pod->spec() == nullptr) continue;
        const bool new_shape = shapes.insert(pod->shape).second;
        each(*pod->spec(), [&](const model::Container& container) { add_pod(found, *pod, container, new_shape, context); });
    }
    if (!workload.pods.empty()) return found;
    for (const auto* pod_template : workload.templates)
        each(*pod_template->spec, [&](const model::Container& container) {
            auto& row = found.emplace_back(Running{container.name, container.image, {}, {}, {}, false});
            for (auto& name : listed_names(container.image, {}))
                row.names.insert(std::move(name));
        });
    return found;
}

/// By the lists of the nodes that run it, else of any node.
std::optional<Verdict> by_nodes(const Running& container, const Context& context)
{
    std::optional<Verdict> own;
    std::optional<Verdict> any;
    for (const auto& name : container.names) {
        for (const auto& use : context.index.node_images(name)) {
            auto& into = container.nodes.contains(use.node) ? own : any;
            auto one =
                judge_bytes(static_cast<double>(use.size_bytes), unit_of(*use.node), container.image, "node " + use.node->meta.name.str(), context);
            into = into ? check::worst(std::move(*into), std::move(one)) : std::move(one);
        }
    }
    return own ? std::move(own) : std::move(any);
}

/// `Image size: 1234 bytes.` of an event about a pull of this image.
std::optional<double> size_in(const model::Event& event, std::string_view image)
{
    constexpr std::string_view k_words = "Image size: ";
    const auto message = event.message.view();
    if (event.reason != "Pulled" || message.find(fmt::format("\"{}\"", image)) == std::string_view::npos) return std::nullopt;
    const auto at = message.find(k_words);
    if (at == std::string_view::npos) return std::nullopt;
    double bytes = 0;
    const auto* begin = message.data() + at + k_words.size();
    if (std::from_chars(begin, message.data() + message.size(), bytes).ec != std::errc{}) return std::nullopt;
    return bytes;
}

std::optional<Verdict> by_events(const Running& container, const Context& context)
{
    for (const auto* pod : container.pods) {
        for (const auto* event : context.index.events_about(pod->ns(), "Pod", pod->name)) {
            const auto bytes = size_in(*event, container.image);
            if (!bytes) continue;
            if (const auto* node = context.index.find_node(pod->node_name))
                return judge_bytes(*bytes, unit_of(*node), container.image, "event", context);
            // The runtime, and with it the unit, is hidden: only what holds for both is said.
            auto small = judge_bytes(*bytes, Unit::compressed, container.image, "event", context);
            auto large = judge_bytes(*bytes, Unit::uncompressed, container.image, "event", context);
            if (small.status == large.status) return large;
            if (small.status == check::Status::pass || large.status == check::Status::pass) {
                if (const auto* gap = context.gap("nodes")) return context.unknown_for(*gap);
                return check::unknown(
                    Reason::unobservable,
                    fmt::format("{}: whether its size is compressed depends on the runtime of a node that was not read", container.image));
            }
            return small.status < large.status ? small : large;
        }
    }
    return std::nullopt;
}

/// A node lists its largest images: one that is not among a full list is no larger than its smallest.
std::optional<Verdict> by_absence(const Running& container, const Context& context)
{
    const auto most = context.parameters.number("maxImages");
    for (const auto* node : container.nodes) {
        if (most <= 0 || static_cast<double>(node->images.size()) != most) continue;
        const auto smallest = std::ranges::min(node->images, {}, &model::NodeImage::size_bytes).size_bytes;
        if (static_cast<double>(smallest) / k_mebibyte <= budget("budgetMiB", unit_of(*node), context))
            return check::pass(
                fmt::format("{} is smaller than the {} largest images of node {}", container.image, node->images.size(), node->meta.name.view()));
    }
    return std::nullopt;
}

Verdict judge_container(const Running& container, const Context& context)
{
    const auto image = model::parse_image_reference(container.image);
    const bool allowed = image && std::ranges::any_of(context.parameters.list("allowImages"),
                                                      [&](const auto& entry) { return model::image_list_matches(entry, *image); });
    if (allowed) return check::not_applicable(fmt::format("{} may be large", container.image));
    if (container.on_windows && container.nodes.empty()) return check::not_applicable("Windows images are not judged");
    const auto* gap = context.gap("nodes");
    if (auto verdict = by_nodes(container, context)) {
        if (gap != nullptr && verdict->status == check::Status::pass)
            return context.unknown_for(*gap); // a node that was not read may hold a larger one
        return std::move(*verdict);
    }
    if (auto verdict = by_events(container, context)) return std::move(*verdict);
    if (gap != nullptr) return context.unknown_for(*gap);
    if (auto verdict = by_absence(container, context)) return std::move(*verdict);
    return check::unknown(Reason::unobservable, fmt::format("No node lists {}", container.image));
}

} // namespace

bool is_listed_by_a_node(std::string_view image, const Context& context)
{
    return std::ranges::any_of(listed_names(image, {}), [&](const auto& name) { return !context.index.node_images(name).empty(); });
}

Verdict judge_image_sizes(const Workload& workload, const Context& context)
{
    auto verdict = check::not_applicable("No container");
    for (const auto& container : running(workload, context))
        verdict = check::worst(std::move(verdict), judge_container(container, context));
    return resting_on_pods(std::move(verdict), context, workload);
}

} // namespace seaworthy::controls
