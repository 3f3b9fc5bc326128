// SPDX-License-Identifier: Apache-2.0
#include "kube/connection.hpp"

#include "kube/base64.hpp"
#include "seaworthy/base/base64.hpp"
#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/base/percent_encode.hpp"

namespace seaworthy::kube {
namespace {

std::optional<WatchedFile> watch(const std::string& path, WatchedFile::Trim trim = WatchedFile::Trim::no)
{
    if (path.empty()) return std::nullopt;
    return WatchedFile{path, trim};
}

/// A header name's extra key: lower case, everything but an HTTP token's characters percent-encoded (client-go transport.headerKeyEscape).
std::string extra_key(const std::string& key)
{
    return percent_encode(to_lower(key));
}

class FileAndExecConnection final : public Connection {
public:
    FileAndExecConnection(ConnectionPlan plan, const Surroundings& surroundings)
        : m_plan(std::move(plan)), m_now(surroundings.now), m_origin(m_plan.server.origin()), m_ca(watch(m_plan.ca_file)),
          m_token(watch(m_plan.user.token_file, WatchedFile::Trim::yes)),
          m_certificate(m_plan.user.certificate_pem.empty() ? watch(m_plan.user.certificate_file) : std::nullopt),
          m_key(m_plan.user.key_pem.empty() ? watch(m_plan.user.key_file) : std::nullopt)
    {
        const UserEntry& user = m_plan.user;
        const bool has_own = !user.token.empty() || m_token || !user.username.empty() || !user.certificate_pem.empty() || m_certificate;
        if (m_plan.exec && !has_own) m_exec.emplace(*m_plan.exec);
        for (const std::string& warning : m_plan.warnings)
            m_warnings.push_back(warning);
        if (!m_plan.verify && m_plan.server.scheme == "https")
            m_warnings.push_back("the server's certificate is not verified (insecure-skip-tls-verify)");
    }

    Result<Access> access(const std::stop_token& stop) override
    {
        const auto now = m_now();
        net::Route route;
        route.allow_plain_http = m_plan.server.scheme == "http";
        route.proxy = m_plan.proxy;
        route.no_proxy = m_plan.no_proxy;
        route.tls.server_name = m_plan.tls_server_name;
        route.tls.verify = m_plan.verify;
        SEAWORTHY_TRY(read(m_ca, m_plan.ca_pem, now, route.tls.ca_pem));
        auto credential = current_credential(now, stop);
        if (!credential) return tl::make_unexpected(credential.error());
        route.tls.client_certificate = std::move(credential->certificate);
        route.tls.client_key = std::move(credential->key);
        // One Route as long as nothing changes: it is what tells connections apart.
        if (!m_route || m_route->tls.ca_pem != route.tls.ca_pem || m_route->tls.client_certificate != route.tls.client_certificate ||
            m_route->tls.client_key != route.tls.client_key) {
            m_route = std::make_shared<const net::Route>(std::move(route));
        }
        Access result{m_plan.base_url, m_route, {}};
        if (!credential->authorization.empty()) result.headers.push_back({"Authorization", std::move(credential->authorization)});
        add_impersonation(result.headers);
        return result;
    }

    bool reject() override
    {
        for (auto* file : {&m_ca, &m_token, &m_certificate, &m_key}) {
            if (*file) (*file)->expire();
        }
        if (m_exec) m_exec->expire();
        return m_token || m_certificate || m_key || m_exec;
    }

    bool distrust() override
    {
        for (auto* file : {&m_ca, &m_certificate, &m_key}) {
            if (*file) (*file)->expire();
        }
        return m_ca || m_certificate || m_key;
    }

    const std::string& cluster_name() const override { return m_plan.cluster_name; }
    const std::string& server() const override { return m_origin; }
    const std::string& default_namespace() const override { return m_plan.default_namespace; }
    std::vector<std::string> take_warnings() override { return std::exchange(m_warnings, {}); }

    RefreshFailures take_refresh_failures() override
    {
        RefreshFailures failures;
        for (auto* file : {&m_ca, &m_token, &m_certificate, &m_key})
            failures.file += *file ? (*file)->take_failures() : 0;
        if (m_exec) failures.exec = m_exec->take_failures();
        return failures;
    }

private:
    using Moment = std::chrono::system_clock::time_point;

    static Result<void> read(std::optional<WatchedFile>& file, const std::string& data, Moment now, std::string& into)
    {
        if (!file) {
            into = data;
            return {};
        }
        auto content = file->content(now);
        if (!content) return tl::make_unexpected(content.error());
        into = std::move(*content);
        return {};
    }

    Result<Credential> current_credential(Moment now, const std::stop_token& stop)
    {
        if (m_exec) return m_exec->credential(now, stop);
        const UserEntry& user = m_plan.user;
        Credential credential;
        SEAWORTHY_TRY(read(m_certificate, user.certificate_pem, now, credential.certificate));
        SEAWORTHY_TRY(read(m_key, user.key_pem, now, credential.key));
        std::string token;
        SEAWORTHY_TRY(read(m_token, user.token, now, token));
        if (!token.empty())
            credential.authorization = "Bearer " + token;
        else if (!user.username.empty())
            credential.authorization = "Basic " + encode_base64(user.username + ":" + user.password);
        return credential;
    }

    void add_impersonation(std::vector<net::Header>& headers) const
    {
        const UserEntry& user = m_plan.user;
        if (user.as.empty()) return;
        headers.push_back({"Impersonate-User", user.as});
        if (!user.as_uid.empty()) headers.push_back({"Impersonate-Uid", user.as_uid});
        for (const std::string& group : user.as_groups)
            headers.push_back({"Impersonate-Group", group});
        for (const auto& [key, value] : user.as_extra)
            headers.push_back({"Impersonate-Extra-" + extra_key(key), value});
    }

    ConnectionPlan m_plan;
    std::function<Moment()> m_now;
    std::string m_origin;
    std::optional<WatchedFile> m_ca;
    std::optional<WatchedFile> m_token;
    std::optional<WatchedFile> m_certificate;
    std::optional<WatchedFile> m_key;
    std::optional<ExecPlugin> m_exec;
    std::shared_ptr<const net::Route> m_route;
    std::vector<std::string> m_warnings;
};

} // namespace

std::unique_ptr<Connection> make_connection(ConnectionPlan plan, const Surroundings& surroundings)
{
    return std::make_unique<FileAndExecConnection>(std::move(plan), surroundings);
}

} // namespace seaworthy::kube
