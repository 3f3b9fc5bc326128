// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/kube/snapshot.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "kube/decode/identity.hpp"
#include "kube/decode/object_decoder.hpp"
#include "kube/decode/snapshot_document.hpp"
#include "kube/platform.hpp"
#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/model/resource.hpp"
#include "seaworthy/model/vault.hpp"

namespace seaworthy::kube {

namespace {

constexpr std::string_view k_own_group = "seaworthy.dev";
constexpr std::size_t k_told = 100; ///< problems named in one error

/// Built-in lists that only a running cluster shows. Cluster-scoped kinds belong to it too: a folder seldom holds all of them.
constexpr std::string_view k_running_only[] = {"nodes",   "events",    "endpointslices.discovery.k8s.io", "controllerrevisions.apps",
                                               "secrets", "configmaps"};

bool needs_running_cluster(const model::Resource& resource)
{
    if (!resource.namespaced && resource.id != "namespaces") return true;
    return std::find(std::begin(k_running_only), std::end(k_running_only), resource.id) != std::end(k_running_only);
}

bool is_snapshot(const FileObject& object)
{
    return object.kind == "Snapshot" && group_of_version(object.api_version) == k_own_group;
}

/// True if `plural` is a plausible plural of `kind`.
bool is_plural_of(std::string_view plural, std::string_view kind)
{
    const std::string singular = to_lower(kind);
    if (plural == singular || plural == singular + "s" || plural == singular + "es") return true;
    return !singular.empty() && singular.back() == 'y' && plural == singular.substr(0, singular.size() - 1) + "ies";
}

/// Finds the resource id of a kind: a built-in one, or by CustomResourceDefinitions, by the ids that plan and Snapshot name, or by rule.
class ResourceNames {
public:
    void define(const CustomKind& custom) { m_known[{custom.group, custom.kind}] = fmt::format("{}.{}", custom.plural, custom.group); }
    void mention(std::string_view resource)
    {
        if (model::find_builtin_resource(resource) == nullptr && resource.find('*') == std::string_view::npos) m_mentioned.emplace(resource);
    }

    const std::string& find(std::string_view api_version, std::string_view kind)
    {
        const std::string_view group = group_of_version(api_version);
        auto& known = m_known[{std::string{group}, std::string{kind}}];
        if (known.empty()) known = resolve(group, kind);
        return known;
    }

private:
    [[nodiscard]] std::string resolve(std::string_view group, std::string_view kind) const
    {
        if (const auto* builtin = model::find_builtin_kind(group, kind)) return std::string{builtin->id};
        if (group == "events.k8s.io" && kind == "Event") return "events";
        for (const std::string& resource : m_mentioned) {
            const std::string_view plural = std::string_view{resource}.substr(0, resource.find('.'));
            if (model::group_of(resource) == group && is_plural_of(plural, kind)) return resource;
        }
        return guess_resource(group, kind);
    }

    std::map<std::pair<std::string, std::string>, std::string> m_known;
    std::set<std::string> m_mentioned;
};

} // namespace

class SnapshotSource::Impl {
public:
    explicit Impl(SnapshotOptions wanted) : m_options(std::move(wanted)), m_files(m_options.paths)
    {
        if (!m_options.clock)
            m_options.clock = [] {
                return Timestamp{std::chrono::duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
            };
    }

    Result<void> peek();
    Result<model::Inventory> read(const model::ReadPlan& plan, const std::stop_token& stop);

    std::optional<SnapshotDocument> snapshot;
    std::string config;
    std::vector<std::string> warnings;
    std::vector<InputProblem> problems;

private:
    struct Reading;
    void look_at(const FileObject& object);
    void decode(Reading& reading, const FileObject& object);
    void whole_cluster(model::Inventory& inventory) const;
    void partial_cluster(Reading& reading) const;
    void problem_gaps(Reading& reading);
    [[nodiscard]] Failure broken_input() const;

    SnapshotOptions m_options;
    ObjectFiles m_files;
    bool m_peeked = false;
    std::string m_snapshot_place;
    std::optional<Error> m_snapshot_error;
    std::vector<CustomKind> m_custom_kinds;
};

/// What one read() carries along.
struct SnapshotSource::Impl::Reading {
    Reading(const model::ReadPlan& wanted) : plan(wanted), decoder(inventory, wanted) {}
    const model::ReadPlan& plan;
    model::Inventory inventory;
    ObjectDecoder decoder;
    ResourceNames names;
    std::map<std::string, const ObjectDecoder::Target*, std::less<>> targets;
    std::map<std::string, bool> present;           ///< resource ids of the objects; true: namespaced
    std::set<std::string, std::less<>> namespaces; ///< that objects are in
    std::uint64_t objects = 0;
};

/// The Snapshot and the names that CustomResourceDefinitions give.
void SnapshotSource::Impl::look_at(const FileObject& object)
{
    const std::string place = fmt::format("{}:{}", printable(object.file), object.line);
    if (kube::is_snapshot(object)) {
        if (m_snapshot_error) return;
        if (snapshot) {
            m_snapshot_error = Error{Error::Kind::invalid_input,
                                     fmt::format("{}: a second Snapshot document; the first is in {}", place, m_snapshot_place), "keep one"};
            return;
        }
        m_snapshot_place = place;
        auto document = decode_snapshot_document({object.json});
        if (document)
            snapshot = std::move(*document);
        else
            m_snapshot_error = Error{Error::Kind::invalid_input, fmt::format("{}: {}", place, document.error().message), {}};
    } else if (object.kind == "CustomResourceDefinition") {
        if (auto custom = decode_custom_kind({object.json})) m_custom_kinds.push_back(std::move(*custom));
    }
}

Result<void> SnapshotSource::Impl::peek()
{
    if (m_peeked) return {};
    SEAWORTHY_TRY(m_files.open());
    // Problems are told by read(), which sees all of them.
    ObjectFiles::Visit visit{
        [this](const FileObject& object) { look_at(object); }, [](const InputProblem&) {}, {}, {"Snapshot", "CustomResourceDefinition"}};
    m_files.read(visit, {});
    if (m_snapshot_error) return tl::make_unexpected(*m_snapshot_error);
    if (snapshot) config = snapshot->config;
    m_peeked = true;
    return {};
}

void SnapshotSource::Impl::decode(Reading& reading, const FileObject& object)
{
    if (kube::is_snapshot(object) || group_of_version(object.api_version) == "kustomize.config.k8s.io") return;
    const std::string& resource = reading.names.find(object.api_version, object.kind);
    auto& target = reading.targets[resource];
    if (target == nullptr) target = reading.decoder.target(resource);
    const auto* builtin = model::find_builtin_resource(resource);
    ++reading.objects;
    auto& namespaced = reading.present[resource];
    namespaced = namespaced || (builtin != nullptr ? builtin->namespaced : !object.ns.empty());
    if (builtin == nullptr ? !object.ns.empty() : builtin->namespaced) reading.namespaces.insert(object.ns.empty() ? "default" : object.ns);

    const auto& lists = reading.plan.lists;
    const bool wanted = is_typed(resource) || resource == "configmaps" ||
                        std::any_of(lists.begin(), lists.end(), [&](const auto& item) { return asks_for(item.resource, resource); });
    if (!wanted) return;
    const std::size_t gaps = reading.inventory.gaps.size();
    if (reading.decoder.decode(target, {object.json}) == ObjectDecoder::Outcome::malformed && reading.inventory.gaps.size() > gaps)
        warnings.push_back(fmt::format("{}:{}: {}", printable(object.file), object.line, reading.inventory.gaps.back().message));
}

/// With a Snapshot, what is not in `gaps` is a complete list.
void SnapshotSource::Impl::whole_cluster(model::Inventory& inventory) const
{
    inventory.cluster.name = snapshot->cluster_name;
    inventory.cluster.version = snapshot->git_version;
    inventory.cluster.consistent = snapshot->consistent;
    inventory.probes = snapshot->probes;
    for (const std::string& resource : snapshot->served)
        if (resource != "*") inventory.served.insert(resource);
    for (const std::string& resource : snapshot->not_served)
        inventory.served.erase(resource);
    inventory.listed = inventory.served;
    for (const std::string& resource : snapshot->not_listed)
        inventory.listed.erase(resource);
    // What a capture met before comes first, and once.
    std::vector<model::Gap> gaps = snapshot->gaps;
    for (model::Gap& gap : gaps) {
        if (gap.message.empty())
            gap.message = fmt::format("the snapshot lacks {}{}", gap.resource, gap.ns == "*" ? "" : fmt::format(" in namespace {}", gap.ns));
        if (gap.reason == model::Reason::not_served)
            inventory.served.erase(gap.resource);
        else if (!gap.resource.empty())
            inventory.listed.insert(gap.resource);
    }
    for (model::Gap& gap : inventory.gaps) {
        const auto same = [&](const model::Gap& other) {
            return other.resource == gap.resource && other.ns == gap.ns && other.message == gap.message;
        };
        if (std::none_of(gaps.begin(), gaps.end(), same)) gaps.push_back(std::move(gap));
    }
    inventory.gaps = std::move(gaps);
}

/// Without one, what only a running cluster shows is not observable, and namespaces that objects are in exist.
void SnapshotSource::Impl::partial_cluster(Reading& reading) const
{
    auto& inventory = reading.inventory;
    inventory.cluster.partial = true;
    inventory.listed = inventory.served;
    for (const auto& resource : model::builtin_resources())
        if (needs_running_cluster(resource))
            inventory.gaps.push_back(
                {std::string{resource.id}, "*", model::Reason::unobservable, fmt::format("manifests do not show all {}", resource.plural())});
    for (const auto& item : reading.plan.lists) {
        if (model::find_builtin_resource(item.resource) != nullptr) continue;
        const auto present = reading.present.find(item.resource);
        if (present != reading.present.end() && present->second) continue; // judged like built-in kinds, for the namespaces in the files
        inventory.gaps.push_back({item.resource, "*", model::Reason::unobservable, fmt::format("manifests do not show all {}", item.resource)});
    }
    for (const auto& ns : inventory.namespaces)
        reading.namespaces.erase(ns.meta.name.str());
    const auto& wanted = reading.plan.namespaces;
    for (const std::string& name : reading.namespaces) {
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
        model::Namespace ns;
        ns.meta.name = inventory.vault().texts.intern(name);
        inventory.namespaces.push_back(ns);
    }
}

/// A document that cannot be read hides an object: of the kind that its text names, else of any kind.
void SnapshotSource::Impl::problem_gaps(Reading& reading)
{
    for (const InputProblem& problem : problems) {
        const auto add = [&](std::string resource) {
            reading.inventory.gaps.push_back({std::move(resource), "*", model::Reason::malformed, problem.text()});
        };
        const bool named = !problem.kind.empty() && !problem.api_version.empty() && problem.kind.find("List") == std::string::npos;
        if (named)
            add(reading.names.find(problem.api_version, problem.kind));
        else
            for (const std::string& resource : reading.inventory.served)
                add(resource);
    }
}

Failure SnapshotSource::Impl::broken_input() const
{
    std::string message = problems.size() == 1 ? "" : fmt::format("{} documents cannot be read:", problems.size());
    for (std::size_t i = 0; i < problems.size() && i < k_told; ++i)
        message += fmt::format("{}{}", message.empty() ? "" : "\n  ", problems[i].text());
    if (problems.size() > k_told) message += fmt::format("\n  and {} more", problems.size() - k_told);
    return failure(Error::Kind::invalid_input, std::move(message), "mend them, or use --keep-going to judge the rest");
}

Result<model::Inventory> SnapshotSource::Impl::read(const model::ReadPlan& plan, const std::stop_token& stop)
{
    warnings.clear();
    problems.clear();
    SEAWORTHY_TRY(peek());
    Reading reading{plan};
    auto& inventory = reading.inventory;
    inventory.taken_at = snapshot && snapshot->taken_at.known() ? snapshot->taken_at : m_options.clock();
    reading.decoder.set_default_namespace("default");
    for (const auto& custom : m_custom_kinds)
        reading.names.define(custom);
    for (const auto& item : plan.lists)
        reading.names.mention(item.resource);
    if (snapshot)
        for (const auto& resource : snapshot->served)
            reading.names.mention(resource);

    ObjectFiles::Visit visit{[&](const FileObject& object) { decode(reading, object); },
                             [&](InputProblem problem) { problems.push_back(std::move(problem)); },
                             [&](std::string warning) { warnings.push_back(std::move(warning)); },
                             {}};
    m_files.read(visit, stop);
    if (stop.stop_requested()) return failure(Error::Kind::cancelled, "stopped while reading the files");
    if (!problems.empty() && !m_options.keep_going) return broken_input();
    if (reading.objects == 0 && !snapshot && problems.empty())
        return failure(Error::Kind::invalid_input, fmt::format("no Kubernetes objects in {} (looked for *.yaml, *.yml, *.json)",
                                                               printable(fmt::format("{}", fmt::join(m_files.paths(), ", ")))));

    for (const auto& resource : model::builtin_resources())
        inventory.served.emplace(resource.id);
    for (const auto& [resource, namespaced] : reading.present)
        inventory.served.insert(resource);
    for (const auto& custom : m_custom_kinds)
        inventory.served.insert(fmt::format("{}.{}", custom.plural, custom.group));
    if (snapshot)
        whole_cluster(inventory);
    else
        partial_cluster(reading);
    problem_gaps(reading);
    if (snapshot && reading.decoder.saw_secret_values())
        warnings.emplace_back("the snapshot holds values of Secrets: they were dropped, and do not belong there");
    complete_cluster_facts(inventory);
    return std::move(reading.inventory);
}

SnapshotSource::SnapshotSource(SnapshotOptions options) : m_impl(std::make_unique<Impl>(std::move(options))) {}
SnapshotSource::~SnapshotSource() = default;

Result<void> SnapshotSource::peek()
{
    return m_impl->peek();
}

const std::string& SnapshotSource::config_text() const
{
    return m_impl->config;
}

bool SnapshotSource::is_snapshot() const
{
    return m_impl->snapshot.has_value();
}

Result<model::Inventory> SnapshotSource::read(const model::ReadPlan& plan, std::stop_token stop)
{
    return m_impl->read(plan, stop);
}

const std::vector<std::string>& SnapshotSource::warnings() const
{
    return m_impl->warnings;
}

const std::vector<InputProblem>& SnapshotSource::problems() const
{
    return m_impl->problems;
}

} // namespace seaworthy::kube
