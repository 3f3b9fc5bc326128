// SPDX-License-Identifier: Apache-2.0
#include "controls/vulnerabilities.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/software.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Reason;
using check::Results;
using check::Verdict;
using model::Document;
using model::Value;
using model::Workload;

/// Vulnerabilities of one severity in one image.
struct Count {
    std::int64_t all = 0;
    std::optional<std::int64_t> fixable; ///< nothing where the scanner does not tell
    std::int64_t recent = 0;             ///< of the fixable ones those that were published within `fixSla`
};

Count count_in(const Document& report, std::string_view severity, std::string_view summary, std::optional<seconds> grace, Timestamp now)
{
    Count count;
    count.all = std::llround(report.at("report.summary")[summary].number_or(0));
    if (count.all == 0 || !report.at("report.vulnerabilities").exists()) return count;
    count.fixable = 0;
    for (const auto& vulnerability : report.at("report.vulnerabilities").items()) {
        if (vulnerability["severity"].text() != severity || vulnerability["fixedVersion"].text().empty()) continue;
        ++*count.fixable;
        const auto published = parse_rfc3339(vulnerability["publishedDate"].text());
        if (grace && published.known() && published <= now && !published.at_least(*grace, now)) ++count.recent;
    }
    return count;
}

const Document* quay_report(const Context& context, const Workload& workload, const RunningContainer& container)
{
    if (container.digest.empty()) return nullptr;
    for (const auto* report : context.index.documents_in(k_quay_vulnerabilities, workload.ns))
        if (report->at("spec.manifest").text() == container.digest) return report;
    return nullptr;
}

/// Why there is no report: the gap, the missing scanner, or the image itself.
Verdict without_report(const Context& context, const Workload& workload, const RunningContainer& container)
{
    for (const auto resource : {k_vulnerability_reports, k_kubescape_summaries, k_quay_vulnerabilities})
        if (const auto* gap = context.gap(resource, resource == k_kubescape_summaries ? "*" : workload.ns.view());
            gap != nullptr && gap->reason != Reason::not_served)
            return context.unknown_for(*gap);
    const auto served = [&](std::string_view resource) { return context.inventory.serves(resource); };
    if (!served(k_vulnerability_reports) && !served(k_kubescape_summaries) && !served(k_quay_vulnerabilities))
        return check::unknown(Reason::not_served, "No scanner reports on images");
    return check::unknown(Reason::unobservable, fmt::format("No report of the image of container {}", container.name));
}

struct Severity {
    std::string_view name;      ///< as Trivy writes it
    std::string_view summary;   ///< Trivy's and Quay's count
    std::string_view kubescape; ///< the member of spec.severities
};
constexpr Severity k_critical{"CRITICAL", "criticalCount", "critical"};
constexpr Severity k_high{"HIGH", "highCount", "high"};

/// What the best scanner that has a report says, or nothing.
std::optional<Count> count_of(const Context& context, const Workload& workload, const RunningContainer& container, const Severity& severity,
                              std::optional<seconds> grace)
{
    if (const auto* report = trivy_report(context, k_vulnerability_reports, workload, container))
        return count_in(*report, severity.name, severity.summary, grace, context.now);
    if (const auto* summary = kubescape_summary(context, workload, container))
        return Count{.all = std::llround(summary->at("spec.severities")[severity.kubescape]["all"].number_or(0))};
    if (severity.name == k_critical.name)
        if (const auto* report = quay_report(context, workload, container))
            return Count{.all = std::llround(report->at("status.criticalCount").number_or(0))};
    return std::nullopt;
}

/// The worst of a workload's containers, by `judge(count, container)`.
template <typename Judge>
Verdict judge_containers(const Workload& workload, const Context& context, const Severity& severity, std::optional<seconds> grace, Judge judge)
{
    auto verdict = check::not_applicable("No container");
    for (const auto& container : running_containers(workload)) {
        const auto count = count_of(context, workload, container, severity, grace);
        verdict = check::worst(std::move(verdict), count ? judge(*count, container) : without_report(context, workload, container));
    }
    return resting_on(std::move(verdict), context, workload.ns, {k_vulnerability_reports});
}

// ---- scanner-healthy, scan-result-stale

Timestamp time_of(const Document& report)
{
    const auto updated = parse_rfc3339(report.at("report.updateTimestamp").text());
    return updated.known() ? updated : report.meta.created;
}

constexpr Software k_result_scanners[] = {
    {"Trivy Operator", "*trivy-operator*"},
    {"Kubescape", "kubescape/kubevuln, kubevuln"},
};

/// The newest pod template of the cluster: something that a scanner has to look at.
Timestamp newest_template(const Context& context)
{
    Timestamp newest;
    for (const auto& controller : context.inventory.owned_controllers)
        if (controller.kind == model::WorkloadKind::replica_set && controller.replicas > 0 && controller.meta.created.known())
            newest = newest.known() ? std::max(newest, controller.meta.created) : controller.meta.created;
    return newest;
}

/// The share of scan jobs of the last day that failed, if there were any.
std::optional<double> failed_jobs(const Context& context)
{
    constexpr std::chrono::hours k_day{24};
    std::size_t all = 0;
    std::size_t failed = 0;
    for (const auto& job : context.inventory.workloads) {
        if (job.kind != model::WorkloadKind::job || !job.meta.labels.is("app.kubernetes.io/managed-by", "trivy-operator")) continue;
        if (const auto age = job.meta.created.age(context.now); age && *age > k_day) continue;
        ++all;
        const auto* condition = model::find_condition(job.conditions, "Failed");
        failed += condition != nullptr && condition->status == "True" ? 1U : 0U;
    }
    if (all == 0) return std::nullopt;
    return static_cast<double>(failed) / static_cast<double>(all);
}

} // namespace

Verdict judge_critical(const Workload& workload, const Context& context)
{
    const auto allowed = static_cast<std::int64_t>(context.parameters.number("maxFixable"));
    return judge_containers(
        workload, context, k_critical, context.parameters.duration("fixSla"), [&](const Count& count, const RunningContainer& container) {
            if (count.all == 0) return check::pass(fmt::format("The image of container {} has no critical vulnerability", container.name));
            const auto due = count.fixable.value_or(0) - count.recent;
            auto verdict = due > allowed
                               ? check::fail(fmt::format("The image of container {} has {} critical vulnerabilities, {} of them with a fix",
                                                         container.name, count.all, *count.fixable))
                               : check::warn(fmt::format("The image of container {} has {} critical vulnerabilities; {}", container.name, count.all,
                                                         !count.fixable        ? std::string{"whether they can be fixed the scanner does not say"}
                                                         : *count.fixable == 0 ? std::string{"none has a fix"}
                                                                               : fmt::format("{} with a fix, within the limits", *count.fixable)));
            return Verdict{std::move(verdict).with("critical", count.all)};
        });
}

Verdict judge_high(const Workload& workload, const Context& context)
{
    return judge_containers(workload, context, k_high, std::nullopt, [&](const Count& count, const RunningContainer& container) {
        const auto message = fmt::format("The image of container {} has {} high vulnerabilities", container.name, count.all);
        const auto fixable = static_cast<double>(count.fixable.value_or(0));
        auto verdict = fixable > context.parameters.number("fail") ? check::fail(fmt::format("{}, {} with a fix", message, *count.fixable))
                       : static_cast<double>(count.all) > context.parameters.number("warn") ? check::warn(message)
                                                                                            : check::pass(message);
        return Verdict{std::move(verdict).with("high", count.all)};
    });
}

Verdict judge_exposed_vulnerabilities(const Workload& workload, const Context& context)
{
    const bool exposed = is_exposed(workload, context);
    if (!exposed) {
        for (const auto kind : k_route_kinds)
            if (const auto* gap = context.gap(kind, workload.ns); gap != nullptr && gap->reason != Reason::not_served)
                return context.unknown_for(*gap);
        return resting_on(check::not_applicable("Not reachable from outside"), context, workload.ns, {"services", "ingresses.networking.k8s.io"});
    }
    auto verdict = judge_critical(workload, context);
    if (verdict.status == check::Status::fail) {
        verdict.message = "Reachable from outside: " + verdict.message;
        return verdict;
    }
    if (verdict.status == check::Status::unknown || verdict.status == check::Status::not_applicable) return verdict;
    return resting_on(check::pass("Reachable from outside, and no critical vulnerability with a fix"), context, workload.ns,
                      {k_vulnerability_reports});
}

Verdict judge_scan_age(const model::Namespace& ns, const Context& context)
{
    constexpr std::chrono::hours k_very_old{24 * 30};
    NameList old;
    NameList very_old;
    bool any = false;
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        if (workload->finished) continue;
        for (const auto& container : running_containers(*workload)) {
            const auto* report = trivy_report(context, k_vulnerability_reports, *workload, container);
            if (report == nullptr) report = kubescape_summary(context, *workload, container);
            if (report == nullptr) continue;
            any = true;
            const auto time = time_of(*report);
            const auto name = fmt::format("{}/{}", workload->name.view(), container.name);
            if (time.at_least(k_very_old, context.now))
                very_old.add(name);
            else if (time.at_least(context.parameters.duration("maxAge"), context.now))
                old.add(name);
        }
    }
    if (!very_old.empty())
        return check::fail(fmt::format("Reports are older than 30 days: {}", very_old.text())).with("containers", very_old.values());
    if (!old.empty()) return check::warn(fmt::format("Reports are old: {}", old.text())).with("containers", old.values());
    if (!any) return check::not_applicable("No report of what runs here");
    return check::pass("All reports are fresh");
}

Verdict judge_scanner_health(const Context& context)
{
    constexpr std::chrono::hours k_late{48};
    constexpr std::chrono::hours k_dead{72};
    constexpr double k_many = 0.1;
    const auto scanners = find_software(context, k_result_scanners);
    const bool served = context.inventory.serves(k_vulnerability_reports) || context.inventory.serves(k_kubescape_summaries);
    if (scanners.empty() || !served) return check::not_applicable("No scanner that reports into the cluster");
    Timestamp newest;
    bool expires = false;
    for (const auto resource : {k_vulnerability_reports, k_kubescape_summaries})
        for (const auto& report : context.inventory.documents_of(resource)) {
            const auto time = time_of(report);
            if (time.known()) newest = newest.known() ? std::max(newest, time) : time;
            expires = expires || !report.meta.annotations.get("trivy-operator.aquasecurity.github.io/report-ttl").empty();
        }
    if (const auto* gap = first_gap(context, "*", {k_vulnerability_reports, k_kubescape_summaries});
        gap != nullptr && gap->reason != Reason::not_served)
        return context.unknown_for(*gap);
    // Where reports do not expire, silence is only a fault if there was something to scan since.
    const auto work = newest_template(context);
    const bool expected = expires || !newest.known() || (work.known() && newest < work);
    const auto since = newest.known() ? newest : scanners.front().workload->created;
    const auto age = since.age(context.now);
    if (expected && age && *age > k_late) {
        const auto message = fmt::format("{} has written no report for {}", scanners.front().software->name, format_age(*age));
        return *age > k_dead ? check::fail(message).by_absence() : check::warn(message).by_absence();
    }
    if (const auto share = failed_jobs(context); share && *share > k_many)
        return check::warn(fmt::format("{:.0f} percent of the scans of the last day failed", *share * 100)).with("failedShare", *share);
    return check::pass(newest.known() ? std::string{"The scanner writes reports"} : std::string{"The scanner is young"});
}

void judge_scan_on_push(const Context& context, Results& results)
{
    const auto url = context.settings.outside.url_of("harbor", "/api/v2.0/projects?with_detail=true");
    if (url.empty()) {
        results.add(ObjectKey::cluster(), {},
                    check::unknown(Reason::unobservable, "No registry with a scanner is configured (probes.components.harbor)").needs_grant("H"));
        return;
    }
    const auto key = ObjectKey::registry(check::host_of_url(url));
    const auto* answer = context.inventory.probe(url);
    const auto projects = answer != nullptr && answer->status == 200 ? model::JsonText::parse(answer->body) : std::nullopt;
    if (!projects) {
        results.add(key, {}, check::unknown(Reason::unavailable, "Harbor did not list its projects").needs_grant("H"));
        return;
    }
    NameList without;
    for (const auto& project : projects->root().items())
        if (project.at("metadata.auto_scan").text() != "true") without.add(std::string{project["name"].text()});
    if (projects->root().items().empty()) return results.add(key, {}, check::unknown(Reason::unobservable, "Harbor shows no project"));
    if (without.empty()) return results.add(key, {}, check::pass("Every project scans what is pushed").proven());
    results.add(key, {}, check::warn(fmt::format("Pushed images are not scanned in {}", without.text())).with("projects", without.values()));
}

} // namespace seaworthy::controls
