// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "control_list.hpp"
#include "controls/attestations.hpp"
#include "controls/image_gate.hpp"
#include "controls/vulnerabilities.hpp"
#include "names.hpp"
#include "scan_reports.hpp"
#include "software.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::fail;
using check::Fields;
using check::not_applicable;
using check::Parameter;
using check::pass;
using check::Reason;
using check::Scope;
using check::Severity;
using check::unknown;
using check::Verdict;
using check::warn;

/// Scanners of the images that run.
constexpr std::array k_scanners{
    Software{"Trivy Operator", "*trivy-operator*"},
    Software{"Kubescape", "kubescape/kubevuln, kubevuln"},
    Software{"Quay Container Security Operator", "container-security-operator*"},
    Software{"StackRox", "stackrox-io/main, stackrox-io/scanner*, rhacs-main-rhel*, rhacs-scanner*, stackrox-main, stackrox-scanner*"},
    Software{"NeuVector", "neuvector/scanner, neuvector/enforcer, *neuvector-scanner*, *neuvector-enforcer*"},
    Software{"Prisma Cloud", "twistlock/defender*"},
    Software{"Aqua", "aquasec/*enforcer*"},
    Software{"Sysdig", "sysdig/*"},
};

/// Registry scanners, archived ones, and agents that only report what runs to a scanner elsewhere.
constexpr std::array k_weaker_scanners{
    Software{"Harbor's Trivy adapter", "goharbor/trivy-adapter-photon"},
    Software{"Clair", "projectquay/clair*, clair-rhel*"},
    Software{"Starboard (archived)", "starboard-operator"},
    Software{"Snyk", "snyk/kubernetes-monitor*"},
    Software{"Anchore", "anchore/k8s-inventory*"},
    Software{"Wiz", "wiz-*/*, wiz-*"},
    Software{"Microsoft Defender", "azuredefender/*/*, azuredefender/*, microsoft-defender-*"},
};

struct ScannerApi {
    std::string_view scanner;
    std::string_view group;
};
constexpr std::array k_scanner_apis{
    ScannerApi{"Trivy Operator", "aquasecurity.github.io"},
    ScannerApi{"Kubescape", "spdx.softwarecomposition.kubescape.io"},
    ScannerApi{"Quay Container Security Operator", "secscan.quay.redhat.com"},
};

/// C14: a scanner whose results are custom resources works only where its API group is served.
bool has_api(const Context& context, std::string_view scanner)
{
    const auto api = std::ranges::find(k_scanner_apis, scanner, &ScannerApi::scanner);
    return api == k_scanner_apis.end() || context.inventory.serves_group(api->group);
}

/// Nothing here scans what runs: neither what scans a registry nor the left-over API of a scanner says that nothing else does.
Verdict without_scanner(const Context& context)
{
    if (const auto weaker = find_software(context, k_weaker_scanners); !weaker.empty())
        return warn(fmt::format("{} does not scan what runs here: tags that are already deployed may never be scanned again",
                                weaker.front().software->name))
            .by_absence()
            .with("workload", name_of(*weaker.front().workload));
    for (const auto& [scanner, group] : k_scanner_apis)
        if (context.inventory.serves_group(group))
            return warn(fmt::format("The API of {} is served, but nothing that fills it runs", scanner))
                .by_absence()
                .with("word", "crd-without-controller");
    return fail("No software that scans running images was found").by_absence();
}

Verdict judge_scanner_present(const Context& context)
{
    const auto scanners = find_software(context, k_scanners);
    const Installation* idle = nullptr;
    for (const auto& scanner : scanners) {
        if (scanner.readiness == Readiness::ready && has_api(context, scanner.software->name))
            return pass(fmt::format("{} scans the images that run ({})", scanner.software->name, name_of(*scanner.workload))).proven();
        if (idle == nullptr) idle = &scanner;
    }
    if (auto unobservable = unobservable_in_manifests(context, "whether a scanner runs")) return *std::move(unobservable);
    if (idle != nullptr)
        return warn(fmt::format("{} is installed but not working: {} has nothing available, or its API is not served", idle->software->name,
                                name_of(*idle->workload)))
            .by_absence()
            .with("word", "not-ready");
    return or_attested(without_scanner(context), context, "imageScan", "Images are scanned outside the cluster", {"WL"});
}

/// True if a report on the container exists in any scanner's API.
bool is_scanned(const Context& context, const model::Workload& workload, const RunningContainer& container)
{
    return trivy_report(context, k_vulnerability_reports, workload, container) != nullptr ||
           kubescape_summary(context, workload, container) != nullptr;
}

/// Namespaces that trivy-operator is told to leave out or to keep to: the usual cause of missing reports.
std::string scanner_scope(const Context& context)
{
    static constexpr std::array k_trivy{k_scanners.front()};
    for (const auto& found : find_software(context, k_trivy))
        for (const auto* pod_template : found.workload->templates)
            for (const auto& container : pod_template->spec->containers)
                for (const auto& variable : container.env)
                    if ((variable.name == "OPERATOR_TARGET_NAMESPACES" || variable.name == "OPERATOR_EXCLUDE_NAMESPACES") && !variable.value.empty())
                        return fmt::format("{}={}", variable.name.view(), variable.value.view());
    return {};
}

Verdict judge_scan_coverage(const model::Namespace& ns, const Context& context)
{
    const bool readable = context.inventory.serves(k_vulnerability_reports) || context.inventory.serves(k_kubescape_summaries);
    if (!readable) return not_applicable("No scanner whose reports show every image serves an API here").proven();
    const auto grace = context.parameters.duration("grace");
    NameList missing;
    std::size_t scanned = 0;
    std::size_t total = 0;
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        if (workload->finished || workload->mirror || workload->pods.empty()) continue;
        if (std::ranges::none_of(workload->pods, [&](const auto* pod) { return pod->created.at_least(grace, context.now); })) continue;
        for (const auto& container : running_containers(*workload)) {
            ++total;
            if (is_scanned(context, *workload, container))
                ++scanned;
            else
                missing.add(fmt::format("{}/{} {}", workload->kind.view(), workload->name.view(), container.name));
        }
    }
    if (total == 0) return not_applicable("No pod has run long enough to be scanned");
    for (const auto resource : {k_vulnerability_reports, k_kubescape_summaries})
        if (const auto* gap = context.gap(resource, ns.meta.name); gap != nullptr && gap->reason != Reason::not_served && !missing.empty())
            return context.unknown_for(*gap);
    const auto share = 100.0 * static_cast<double>(scanned) / static_cast<double>(total);
    const auto message = fmt::format("{} of {} running containers have a current scan result", scanned, total);
    if (share >= 95) return pass(message).with("share", share);
    auto verdict = share >= 80 ? warn(message) : fail(message);
    if (const auto scope = scanner_scope(context); !scope.empty()) verdict.evidence.emplace_back("scannerScope", scope);
    return std::move(verdict).with("share", share).with("unscanned", missing.values());
}

/// The verdict of one container's ExposedSecretReport.
Verdict judge_exposed_secrets(const model::Value& summary, std::string_view container)
{
    const auto count = [&](std::string_view key) { return static_cast<std::int64_t>(summary[key].number_or(0)); };
    const auto grave = count("criticalCount") + count("highCount");
    if (grave > 0) return fail(fmt::format("The image of container {} holds {} secrets of high or critical severity", container, grave));
    if (count("mediumCount") > 0)
        return warn(fmt::format("The image of container {} holds {} secrets of medium severity", container, count("mediumCount")));
    return pass("The scanner found no secret of weight in its images");
}

Verdict judge_embedded_secrets(const model::Workload& workload, const Context& context)
{
    const auto containers = running_containers(workload);
    if (containers.empty()) return not_applicable("It has no containers of its own").proven();
    auto result = not_applicable("");
    for (const auto& container : containers) {
        const auto* report = trivy_report(context, k_exposed_secret_reports, workload, container);
        if (report != nullptr) {
            result = worst(std::move(result), judge_exposed_secrets(report->at("report.summary"), container.name));
        } else if (const auto* gap = context.gap(k_exposed_secret_reports, workload.ns); gap != nullptr) {
            result = worst(std::move(result), context.unknown_for(*gap));
        } else if (!context.inventory.serves(k_exposed_secret_reports)) {
            result = worst(std::move(result), unknown(Reason::not_served, "No scanner that looks for secrets in images serves its reports here"));
        } else {
            result = worst(std::move(result),
                           unknown(Reason::unobservable, fmt::format("There is no report on the image of container {}", container.name)));
        }
    }
    return result;
}

constexpr std::array k_coverage_parameters{
    Parameter{"grace", Parameter::Type::duration, "2h", "How long a new pod may run before a report is expected."},
};
constexpr std::array k_coverage_fields{
    Fields{k_vulnerability_reports, k_trivy_paths},
    Fields{k_kubescape_summaries, "spec.severities"},
    Fields{k_quay_vulnerabilities, "spec.manifest"},
};
constexpr std::array k_exposed_fields{Fields{k_exposed_secret_reports, k_trivy_paths}};

constexpr std::array k_critical_parameters{
    Parameter{"maxFixable", Parameter::Type::number, "0", "Critical vulnerabilities with a fix that are tolerated."},
    Parameter{"fixSla", Parameter::Type::duration, "14d", "How long after its publication a vulnerability with a fix may stay."},
};
constexpr std::array k_high_parameters{
    Parameter{"warn", Parameter::Type::number, "10", "More high vulnerabilities than these are a warning, with or without a fix."},
    Parameter{"fail", Parameter::Type::number, "25", "More with a fix than these fail."},
};
constexpr std::array k_age_parameters{
    Parameter{"maxAge", Parameter::Type::duration, "168h", "Reports that are older are a warning; those of 30 days fail."},
};

constexpr std::array k_checks{
    Check{
        .id = "image-critical-vulns",
        .title = "Critical vulnerabilities in a running image",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "vulnerabilityreports.aquasecurity.github.io,vulnerabilitymanifestsummaries.spdx.softwarecomposition.kubescape.io,"
                 "imagemanifestvulns.secscan.quay.redhat.com,WL,pods",
        .grants = "VS,+WL,+PO",
        .fields = k_vulnerability_fields,
        .parameters = k_critical_parameters,
        .rationale = "A critical hole with a fix is a hole that somebody left open.",
        .rule =
            "By the scanner's report of each container's present image, the worst counts. fail: more than `maxFixable` critical vulnerabilities "
            "have a fix and were published longer than `fixSla` ago. warn: any other critical one; that includes scanners that do not say what can "
            "be fixed. pass: none. unknown: no report.",
        .remediation = "Rebuild on a patched base and roll out; then raise the tag or digest.",
        .limits = "Severities are the scanner's. Suppressed findings (VEX, ignoreUnfixed) are not in its reports.",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/",
        .judges_system_namespaces = true,
        .judge_workload = judge_critical,
    },
    Check{
        .id = "image-high-vulns",
        .title = "Many high vulnerabilities",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "vulnerabilityreports.aquasecurity.github.io,vulnerabilitymanifestsummaries.spdx.softwarecomposition.kubescape.io,WL,pods",
        .grants = "VS,+WL,+PO",
        .fields = std::span{k_vulnerability_fields}.first(2),
        .parameters = k_high_parameters,
        .rationale = "Many of them tell of an image that nobody has rebuilt for long.",
        .rule =
            "The worst container counts. fail: more than `fail` high vulnerabilities have a fix. warn: more than `warn` in all. pass: else. unknown: "
            "no report.",
        .remediation = "Rebuild regularly, every week for instance, whether the application changed or not.",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/",
        .judges_system_namespaces = true,
        .judge_workload = judge_high,
    },
    Check{
        .id = "image-vulns-exposed",
        .title = "Internet-exposed workload with critical vulnerabilities",
        .scope = Scope::workload,
        .severity = Severity::critical,
        .needs = "vulnerabilityreports.aquasecurity.github.io,vulnerabilitymanifestsummaries.spdx.softwarecomposition.kubescape.io,"
                 "imagemanifestvulns.secscan.quay.redhat.com,services,ingresses.networking.k8s.io,gateways.gateway.networking.k8s.io,"
                 "httproutes.gateway.networking.k8s.io,grpcroutes.gateway.networking.k8s.io,virtualservices.networking.istio.io,"
                 "ingressroutes.traefik.io,httpproxies.projectcontour.io,routes.route.openshift.io,services.serving.knative.dev,pods,WL",
        .grants = "VS,SV,NP,RT,PO,+WL",
        .fields = k_exposed_vulnerability_fields,
        .parameters = k_critical_parameters,
        .rationale = "What everybody reaches is attacked within days of a hole's publication.",
        .rule = "For workloads behind a host port, a NodePort, a load balancer that is not internal, an Ingress or another route. fail: "
                "image-critical-vulns fails. pass: it does not. unknown: no report. not_applicable: not reachable from outside.",
        .remediation = "Patch this one first, or take its route down until it is patched.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/ingress/",
        .judges_system_namespaces = true,
        .judge_workload = judge_exposed_vulnerabilities,
    },
    Check{
        .id = "scan-result-stale",
        .title = "Scan results are old",
        .scope = Scope::namespace_,
        .severity = Severity::low,
        .needs = "vulnerabilityreports.aquasecurity.github.io,vulnerabilitymanifestsummaries.spdx.softwarecomposition.kubescape.io,"
                 "imagemanifestvulns.secscan.quay.redhat.com,pods",
        .grants = "VS,+PO",
        .fields = k_vulnerability_fields,
        .parameters = k_age_parameters,
        .rationale = "An old report does not know the vulnerabilities that were published since.",
        .rule =
            "Of the reports of what runs here. fail: one is older than 30 days. warn: one is older than `maxAge`. pass: none is. not_applicable: no "
            "report.",
        .remediation = "Let reports expire, so that the scanner writes new ones:\n"
                       "  helm upgrade trivy-operator aquasecurity/trivy-operator --reuse-values --set operator.scannerReportTTL=24h",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/settings/",
        .judges_system_namespaces = true,
        .judge_namespace = judge_scan_age,
    },
    Check{
        .id = "scanner-healthy",
        .title = "Scanner runs but produces no fresh results",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "vulnerabilityreports.aquasecurity.github.io,vulnerabilitymanifestsummaries.spdx.softwarecomposition.kubescape.io,"
                 "imagemanifestvulns.secscan.quay.redhat.com,WL,apiservices.apiregistration.k8s.io",
        .grants = "VS,WL,AS",
        .fields = k_vulnerability_fields,
        .rationale = "A scanner that cannot fetch its database runs on and finds nothing new.",
        .rule =
            "Where reports expire, or pods are newer than the newest report. fail: the newest report, or the scanner without one, is older than 72 "
            "hours. warn: than 48; or more than a tenth of the scan jobs of the last day failed. pass: else. not_applicable: no scanner that "
            "reports into the cluster.",
        .remediation = "kubectl -n trivy-system logs deployment/trivy-operator: look for the database's download and for memory limits",
        .limits = "In a cluster where nothing changes and reports do not expire, old reports are expected.",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/settings/",
        .judge_cluster = judge_scanner_health,
    },
    Check{
        .id = "image-admission-gate",
        .title = "Unscanned or unsigned images can be deployed",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "clusterpolicies.kyverno.io,policies.kyverno.io,validatingpolicies.policies.kyverno.io,"
                 "namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,mutatingpolicies.policies.kyverno.io,"
                 "validatingwebhookconfigurations.admissionregistration.k8s.io,namespaces,clusterimagepolicies.config.openshift.io,"
                 "imagepolicies.config.openshift.io,clusterimagepolicies.policy.sigstore.dev,pods,WL",
        .grants = "KY,AD,NS,OX,SG,PO,+WL",
        .fields = k_image_gate_fields,
        .rationale = "A scanner tells afterwards; a gate refuses before, and nobody can go around the pipeline.",
        .rule =
            "pass: a rule that covers the namespace, and each image that its pods and templates ask for, refuses images without a valid signature or "
            "attestation: Kyverno's verifyImages or ImageValidatingPolicy, a ClusterImagePolicy, Connaisseur, Ratify, StackRox or "
            "ImagePolicyWebhook. warn: it only watches. fail: none, or it leaves out an image by its patterns; low where there is no policy engine. "
            "unknown: GKE's Binary Authorization, an expression of CEL that chooses images, or an image that no ClusterImagePolicy of Sigstore "
            "names.",
        .remediation = "Sign in the pipeline and ask for it at admission:\n"
                       "  cosign sign <image>@<digest>",
        .limits = "Image volumes and injected containers are not looked at. Connaisseur, Ratify, StackRox and ImagePolicyWebhook say elsewhere which "
                  "images they judge: they count for all.",
        .references = "https://kyverno.io/docs/policy-types/cluster-policy/verify-images/, CIS 5.5.1",
        .judge_namespace = judge_image_gate,
    },
    Check{
        .id = "registry-scan-on-push",
        .title = "Registry does not scan on push",
        .scope = Scope::registry,
        .severity = Severity::low,
        .enabled = false,
        .needs = "probe:harbor",
        .grants = "H",
        .rationale = "What is scanned when it is pushed is known before anybody runs it.",
        .rule = "By Harbor's projects, as they are visible without a login. pass: all of them scan on push. warn: one does not. unknown: "
                "probes.components.harbor is not set, or Harbor did not answer.",
        .remediation = "In Harbor: Projects > <project> > Configuration > Automatically scan images on push; and schedule scans of what is there.",
        .limits = "Private projects are not listed. Scanning on push says nothing about old tags.",
        .references = "https://goharbor.io/docs/main/administration/vulnerability-scanning/",
        .run = judge_scan_on_push,
    },
    Check{
        .id = "scanner-present",
        .title = "No image vulnerability scanner",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "WL, apiservices.apiregistration.k8s.io",
        .grants = "WL,AS",
        .rationale = "New vulnerabilities are found in old images every day; without a scanner of what runs nobody learns of them.",
        .rule = "pass: a scanner of running images is ready, or attest.imageScan stands. warn: it is not ready, only a registry is scanned, only an "
                "agent of "
                "a remote scanner or an archived one runs, or its API is left over. fail: none.",
        .remediation =
            "helm repo add aqua https://aquasecurity.github.io/helm-charts && helm install trivy-operator aqua/trivy-operator -n trivy-system "
            "--create-namespace",
        .limits = "Scans in CI or by the cloud's registry are invisible to the API: attest them with attest.imageScan.",
        .references = "https://aquasecurity.github.io/trivy-operator/, NSA Kubernetes Hardening Guidance 1.2",
        .judge_cluster = judge_scanner_present,
    },
    Check{
        .id = "scan-coverage",
        .title = "Running image has no scan result",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "vulnerabilityreports.aquasecurity.github.io, vulnerabilitymanifestsummaries.spdx.softwarecomposition.kubescape.io, "
                 "imagemanifestvulns.secscan.quay.redhat.com, pods, WL",
        .grants = "VS,PO,WL",
        .fields = k_coverage_fields,
        .parameters = k_coverage_parameters,
        .rationale = "An image that the scanner never saw looks exactly like one without vulnerabilities.",
        .rule = "Share of running containers with a report about their present image. pass: at least 95 %. warn: at least 80 %. fail: below. "
                "not_applicable: no scanner whose reports show every image, or no pod older than the grace.",
        .remediation = "Give the scanner pull credentials for the images that are missing and let it look at this namespace "
                       "(trivy-operator: OPERATOR_TARGET_NAMESPACES, OPERATOR_EXCLUDE_NAMESPACES).",
        .limits = "Quay's operator reports only images with findings, so its reports prove no coverage.",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/",
        .judge_namespace = judge_scan_coverage,
    },
    Check{
        .id = "image-embedded-secrets",
        .title = "Secret baked into the image",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "exposedsecretreports.aquasecurity.github.io, WL, pods",
        .grants = "VS,+WL,+PO",
        .fields = k_exposed_fields,
        .rationale = "A credential in an image layer belongs to everyone who can pull the image, for as long as the image exists.",
        .rule = "fail: secrets of high or critical severity in an image. warn: of medium severity. pass: a report without. unknown: no report on the "
                "image.",
        .remediation = "Rebuild the image without the file (build secrets: docker build --secret), and rotate the credential: old tags keep it.",
        .limits = "Test fixtures and keys of distribution packages count as the scanner rates them. What was matched is never read.",
        .references = "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/exposedsecret-report/, CWE-798",
        .judge_workload = judge_embedded_secrets,
    },
};

} // namespace

constinit const check::Control k_image_scanning{
    .id = "image-scanning",
    .step = 11,
    .title = "Image scanning",
    .summary = "What runs is scanned again and again, and what the scanner finds is repaired in time.",
    .checks = k_checks,
};

} // namespace seaworthy::controls
