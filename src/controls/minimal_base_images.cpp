// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "controls/control_list.hpp"
#include "controls/day.hpp"
#include "controls/evidence.hpp"
#include "controls/image_contents.hpp"
#include "controls/image_sizes.hpp"
#include "controls/names.hpp"
#include "controls/scan_reports.hpp"
#include "controls/workload_images.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::Fields;
using check::Parameter;
using check::Reason;
using check::Scope;
using check::Severity;
using check::Status;
using check::Verdict;
using model::Workload;

bool is_in(const std::vector<std::string>& list, const model::ImageReference& image)
{
    return std::ranges::any_of(list, [&](const auto& entry) { return model::image_list_matches(entry, image); });
}

// ---- image-base-eol

/// Extended support that somebody pays for: the exact family and release, until its last day.
bool is_supported_longer(std::string_view family, std::string_view name, const Context& context)
{
    return std::ranges::any_of(context.parameters.records("allowEol"), [&](const check::Record& record) {
        const auto value = [&](std::string_view key) {
            const auto found = record.find(key);
            return found == record.end() || found->second.empty() ? std::string_view{} : std::string_view{found->second.front()};
        };
        const auto until = end_of(value("until"));
        return value("family") == family && value("name") == name && until.known() && !(until < context.now);
    });
}

Verdict judge_base(const Workload& workload, const RunningContainer& container, const Context& context)
{
    const auto* report = trivy_report(context, k_vulnerability_reports, workload, container);
    if (report == nullptr) {
        if (const auto* gap = context.gap(k_vulnerability_reports, workload.ns)) return context.unknown_for(*gap);
        if (!context.inventory.serves(k_vulnerability_reports))
            return check::unknown(Reason::not_served, "No scanner says which operating system the image is built on");
        return check::unknown(Reason::unobservable, fmt::format("No report of the image of container {}", container.name));
    }
    const auto& os = report->at("report.os");
    const auto family = os["family"].text();
    const auto name = os["name"].text();
    if (family.empty()) return check::not_applicable(fmt::format("The image of container {} has no operating system", container.name));
    const auto base = fmt::format("{} {} (container {})", family, name, container.name);
    if (!os["eosl"].is_true()) return check::pass(base + " is supported").with("base", fmt::format("{} {}", family, name));
    if (is_supported_longer(family, name, context)) return check::pass(base + " has extended support").with("note", std::string{"allowEol"});
    return check::fail(base + " gets no fixes any more").with("base", fmt::format("{} {}", family, name));
}

Verdict judge_eol(const Workload& workload, const Context& context)
{
    auto verdict = check::not_applicable("No container");
    for (const auto& container : running_containers(workload))
        verdict = check::worst(std::move(verdict), judge_base(workload, container, context));
    return resting_on(std::move(verdict), context, workload.ns, {k_vulnerability_reports});
}

// ---- image-raw-os-or-fat-tag

constexpr std::string_view k_languages[] = {"python", "node", "golang", "openjdk", "eclipse-temurin", "ruby", "php", "perl", "maven", "gradle"};
constexpr std::string_view k_lean_words[] = {"slim", "alpine", "distroless", "jre", "chiseled"};

/// What is wrong with the name, or nothing.
std::string_view fault_of(const model::ImageReference& image, const Context& context)
{
    if (is_in(context.parameters.list("rawOs"), image)) return "a whole operating system";
    constexpr std::string_view k_library = "library/";
    if (image.host != "docker.io" || !image.path.starts_with(k_library)) return {};
    const auto tag = image.effective_tag();
    const bool language = std::ranges::find(k_languages, std::string_view{image.path}.substr(k_library.size())) != std::end(k_languages);
    if (!language || tag.empty()) return {}; // a digest alone says nothing about the variant
    const bool lean = std::ranges::any_of(k_lean_words, [&](auto word) { return tag.find(word) != std::string_view::npos; });
    return lean ? std::string_view{} : std::string_view{"the full variant with compilers and tools"};
}

/// Measured evidence of the image, which a name cannot outdo.
bool is_measured(const Workload& workload, const UsedImage& image, const Context& context)
{
    if (is_listed_by_a_node(image.text, context)) return true;
    return std::ranges::any_of(running_containers(workload), [&](const RunningContainer& container) {
        return container.name == image.where && trivy_report(context, k_sbom_reports, workload, container) != nullptr;
    });
}

Verdict judge_names(const Workload& workload, const Context& context)
{
    NameList found;
    for (const auto& image : images_of_templates(workload)) {
        if (!image.reference || is_in(context.parameters.list("allowImages"), *image.reference)) continue;
        const auto fault = fault_of(*image.reference, context);
        if (!fault.empty() && !is_measured(workload, image, context)) found.add(fmt::format("{} ({}) is {}", image.text, image.where, fault));
    }
    if (found.empty()) return check::not_applicable("The image names say nothing, or better evidence decides").proven();
    // What a node or a bill of materials says would count instead.
    return resting_on(check::warn(found.text()).by_absence().with("images", found.values()), context, "*",
                      {"nodes", k_sbom_reports, "clustersbomreports.aquasecurity.github.io"});
}

constexpr Parameter k_allow_images{.name = "allowImages",
                                   .type = Parameter::Type::list,
                                   .fallback = "[]",
                                   .description = "Images that are meant to be so: CUDA, machine learning, build runners, toolboxes."};

constexpr Parameter k_size_parameters[] = {
    {.name = "budgetMiB.compressed",
     .type = Parameter::Type::number,
     .fallback = "250",
     .description = "Larger images are a warning; as containerd counts, compressed."},
    {.name = "budgetMiB.uncompressed",
     .type = Parameter::Type::number,
     .fallback = "600",
     .description = "The same as CRI-O and Docker count, unpacked."},
    {.name = "hardBudgetMiB.compressed", .type = Parameter::Type::number, .fallback = "1024", .description = "Larger images fail; compressed."},
    {.name = "hardBudgetMiB.uncompressed", .type = Parameter::Type::number, .fallback = "2048", .description = "The same, unpacked."},
    {.name = "maxImages",
     .type = Parameter::Type::number,
     .fallback = "50",
     .description = "The kubelets' nodeStatusMaxImages; -1: a node lists all of its images."},
    k_allow_images,
};
constexpr Parameter k_eol_parameters[] = {
    {.name = "allowEol",
     .type = Parameter::Type::records,
     .fallback = "[]",
     .description = "{family, name, until}: releases with extended support, by the scanner's exact family and name, until a day."},
};
constexpr Parameter k_name_parameters[] = {
    {.name = "rawOs",
     .type = Parameter::Type::list,
     .fallback =
         "[docker.io/library/ubuntu, docker.io/library/debian, docker.io/library/centos, docker.io/library/fedora, docker.io/library/amazonlinux, "
         "docker.io/library/oraclelinux, docker.io/library/rockylinux, docker.io/library/almalinux, \"*/ubi7/ubi\", \"*/ubi8/ubi\", \"*/ubi9/ubi\", "
         "\"*/ubi10/ubi\", \"*/ubi7\", \"*/ubi8\", \"*/ubi9\", \"*/ubi10\"]",
     .description = "Repositories of whole operating systems."},
    k_allow_images,
};

constexpr Fields k_size_fields[] = {{k_sbom_reports, "report.artifact, report.updateTimestamp"}};
constexpr Fields k_eol_fields[] = {{k_vulnerability_reports, "report.artifact, report.updateTimestamp, report.os"}};

constexpr Parameter k_base_parameters[] = {
    {.name = "minimalBases",
     .type = Parameter::Type::pattern,
     .fallback = R"('gcr\.io/distroless/|cgr\.dev/chainguard|dhi\.io/|ubi\d*/ubi-(minimal|micro)|ubi\d+-(minimal|micro)(-container)?|)"
                 R"(bci-(micro|minimal|busybox)|chisel+ed|/distroless/|(^|/)(alpine|busybox|scratch|wolfi-base|static)')",
     .description = "What an image's labels say of its base, as an expression (RE2): a match is a minimal base."},
    {.name = "minimalRepositories",
     .type = Parameter::Type::pattern,
     .fallback = R"('^(gcr\.io/distroless|cgr\.dev/chainguard[^/]*|dhi\.io)/')",
     .description = "The same for the image's own repository, with its host: anybody may call an image `static`."},
    {.name = "minimalOsPackages",
     .type = Parameter::Type::number,
     .fallback = "60",
     .description = "An image with so few packages of its operating system is minimal, whatever its family."},
};
constexpr Parameter k_package_parameters[] = {
    {.name = "warn", .type = Parameter::Type::number, .fallback = "100", .description = "More packages of the operating system are a warning."},
    {.name = "fail", .type = Parameter::Type::number, .fallback = "250", .description = "More than these fail."},
};
constexpr Parameter k_tool_parameters[] = {
    {.name = "alpineMode",
     .type = Parameter::Type::text,
     .fallback = "tolerate",
     .description = "`strict`: busybox and apk-tools alone, which every Alpine has, are a finding too."},
};
constexpr Parameter k_sprawl_parameters[] = {
    {.name = "max", .type = Parameter::Type::number, .fallback = "4", .description = "More releases of operating systems than these are a warning."},
};
constexpr auto k_sbom_fields = std::span{k_contents_fields}.last(2);
constexpr auto k_os_fields = std::span{k_contents_fields}.first(1);

constexpr Check k_checks[] = {
    {
        .id = "image-base-not-minimal",
        .title = "Container is built on a general-purpose OS base",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "vulnerabilityreports.aquasecurity.github.io,sbomreports.aquasecurity.github.io,clustersbomreports.aquasecurity.github.io,WL,pods",
        .grants = "TR,WL,PO",
        .fields = k_contents_fields,
        .parameters = k_base_parameters,
        .rationale = "Everything in an image that the application does not call is there for an intruder, and for the scanner to complain about.",
        .rule = "By Trivy Operator's reports of each container's present image, the worst container counts. pass: its labels name a base of "
                "`minimalBases`, its repository is one of `minimalRepositories`, its system is Alpine, Wolfi, Chainguard or MinimOS, it has none, or "
                "`minimalOsPackages` or fewer packages of it. fail: a general-purpose system with more. warn: such a system without a bill of "
                "materials. unknown: no report of this image.",
        .remediation = "Build on a minimal base and copy the application in:\n"
                       "  FROM registry.access.redhat.com/ubi9/ubi-micro",
        .limits = "Labels are inherited and may be stale. Distroless says debian and UBI-micro redhat: the family alone never fails.",
        .references = "https://github.com/GoogleContainerTools/distroless, https://catalog.redhat.com/software/base-images",
        .judge_workload = judge_minimal_base,
    },
    {
        .id = "image-os-packages-over-budget",
        .title = "Image carries too many OS packages",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "sbomreports.aquasecurity.github.io,clustersbomreports.aquasecurity.github.io,WL,pods",
        .grants = "TR,+WL,+PO",
        .fields = k_sbom_fields,
        .parameters = k_package_parameters,
        .rationale = "Each package is one that has to be patched, and a rebuild that somebody has to ask for.",
        .rule = "By the packages (deb, rpm, apk) in the bill of materials, the worst container counts. pass: `warn` or fewer. warn: more. fail: more "
                "than `fail`. unknown: no bill of materials. not_applicable: none.",
        .remediation = "Install without recommended packages and drop what only the build needs:\n"
                       "  RUN apt-get install -y --no-install-recommends <package>",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/sbom-report/",
        .judge_workload = judge_os_packages,
    },
    {
        .id = "image-has-shell-or-package-manager",
        .title = "Image ships a shell, package manager or network tool",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "sbomreports.aquasecurity.github.io,clustersbomreports.aquasecurity.github.io,WL,pods",
        .grants = "TR,+WL,+PO",
        .fields = k_sbom_fields,
        .parameters = k_tool_parameters,
        .rationale = "Whoever gets into a container without a shell and curl has to bring them.",
        .rule = "warn: a package of the operating system is a shell, a package manager, curl, wget, netcat, gcc or make; of Alpine, busybox and "
                "apk-tools alone are noted, unless `alpineMode` is strict. pass: none is. unknown: no bill of materials.",
        .remediation = "Use a distroless stage for what runs:\n"
                       "  FROM gcr.io/distroless/base-debian12",
        .limits = "Binaries that were copied in are no packages and stay unseen; so do libraries of the same name.",
        .references = "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF",
        .judge_workload = judge_image_tools,
    },
    {
        .id = "image-os-family-sprawl",
        .title = "Too many different base OS releases in use",
        .scope = Scope::cluster,
        .severity = Severity::info,
        .needs = "vulnerabilityreports.aquasecurity.github.io,pods",
        .grants = "TR,+PO",
        .fields = k_os_fields,
        .parameters = k_sprawl_parameters,
        .rationale = "Each release has its own holes, its own fixes and its own end: few of them are patched sooner.",
        .rule = "By the systems (major release; Alpine's minor too) in the reports of what runs. warn: more than `max`. pass: that many or fewer. "
                "unknown: fewer than half of the workloads have a report.",
        .remediation = "Publish a few base images of your own and build on them.",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/",
        .judge_cluster = judge_os_sprawl,
    },
    {
        .id = "image-base-evidence-coverage",
        .title = "Share of containers whose base can be judged",
        .scope = Scope::namespace_,
        .severity = Severity::info,
        .needs = "pods,nodes,vulnerabilityreports.aquasecurity.github.io,sbomreports.aquasecurity.github.io,"
                 "clustersbomreports.aquasecurity.github.io",
        .grants = "PO,NO,TR",
        .fields = k_contents_fields,
        .rationale = "No data looks like no findings: this says how much is known.",
        .rule = "By the containers that have a report, a bill of materials or a size on a node. pass: 80 percent or more. warn: 30 or more. unknown: "
                "fewer. not_applicable: nothing runs here.",
        .remediation = "helm install trivy-operator aquasecurity/trivy-operator -n trivy-system --create-namespace",
        .references = "https://aquasecurity.github.io/trivy-operator/",
        .judge_namespace = judge_base_evidence,
    },
    {
        .id = "image-size-over-budget",
        .title = "Image is larger than the size budget",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "pods,nodes,WL,events,sbomreports.aquasecurity.github.io",
        .grants = "NO,PO,WL,+EV,+TR",
        .fields = k_size_fields,
        .parameters = k_size_parameters,
        .rationale = "A large image starts late on every new node, costs transfer, and what makes it large is mostly what nobody needs at run time.",
        .rule = "By the largest size that the nodes list which run it, each against its own runtime's budget; else any node, else the kubelet's "
                "event. pass: within budgetMiB, or missing in a full "
                "list of the node's largest images whose smallest is within it. warn: above. fail: above hardBudgetMiB. unknown: nobody lists it. "
                "not_applicable: allowImages, Windows.",
        .remediation = "Build in one stage and copy the result into a minimal one:\n"
                       "  FROM golang:1.25 AS build\n"
                       "  FROM gcr.io/distroless/static\n"
                       "  COPY --from=build /app /app",
        .limits = "Containerd counts compressed bytes, CRI-O and Docker unpacked ones.",
        .references = "https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/",
        .judges_system_namespaces = true,
        .judge_workload = judge_image_sizes,
    },
    {
        .id = "image-base-eol",
        .title = "Base OS is past end of service life",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "vulnerabilityreports.aquasecurity.github.io,WL,pods",
        .grants = "TR,+WL,+PO",
        .fields = k_eol_fields,
        .parameters = k_eol_parameters,
        .rationale = "A release without support gets no fixes: its known holes stay open for as long as the image runs.",
        .rule = "fail: Trivy Operator's report of a container's present image says that its release is past its end. pass: it is supported, or "
                "allowEol names extended support. unknown: no report. "
                "not_applicable: the image has no operating system.",
        .remediation = "Rebuild on a supported release of the base image, and let a bot raise the tag:\n"
                       "  FROM debian:13-slim",
        .limits = "Extended support (ESM, ELS) is not known to the scanner: enter it in allowEol.",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/",
        .judges_system_namespaces = true,
        .judge_workload = judge_eol,
    },
    {
        .id = "image-raw-os-or-fat-tag",
        .title = "Image name is a raw OS or a full-fat language variant",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,pods,nodes,sbomreports.aquasecurity.github.io,clustersbomreports.aquasecurity.github.io",
        .grants = "WL,PO,+NO,+TR",
        .fields = k_size_fields,
        .parameters = k_name_parameters,
        .rationale = "`python` and `ubuntu` bring compilers, shells and package managers that an application never calls, and an intruder does.",
        .rule = "warn: an image of the template is a whole operating system (rawOs), or an official language image whose tag is none of slim, "
                "alpine, distroless, jre, chiseled. not_applicable: any "
                "other name, which says nothing; a digest without a tag; allowImages; an image that a node or a bill of materials measures.",
        .remediation = "Use the lean variant:\n"
                       "  image: docker.io/library/python:3.13-slim",
        .references = "https://github.com/GoogleContainerTools/distroless",
        .judges_system_namespaces = true,
        .judge_workload = judge_names,
    },
};

} // namespace

constinit const check::Control k_minimal_base_images{
    .id = "minimal-base-images",
    .step = 1,
    .title = "Minimal base images",
    .summary = "Small images start faster, hold fewer vulnerable packages and leave an intruder fewer tools. Names alone prove little: sizes that "
               "nodes list and reports of scanners decide.",
    .checks = k_checks,
};

} // namespace seaworthy::controls
