// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/kube/kubeconfig.hpp"
#include "seaworthy/base/base64.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <unistd.h>

#include "kube/base64.hpp"
#include "kube/connection.hpp"
#include "kube/kubeconfig_file.hpp"
#include "kube/proxy_choice.hpp"
#include "seaworthy/base/file_content.hpp"
#include "seaworthy/base/json_text.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::kube {
namespace {

Failure misconfigured(const std::string& message, std::string hint)
{
    return failure(Error::Kind::usage, message, std::move(hint));
}

std::string quoted(const std::string& text)
{
    return "\"" + printable(text, 128) + "\"";
}

template <typename Entry>
std::string names_of(const std::map<std::string, Entry>& entries)
{
    std::string names;
    for (const auto& [name, entry] : entries)
        names += (names.empty() ? "" : ", ") + printable(name, 64);
    return names.empty() ? "none" : printable(names, 300);
}

std::string joined(const std::vector<std::string>& paths)
{
    std::string text;
    for (const std::string& path : paths)
        text += (text.empty() ? "" : ", ") + printable(path, 128);
    return text;
}

/// The entries that are left once context and flags have chosen.
struct Choice {
    std::string context;
    std::string cluster_name;
    std::string user_name;
    std::string ns;
    ClusterEntry cluster;
    UserEntry user;
};

Result<Choice> choose(const Kubeconfig& config, const ConnectionOptions& options)
{
    Choice choice;
    choice.context = options.context.empty() ? config.current_context : options.context;
    const std::string files = config.files.empty() ? std::string{"the kubeconfig"} : joined(config.files);
    const auto context = config.contexts.find(choice.context);
    if (context != config.contexts.end()) {
        choice.cluster_name = context->second.cluster;
        choice.user_name = context->second.user;
        choice.ns = context->second.ns;
    } else if (!choice.context.empty()) {
        return misconfigured("context " + quoted(choice.context) + " does not exist in " + files,
                             "Contexts there: " + names_of(config.contexts) + ".");
    } else if (options.cluster.empty() && options.server.empty()) {
        return misconfigured(files + " sets no current-context", "Choose one with --context: " + names_of(config.contexts) + ".");
    }
    if (!options.cluster.empty()) choice.cluster_name = options.cluster;
    if (!options.user.empty()) choice.user_name = options.user;

    if (const auto found = config.clusters.find(choice.cluster_name); found != config.clusters.end()) {
        choice.cluster = found->second;
    } else if (options.server.empty()) {
        return misconfigured("cluster " + quoted(choice.cluster_name) + " of context " + quoted(choice.context) + " does not exist in " + files,
                             "Clusters there: " + names_of(config.clusters) + ".");
    }
    if (const auto found = config.users.find(choice.user_name); found != config.users.end()) {
        choice.user = found->second;
    } else if (!choice.user_name.empty()) {
        return misconfigured("user " + quoted(choice.user_name) + " of context " + quoted(choice.context) + " does not exist in " + files,
                             "Users there: " + names_of(config.users) + ".");
    }
    return choice;
}

void set_if_given(std::string& value, const std::string& given)
{
    if (!given.empty()) value = given;
}

/// kubectl's flags over the cluster entry (client-go tools/clientcmd/client_config.go, getCluster).
void override_cluster(ClusterEntry& cluster, const ConnectionOptions& options)
{
    if (!options.certificate_authority.empty()) {
        cluster.ca_file = options.certificate_authority;
        cluster.ca_pem.clear();
        cluster.skip_verify = false;
    }
    if (options.insecure_skip_tls_verify) {
        cluster.skip_verify = *options.insecure_skip_tls_verify;
        if (cluster.skip_verify && options.certificate_authority.empty()) {
            cluster.ca_file.clear();
            cluster.ca_pem.clear();
        }
    }
    // The name in the kubeconfig belongs to the server there.
    if (!options.server.empty() || !options.tls_server_name.empty()) cluster.tls_server_name = options.tls_server_name;
    set_if_given(cluster.server, options.server);
}

void override_user(UserEntry& user, const ConnectionOptions& options)
{
    if (!options.token.empty() || !options.token_file.empty()) {
        user.token = options.token;
        user.token_file = options.token_file;
        user.username.clear();
        user.password.clear();
        user.exec.reset();
        user.auth_provider.clear();
    }
    if (!options.client_certificate.empty()) {
        user.certificate_file = options.client_certificate;
        user.certificate_pem.clear();
    }
    if (!options.client_key.empty()) {
        user.key_file = options.client_key;
        user.key_pem.clear();
    }
    if (!options.as.empty() || !options.as_uid.empty() || !options.as_groups.empty()) {
        set_if_given(user.as, options.as);
        set_if_given(user.as_uid, options.as_uid);
        if (!options.as_groups.empty()) user.as_groups = options.as_groups;
    }
}

Result<void> check_user(const UserEntry& user, const std::string& name, bool allow_exec)
{
    const std::string who = "user " + quoted(name) + (user.origin.file.empty() ? std::string{} : " (" + user.origin.text() + ")");
    const bool has_certificate = !user.certificate_file.empty() || !user.certificate_pem.empty();
    const bool has_key = !user.key_file.empty() || !user.key_pem.empty();
    const bool has_token = !user.token.empty() || !user.token_file.empty();
    const bool has_other = has_certificate || has_token || !user.username.empty();
    if (!user.auth_provider.empty() && !has_other) {
        return misconfigured(who + " uses auth-provider " + quoted(user.auth_provider) + ", which Kubernetes removed in 1.26",
                             "Use the provider's exec plugin, such as gke-gcloud-auth-plugin or kubelogin.");
    }
    if (has_certificate != has_key) {
        return misconfigured(who + " has a client " + (has_certificate ? "certificate without its key" : "key without its certificate"),
                             "Give both.");
    }
    if (has_token && !user.username.empty()) return misconfigured(who + " has both a token and a user name", "Keep one of them.");
    if (user.as.empty() && (!user.as_uid.empty() || !user.as_groups.empty() || !user.as_extra.empty())) {
        return misconfigured(who + " impersonates a uid, groups or extra values, but no user", "Name the user with --as.");
    }
    if (user.exec && !has_other && !allow_exec) {
        return misconfigured(who + " needs the exec plugin " + quoted(user.exec->command) + ", and exec plugins are not allowed here",
                             "Set kubernetes.allowExecPlugins, or use a token.");
    }
    return {};
}

std::string cluster_json(const ClusterEntry& cluster, const std::string& ca_pem)
{
    std::string json = "{\"server\":" + json_quote(cluster.server);
    if (!cluster.tls_server_name.empty()) json += ",\"tls-server-name\":" + json_quote(cluster.tls_server_name);
    if (cluster.skip_verify) json += ",\"insecure-skip-tls-verify\":true";
    if (!ca_pem.empty()) json += ",\"certificate-authority-data\":" + json_quote(encode_base64(ca_pem));
    if (!cluster.proxy_url.empty()) json += ",\"proxy-url\":" + json_quote(cluster.proxy_url);
    if (cluster.disable_compression) json += ",\"disable-compression\":true";
    if (!cluster.exec_extension.empty()) json += ",\"config\":" + cluster.exec_extension;
    return json + "}";
}

Result<void> set_server(ConnectionPlan& plan, const ClusterEntry& cluster, const std::string& cluster_name)
{
    const std::string where = cluster.origin.file.empty() ? "the server" : "cluster " + quoted(cluster_name) + " (" + cluster.origin.text() + ")";
    if (cluster.server.empty()) return misconfigured(where + " has no server", "Set its server to the API server's URL.");
    const std::string text = cluster.server.find("://") == std::string::npos ? "https://" + cluster.server : cluster.server;
    const auto url = net::parse_url(text);
    if (!url) return misconfigured(where + ": " + url.error().message, url.error().hint);
    if (url->scheme != "https" && url->scheme != "http")
        return misconfigured(where + ": scheme " + quoted(url->scheme) + " is not supported", "Use https.");
    if (url->has_credentials) return misconfigured(where + ": the server's URL holds credentials", "Put them into the user entry.");
    const std::string path = url->path == "/" ? std::string{} : url->path.substr(0, url->path.find_last_not_of('/') + 1);
    plan.base_url = url->origin() + path;
    plan.server = *url;
    if (cluster.skip_verify && (!cluster.ca_file.empty() || !cluster.ca_pem.empty())) {
        return misconfigured(where + " has both a certificate authority and insecure-skip-tls-verify",
                             "Remove one; the authority is the safe choice.");
    }
    return {};
}

Result<std::unique_ptr<Connection>> from_kubeconfig(const Kubeconfig& config, const ConnectionOptions& options, const Surroundings& surroundings)
{
    auto choice = choose(config, options);
    if (!choice) return tl::make_unexpected(choice.error());
    override_cluster(choice->cluster, options);
    override_user(choice->user, options);
    SEAWORTHY_TRY(check_user(choice->user, choice->user_name, options.allow_exec_plugins));

    ConnectionPlan plan;
    SEAWORTHY_TRY(set_server(plan, choice->cluster, choice->cluster_name));
    const std::string& proxy_url = choice->cluster.proxy_url;
    if (proxy_url.empty())
        use_environment_proxy(plan, surroundings);
    else
        use_proxy(plan, proxy_url);
    SEAWORTHY_TRY(check_proxy(plan, proxy_url.empty() ? "the proxy of the environment" : "proxy-url at " + choice->cluster.origin.text()));
    plan.cluster_name = choice->cluster_name.empty() ? plan.server.host : choice->cluster_name;
    plan.default_namespace = choice->ns.empty() ? "default" : choice->ns;
    plan.ca_pem = choice->cluster.ca_pem;
    if (plan.ca_pem.empty()) plan.ca_file = choice->cluster.ca_file;
    plan.tls_server_name = choice->cluster.tls_server_name;
    plan.verify = !choice->cluster.skip_verify;
    plan.user = choice->user;
    plan.warnings = config.warnings;
    if (choice->user.exec) {
        const auto ca = plan.ca_file.empty() ? Result<std::string>{plan.ca_pem} : read_file(plan.ca_file);
        if (!ca) return tl::make_unexpected(ca.error());
        const bool tell = choice->user.exec->provide_cluster_info;
        plan.exec = ExecSetting{*choice->user.exec, choice->user_name, tell ? cluster_json(choice->cluster, *ca) : std::string{},
                                surroundings.interactive, options.exec_timeout};
    }
    return make_connection(std::move(plan), surroundings);
}

/// A pod's own service account, as client-go rest.InClusterConfig finds it; nothing outside of a pod.
std::optional<ConnectionPlan> in_cluster_plan(const ConnectionOptions& options, const Surroundings& surroundings)
{
    const auto host = surroundings.variable("KUBERNETES_SERVICE_HOST").value_or("");
    const auto port = surroundings.variable("KUBERNETES_SERVICE_PORT").value_or("");
    if (host.empty() || port.empty()) return std::nullopt;
    ConnectionPlan plan;
    const bool is_ipv6 = host.find(':') != std::string::npos;
    const auto url = net::parse_url("https://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + port);
    if (!url) return std::nullopt;
    plan.server = *url;
    plan.base_url = url->origin();
    plan.cluster_name = "in-cluster";
    plan.user.token_file = surroundings.service_account_directory + "/token";
    override_user(plan.user, options);
    plan.ca_file = options.certificate_authority.empty() ? surroundings.service_account_directory + "/ca.crt" : options.certificate_authority;
    plan.tls_server_name = options.tls_server_name;
    const auto ns = read_file(surroundings.service_account_directory + "/namespace", 1024);
    plan.default_namespace = ns ? ns->substr(0, ns->find_last_not_of(" \r\n") + 1) : "default";
    use_environment_proxy(plan, surroundings);
    return plan;
}

} // namespace

Surroundings Surroundings::of_this_process()
{
    Surroundings result;
    result.variable = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str()); // NOLINT: nothing here calls setenv
        return value == nullptr ? std::nullopt : std::optional<std::string>{value};
    };
    result.now = [] { return std::chrono::system_clock::now(); };
    result.interactive = ::isatty(STDIN_FILENO) == 1;
    return result;
}

Result<std::unique_ptr<Connection>> connect(const ConnectionOptions& options, const Surroundings& surroundings)
{
    auto config = load_kubeconfig(options, surroundings);
    if (!config) return tl::make_unexpected(config.error());
    const bool asks_for_kubeconfig = !options.kubeconfig.empty() || !options.context.empty() || !options.cluster.empty() || !options.user.empty();
    if (!config->empty() || asks_for_kubeconfig || !options.server.empty()) return from_kubeconfig(*config, options, surroundings);

    if (auto plan = in_cluster_plan(options, surroundings)) {
        SEAWORTHY_TRY(check_proxy(*plan, "the proxy of the environment"));
        return make_connection(std::move(*plan), surroundings);
    }
    const std::string looked = config->searched.empty() ? std::string{"HOME and KUBECONFIG are not set"} : "looked at " + joined(config->searched);
    return misconfigured("no cluster is configured: " + looked + ", and this is not a pod with a service account",
                         "Name a kubeconfig with --kubeconfig or KUBECONFIG, or a server with --server.");
}

} // namespace seaworthy::kube
