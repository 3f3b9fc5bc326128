// SPDX-License-Identifier: Apache-2.0
#include "app/lease.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/version.hpp"
#include "seaworthy/net/client.hpp"

namespace seaworthy::app {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t k_largest_lease = 1U << 20U;

std::string text_at(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

int number_at(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? found->get<int>() : 0;
}

class ApiLeaseStore : public LeaseStore {
public:
    ApiLeaseStore(std::unique_ptr<kube::Connection> connection, std::string name, std::string ns)
        : m_connection(std::move(connection)), m_client({.user_agent = fmt::format("seaworthy/{} (leader election)", version())}),
          m_name(std::move(name)), m_ns(ns.empty() ? m_connection->default_namespace() : std::move(ns))
    {}

    LeaseReply get(std::chrono::milliseconds timeout, const std::stop_token& stop) override
    {
        return send(net::Method::get, "/" + m_name, {}, timeout, stop);
    }
    LeaseReply create(const Lease& lease, std::chrono::milliseconds timeout, const std::stop_token& stop) override
    {
        return send(net::Method::post, {}, lease_json(lease, m_name, m_ns), timeout, stop);
    }
    LeaseReply update(const Lease& lease, std::chrono::milliseconds timeout, const std::stop_token& stop) override
    {
        return send(net::Method::put, "/" + m_name, lease_json(lease, m_name, m_ns), timeout, stop);
    }

private:
    LeaseReply send(net::Method method, const std::string& path, std::string body, std::chrono::milliseconds timeout, const std::stop_token& stop)
    {
        const auto access = m_connection->access(stop);
        if (!access) return {LeaseReply::Outcome::failed, {}, access.error()};
        net::Request request{.method = method,
                             .url = fmt::format("{}/apis/coordination.k8s.io/v1/namespaces/{}/leases{}", access->base_url, m_ns, path),
                             .headers = access->headers,
                             .body = std::move(body),
                             .route = access->route,
                             .connect_timeout = timeout,
                             .timeout = timeout,
                             .stall_timeout = timeout,
                             .max_body_bytes = k_largest_lease};
        request.headers.push_back({"Accept", "application/json"});
        if (!request.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
        const auto response = m_client.fetch(std::move(request), stop);
        if (!response) return {LeaseReply::Outcome::failed, {}, response.error()};
        return reply_of(*response);
    }

    LeaseReply reply_of(const net::Response& response)
    {
        constexpr int unauthorized = 401;
        constexpr int not_found = 404;
        constexpr int conflict = 409;
        const int status = response.head.status;
        if (status == not_found) return {LeaseReply::Outcome::absent, {}, {}};
        if (status == conflict) return {LeaseReply::Outcome::conflict, {}, {}};
        if (status == unauthorized) m_connection->reject();
        if (status / 100 == 2)
            if (auto lease = parse_lease(response.body)) return {LeaseReply::Outcome::done, std::move(*lease), {}};
        const auto message = fmt::format("Lease {}/{}: the API server answered {}", m_ns, m_name, status);
        return {LeaseReply::Outcome::failed, {}, {Error::Kind::protocol, message, "seaworthy rbac prints the rights that an election needs"}};
    }

    std::unique_ptr<kube::Connection> m_connection;
    net::Client m_client;
    std::string m_name;
    std::string m_ns;
};

} // namespace

std::unique_ptr<LeaseStore> api_lease_store(std::unique_ptr<kube::Connection> connection, std::string name, std::string ns)
{
    return std::make_unique<ApiLeaseStore>(std::move(connection), std::move(name), std::move(ns));
}

std::string lease_json(const Lease& lease, std::string_view name, std::string_view ns)
{
    Json metadata{{"name", name}, {"namespace", ns}};
    if (!lease.resource_version.empty()) metadata["resourceVersion"] = lease.resource_version;
    const Json document{{"apiVersion", "coordination.k8s.io/v1"},
                        {"kind", "Lease"},
                        {"metadata", std::move(metadata)},
                        {"spec",
                         {{"holderIdentity", lease.holder},
                          {"leaseDurationSeconds", lease.duration_seconds},
                          {"leaseTransitions", lease.transitions},
                          {"acquireTime", lease.acquire_time},
                          {"renewTime", lease.renew_time}}}};
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Lease> parse_lease(std::string_view json)
{
    const auto document = Json::parse(json, nullptr, false);
    if (!document.is_object() || text_at(document, "kind") != "Lease") return std::nullopt;
    const auto metadata = document.value("metadata", Json::object());
    const auto spec = document.value("spec", Json::object());
    if (!metadata.is_object() || !spec.is_object()) return std::nullopt;
    return Lease{.holder = text_at(spec, "holderIdentity"),
                 .duration_seconds = number_at(spec, "leaseDurationSeconds"),
                 .transitions = number_at(spec, "leaseTransitions"),
                 .acquire_time = text_at(spec, "acquireTime"),
                 .renew_time = text_at(spec, "renewTime"),
                 .resource_version = text_at(metadata, "resourceVersion")};
}

} // namespace seaworthy::app
