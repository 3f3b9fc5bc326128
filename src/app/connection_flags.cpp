// SPDX-License-Identifier: Apache-2.0
#include "app/connection_flags.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/version.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::app {

namespace {

constexpr auto k_group = "Kubernetes (as kubectl)";

/// A pod may hold a kubeconfig from a Secret that others write; a person's own machine runs what its kubeconfig says, as kubectl does.
bool inside_a_pod()
{
    return std::getenv("KUBERNETES_SERVICE_HOST") != nullptr;
}

Result<std::chrono::milliseconds> parse_request_timeout(const std::string& text)
{
    const bool plain = !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
    const auto duration = parse_duration(plain ? text + "s" : text);
    if (!duration) return failure(Error::Kind::usage, fmt::format("--request-timeout: \"{}\" is no duration; write for example 30s or 2m", text));
    // kubectl's "0": no time-out. The whole-audit deadline still holds.
    if (duration->count() == 0) return std::chrono::hours{24};
    return *duration;
}

} // namespace

void add_connection_flags(CLI::App& command, ConnectionFlags& flags)
{
    auto& options = flags.options;
    const auto text = [&](const char* name, std::string& place, const char* type, const char* description) {
        command.add_option(name, place, description)->type_name(type)->group(k_group);
    };
    text("--kubeconfig", options.kubeconfig, "FILE", "Path of the kubeconfig file");
    text("--context", options.context, "NAME", "The kubeconfig context to use");
    text("--cluster", options.cluster, "NAME", "The kubeconfig cluster to use");
    text("--user", options.user, "NAME", "The kubeconfig user to use");
    text("-s,--server", options.server, "URL", "Address of the API server");
    text("--token", options.token, "TOKEN", "Bearer token (other users see it in the process list: prefer --token-file)");
    text("--token-file", options.token_file, "FILE", "File with the bearer token, read again as it changes");
    text("--as", options.as, "USER", "User to impersonate");
    text("--as-uid", options.as_uid, "UID", "UID to impersonate");
    command.add_option("--as-group", options.as_groups, "Group to impersonate; may be repeated")
        ->type_name("GROUP")
        ->group(k_group)
        ->allow_extra_args(false);
    text("--certificate-authority", options.certificate_authority, "FILE", "Certificate of the authority that the server must be signed by");
    text("--client-certificate", options.client_certificate, "FILE", "Client certificate for TLS");
    text("--client-key", options.client_key, "FILE", "Its key");
    text("--tls-server-name", options.tls_server_name, "NAME", "Name that the server's certificate must have");
    command
        .add_flag_function(
            "--insecure-skip-tls-verify", [&options](std::int64_t count) { options.insecure_skip_tls_verify = count > 0; },
            "Do not check the server's certificate")
        ->group(k_group);
    text("--request-timeout", flags.request_timeout, "DURATION", "How long one request may take");
    command.add_option("--chunk-size", flags.chunk_size, "Objects a page of a list; 0: no pages")->type_name("N")->group(k_group);
}

Result<std::unique_ptr<kube::Connection>> open_connection(const ConnectionFlags& flags, const config::Kubernetes& configured)
{
    auto options = flags.options;
    if (options.kubeconfig.empty()) options.kubeconfig = configured.kubeconfig;
    if (options.context.empty()) options.context = configured.context;
    options.allow_exec_plugins = configured.allow_exec_plugins || !inside_a_pod();
    auto connection = kube::connect(options, kube::Surroundings::of_this_process());
    // A kubeconfig is not our configuration: without a usable one the audit cannot be done, but nothing was asked for wrongly.
    if (!connection && connection.error().kind == Error::Kind::usage) connection.error().kind = Error::Kind::not_found;
    return connection;
}

Result<kube::LiveSourceOptions> source_options(const ConnectionFlags& flags, const config::Config& configured)
{
    kube::LiveSourceOptions options;
    options.user_agent = user_agent();
    options.request_timeout = configured.kubernetes.request_timeout;
    options.deadline = configured.audit.timeout;
    options.max_in_flight = static_cast<std::uint32_t>(configured.kubernetes.parallel_lists);
    if (configured.kubernetes.page_size > 0) options.chunk_size = static_cast<std::uint32_t>(configured.kubernetes.page_size);
    if (flags.chunk_size) options.chunk_size = flags.chunk_size;
    if (!flags.request_timeout.empty()) {
        const auto timeout = parse_request_timeout(flags.request_timeout);
        if (!timeout) return tl::make_unexpected(timeout.error());
        options.request_timeout = *timeout;
    }
    return options;
}

} // namespace seaworthy::app
