// SPDX-License-Identifier: Apache-2.0
#include "controls/image_contents.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/image_sizes.hpp"
#include "controls/names.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Document;
using model::Workload;

bool is_one_of(std::span<const std::string_view> names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

/// The bill of materials of the container's present image: the workload's own report, or the cluster's for that image.
const Document* sbom_of(const Context& context, const Workload& workload, const RunningContainer& container)
{
    if (const auto* own = trivy_report(context, k_sbom_reports, workload, container)) return own;
    const auto& cached = context.inventory.documents_of(k_cluster_sbom_reports);
    const auto found = std::ranges::find_if(cached, [&](const Document& report) { return is_report_about(report, container); });
    return found == cached.end() ? nullptr : &*found;
}

Verdict without_sbom(const Context& context, const Workload& workload, const RunningContainer& container)
{
    for (const auto resource : {k_sbom_reports, k_cluster_sbom_reports})
        if (const auto* gap = context.gap(resource, resource == k_sbom_reports ? workload.ns.view() : "*");
            gap != nullptr && gap->reason != Reason::not_served)
            return context.unknown_for(*gap);
    if (!context.inventory.serves(k_sbom_reports) && !context.inventory.serves(k_cluster_sbom_reports))
        return check::unknown(Reason::not_served, "Nothing in the cluster writes bills of materials");
    return check::unknown(Reason::unobservable, fmt::format("No bill of materials of the image of container {}", container.name));
}

/// The operating system's packages. The decoder has left the rest out.
std::span<const model::Value> os_packages(const Document& sbom)
{
    return sbom.at("report.components.components").items();
}

// ---- image-base-not-minimal

constexpr std::string_view k_minimal_families[] = {"alpine", "wolfi", "chainguard", "minimos"};
constexpr std::string_view k_general_families[] = {"ubuntu", "debian", "redhat", "centos", "centos-stream", "fedora",     "amazon",
                                                   "oracle", "rocky",  "alma",   "sles",   "photon",        "azurelinux", "cbl-mariner"};

/// What the image's labels say that it was built on. Labels are inherited, so they speak of the base.
bool says_minimal_base(const Document& sbom, const Pattern& minimal)
{
    static constexpr std::string_view k_keys[] = {"aquasecurity:trivy:Labels:org.opencontainers.image.base.name",
                                                  "aquasecurity:trivy:Labels:com.redhat.component",
                                                  "aquasecurity:trivy:Labels:io.buildpacks.stack.id"};
    return std::ranges::any_of(sbom.at("report.components.metadata.component.properties").items(), [&](const model::Value& property) {
        return is_one_of(k_keys, property["name"].text()) && minimal.search(property["value"].text());
    });
}

Verdict judge_family(std::string_view family, std::string_view release, const Document* sbom, const Verdict& no_sbom, const Context& context)
{
    const auto base = fmt::format("{} {}", family, release);
    if (is_one_of(k_minimal_families, family)) return check::pass(base + " is a minimal base").with("base", base);
    const bool general = is_one_of(k_general_families, family) || family.starts_with("opensuse");
    if (sbom == nullptr) {
        if (no_sbom.reason == Reason::forbidden || model::is_missing(no_sbom.reason)) return no_sbom;
        if (!general) return check::unknown(Reason::unobservable, fmt::format("{} is not known as minimal or general", base));
        return check::warn(fmt::format("Built on {}; how much of it is in the image, no bill of materials says", base)).with("base", base);
    }
    const auto packages = os_packages(*sbom).size();
    if (static_cast<double>(packages) <= context.parameters.number("minimalOsPackages"))
        return check::pass(fmt::format("{} packages of {}: a minimal base", packages, base)).with("base", base);
    auto verdict = general ? check::fail(fmt::format("Built on {} with {} packages of the operating system", base, packages))
                           : check::warn(fmt::format("{} packages of {}", packages, base));
    return std::move(verdict).with("base", base).with("packages", static_cast<std::int64_t>(packages));
}

Verdict judge_container_base(const Workload& workload, const RunningContainer& container, const Context& context)
{
    const auto reference = model::parse_image_reference(container.image);
    if (reference && context.parameters.pattern("minimalRepositories").search(reference->repository()))
        return check::pass(fmt::format("{} is a minimal image", reference->repository())).proven();
    const auto* sbom = sbom_of(context, workload, container);
    if (sbom != nullptr && says_minimal_base(*sbom, context.parameters.pattern("minimalBases")))
        return check::pass(fmt::format("The labels of the image of container {} name a minimal base", container.name)).proven();
    const auto* report = trivy_report(context, k_vulnerability_reports, workload, container);
    if (report == nullptr) {
        if (const auto* gap = context.gap(k_vulnerability_reports, workload.ns); gap != nullptr && gap->reason != Reason::not_served)
            return context.unknown_for(*gap);
        if (!context.inventory.serves(k_vulnerability_reports))
            return check::unknown(Reason::not_served, "No scanner says what the image is built on");
        return check::unknown(Reason::unobservable, fmt::format("No report of the image of container {}", container.name));
    }
    const auto& os = report->at("report.os");
    if (os["family"].text().empty()) return check::pass(fmt::format("The image of container {} has no operating system", container.name));
    const auto no_sbom = sbom == nullptr ? without_sbom(context, workload, container) : Verdict{};
    return judge_family(os["family"].text(), os["name"].text(), sbom, no_sbom, context);
}

// ---- image-has-shell-or-package-manager

constexpr std::string_view k_tools[] = {"apk-tools", "apt",      "bash",           "busybox", "curl", "dash", "dnf", "dpkg",  "gcc",
                                        "make",      "microdnf", "netcat-openbsd", "rpm",     "wget", "yum",  "zsh", "zypper"};
constexpr std::string_view k_alpine_tools[] = {"apk-tools", "busybox"};

Verdict judge_tools(const Document& sbom, const RunningContainer& container, const Context& context)
{
    const bool tolerant = context.parameters.text("alpineMode") != "strict";
    std::set<std::string_view> found;
    for (const auto& package : os_packages(sbom))
        if (is_one_of(k_tools, package["name"].text())) found.insert(package["name"].text());
    if (found.empty()) return check::pass("No package of the image is a shell, a package manager or a network tool");
    NameList names;
    for (const auto name : found)
        names.add(std::string{name});
    const auto message = fmt::format("The image of container {} ships {}", container.name, names.text());
    const bool alpine = std::ranges::all_of(found, [](std::string_view name) { return is_one_of(k_alpine_tools, name); });
    if (alpine && tolerant) return check::pass(message).with("note", std::string{"what Alpine is made of"});
    return check::warn(message).with("packages", names.values());
}

// ---- image-os-family-sprawl

/// A release line: the major version; Alpine's is major.minor.
std::string release_line(std::string_view family, std::string_view name)
{
    auto end = name.find('.');
    if (family == "alpine" && end != std::string_view::npos) end = name.find('.', end + 1);
    return fmt::format("{} {}", family, name.substr(0, end));
}

template <typename Judge>
Verdict worst_of_containers(const Workload& workload, const Context& context, Judge judge)
{
    auto verdict = check::not_applicable("No container");
    for (const auto& container : running_containers(workload))
        verdict = check::worst(std::move(verdict), judge(container));
    return resting_on(std::move(verdict), context, workload.ns, {k_vulnerability_reports, k_sbom_reports});
}

/// worst_of_containers for rules that a bill of materials alone decides.
template <typename Judge>
Verdict worst_of_sboms(const Workload& workload, const Context& context, Judge judge)
{
    auto verdict = check::not_applicable("No container");
    for (const auto& container : running_containers(workload)) {
        const auto* sbom = sbom_of(context, workload, container);
        verdict = check::worst(std::move(verdict), sbom != nullptr ? judge(*sbom, container) : without_sbom(context, workload, container));
    }
    return resting_on(std::move(verdict), context, workload.ns, {k_sbom_reports});
}

} // namespace

Verdict judge_minimal_base(const Workload& workload, const Context& context)
{
    return worst_of_containers(workload, context,
                               [&](const RunningContainer& container) { return judge_container_base(workload, container, context); });
}

Verdict judge_os_packages(const Workload& workload, const Context& context)
{
    return worst_of_sboms(workload, context, [&](const Document& sbom, const RunningContainer& container) {
        const auto packages = os_packages(sbom).size();
        if (packages == 0)
            return check::not_applicable(fmt::format("The image of container {} has no packages of an operating system", container.name));
        const auto message = fmt::format("The image of container {} has {} packages of the operating system", container.name, packages);
        const auto count = static_cast<double>(packages);
        auto verdict = count > context.parameters.number("fail")   ? check::fail(message)
                       : count > context.parameters.number("warn") ? check::warn(message)
                                                                   : check::pass(message);
        return Verdict{std::move(verdict).with("packages", static_cast<std::int64_t>(packages))};
    });
}

Verdict judge_image_tools(const Workload& workload, const Context& context)
{
    return worst_of_sboms(workload, context,
                          [&](const Document& sbom, const RunningContainer& container) { return judge_tools(sbom, container, context); });
}

Verdict judge_os_sprawl(const Context& context)
{
    if (!context.inventory.serves(k_vulnerability_reports)) return check::unknown(Reason::not_served, "No scanner says what images are built on");
    std::set<std::string> lines;
    std::size_t workloads = 0;
    std::size_t reported = 0;
    for (const auto& workload : context.index.workloads()) {
        if (workload.finished || workload.mirror || workload.pods.empty()) continue;
        ++workloads;
        bool seen = false;
        for (const auto& container : running_containers(workload)) {
            const auto* report = trivy_report(context, k_vulnerability_reports, workload, container);
            if (report == nullptr) continue;
            seen = true;
            const auto& os = report->at("report.os");
            if (!os["family"].text().empty()) lines.insert(release_line(os["family"].text(), os["name"].text()));
        }
        reported += seen ? 1 : 0;
    }
    NameList names;
    for (const auto& line : lines)
        names.add(line);
    if (static_cast<double>(lines.size()) > context.parameters.number("max"))
        return check::warn(fmt::format("{} releases of operating systems are in use: {}", lines.size(), names.text()))
            .with("releases", names.values());
    if (const auto* gap = first_gap(context, "*", {k_vulnerability_reports, "pods"})) return context.unknown_for(*gap);
    if (reported * 2 < workloads)
        return check::unknown(Reason::unobservable, fmt::format("Only {} of {} workloads have a report", reported, workloads));
    if (workloads == 0) return check::not_applicable("Nothing runs");
    return check::pass(lines.empty() ? std::string{"No image has an operating system"} : fmt::format("In use: {}", names.text()));
}

Verdict judge_base_evidence(const model::Namespace& ns, const Context& context)
{
    std::size_t all = 0;
    std::size_t known = 0;
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        if (workload->finished || workload->mirror || (workload->pods.empty() && !context.inventory.cluster.partial)) continue;
        for (const auto& container : running_containers(*workload)) {
            ++all;
            const bool judged = is_listed_by_a_node(container.image, context) ||
                                trivy_report(context, k_vulnerability_reports, *workload, container) != nullptr ||
                                sbom_of(context, *workload, container) != nullptr;
            known += judged ? 1 : 0;
        }
    }
    if (all == 0) return check::not_applicable("No container runs here");
    constexpr double k_percent = 100;
    constexpr double k_good = 80;
    constexpr double k_some = 30;
    const auto share = k_percent * static_cast<double>(known) / static_cast<double>(all);
    const auto message = fmt::format("{} of {} containers have a report, a bill of materials or a size", known, all);
    if (share >= k_good) return check::pass(message);
    for (const std::string_view list : {std::string_view{"nodes"}, k_vulnerability_reports, k_sbom_reports})
        if (const auto* gap = context.gap(list, list == "nodes" ? "*" : ns.meta.name.view()); gap != nullptr && model::is_missing(gap->reason))
            return context.unknown_for(*gap);
    if (share >= k_some) return check::warn(message);
    return check::unknown(Reason::unobservable, message + ": install Trivy Operator, or grant NO");
}

} // namespace seaworthy::controls
