// SPDX-License-Identifier: Apache-2.0
// What kubeconfig files hold (client-go tools/clientcmd/api/v1/types.go), merged, with paths resolved.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/kube/kubeconfig.hpp"

namespace seaworthy::kube {

/// Where an entry stands, for errors.
struct Origin {
    std::string file;
    int line = 0;
    [[nodiscard]] std::string text() const { return line > 0 ? file + ":" + std::to_string(line) : file; }
};

struct ClusterEntry {
    Origin origin;
    std::string server;
    std::string ca_file;
    std::string ca_pem; ///< of certificate-authority-data, which wins over the file
    std::string tls_server_name;
    std::string proxy_url;
    bool skip_verify = false;
    bool disable_compression = false;
    std::string exec_extension; ///< JSON of the extension client.authentication.k8s.io/exec; may be empty
};

enum class InteractiveMode { never, if_available, always };

struct ExecEntry {
    std::string api_version;
    std::string command; ///< a path, or a name to look up in PATH
    std::vector<std::string> args;
    std::vector<std::pair<std::string, std::string>> env;
    std::string install_hint;
    bool provide_cluster_info = false;
    InteractiveMode interactive = InteractiveMode::if_available;
};

struct UserEntry {
    Origin origin;
    std::string certificate_file;
    std::string certificate_pem; ///< wins over the file
    std::string key_file;
    std::string key_pem; ///< wins over the file
    std::string token;
    std::string token_file; ///< wins over the token
    std::string username;
    std::string password;
    std::string as;
    std::string as_uid;
    std::vector<std::string> as_groups;
    std::vector<std::pair<std::string, std::string>> as_extra; ///< a key may occur again
    std::string auth_provider;
    std::optional<ExecEntry> exec;
};

struct ContextEntry {
    Origin origin;
    std::string cluster;
    std::string user;
    std::string ns;
};

struct Kubeconfig {
    std::map<std::string, ClusterEntry> clusters;
    std::map<std::string, UserEntry> users;
    std::map<std::string, ContextEntry> contexts;
    std::string current_context;
    std::vector<std::string> files;    ///< those that were read
    std::vector<std::string> searched; ///< all that were looked for
    std::vector<std::string> warnings;

    [[nodiscard]] bool empty() const { return clusters.empty() && users.empty() && contexts.empty() && current_context.empty(); }
};

/// Reads one file's text into `into`; entries and scalars that are there already stay. Errors name file, line and field.
[[nodiscard]] Result<void> merge_kubeconfig(const std::string& text, const std::string& file, Kubeconfig& into);

/// --kubeconfig, else the files of $KUBECONFIG, else ~/.kube/config. Missing files of the latter two are skipped.
[[nodiscard]] Result<Kubeconfig> load_kubeconfig(const ConnectionOptions& options, const Surroundings& surroundings);

} // namespace seaworthy::kube
