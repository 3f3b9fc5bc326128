// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "seaworthy/kube/kubeconfig.hpp"
#include "support/temporary_directory.hpp"
#include "unit/kube/fake_surroundings.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;
using seaworthy::test::FakeSurroundings;
using seaworthy::test::TemporaryDirectory;

namespace {

/// base64 of "-----BEGIN CERTIFICATE-----\nX\n"
constexpr const char* k_pem_data = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClgK";
constexpr const char* k_pem = "-----BEGIN CERTIFICATE-----\nX\n";

std::string config_with(const std::string& cluster, const std::string& user)
{
    return "current-context: ctx\nclusters:\n- name: c\n  cluster: " + cluster + "\nusers:\n- name: u\n  user: " + user +
           "\ncontexts:\n- name: ctx\n  context: {cluster: c, user: u, namespace: shop}\n";
}

struct Fixture {
    TemporaryDirectory directory;
    FakeSurroundings surroundings;
    ConnectionOptions options;

    Result<std::unique_ptr<Connection>> connect_with(const std::string& cluster, const std::string& user)
    {
        options.kubeconfig = directory.write("config", config_with(cluster, user));
        return connect(options, surroundings.get());
    }
    Access access_with(const std::string& cluster, const std::string& user)
    {
        auto connection = connect_with(cluster, user);
        if (!connection) FAIL(connection.error().message);
        auto access = (*connection)->access({});
        if (!access) FAIL(access.error().message);
        return *access;
    }
    std::string error_with(const std::string& cluster, const std::string& user)
    {
        const auto connection = connect_with(cluster, user);
        return connection ? std::string{"no error"} : connection.error().message;
    }
};

std::string header(const Access& access, std::string_view name)
{
    std::string all;
    for (const auto& header : access.headers) {
        if (header.name == name) all += (all.empty() ? "" : ",") + header.value;
    }
    return all;
}

constexpr const char* k_server = "{server: 'https://api:6443/'}";

} // namespace

TEST_CASE_METHOD(Fixture, "the current context leads to server, user and namespace", "[kubeconfig]")
{
    auto connection = connect_with(k_server, "{token: t1}");
    REQUIRE(connection);
    const auto access = (*connection)->access({});
    REQUIRE(access);
    CHECK(access->base_url == "https://api:6443");
    CHECK(header(*access, "Authorization") == "Bearer t1");
    CHECK((*connection)->cluster_name() == "c");
    CHECK((*connection)->default_namespace() == "shop");
    CHECK((*connection)->server() == "https://api:6443");
    CHECK_FALSE((*connection)->reject()); // nothing here could be renewed
}

TEST_CASE_METHOD(Fixture, "data wins over files, and a token file over a token", "[kubeconfig]")
{
    directory.write("ca.crt", "from file");
    directory.write("token", "  t2\n");
    const Access access =
        access_with("{server: 'https://api', certificate-authority: ca.crt, certificate-authority-data: " + std::string{k_pem_data} + "}",
                    "{token: t1, tokenFile: token}");
    CHECK(access.route->tls.ca_pem == k_pem);
    CHECK(header(access, "Authorization") == "Bearer t2");
}

TEST_CASE_METHOD(Fixture, "client certificates come from data or files", "[kubeconfig]")
{
    directory.write("u.key", "KEY");
    const Access access = access_with(k_server, "{client-certificate-data: " + std::string{k_pem_data} + ", client-key: u.key}");
    CHECK(access.route->tls.client_certificate == k_pem);
    CHECK(access.route->tls.client_key == "KEY");
    CHECK(access.headers.empty());
}

TEST_CASE_METHOD(Fixture, "user name and password become basic authentication", "[kubeconfig]")
{
    CHECK(header(access_with(k_server, "{username: admin, password: 'p:w'}"), "Authorization") == "Basic YWRtaW46cDp3");
}

TEST_CASE_METHOD(Fixture, "impersonation becomes headers", "[kubeconfig]")
{
    const Access access = access_with(k_server, "{token: t, as: jane, as-uid: '7', as-groups: [a, b], as-user-extra: {Example.com/Reason: [x]}}");
    CHECK(header(access, "Impersonate-User") == "jane");
    CHECK(header(access, "Impersonate-Uid") == "7");
    CHECK(header(access, "Impersonate-Group") == "a,b");
    CHECK(header(access, "Impersonate-Extra-example.com%2Freason") == "x");
}

TEST_CASE_METHOD(Fixture, "settings that contradict each other are refused with the way out", "[kubeconfig]")
{
    directory.write("ca.crt", "CA");
    CHECK(error_with("{server: 'https://a', certificate-authority: ca.crt, insecure-skip-tls-verify: true}", "{}")
              .find("both a certificate authority") != std::string::npos);
    CHECK(error_with(k_server, "{client-certificate: x.crt}").find("without its key") != std::string::npos);
    CHECK(error_with(k_server, "{client-key: x.key}").find("without its certificate") != std::string::npos);
    CHECK(error_with(k_server, "{token: t, username: u}").find("both a token and a user name") != std::string::npos);
    CHECK(error_with(k_server, "{token: t, as-groups: [a]}").find("impersonates") != std::string::npos);
    CHECK(error_with(k_server, "{auth-provider: {name: gcp}}").find("auth-provider \"gcp\"") != std::string::npos);
    CHECK(error_with("{}", "{}").find("has no server") != std::string::npos);
    CHECK(error_with("{server: 'ftp://a'}", "{}").find("ftp") != std::string::npos);
    CHECK(error_with("{server: 'https://u:pw@a'}", "{}").find("credentials") != std::string::npos);
    CHECK(error_with("{server: 'https://a', proxy-url: 'gopher://p'}", "{}").find("gopher") != std::string::npos);
    const std::string bad_ca = error_with("{server: 'https://a', proxy-url: 'nonsense'}", "{}");
    CHECK(bad_ca.find(directory.path("config") + ":4") != std::string::npos); // names the line of the cluster
}

TEST_CASE_METHOD(Fixture, "a context, cluster or user that does not exist is named with those that do", "[kubeconfig]")
{
    options.context = "other";
    auto connection = connect_with(k_server, "{}");
    REQUIRE_FALSE(connection);
    CHECK(connection.error().message.find("context \"other\" does not exist") != std::string::npos);
    CHECK(connection.error().hint.find("ctx") != std::string::npos);
    options.context.clear();
    options.cluster = "d";
    CHECK(error_with(k_server, "{}").find("cluster \"d\"") != std::string::npos);
    options.cluster.clear();
    options.user = "v";
    CHECK(error_with(k_server, "{}").find("user \"v\"") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "kubectl's flags win over the kubeconfig", "[kubeconfig]")
{
    directory.write("ca.crt", "CA");
    options.server = "https://other:1";
    options.token = "flag";
    options.as = "jane";
    options.as_groups = {"g"};
    options.certificate_authority = directory.path("ca.crt");
    const Access access =
        access_with("{server: 'https://api', tls-server-name: kubernetes, insecure-skip-tls-verify: true}", "{token: t, tokenFile: missing}");
    CHECK(access.base_url == "https://other:1");
    CHECK(access.route->tls.server_name.empty()); // it was the name of the other server
    CHECK(access.route->tls.ca_pem == "CA");
    CHECK(access.route->tls.verify);
    CHECK(header(access, "Authorization") == "Bearer flag");
    CHECK(header(access, "Impersonate-Group") == "g");
}

TEST_CASE_METHOD(Fixture, "--insecure-skip-tls-verify puts the kubeconfig's authority aside and says so", "[kubeconfig]")
{
    options.insecure_skip_tls_verify = true;
    auto connection = connect_with("{server: 'https://api', certificate-authority-data: " + std::string{k_pem_data} + "}", "{}");
    REQUIRE(connection);
    CHECK_FALSE((*connection)->access({})->route->tls.verify);
    CHECK((*connection)->access({})->route->tls.ca_pem.empty());
    CHECK((*connection)->take_warnings().size() == 1);
    CHECK((*connection)->take_warnings().empty());
}

TEST_CASE_METHOD(Fixture, "--server needs no kubeconfig at all", "[kubeconfig]")
{
    options.server = "api.example:6443";
    const auto connection = connect(options, surroundings.get());
    REQUIRE(connection);
    CHECK((*connection)->access({})->base_url == "https://api.example:6443");
}

TEST_CASE_METHOD(Fixture, "the proxy is the cluster's, else the environment's, never for loopback", "[kubeconfig]")
{
    surroundings.variables = {{"HTTPS_PROXY", "proxy:3128"}, {"NO_PROXY", "internal"}};
    const Access from_environment = access_with(k_server, "{}");
    CHECK(from_environment.route->proxy == "http://proxy:3128");
    CHECK(from_environment.route->no_proxy == "internal");
    CHECK(access_with("{server: 'https://127.0.0.1:6443'}", "{}").route->proxy.empty());
    const Access from_cluster = access_with("{server: 'https://127.0.0.1', proxy-url: 'socks5://p:1080'}", "{}");
    CHECK(from_cluster.route->proxy == "socks5h://p:1080");
    CHECK(from_cluster.route->no_proxy.empty());
}

TEST_CASE("inside a pod the service account is used", "[kubeconfig]")
{
    const TemporaryDirectory directory;
    directory.write("token", "sa-token\n");
    directory.write("ca.crt", "CA");
    directory.write("namespace", "audit\n");
    FakeSurroundings surroundings;
    surroundings.service_account_directory = directory.path();
    surroundings.variables = {{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}, {"HOME", directory.path()}};

    auto connection = connect({}, surroundings.get());
    REQUIRE(connection);
    const auto access = (*connection)->access({});
    REQUIRE(access);
    CHECK(access->base_url == "https://[fd00::1]");
    CHECK(access->route->tls.ca_pem == "CA");
    CHECK(header(*access, "Authorization") == "Bearer sa-token");
    CHECK((*connection)->default_namespace() == "audit");
    CHECK((*connection)->cluster_name() == "in-cluster");
}

TEST_CASE("without any configuration the error says where was looked and what to do", "[kubeconfig]")
{
    FakeSurroundings surroundings;
    surroundings.variables["HOME"] = "/nonexistent";
    const auto connection = connect({}, surroundings.get());
    REQUIRE_FALSE(connection);
    CHECK(connection.error().message.find("/nonexistent/.kube/config") != std::string::npos);
    CHECK(connection.error().hint.find("--kubeconfig") != std::string::npos);
}
