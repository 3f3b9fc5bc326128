// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include "kube/base64.hpp"
#include "kube/descriptor.hpp"
#include "kube/json_text.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::kube {
namespace {

constexpr std::string_view k_exec_extension = "client.authentication.k8s.io/exec";
constexpr std::size_t k_max_extension_bytes = 1U << 20U; // aliases can make a small file large

/// Reads the members of one YAML map and remembers the first thing that is wrong.
class Reader {
public:
    Reader(YAML::Node node, std::string file, std::string what) : m_node(std::move(node)), m_file(std::move(file)), m_what(std::move(what))
    {
        if (m_node.IsDefined() && !m_node.IsNull() && !m_node.IsMap()) fail(m_node, m_what + " is not a map");
    }

    [[nodiscard]] YAML::Node member(const char* key) const { return m_node.IsMap() ? m_node[key] : YAML::Node{YAML::NodeType::Undefined}; }
    [[nodiscard]] Origin origin() const { return {m_file, line_of(m_node)}; }

    std::string text(const char* key)
    {
        const YAML::Node node = member(key);
        if (!node.IsDefined() || node.IsNull()) return {};
        if (!node.IsScalar()) fail(node, m_what + ": " + key + " is not a string");
        return node.IsScalar() ? node.Scalar() : std::string{};
    }

    bool flag(const char* key)
    {
        const YAML::Node node = member(key);
        if (!node.IsDefined() || node.IsNull()) return false;
        bool value = false;
        if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) fail(node, m_what + ": " + key + " is neither true nor false");
        return value;
    }

    /// A path, relative to the directory of the file that names it.
    std::string path(const char* key)
    {
        const std::string value = text(key);
        return value.empty() ? value : resolve(value);
    }

    [[nodiscard]] std::string resolve(const std::string& value) const
    {
        const std::filesystem::path path{value};
        return path.is_absolute() ? value : (std::filesystem::path{m_file}.parent_path() / path).lexically_normal().string();
    }

    std::string pem(const char* key)
    {
        const std::string encoded = text(key);
        auto decoded = base64_decode(encoded);
        if (!decoded || (!encoded.empty() && decoded->find("-----BEGIN ") == std::string::npos)) {
            fail(member(key), m_what + ": " + key + " is not base64 of PEM text");
        }
        return decoded.value_or(std::string{});
    }

    std::vector<std::string> texts(const char* key)
    {
        std::vector<std::string> result;
        for (const YAML::Node& item : list(key)) {
            if (item.IsScalar()) result.push_back(item.Scalar());
            else fail(item, m_what + ": an item of " + key + " is not a string");
        }
        return result;
    }

    std::vector<YAML::Node> list(const char* key)
    {
        const YAML::Node node = member(key);
        if (!node.IsDefined() || node.IsNull()) return {};
        if (node.IsSequence()) return {node.begin(), node.end()};
        fail(node, m_what + ": " + key + " is not a list");
        return {};
    }

    void fail(const YAML::Node& node, const std::string& message)
    {
        if (m_error) return;
        m_error = Error{Error::Kind::invalid_input, Origin{m_file, line_of(node)}.text() + ": " + printable(message), "Correct the kubeconfig file."};
    }
    void fail(const std::string& message) { fail(m_node, m_what + ": " + message); }
    void adopt(const Reader& part)
    {
        if (!m_error) m_error = part.m_error;
    }
    [[nodiscard]] Result<void> verdict() const
    {
        if (m_error) return tl::make_unexpected(*m_error);
        return {};
    }

    [[nodiscard]] const std::string& file() const { return m_file; }

private:
    static int line_of(const YAML::Node& node) { return node.IsDefined() ? node.Mark().line + 1 : 0; }

    YAML::Node m_node;
    std::string m_file;
    std::string m_what;
    std::optional<Error> m_error;
};

/// YAML as JSON text, for what is passed on unread. Plain scalars that JSON knows stay what they are.
void append_json(const YAML::Node& node, std::string& out)
{
    if (out.size() > k_max_extension_bytes) return;
    if (node.IsMap()) {
        char separator = '{';
        for (const auto& entry : node) {
            out += separator + json_quote(entry.first.Scalar()) + ':';
            append_json(entry.second, out);
            separator = ',';
        }
        out += node.size() == 0 ? "{}" : "}";
    } else if (node.IsSequence()) {
        char separator = '[';
        for (const YAML::Node& item : node) {
            out += separator;
            append_json(item, out);
            separator = ',';
        }
        out += node.size() == 0 ? "[]" : "]";
    } else if (node.IsScalar()) {
        const std::string& text = node.Scalar();
        const bool number = text.size() < 16 && !text.empty() && text.find_first_not_of("0123456789") == std::string::npos && (text == "0" || text[0] != '0');
        const bool plain = node.Tag() == "?" && (text == "true" || text == "false" || number);
        out += plain ? text : json_quote(text);
    } else {
        out += "null";
    }
}

ClusterEntry read_cluster(Reader& reader)
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
    for (const YAML::Node& extension : reader.list("extensions")) {
        if (!extension.IsMap() || !extension["name"].IsDefined() || !extension["name"].IsScalar() || extension["name"].Scalar() != k_exec_extension) continue;
        append_json(extension["extension"], entry.exec_extension);
        if (entry.exec_extension.size() > k_max_extension_bytes) reader.fail(extension, "the extension for exec plugins is too large");
    }
    return entry;
}

std::optional<ExecEntry> read_exec(Reader& user)
{
    const YAML::Node node = user.member("exec");
    if (!node.IsDefined() || node.IsNull()) return std::nullopt;
    Reader reader{node, user.file(), "exec"};
    ExecEntry entry;
    entry.api_version = reader.text("apiVersion");
    entry.command = reader.text("command");
    entry.args = reader.texts("args");
    entry.install_hint = reader.text("installHint");
    entry.provide_cluster_info = reader.flag("provideClusterInfo");
    for (const YAML::Node& variable : reader.list("env")) {
        Reader member{variable, user.file(), "exec: env"};
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
    if (mode == "Never") entry.interactive = InteractiveMode::never;
    else if (mode == "Always") entry.interactive = InteractiveMode::always;
    else if (!mode.empty() && mode != "IfAvailable") reader.fail("interactiveMode \"" + mode + "\" is none of Never, IfAvailable, Always");
    else if (mode.empty() && stable) reader.fail("interactiveMode is missing, which client.authentication.k8s.io/v1 requires");
    user.adopt(reader);
    return entry;
}

UserEntry read_user(Reader& reader)
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
        Reader values{extra, reader.file(), "as-user-extra"};
        for (const auto& pair : extra) {
            const std::string key = pair.first.Scalar();
            for (std::string& value : values.texts(key.c_str())) entry.as_extra.emplace_back(key, std::move(value));
        }
        reader.adopt(values);
    }
    const YAML::Node provider = reader.member("auth-provider");
    if (provider.IsDefined() && !provider.IsNull()) entry.auth_provider = provider.IsMap() ? Reader{provider, reader.file(), ""}.text("name") : "unknown";
    entry.exec = read_exec(reader);
    return entry;
}

ContextEntry read_context(Reader& reader)
{
    return {reader.origin(), reader.text("cluster"), reader.text("user"), reader.text("namespace")};
}

/// Reads the list `plural` of {name, `singular`: {…}}.
template <typename Entry, typename Read>
void read_entries(Reader& root, const char* plural, const char* singular, Read read, std::map<std::string, Entry>& into)
{
    std::map<std::string, Entry> entries;
    for (const YAML::Node& node : root.list(plural)) {
        Reader item{node, root.file(), std::string{"an entry of "} + plural};
        const std::string name = item.text("name");
        Reader body{item.member(singular), root.file(), std::string{singular} + " \"" + name + "\""};
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
    Reader root{document, file, "the kubeconfig"};
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
        return failure(Error::Kind::invalid_input, Origin{file, line}.text() + ": no valid YAML: " + printable(error.msg), "Correct the kubeconfig file.");
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

Result<std::string> read_file(const std::string& path, std::size_t max_bytes)
{
    const auto fail = [&](const std::string& reason, Error::Kind kind) {
        return failure(kind, "cannot read " + printable(path) + ": " + reason, "Check the path and its permissions.");
    };
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.valid()) return fail(std::strerror(errno), errno == ENOENT ? Error::Kind::not_found : Error::Kind::invalid_input);
    std::string content;
    char buffer[16384];
    for (;;) {
        const ssize_t size = ::read(file.number(), buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return fail(std::strerror(errno), Error::Kind::invalid_input);
        if (size == 0) return content;
        content.append(buffer, static_cast<std::size_t>(size));
        if (content.size() > max_bytes) return fail("it is larger than " + std::to_string(max_bytes) + " bytes", Error::Kind::invalid_input);
    }
}

} // namespace seaworthy::kube
