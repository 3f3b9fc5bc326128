// SPDX-License-Identifier: Apache-2.0
#include "unit/publish/report_builder.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

namespace seaworthy::test {

namespace {

using check::Check;
using check::Control;
using check::Scope;

template <std::size_t size>
constexpr std::array<Check, size> checks(const std::array<std::string_view, size>& ids)
{
    std::array<Check, size> rows{};
    for (std::size_t i = 0; i < size; ++i)
        rows[i] = Check{.id = ids[i],
                        .title = "Title of the check",
                        .scope = ids[i].starts_with("cluster-") ? Scope::cluster : Scope::workload,
                        .severity = static_cast<Severity>(4 - i % 4),
                        .needs = "pods",
                        .rationale = "What goes wrong without it, said to the owner of the namespace.",
                        .rule = "pass: it is so; fail: it is not",
                        .remediation = "Change this:\n\n  kind: Example\n  spec:\n    safe: true\n",
                        .references = "https://kubernetes.io/docs/concepts/, NSA 3.1"};
    return rows;
}

constexpr auto k_netpol = checks<3>({"netpol-default-deny", "netpol-allow-all", "cluster-netpol-enforced"});
constexpr auto k_rbac = checks<3>({"rbac-wildcard", "rbac-secrets", "cluster-rbac-anonymous"});
constexpr auto k_secrets = checks<2>({"secret-in-env", "secret-in-args"});
constexpr auto k_images = checks<2>({"image-latest", "image-digest"});
constexpr auto k_labels = checks<1>({"label-owner"});
constexpr auto k_none = std::array<Check, 0>{};

constexpr Control k_controls[] = {
    {"minimal-base-images", 1, "Minimal base images", 1, "Small images have less to attack.", k_images},
    {"registry-availability", 2, "Registry availability", 1, "Pods start only if the registry answers.", k_none},
    {"image-pull-secrets", 3, "Image pull secrets", 1, "Summary.", k_none},
    {"namespaces", 4, "Namespaces", 1, "Summary.", k_none},
    {"labels", 5, "Labels", 1, "Summary.", k_labels},
    {"annotations", 6, "Annotations", 1, "Summary.", k_none},
    {"rbac", 7, "RBAC", 1, "Who may do what.", k_rbac},
    {"policy-engine", 8, "Policy engine", 1, "Summary.", k_none},
    {"network-policies", 9, "Network policies", 1, "Who may talk to whom.", k_netpol},
    {"secrets", 10, "Secrets", 1, "Summary.", k_secrets},
    {"image-scanning", 11, "Image scanning", 1, "Summary.", k_none},
    {"continuous-delivery", 12, "Continuous delivery", 1, "Summary.", k_none},
    {"progressive-delivery", 13, "Progressive delivery", 1, "Summary.", k_none},
    {"monitoring", 14, "Monitoring", 1, "Summary.", k_none},
    {"service-mesh", 15, "Service mesh", 0.5, "Summary.", k_none},
    {"admission-controllers", 16, "Admission controllers", 1, "Summary.", k_none},
    {"oidc", 0, "OIDC login", 1, "Summary.", k_none},
    {"pull-cache", 0, "Pull cache", 1, "Summary.", k_none},
    {"secrets-management", 0, "Secrets management", 1, "Summary.", k_none},
};

constexpr auto k_catalog = [] {
    std::array<const Control*, std::size(k_controls)> pointers{};
    for (std::size_t i = 0; i < pointers.size(); ++i)
        pointers[i] = &k_controls[i];
    return pointers;
}();

struct Place {
    std::uint16_t control;
    const Check* check;
};

Place find(std::string_view id)
{
    for (std::uint16_t control = 0; control < k_catalog.size(); ++control)
        for (const auto& row : k_catalog[control]->checks)
            if (row.id == id) return {control, &row};
    throw std::logic_error("no such check: " + std::string{id});
}

/// Sets a score from counts: warn is half, unknown lowers the coverage.
void rate(report::Score& score, const report::Counts& counts)
{
    const auto judged = counts.of(Status::pass) + counts.of(Status::warn) + counts.of(Status::fail);
    const auto unknown = counts.of(Status::unknown);
    if (judged + unknown > 0) score.coverage = 100.0 * judged / (judged + unknown);
    if (judged == 0) return;
    score.score = 100.0 * (counts.of(Status::pass) + 0.5 * counts.of(Status::warn)) / judged;
    score.score_with_exemptions = std::min(100.0, *score.score + 100.0 * counts.exempt / judged);
    score.points_possible = 10;
    score.points = *score.score / 10;
}

std::vector<report::ControlSummary> empty_controls()
{
    std::vector<report::ControlSummary> controls(k_catalog.size());
    for (std::uint16_t i = 0; i < controls.size(); ++i)
        controls[i].control = i;
    return controls;
}

void count(report::ControlSummary& control, report::Counts& total, const report::Result& result)
{
    control.status = std::max(control.status, result.status());
    for (auto* counts : {&control.counts, &total}) {
        counts->add(result.status());
        if (result.exemption() != 0) ++counts->exempt;
    }
}

} // namespace

std::span<const Control* const> catalog()
{
    return k_catalog;
}

publish::Imprint imprint()
{
    return {catalog(), {{"secrets", 2.0}}, "0.1.0"};
}

std::string write(const std::string& format, const report::Report& report, const publish::FormatOptions& options)
{
    std::ostringstream out;
    (*publish::writer(format))(report, imprint(), options, out);
    return out.str();
}

ReportBuilder::ReportBuilder() : m_report(std::make_shared<report::Report>()), m_writer(*m_report)
{
    auto& report = *m_report;
    report.uid = "5f0c9a4e-0000-4000-8000-000000000001";
    report.generated_at = Timestamp{1'795'320'000};
    report.duration_seconds = 1.9;
    report.cluster_name = "harbour";
    report.cluster_uid = "c1";
    report.cluster_version = "v1.36.3";
    report.platform = "kind";
    report.controls = empty_controls();
}

ReportBuilder& ReportBuilder::ns(Namespace value)
{
    auto& added = m_report->namespaces.emplace_back();
    added.name = m_report->texts.intern(value.name);
    added.tenant = m_report->texts.intern(value.tenant);
    added.system = value.system;
    added.controls = empty_controls();
    return *this;
}

ReportBuilder& ReportBuilder::result(Row row)
{
    const auto place = find(row.check);
    check::Verdict verdict{.status = row.status,
                           .reason = row.reason,
                           .attested = row.attested,
                           .message = std::move(row.message),
                           .grant = std::move(row.grant),
                           .remediation = std::move(row.remediation),
                           .evidence = std::move(row.evidence)};
    auto& result = m_writer.add({*place.check, place.control, place.check->severity}, {"apps/v1", row.kind, row.ns, row.name, "uid-" + row.name},
                                row.ns, verdict, static_cast<std::uint16_t>(row.exemption));
    result.worth = row.worth;
    return *this;
}

ReportBuilder& ReportBuilder::gap(std::string resource, model::Reason reason, std::string message)
{
    m_report->gaps.push_back({std::move(resource), "*", reason, std::move(message)});
    m_report->complete = false;
    return *this;
}

ReportBuilder& ReportBuilder::exempt(std::string id, std::string check, bool expired)
{
    auto& use = m_report->exemptions.emplace_back();
    use.exemption = {.id = std::move(id),
                     .checks = {std::move(check)},
                     .reason = "accepted for the migration",
                     .owner = "team-green",
                     .until = Timestamp{1'811'808'000}};
    use.expired = expired;
    return *this;
}

std::shared_ptr<const report::Report> ReportBuilder::build()
{
    auto& report = *m_report;
    std::ranges::sort(report.namespaces, {}, [](const auto& ns) { return ns.name.view(); });
    for (const auto& result : report.results) {
        if (result.exemption() != 0) ++report.exemptions[result.exemption() - 1U].matched;
        count(report.controls[result.control()], report.counts, result);
        const auto ns = std::ranges::find_if(report.namespaces, [&](const auto& candidate) { return candidate.name == result.ns(); });
        if (ns == report.namespaces.end()) continue;
        count(ns->controls[result.control()], ns->counts, result);
        if (result.is_finding() && result.exemption() == 0) ++ns->findings[static_cast<std::size_t>(result.severity())];
    }
    rate(report.score, report.counts);
    for (auto& control : report.controls)
        rate(control.score, control.counts);
    for (auto& ns : report.namespaces) {
        rate(ns.score, ns.counts);
        for (auto& control : ns.controls)
            rate(control.score, control.counts);
        if (ns.tenant.empty()) continue;
        auto tenant = std::ranges::find_if(report.tenants, [&](const auto& candidate) { return candidate.name == ns.tenant; });
        if (tenant == report.tenants.end()) tenant = report.tenants.insert(tenant, {ns.tenant, {}, {}, {}, {}});
        tenant->namespaces.push_back(ns.name);
        tenant->score = ns.score;
        tenant->score_min = std::min(tenant->score_min.value_or(100), ns.score.score.value_or(100));
    }
    return m_report;
}

std::shared_ptr<const report::Report> sample_report()
{
    ReportBuilder builder;
    builder.ns({"payments", "green"}).ns({"shop", "green"}).ns({"legacy", ""}).ns({"kube-system", "", true}).ns({"empty", ""});
    builder.exempt("exemptions[0]", "image-latest").exempt("exemptions[1]", "label-owner", true);
    builder.gap("secrets", model::Reason::forbidden, "secrets is forbidden: User \"auditor\" cannot list resource \"secrets\"");
    builder
        .result({.check = "netpol-default-deny",
                 .ns = "payments",
                 .kind = "Namespace",
                 .name = "payments",
                 .message = "no policy denies ingress by default",
                 .evidence = {{"policies", std::int64_t{0}}, {"pods", std::int64_t{12}}},
                 .worth = 0.35F})
        .result({.check = "netpol-allow-all",
                 .ns = "payments",
                 .kind = "NetworkPolicy",
                 .name = "open",
                 .status = Status::warn,
                 .message = "allows every source",
                 .worth = 0.1F})
        .result({.check = "image-latest",
                 .ns = "payments",
                 .status = Status::fail,
                 .message = "container app runs :latest",
                 .evidence = {{"containers", std::vector<std::string>{"app", "sidecar"}}, {"pinned", false}, {"share", 0.5}},
                 .worth = 0.2F,
                 .exemption = 1})
        .result({.check = "secret-in-env",
                 .ns = "payments",
                 .status = Status::unknown,
                 .message = "the list of secrets was refused",
                 .grant = "SE",
                 .reason = model::Reason::forbidden})
        .result({.check = "netpol-default-deny",
                 .ns = "shop",
                 .kind = "Namespace",
                 .name = "shop",
                 .status = Status::pass,
                 .message = "ingress is denied by default"})
        .result({.check = "image-digest", .ns = "shop", .status = Status::pass, .message = "pinned by digest"})
        .result({.check = "label-owner", .ns = "shop", .name = "cart", .status = Status::warn, .message = "no owner label", .worth = 0.05F})
        .result(
            {.check = "netpol-default-deny", .ns = "legacy", .kind = "Namespace", .name = "legacy", .message = "no policy at all", .worth = 0.35F})
        .result({.check = "rbac-wildcard", .ns = "legacy", .kind = "RoleBinding", .name = "admins", .message = "grants * on *", .worth = 0.5F})
        .result({.check = "secret-in-args", .ns = "legacy", .name = "cron", .status = Status::not_applicable, .message = "has no arguments"})
        .result({.check = "rbac-secrets",
                 .ns = "kube-system",
                 .kind = "RoleBinding",
                 .name = "token",
                 .status = Status::pass,
                 .message = "reads no secrets"})
        .result({.check = "cluster-netpol-enforced",
                 .kind = "Cluster",
                 .name = "",
                 .status = Status::pass,
                 .message = "attested by the platform team",
                 .attested = true})
        .result({.check = "cluster-rbac-anonymous",
                 .kind = "Cluster",
                 .name = "",
                 .status = Status::fail,
                 .message = "system:anonymous may read pods",
                 .worth = 0.4F});
    return builder.build();
}

std::shared_ptr<const report::Report> large_report(std::size_t count)
{
    ReportBuilder builder;
    for (std::size_t i = 0; i < count; ++i)
        builder.ns({"team-" + std::to_string(i) + "-production", i % 3 == 0 ? "green" : "blue"});
    auto& report = builder.raw();
    for (auto& ns : report.namespaces)
        for (auto& control : ns.controls) {
            control.status = static_cast<Status>((control.control + ns.name.view().size()) % 5);
            control.counts.add(control.status);
        }
    return builder.build();
}

} // namespace seaworthy::test
