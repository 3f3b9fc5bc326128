// SPDX-License-Identifier: Apache-2.0
#include "kube/cluster_reader.hpp"

#include <algorithm>

#include "kube/forget.hpp"
#include "kube/platform.hpp"
#include "kube/probes.hpp"
#include "kube/secret_rows.hpp"
#include "seaworthy/base/percent_encode.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/model/resource.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::kube {
namespace {

constexpr std::size_t k_reviewed_namespaces = 5;

/// Objects of one list.
class ObjectSink final : public ElementSink {
public:
    ObjectSink(ObjectDecoder& decoder, SourceObserver& observer, std::string resource)
        : m_decoder(decoder), m_observer(observer), m_resource(std::move(resource)), m_target(decoder.target(m_resource))
    {}
    void element(PaddedJson json) override
    {
        m_decoder.decode(m_target, json);
        m_observer.object_read(m_resource, {}, json.text);
    }
    void skipped(std::string_view reason, std::string_view head) override { m_decoder.skipped(m_target, reason, head); }

private:
    ObjectDecoder& m_decoder;
    SourceObserver& m_observer;
    std::string m_resource;
    const ObjectDecoder::Target* m_target;
};

/// One object by its name.
class NamedObject final : public SmallExchange {
public:
    using Failed = std::function<void(const ReadFailure&)>;

    NamedObject(ApiRequest request, std::unique_ptr<ElementSink> sink, Failed failed)
        : SmallExchange(std::move(request)), m_sink(std::move(sink)), m_failed(std::move(failed))
    {}
    std::optional<ReadFailure> finish(const net::Head&) override
    {
        std::string padded = body();
        padded.resize(padded.size() + k_json_padding);
        m_sink->element({std::string_view{padded}.substr(0, body().size())});
        return std::nullopt;
    }
    void give_up(const ReadFailure& failure) override { m_failed(failure); }

private:
    std::unique_ptr<ElementSink> m_sink;
    Failed m_failed;
};

} // namespace

ClusterReader::ClusterReader(net::Client& client, Connection& connection, const LiveSourceOptions& options, SourceObserver& observer,
                             const model::ReadPlan& plan)
    : m_connection(connection), m_options(options), m_observer(observer), m_asked(plan), m_loop(client, connection, options, observer)
{
    m_inventory.taken_at = options.pacing.wall_clock();
}

Result<model::Inventory> ClusterReader::read(const std::stop_token& stop)
{
    SEAWORTHY_TRY(read_discovery(stop));
    expand_plan(m_asked);
    m_decoder = std::make_unique<ObjectDecoder>(m_inventory, m_plan);

    start_lists();
    start_named_config_maps();
    start_probes(m_loop, m_inventory, m_plan.probes);
    m_observer.progress(m_progress);
    SEAWORTHY_TRY(m_loop.run(stop));
    if (const auto error = total_failure()) return tl::make_unexpected(*error);

    start_secrets();
    start_probes(m_loop, m_inventory, reviews());
    SEAWORTHY_TRY(m_loop.run(stop));
    collapse_gaps("secrets", namespace_names().size());
    complete_cluster_facts(m_inventory);
    return std::move(m_inventory);
}

Result<void> ClusterReader::read_discovery(const std::stop_token& stop)
{
    auto discovery = discover(m_loop, m_connection, stop);
    if (!discovery) return tl::make_unexpected(discovery.error());
    m_discovery = std::move(*discovery);
    m_inventory.cluster.name = m_connection.cluster_name();
    m_inventory.cluster.version = m_discovery.version.git_version;
    for (const auto& [id, resource] : m_discovery.resources)
        m_inventory.served.insert(id);
    return {};
}

void ClusterReader::expand_plan(const model::ReadPlan& plan)
{
    m_plan = plan;
    m_plan.lists.clear();
    for (const model::ReadPlan::Item& item : plan.lists) {
        if (item.resource.substr(0, 2) != "*.") {
            m_plan.lists.push_back(item);
            continue;
        }
        const std::string_view group = std::string_view{item.resource}.substr(2);
        for (const auto& [id, resource] : m_discovery.resources) {
            if (resource.group == group) m_plan.lists.push_back({id, item.fields});
        }
        if (m_discovery.failed_groups.contains(group)) m_plan.lists.push_back(item); // becomes the gap
    }
}

void ClusterReader::start_lists()
{
    for (const model::ReadPlan::Item& item : m_plan.lists)
        start_resource(item.resource);
}

void ClusterReader::start_resource(const std::string& resource)
{
    const auto found = m_discovery.resources.find(resource);
    if (found == m_discovery.resources.end() || !found->second.listable) {
        // Not served is an answer. An aggregated API whose server does not answer is none.
        const auto group = model::group_of(resource);
        if (found == m_discovery.resources.end() && m_discovery.failed_groups.contains(group)) {
            m_inventory.listed.insert(resource);
            ReadFailure failure;
            failure.message = "the server of API group " + printable(group, 128) + " does not answer";
            add_gap(resource, "*", failure);
        }
        return;
    }
    m_inventory.listed.insert(resource);
    if (resource == "secrets") {
        m_wants_secrets = true;
    } else if (m_plan.namespaces.empty()) {
        start_list_of(resource, found->second, "");
    } else if (resource == "namespaces") {
        for (const std::string& ns : m_plan.namespaces)
            start_named_object(resource, found->second.path("v1", "") + "/" + percent_encode(ns), ns);
    } else if (found->second.namespaced) {
        for (const std::string& ns : m_plan.namespaces)
            start_list_of(resource, found->second, ns);
    } else {
        start_list_of(resource, found->second, "");
    }
}

ListOrder ClusterReader::order_for(const std::string& resource, const ServedResource& served, const std::string& ns) const
{
    const model::Resource* built_in = model::find_builtin_resource(resource);
    ListOrder order;
    order.resource = resource;
    order.path = served.path(built_in != nullptr ? built_in->version : std::string_view{}, percent_encode(ns));
    order.ns = ns;
    order.paging = choose_paging(m_discovery.version.minor, resource, built_in != nullptr, m_options.chunk_size);
    order.priority = resource == "pods" ? 0 : 1; // the longest list begins at once
    order.max_bytes = m_options.max_list_bytes;
    order.max_objects = m_options.max_list_objects;
    return order;
}

void ClusterReader::start_list_of(const std::string& resource, const ServedResource& served, const std::string& ns)
{
    ++m_progress.lists_total;
    const ListContext context{m_loop, m_inventory, m_observer, std::max<std::size_t>(m_options.max_in_flight, 2) - 1};
    start_list(
        context, order_for(resource, served, ns), std::make_unique<ObjectSink>(*m_decoder, m_observer, resource),
        [this, resource, ns] {
            forget(m_inventory, resource, ns);
            m_observer.list_restarted(resource, ns);
        },
        [this, resource, ns](const ListResult& result) { list_ended(resource, ns.empty() ? "*" : ns, result); });
}

void ClusterReader::start_named_object(const std::string& resource, const std::string& path, const std::string& ns)
{
    ApiRequest request;
    request.path = path;
    const bool is_namespace = resource == "namespaces";
    m_loop.add(std::make_unique<NamedObject>(std::move(request), std::make_unique<ObjectSink>(*m_decoder, m_observer, resource),
                                             [this, resource, ns, is_namespace](const ReadFailure& failure) {
                                                 if (failure.status != 404) return add_gap(resource, ns, failure);
                                                 if (!is_namespace) return; // a ConfigMap that is not there is an answer
                                                 ReadFailure missing = failure;
                                                 missing.reason = model::Reason::unavailable;
                                                 missing.message = "namespace " + printable(ns, 64) + " does not exist";
                                                 add_gap(resource, ns, missing);
                                             }));
}

void ClusterReader::start_named_config_maps()
{
    for (const std::string& full_name : m_plan.config_maps) {
        const auto slash = full_name.find('/');
        if (slash == std::string::npos) continue;
        const std::string ns = full_name.substr(0, slash);
        const auto& wanted = m_plan.namespaces;
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), ns) == wanted.end()) continue;
        start_named_object("configmaps", "/api/v1/namespaces/" + percent_encode(ns) + "/configmaps/" + percent_encode(full_name.substr(slash + 1)),
                           ns);
    }
}

void ClusterReader::start_secrets()
{
    if (!m_wants_secrets) return;
    const auto namespaces = namespace_names();
    if (const model::Gap* gap = m_inventory.gap("namespaces"); gap != nullptr && m_plan.namespaces.empty()) {
        ReadFailure failure;
        failure.reason = gap->reason;
        failure.message = "Secrets are listed namespace by namespace, and the namespaces could not be listed";
        add_gap("secrets", "*", failure);
    }
    const ListContext context{m_loop, m_inventory, m_observer};
    for (const std::string& ns : namespaces) {
        ++m_progress.lists_total;
        start_secret_rows(context, {*m_decoder, m_plan.secret_labels, order_for("secrets", m_discovery.resources.at("secrets"), ns)},
                          [this, ns](const ListResult& result) { list_ended("secrets", ns, result); });
    }
}

std::vector<std::string> ClusterReader::namespace_names() const
{
    if (!m_plan.namespaces.empty()) return m_plan.namespaces;
    std::vector<std::string> names;
    for (const model::Namespace& ns : m_inventory.namespaces)
        names.push_back(ns.meta.name.str());
    std::sort(names.begin(), names.end());
    return names;
}

/// Reviews of our own rights that a rule about them needs: the rules in a few namespaces, one access that RBAC must have granted, and one
/// that no role can name.
std::vector<std::string> ClusterReader::reviews() const
{
    if (!m_plan.self_reviews) return {};
    std::vector<std::string> sample;
    const auto names = namespace_names();
    const auto take = [&](const std::string& ns) {
        const bool known = std::find(names.begin(), names.end(), ns) != names.end();
        if (known && sample.size() < k_reviewed_namespaces && std::find(sample.begin(), sample.end(), ns) == sample.end()) sample.push_back(ns);
    };
    take(m_connection.default_namespace());
    take("default");
    take("kube-system");
    for (const std::string& ns : names)
        take(ns);
    std::vector<std::string> urls{"selfsubjectaccessreview:list/pods", "selfsubjectaccessreview:audit-probe/probes.rbac-probe.invalid"};
    for (const std::string& ns : sample)
        urls.push_back("selfsubjectrulesreview:" + ns);
    std::erase_if(urls, [&](const std::string& url) { return m_inventory.probes.contains(url); });
    return urls;
}

void ClusterReader::list_ended(const std::string& resource, const std::string& ns, const ListResult& result)
{
    if (result.failure) add_gap(resource, ns, *result.failure);
    if (!result.failure || result.objects > 0 || result.failure->status == 403 || result.failure->status == 404)
        ++m_lists_read;
    else if (!m_first_failure)
        m_first_failure = result.failure;
    ++m_progress.lists_done;
    m_progress.objects += result.objects;
    Progress progress = m_progress;
    progress.resource = resource;
    m_observer.progress(progress);
}

void ClusterReader::add_gap(const std::string& resource, const std::string& ns, const ReadFailure& failure)
{
    // Discovery has just listed it, but the list says otherwise: the answer to what is served is the list's.
    if (failure.reason == model::Reason::not_served) m_inventory.served.erase(resource);
    m_inventory.gaps.push_back({resource, ns, failure.reason, failure.message});
}

/// A list that fails alike in every namespace is one gap.
void ClusterReader::collapse_gaps(const std::string& resource, std::size_t namespaces)
{
    auto& gaps = m_inventory.gaps;
    const auto first = std::find_if(gaps.begin(), gaps.end(), [&](const model::Gap& gap) { return gap.resource == resource && gap.ns != "*"; });
    if (first == gaps.end() || namespaces < 2) return;
    const model::Reason reason = first->reason;
    const auto alike = [&](const model::Gap& gap) { return gap.resource == resource && gap.ns != "*" && gap.reason == reason; };
    if (static_cast<std::size_t>(std::count_if(gaps.begin(), gaps.end(), alike)) < namespaces) return;
    model::Gap whole{resource, "*", reason, first->message};
    std::erase_if(gaps, alike);
    gaps.push_back(std::move(whole));
}

/// No list at all came through: that is no audit with gaps but a connection that does not work.
std::optional<Error> ClusterReader::total_failure() const
{
    if (m_lists_read > 0 || !m_first_failure) return std::nullopt;
    if (m_first_failure->status == 401) {
        return Error{Error::Kind::unauthorized,
                     m_connection.server() + " does not accept the credentials any more (401): " + m_first_failure->message,
                     "Log in again or renew the token."};
    }
    if (m_first_failure->cause != net::Cause::none && m_first_failure->status == 0) {
        return Error{Error::Kind::unreachable, m_first_failure->message, "Check the API server's health and the network path to it."};
    }
    return std::nullopt;
}

} // namespace seaworthy::kube
