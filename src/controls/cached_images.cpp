// SPDX-License-Identifier: Apache-2.0
#include "cached_images.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "evidence.hpp"
#include "names.hpp"
#include "node_reports.hpp"
#include "pod_shapes.hpp"
#include "workload_images.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using check::not_applicable;
using check::pass;
using check::Reason;
using check::unknown;
using check::Verdict;
using check::warn;
using model::MirrorKind;

// --- pullcache-workload-uncached ---

bool holds(const std::vector<std::string>& list, std::string_view item)
{
    return std::ranges::find(list, item) != list.end();
}

/// What Amazon's console offers as the prefixes of pull-through cache rules.
bool is_ecr_cache(const model::ImageReference& image)
{
    constexpr std::string_view k_prefixes[] = {"docker-hub/", "quay/", "ecr-public/", "kubernetes/", "github/", "gitlab/"};
    std::string_view host = image.host;
    const auto account = host.substr(0, host.find('.'));
    if (account.empty() || !std::ranges::all_of(account, [](char c) { return c >= '0' && c <= '9'; })) return false;
    host.remove_prefix(account.size());
    if (!host.starts_with(".dkr.ecr.") || !(host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"))) return false;
    return std::ranges::any_of(k_prefixes, [&](std::string_view prefix) { return image.path.starts_with(prefix); });
}

bool is_cache_name(const model::ImageReference& image, const Context& context)
{
    return is_ecr_cache(image) || image.host.ends_with("-docker.pkg.dev") ||
           std::ranges::any_of(context.parameters.list("internalRegistries"),
                               [&](const std::string& entry) { return model::image_list_matches(entry, image); });
}

/// The nodes that run a workload's pods, each with its report.
std::vector<ReportingNode> nodes_of(const model::Workload& workload, const Context& context)
{
    std::set<std::string_view> names;
    for (const auto* pod : workload.pods)
        if (!pod->node_name.empty()) names.insert(pod->node_name);
    std::vector<ReportingNode> nodes;
    for (const auto name : names) {
        const auto* node = context.index.find_node(name);
        if (node == nullptr || !has_no_host(*node)) nodes.push_back({std::string{name}, node, report_of(context, name)});
    }
    return nodes;
}

Verdict judge_on(const ReportingNode& node, const model::ImageReference& image, const Context& context)
{
    if (!node.found.report) return std::move(node.found.unknown()).with("node", node.name);
    const auto kind =
        ignores_mirrors(node) ? MirrorKind::none : best_mirror(*node.found.report, image.repository(), context.parameters.list("internalDomains"));
    if (kind > MirrorKind::upstream) return pass("A mirror covers the registries of its images on every node that runs it");
    if (!node.found.report->errors.empty())
        return unknown(Reason::unavailable,
                       fmt::format("A part of {}'s configuration could not be read: {}", node.name, node.found.report->errors.front()))
            .needs_grant("NPR");
    return warn(fmt::format("{} comes from {} itself: no mirror covers it on {}", image.repository(), image.host, node.name))
        .with("image", image.repository())
        .with("node", node.name);
}

// --- pullcache-image-rewrite ---

constexpr std::string_view k_rewriters[] = {"harbor-container-webhook", "image-swapper", "kuik", "kube-image-keeper"};
constexpr std::string_view k_policy = "replace-image-registry"; ///< Kyverno's sample, and the same with Harbor

/// The host that a template asks of a container of this name; empty: no such container, or one that several templates see differently.
std::string template_host(const model::Workload& workload, std::string_view container)
{
    std::string host;
    for (const auto* pod_template : workload.templates) {
        for (const auto& declared : pod_template->spec->containers) {
            if (declared.name != container) continue;
            const auto image = model::parse_image_reference(declared.image);
            if (!image || (!host.empty() && host != image->host)) return {};
            host = image->host;
        }
    }
    return host;
}

bool is_rewritten(const model::Pod& pod, const model::Workload& workload)
{
    return std::ranges::any_of(pod.spec()->containers, [&](const model::Container& container) {
        const auto host = template_host(workload, container.name);
        const auto image = model::parse_image_reference(container.image);
        return !host.empty() && image && image->host != host;
    });
}

struct Redirects {
    std::size_t pods = 0; ///< that have a template
    std::size_t rewritten = 0;
    NameList workloads;
    NameList software;
};

void count_pods(const Context& context, Redirects& redirects)
{
    for (const auto& workload : context.index.workloads()) {
        if (workload.object == nullptr) continue; // its templates would be those of the pods themselves
        for (const auto& alike : alike_pods(workload)) {
            if (alike.first->spec() == nullptr) continue;
            redirects.pods += alike.pods;
            if (!is_rewritten(*alike.first, workload)) continue;
            redirects.rewritten += alike.pods;
            redirects.workloads.add(name_of(workload));
        }
    }
}

void find_rewriters(const Context& context, Redirects& redirects)
{
    for (const auto& configuration : context.inventory.documents_of("mutatingwebhookconfigurations.admissionregistration.k8s.io"))
        for (const auto& webhook : configuration["webhooks"].items())
            for (const auto rewriter : k_rewriters)
                if (configuration.meta.name.view().find(rewriter) != std::string_view::npos ||
                    webhook.at("clientConfig.service.name").text().find(rewriter) != std::string_view::npos)
                    redirects.software.add(fmt::format("webhook {}", configuration.meta.name.view()));
    for (const std::string_view resource : {"clusterpolicies.kyverno.io", "policies.kyverno.io", "mutatingpolicies.policies.kyverno.io"})
        for (const auto& policy : context.inventory.documents_of(resource))
            if (policy.meta.name.view().starts_with(k_policy)) redirects.software.add(fmt::format("policy {}", policy.meta.name.view()));
}

} // namespace

Verdict judge_uncached(const model::Workload& workload, const Context& context)
{
    if (workload.pods.empty()) return without_pods(context, workload);
    const auto nodes = nodes_of(workload, context);
    auto result = not_applicable("It uses no registry that nodes should mirror");
    for (const auto& image : images_in_use(workload)) {
        if (!image.reference) continue;
        if (is_cache_name(*image.reference, context)) {
            result = worst(std::move(result),
                           pass("Its images name a cache: that works, though manifests had to be changed for it").with("word", "renamed"));
            continue;
        }
        if (!holds(context.parameters.list("registries"), image.reference->host) &&
            !holds(context.parameters.list("optional"), image.reference->host))
            continue;
        for (const auto& node : nodes)
            result = worst(std::move(result), judge_on(node, *image.reference, context));
    }
    return resting_on_pods(std::move(result), context, workload);
}

Verdict judge_image_rewrite(const Context& context)
{
    constexpr double k_tolerated = 0.2;
    Redirects redirects;
    count_pods(context, redirects);
    find_rewriters(context, redirects);
    const auto share = redirects.pods == 0 ? 0.0 : static_cast<double>(redirects.rewritten) / static_cast<double>(redirects.pods);
    if (!redirects.software.empty())
        return warn(fmt::format("Admission redirects images: {}", redirects.software.text())).with("software", redirects.software.values());
    if (share > k_tolerated)
        return warn(fmt::format("{:.0f} % of the pods run an image of another registry than their template names, such as {}", share * 100,
                                redirects.workloads.text()))
            .with("workloads", redirects.workloads.values());
    return pass("Admission leaves the registries of images alone").with("rewrittenPods", static_cast<std::int64_t>(redirects.rewritten));
}

} // namespace seaworthy::controls
