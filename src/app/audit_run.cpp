// SPDX-License-Identifier: Apache-2.0
#include "app/audit_run.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "app/process.hpp"
#include "app/version.hpp"
#include "seaworthy/base/digest.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/engine/engine.hpp"
#include "seaworthy/model/label_query.hpp"

namespace seaworthy::app {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>{std::chrono::steady_clock::now() - start}.count();
}

bool is_literal(const std::string& name)
{
    return name.find('*') == std::string::npos;
}

/// Lists by namespace are cheaper than one of the cluster only while they are few.
constexpr std::size_t k_most_listed_namespaces = 20;

model::ReadPlan plan_for(const check::Settings& settings, engine::Grants grants)
{
    auto plan = engine::read_plan(settings, grants);
    const auto& names = settings.include_namespaces;
    if (!names.empty() && names.size() <= k_most_listed_namespaces && std::ranges::all_of(names, is_literal)) plan.namespaces = names;
    return plan;
}

/// Narrows the settings to the namespaces whose labels match.
Result<void> select_namespaces(const model::Inventory& inventory, const model::LabelQuery& query, check::Settings& settings)
{
    std::vector<std::string> names;
    for (const auto& ns : inventory.namespaces) {
        const auto name = ns.meta.name.str();
        const bool included = settings.include_namespaces.empty() || glob_match_any(settings.include_namespaces, name);
        if (included && query.matches(ns.meta.labels)) names.push_back(name);
    }
    if (names.empty())
        return failure(Error::Kind::not_found, "no namespace matches the selector", "kubectl get namespaces --show-labels shows what there is");
    settings.include_namespaces = std::move(names);
    return {};
}

std::string resource_of(model::WorkloadKind kind)
{
    using enum model::WorkloadKind;
    switch (kind) {
    case deployment: return "deployments.apps";
    case stateful_set: return "statefulsets.apps";
    case daemon_set: return "daemonsets.apps";
    case replica_set: return "replicasets.apps";
    case replication_controller: return "replicationcontrollers";
    case job: return "jobs.batch";
    case cron_job: return "cronjobs.batch";
    }
    return {};
}

std::map<std::string, std::uint64_t> count_objects(const model::Inventory& inventory)
{
    std::map<std::string, std::uint64_t> counts;
    for (const auto& resource : inventory.listed)
        counts[resource] = 0;
    counts["namespaces"] = inventory.namespaces.size();
    counts["pods"] = inventory.pods.size();
    for (const auto& workload : inventory.workloads)
        ++counts[resource_of(workload.kind)];
    for (const auto& owned : inventory.owned_controllers)
        ++counts[resource_of(owned.kind)];
    const auto count = [&](const char* resource, std::size_t size) {
        if (size > 0) counts[resource] = size;
    };
    count("nodes", inventory.nodes.size());
    count("services", inventory.services.size());
    count("endpointslices.discovery.k8s.io", inventory.endpoint_slices.size());
    count("networkpolicies.networking.k8s.io", inventory.network_policies.size());
    count("serviceaccounts", inventory.service_accounts.size());
    count("events", inventory.events.size());
    count("secrets", inventory.secrets.size());
    for (const auto& role : inventory.roles)
        ++counts[role.meta.ns.empty() ? "clusterroles.rbac.authorization.k8s.io" : "roles.rbac.authorization.k8s.io"];
    for (const auto& binding : inventory.role_bindings)
        ++counts[binding.meta.ns.empty() ? "clusterrolebindings.rbac.authorization.k8s.io" : "rolebindings.rbac.authorization.k8s.io"];
    for (const auto& [resource, documents] : inventory.documents)
        counts[resource] = documents.size();
    return counts;
}

std::map<std::string, bool> accessible_resources(const model::Inventory& inventory)
{
    std::map<std::string, bool> accessible;
    for (const auto& resource : inventory.listed)
        accessible[resource] = true;
    for (const auto& gap : inventory.gaps) {
        if (gap.reason == model::Reason::not_served) {
            accessible.erase(gap.resource);
        } else if (model::is_missing(gap.reason)) {
            accessible[gap.resource] = false;
        }
    }
    return accessible;
}

} // namespace

Result<AuditRun> run_audit(model::InventorySource& source, const config::Config& config, const AuditScope& scope, std::stop_token stop)
{
    auto settings = config.settings;
    if (!scope.namespaces.empty()) settings.include_namespaces = scope.namespaces;
    std::optional<model::LabelQuery> query;
    if (!scope.selector.empty()) {
        auto parsed = model::LabelQuery::parse(scope.selector);
        if (!parsed) return failure(parsed.error().kind, "-l: " + parsed.error().message);
        query = std::move(*parsed);
    }

    AuditRun run;
    const auto start = std::chrono::steady_clock::now();
    auto inventory = source.read(plan_for(settings, source.needs_no_grants() ? engine::Grants::all : engine::Grants::configured), stop);
    if (!inventory) return tl::make_unexpected(inventory.error());
    if (query) SEAWORTHY_TRY(select_namespaces(*inventory, *query, settings));
    inventory->freeze();
    trim_memory();
    run.read_seconds = seconds_since(start);
    if (!config.cluster.name.empty()) inventory->cluster.name = config.cluster.name;

    const auto evaluation = std::chrono::steady_clock::now();
    const auto report = engine::evaluate(*inventory, settings);
    run.evaluate_seconds = seconds_since(evaluation);
    run.objects = count_objects(*inventory);
    run.accessible = accessible_resources(*inventory);
    *inventory = model::Inventory{}; // before anything is rendered, so that the two never add up
    trim_memory();
    report->uid = random_uuid();
    report->duration_seconds = seconds_since(start);
    run.report = report;
    return run;
}

publish::Imprint imprint_of(const config::Config& config)
{
    return {controls::catalog(), config.settings.control_weights, std::string{version()}};
}

} // namespace seaworthy::app
