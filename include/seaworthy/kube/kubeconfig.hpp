// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/net/client.hpp"

namespace seaworthy::kube {

/// kubectl's connection flags and the configuration's `kubernetes` section; an empty member means "as the kubeconfig says".
struct ConnectionOptions {
    std::string kubeconfig; ///< --kubeconfig: this file alone; it must exist
    std::string context;
    std::string cluster;
    std::string user;
    std::string server;
    std::string token;
    std::string token_file; ///< re-read every minute; wins over `token`
    std::string as;
    std::string as_uid;
    std::vector<std::string> as_groups;
    std::string certificate_authority; ///< path
    std::string client_certificate;    ///< path
    std::string client_key;            ///< path
    std::string tls_server_name;
    std::optional<bool> insecure_skip_tls_verify;
    bool allow_exec_plugins = true; ///< false: a user entry with `exec` is an error
    std::chrono::milliseconds exec_timeout{60'000};
};

/// What the program sees of its surroundings; replaced in tests.
struct Surroundings {
    std::function<std::optional<std::string>(const std::string&)> variable; ///< an environment variable
    std::function<std::chrono::system_clock::time_point()> now;
    std::string service_account_directory = "/var/run/secrets/kubernetes.io/serviceaccount";
    bool interactive = false; ///< standard input is a terminal that an exec plugin may use

    [[nodiscard]] static Surroundings of_this_process();
};

/// Headers and route for the next request.
struct Access {
    std::string base_url; ///< no trailing slash
    std::shared_ptr<const net::Route> route;
    std::vector<net::Header> headers; ///< Authorization and Impersonate-*
};

/// A way to one API server: where it is, whom to trust, who we are. Credentials are renewed as they age:
/// token files and the service account's CA every minute, exec plugins at expiry. Not thread-safe.
class Connection {
public:
    virtual ~Connection() = default;

    /// What the next request needs. An error only if there are no credentials at all: a failed renewal keeps the old ones.
    /// May run an exec plugin, which `stop` ends.
    [[nodiscard]] virtual Result<Access> access(const std::stop_token& stop) = 0;
    /// The server answered 401: the next access() renews the credentials. True if that can help.
    virtual bool reject() = 0;
    /// The server's certificate was not trusted, or ours was not: the next access() reads the files of both again. True if that can help.
    virtual bool distrust() = 0;

    /// The context's cluster name; "in-cluster" inside a pod. For people.
    [[nodiscard]] virtual const std::string& cluster_name() const = 0;
    /// The API server's URL without credentials. For people.
    [[nodiscard]] virtual const std::string& server() const = 0;
    /// The context's namespace, or the pod's own; "default" if none is set.
    [[nodiscard]] virtual const std::string& default_namespace() const = 0;
    /// Things worth a line in the log, such as a kubeconfig file that is missing. Each is told once.
    [[nodiscard]] virtual std::vector<std::string> take_warnings() = 0;
    /// Renewals that failed since the last call, by source.
    struct RefreshFailures {
        std::uint64_t file = 0;
        std::uint64_t exec = 0;
    };
    [[nodiscard]] virtual RefreshFailures take_refresh_failures() = 0;
};

/// Finds the cluster as kubectl does: --kubeconfig, else $KUBECONFIG merged, else ~/.kube/config, else the pod's service account.
/// Errors name the file, the context and the entry that is wrong, and what to do (kubernetes/client-go tools/clientcmd).
[[nodiscard]] Result<std::unique_ptr<Connection>> connect(const ConnectionOptions& options, const Surroundings& surroundings);

} // namespace seaworthy::kube
