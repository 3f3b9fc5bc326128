// SPDX-License-Identifier: Apache-2.0
#include "controls/api_server_flags.hpp"

#include <algorithm>

#include "controls/evidence.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;

constexpr std::string_view k_distribution_arg = "kube-apiserver-arg";

bool is_api_server(const model::Pod& pod)
{
    const auto& labels = pod.labels();
    return pod.ns() == "kube-system" && pod.is_active() && pod.spec() != nullptr &&
           (labels.is("component", "kube-apiserver") || labels.is("k8s-app", "kube-apiserver"));
}

/// Splits a shell line at spaces; quotes hold a token together. Good enough for the flags of a start script.
void add_shell_tokens(std::string_view line, std::vector<std::string>& tokens)
{
    std::string token;
    char quote = 0;
    const auto flush = [&] {
        if (!token.empty()) tokens.push_back(std::move(token));
        token.clear();
    };
    for (const char c : line) {
        if (quote != 0 ? c == quote : c == '"' || c == '\'')
            quote = quote != 0 ? 0 : c;
        else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\\'))
            flush();
        else
            token.push_back(c);
    }
    flush();
}

std::vector<std::string> tokens_of(const model::PodSpec& spec)
{
    std::vector<std::string> tokens;
    for (const auto& container : spec.containers) {
        for (const auto list : {container.command, container.args})
            for (const auto token : list) {
                if (token.view().find(' ') != std::string_view::npos && token.view().find("--") != std::string_view::npos)
                    add_shell_tokens(token, tokens);
                else
                    tokens.push_back(token.str());
            }
    }
    return tokens;
}

/// `--flag=value`, `--flag value` and `--flag`, which means true.
void read_flags(const std::vector<std::string>& tokens, std::map<std::string, std::string, std::less<>>& flags)
{
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::string_view token = tokens[i];
        if (!token.starts_with("--")) continue;
        token.remove_prefix(2);
        if (const auto equals = token.find('='); equals != std::string_view::npos) {
            flags.insert_or_assign(std::string{token.substr(0, equals)}, std::string{token.substr(equals + 1)});
        } else if (i + 1 < tokens.size() && !tokens[i + 1].starts_with("-")) {
            flags.insert_or_assign(std::string{token}, tokens[++i]);
        } else {
            flags.insert_or_assign(std::string{token}, "true");
        }
    }
}

void add_assignment(std::string_view text, std::map<std::string, std::string, std::less<>>& flags)
{
    const auto equals = text.find('=');
    flags.insert_or_assign(std::string{text.substr(0, equals)}, equals == std::string_view::npos ? "true" : std::string{text.substr(equals + 1)});
}

/// `["server","--kube-apiserver-arg","oidc-issuer-url=https://…"]`; nothing for an agent.
std::optional<ApiServer> from_node(const model::Node& node)
{
    const Text* annotation = node.meta.annotations.find("k3s.io/node-args");
    if (annotation == nullptr) annotation = node.meta.annotations.find("rke2.io/node-args");
    const auto json = annotation == nullptr ? std::nullopt : model::JsonText::parse(*annotation);
    if (!json || json->root().items().empty() || json->root().items().front().text() != "server") return std::nullopt;
    ApiServer server{"Node/" + node.meta.name.str(), false, {}, nullptr, node.meta.name};
    const auto items = json->root().items();
    for (std::size_t i = 1; i < items.size(); ++i) {
        auto token = items[i].text();
        if (!token.starts_with("--" + std::string{k_distribution_arg})) continue;
        token.remove_prefix(k_distribution_arg.size() + 2);
        if (token.starts_with('='))
            add_assignment(token.substr(1), server.flags);
        else if (token.empty() && i + 1 < items.size())
            add_assignment(items[++i].text(), server.flags);
    }
    return server;
}

} // namespace

const std::string* ApiServer::find(std::string_view flag) const
{
    const auto found = flags.find(flag);
    return found == flags.end() ? nullptr : &found->second;
}

check::Verdict hidden_control_plane(const Context& context)
{
    if (const auto* gap = first_gap(context, "*", {"pods", "nodes"})) return context.unknown_for(*gap);
    return check::unknown(check::Reason::unobservable, "The API server's flags are not visible in this cluster")
        .with("why", std::string{"managed-control-plane"});
}

std::vector<ApiServer> find_api_servers(const Context& context)
{
    std::vector<ApiServer> servers;
    for (const auto* pod : context.index.active_pods_in("kube-system")) {
        if (!is_api_server(*pod)) continue;
        auto& server = servers.emplace_back();
        server.name = "kube-system/" + pod->name.str();
        server.pod = pod;
        server.node = pod->node_name;
        read_flags(tokens_of(*pod->spec()), server.flags);
    }
    if (!servers.empty()) return servers;
    for (const auto& node : context.inventory.nodes)
        if (auto server = from_node(node)) servers.push_back(std::move(*server));
    return servers;
}

} // namespace seaworthy::controls
