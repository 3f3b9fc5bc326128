// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig_file.hpp"

#include <algorithm>
#include <filesystem>

#include <yaml-cpp/yaml.h>

#include "kube/kubeconfig_node.hpp"
#include "seaworthy/base/file_content.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::kube {
namespace {

constexpr std::string_view k_exec_extension = "client.authentication.k8s.io/exec";

ClusterEntry read_cluster(KubeconfigNode& reader)
{
    ClusterEntry entry;
    entry.origin = reader.origin();
    entry.server = reader.text("server");
    entry.ca_file = reader.path("certificate-authority");
    entry.ca_pem = reader.pem("certificate-authority-data");
    entry.tls_server_name = reader.text("tls-server-name");
    entry.proxy_url = reader.text("proxy-url");
    entry.skip_verify = reader.flag("insecure-skip-tls-verify");
    entry.disable_compression = reader.flag("disable-compression");
    for (const YAML::Node& node : reader.list("extensions")) {
        KubeconfigNode extension{node, reader.file(), "an extension"};
        if (extension.text("name") == k_exec_extension) entry.exec_extension = extension.json("extension");
        reader.adopt(extension);
    }
    return entry;
}

std::optional<ExecEntry> read_exec(KubeconfigNode& user)
{
    const YAML::Node node = user.member("exec");
    if (!node.IsDefined() || node.IsNull()) return std::nullopt;
    KubeconfigNode reader{node, user.file(), "exec"};
    ExecEntry entry;
    entry.api_version = reader.text("apiVersion");
    entry.command = reader.text("command");
    entry.args = reader.texts("args");
    entry.install_hint = reader.text("installHint");
    entry.provide_cluster_info = reader.flag("provideClusterInfo");
    for (const YAML::Node& variable : reader.list("env")) {
        KubeconfigNode member{variable, user.file(), "exec: env"};
        entry.env.emplace_back(member.text("name"), member.text("value"));
        reader.adopt(member);
    }
    const bool stable = entry.api_version == "client.authentication.k8s.io/v1";
    const std::string mode = reader.text("interactiveMode");
    if (entry.command.empty()) reader.fail("command is missing");
    if (entry.command.find('/') != std::string::npos) entry.command = reader.resolve(entry.command);
    if (!stable && entry.api_version != "client.authentication.k8s.io/v1beta1") {
        reader.fail("apiVersion \"" + entry.api_version + "\" is not supported; client.authentication.k8s.io/v1 and v1beta1 are");
    }
    if (mode == "Never")
        entry.interactive = InteractiveMode::never;
    else if (mode == "Always")
        entry.interactive = InteractiveMode::always;
    else if (!mode.empty() && mode != "IfAvailable")
        reader.fail("interactiveMode \"" + mode + "\" is none of Never, IfAvailable, Always");
    else if (mode.empty() && stable)
        reader.fail("interactiveMode is missing, which client.authentication.k8s.io/v1 requires");
    user.adopt(reader);
    return entry;
}

UserEntry read_user(KubeconfigNode& reader)
{
    UserEntry entry;
    entry.origin = reader.origin();
    entry.certificate_file = reader.path("client-certificate");
    entry.certificate_pem = reader.pem("client-certificate-data");
    entry.key_file = reader.path("client-key");
    entry.key_pem = reader.pem("client-key-data");
    entry.token = reader.text("token");
    entry.token_file = reader.path("tokenFile");
    entry.username = reader.text("username");
    entry.password = reader.text("password");
    entry.as = reader.text("as");
    entry.as_uid = reader.text("as-uid");
    entry.as_groups = reader.texts("as-groups");
    const YAML::Node extra = reader.member("as-user-extra");
    if (extra.IsDefined() && extra.IsMap()) {
        KubeconfigNode values{extra, reader.file(), "as-user-extra"};
        for (const auto& pair : extra) {
            const std::string key = pair.first.Scalar();
            for (std::string& value : values.texts(key.c_str()))
                entry.as_extra.emplace_back(key, std::move(value));
        }
        reader.adopt(values);
    }
    const YAML::Node provider = reader.member("auth-provider");
    if (provider.IsDefined() && !provider.IsNull())
        entry.auth_provider = provider.IsMap() ? KubeconfigNode{provider, reader.file(), ""}.text("name") : "unknown";
    entry.exec = read_exec(reader);
    return entry;
}

ContextEntry read_context(KubeconfigNode& reader)
{
    return {reader.origin(), reader.text("cluster"), reader.text("user"), reader.text("namespace")};
}

/// Reads the list `plural` of {name, `singular`: {…}}.
template <typename Entry, typename Read>
void read_entries(KubeconfigNode& root, const char* plural, const char* singular, Read read, std::map<std::string, Entry>& into)
{
    std::map<std::string, Entry> entries;
    for (const YAML::Node& node : root.list(plural)) {
        KubeconfigNode item{node, root.file(), std::string{"an entry of "} + plural};
        const std::string name = item.text("name");
        KubeconfigNode body{item.member(singular), root.file(), std::string{singular} + " \"" + name + "\""};
        Entry entry = read(body);
        if (entry.origin.line == 0) entry.origin = item.origin();
        if (!entries.emplace(name, std::move(entry)).second) item.fail("name \"" + name + "\" occurs twice");
        root.adopt(item);
        root.adopt(body);
    }
    into.merge(entries); // what an earlier file has said stays
}

Result<void> merge_document(const YAML::Node& document, const std::string& file, Kubeconfig& into)
{
    KubeconfigNode root{document, file, "the kubeconfig"};
    const std::string kind = root.text("kind");
    const std::string version = root.text("apiVersion");
    if ((!kind.empty() && kind != "Config") || (!version.empty() && version != "v1")) {
        root.fail("it is " + version + " " + kind + ", not v1 Config");
    }
    read_entries(root, "clusters", "cluster", read_cluster, into.clusters);
    read_entries(root, "users", "user", read_user, into.users);
    read_entries(root, "contexts", "context", read_context, into.contexts);
    if (into.current_context.empty()) into.current_context = root.text("current-context");
    return root.verdict();
}

std::vector<std::string> split_paths(const std::string& list)
{
    std::vector<std::string> result;
    std::size_t from = 0;
    while (from <= list.size()) {
        const auto end = std::min(list.find(':', from), list.size());
        const std::string path = list.substr(from, end - from);
        if (!path.empty() && std::find(result.begin(), result.end(), path) == result.end()) result.push_back(path);
        from = end + 1;
    }
    return result;
}

bool exists(const std::string& path)
{
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

} // namespace

Result<void> merge_kubeconfig(const std::string& text, const std::string& file, Kubeconfig& into)
{
    try {
        return merge_document(YAML::Load(text), file, into);
    } catch (const YAML::Exception& error) {
        const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
        return failure(Error::Kind::invalid_input, Origin{file, line}.text() + ": no valid YAML: " + printable(error.msg),
                       "Correct the kubeconfig file.");
    }
}

Result<Kubeconfig> load_kubeconfig(const ConnectionOptions& options, const Surroundings& surroundings)
{
    Kubeconfig result;
    const bool named = !options.kubeconfig.empty();
    const auto variable = surroundings.variable("KUBECONFIG").value_or("");
    if (named) {
        result.searched = {options.kubeconfig};
    } else if (!variable.empty()) {
        result.searched = split_paths(variable);
    } else if (const auto home = surroundings.variable("HOME"); home && !home->empty()) {
        result.searched = {*home + "/.kube/config"};
    }
    for (const std::string& path : result.searched) {
        if (!named && !exists(path)) continue;
        auto text = read_file(path);
        if (!text) return tl::make_unexpected(text.error());
        SEAWORTHY_TRY(merge_kubeconfig(*text, std::filesystem::absolute(path).lexically_normal().string(), result));
        result.files.push_back(path);
    }
    if (result.files.empty() && !variable.empty() && !named) {
        result.warnings.push_back("none of the files that KUBECONFIG names exists: " + printable(variable));
    }
    return result;
}

} // namespace seaworthy::kube
