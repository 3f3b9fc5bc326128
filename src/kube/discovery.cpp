// SPDX-License-Identifier: Apache-2.0
#include "kube/discovery.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::kube {
namespace {

// Old servers answer 406 to a lone v2, and anything unknown to plain JSON, so all three are offered and the answer's type decides.
constexpr const char* k_accept_discovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
                                           "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
                                           "application/json";
constexpr std::uint64_t k_max_discovery_bytes = 64ULL << 20U;

/// Hands a whole answer, or the failure, to a function.
class Question final : public SmallExchange {
public:
    using Answered = std::function<std::optional<ReadFailure>(const net::Head&, const std::string&)>;
    using Failed = std::function<void(const ReadFailure&)>;

    Question(ApiRequest request, Answered answered, Failed failed, bool patient = true)
        : SmallExchange(std::move(request)), m_answered(std::move(answered)), m_failed(std::move(failed)), m_patient(patient)
    {}
    std::optional<ReadFailure> finish(const net::Head& head) override { return m_answered(head, body()); }
    void give_up(const ReadFailure& failure) override { m_failed(failure); }
    bool patient() const override { return m_patient; }
    bool recover(int status, const StatusAnswer&) override
    {
        if (status != 406 || question().accept == "application/json") return false;
        question().accept = "application/json";
        return true;
    }

private:
    Answered m_answered;
    Failed m_failed;
    bool m_patient;
};

ApiRequest get(std::string path, const char* accept = "application/json")
{
    ApiRequest request;
    request.path = std::move(path);
    request.accept = accept;
    request.max_body_bytes = k_max_discovery_bytes;
    return request;
}

ReadFailure malformed(const Error& error)
{
    ReadFailure failure;
    failure.reason = model::Reason::malformed;
    failure.message = error.message;
    return failure;
}

void add(Discovery& discovery, const DiscoveredResource& found)
{
    const std::string id = found.group.empty() ? found.plural : found.plural + "." + found.group;
    auto& resource = discovery.resources[id];
    if (resource.versions.empty()) {
        resource = {found.group, found.plural, found.kind, {}, found.namespaced, found.listable};
    }
    resource.versions.push_back(found.version);
}

/// First contact failed: one sentence with host, cause and next step.
Error unusable(const ReadFailure& failure, const Connection& connection)
{
    if (failure.cause != net::Cause::none) return net::describe(connection.server(), failure.outcome);
    const std::string who = connection.server() + " (cluster \"" + printable(connection.cluster_name(), 128) + "\")";
    if (failure.status == 401) {
        return {Error::Kind::unauthorized, who + " does not accept the credentials (401): " + failure.message,
                "Log in again or renew the token, and check that the context belongs to this cluster."};
    }
    if (failure.status == 403) {
        return {Error::Kind::forbidden, who + " does not let these credentials read its API (403): " + failure.message,
                "Bind the ClusterRole that `seaworthy rbac` prints; a user without any credentials is system:anonymous."};
    }
    if (failure.status == 400 && connection.server().rfind("http://", 0) == 0) {
        return {Error::Kind::protocol, who + " answered with status 400 to plain HTTP", "Use https:// for this server."};
    }
    return {Error::Kind::protocol, who + " gives no Kubernetes API: " + failure.message, "Check that the URL leads to an API server."};
}

class Discoverer {
public:
    Discoverer(ApiLoop& loop, const Connection& connection, const std::stop_token& stop) : m_loop(loop), m_connection(connection), m_stop(stop) {}

    Result<Discovery> run()
    {
        ask_version();
        SEAWORTHY_TRY(m_loop.run(m_stop));
        // Not everybody may read /version; discovery shows whether anything works.
        if (m_failure && m_failure->status != 403 && m_failure->status != 404) return tl::make_unexpected(unusable(*m_failure, m_connection));
        m_failure.reset();
        ask_groups("/api");
        ask_groups("/apis");
        SEAWORTHY_TRY(m_loop.run(m_stop));
        if (m_failure) return tl::make_unexpected(unusable(*m_failure, m_connection));
        for (const GroupVersionName& one : m_legacy)
            ask_resources(one);
        SEAWORTHY_TRY(m_loop.run(m_stop));
        collect_legacy();
        return std::move(m_discovery);
    }

private:
    void remember(const ReadFailure& failure)
    {
        if (!m_failure) m_failure = failure;
    }

    void ask_version()
    {
        m_loop.add(std::make_unique<Question>(
            get("/version"),
            [this](const net::Head&, const std::string& body) -> std::optional<ReadFailure> {
                auto version = parse_version(body);
                if (!version) return malformed(version.error());
                m_discovery.version = std::move(*version);
                m_discovery.version.git_version = printable(m_discovery.version.git_version, 64);
                return std::nullopt;
            },
            [this](const ReadFailure& failure) { remember(failure); }, false));
    }

    void ask_groups(const char* path)
    {
        m_loop.add(std::make_unique<Question>(
            get(path, k_accept_discovery),
            [this](const net::Head& head, const std::string& body) {
                const bool aggregated = head.header("content-type").find("as=APIGroupDiscoveryList") != std::string_view::npos;
                return aggregated ? take_aggregated(body) : take_group_list(body);
            },
            [this](const ReadFailure& failure) { remember(failure); }));
    }

    std::optional<ReadFailure> take_aggregated(const std::string& body)
    {
        const auto answer = parse_aggregated_discovery(body);
        if (!answer) return malformed(answer.error());
        for (const DiscoveredResource& resource : answer->resources)
            add(m_discovery, resource);
        m_discovery.failed_groups.insert(answer->stale_groups.begin(), answer->stale_groups.end());
        return std::nullopt;
    }

    std::optional<ReadFailure> take_group_list(const std::string& body)
    {
        auto groups = parse_group_list(body);
        if (!groups) return malformed(groups.error());
        for (GroupVersionName& one : *groups)
            m_legacy.push_back(std::move(one));
        return std::nullopt;
    }

    void ask_resources(const GroupVersionName& of)
    {
        const std::string path = of.group.empty() ? "/api/" + of.version : "/apis/" + of.group + "/" + of.version;
        m_loop.add(std::make_unique<Question>(
            get(path),
            [this, of](const net::Head&, const std::string& body) -> std::optional<ReadFailure> {
                auto resources = parse_resource_list(body, of);
                if (!resources) return malformed(resources.error());
                m_resources[{of.group, of.version}] = std::move(*resources);
                return std::nullopt;
            },
            [this, of](const ReadFailure& failure) {
                // 404: the version went away between the two requests, which is an answer.
                if (failure.status != 404) m_discovery.failed_groups.insert(of.group);
            }));
    }

    /// Answers come in any order; the server's order of versions is that of the group list.
    void collect_legacy()
    {
        for (const GroupVersionName& one : m_legacy) {
            for (const DiscoveredResource& resource : m_resources[{one.group, one.version}])
                add(m_discovery, resource);
        }
    }

    ApiLoop& m_loop;
    const Connection& m_connection;
    const std::stop_token& m_stop;
    Discovery m_discovery;
    std::optional<ReadFailure> m_failure;
    std::vector<GroupVersionName> m_legacy;
    std::map<std::pair<std::string, std::string>, std::vector<DiscoveredResource>> m_resources;
};

} // namespace

std::string ServedResource::path(std::string_view wanted, std::string_view ns) const
{
    const bool has_wanted = std::find(versions.begin(), versions.end(), wanted) != versions.end();
    const std::string version = has_wanted ? std::string{wanted} : versions.empty() ? std::string{"v1"} : versions.front();
    std::string result = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
    if (!ns.empty()) result += "/namespaces/" + std::string{ns};
    return result + "/" + plural;
}

Result<Discovery> discover(ApiLoop& loop, const Connection& connection, const std::stop_token& stop)
{
    return Discoverer{loop, connection, stop}.run();
}

} // namespace seaworthy::kube
