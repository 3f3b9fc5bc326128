// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "app/node_report.hpp"
#include "app/signals.hpp"
#include "seaworthy/base/suggestion.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::app {

namespace {

struct Flags {
    node::ReaderOptions reader;
    std::string runtime = "auto";
    std::string listen = ":9819";
    std::string token_file;
    std::string certificate_file;
    std::string key_file;
    std::string client_ca_file;
    bool open = false;
    bool print = false;
};

struct RuntimeName {
    std::string_view name;
    node::Runtime runtime;
};
constexpr std::array k_runtimes{
    RuntimeName{"auto", node::Runtime::automatic},
    RuntimeName{"containerd", node::Runtime::containerd},
    RuntimeName{"cri-o", node::Runtime::cri_o},
    RuntimeName{"docker", node::Runtime::docker},
};

Result<node::Runtime> parse_runtime(const std::string& text)
{
    std::vector<std::string_view> names;
    for (const auto& row : k_runtimes) {
        if (row.name == text) return row.runtime;
        names.push_back(row.name);
    }
    return failure(Error::Kind::usage, fmt::format("unknown runtime \"{}\"{}", text, did_you_mean(text, names)),
                   "auto, containerd, cri-o and docker are known");
}

bool is_on_loopback(const std::string& listen)
{
    return net::is_loopback(listen.substr(0, listen.rfind(':')));
}

Result<void> serve(const Flags& flags, const Session& session, const Signals& signals)
{
    if (flags.token_file.empty() && flags.client_ca_file.empty() && !flags.open && !is_on_loopback(flags.listen))
        return failure(Error::Kind::usage, "whoever reaches this listener could read it",
                       "Give --token-file or --client-ca-file, or --without-authentication where a NetworkPolicy lets only the daemon in.");
    const auto report = NodeReport::open(flags.reader, flags.token_file);
    if (!report) return tl::make_unexpected(report.error());
    const http::Options options{
        .listen = flags.listen,
        .workers = 2, // the kubelet gets its answer while one is reading files
        .limits = {.connections = 64, .connections_per_address = 16},
        .certificate_file = flags.certificate_file,
        .key_file = flags.key_file,
        .client_ca_file = flags.client_ca_file,
        .default_headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}},
    };
    const auto server = http::Server::start(options, [&](const http::Request& request) { return (*report)->answer(request); });
    if (!server) return tl::make_unexpected(server.error());
    session.note(fmt::format("node-probe of {} serves /v1/registry-config on port {}", flags.reader.node, (*server)->port()));
    for (;;) {
        const int signal = signals.wait(std::chrono::hours{1});
        if (signal == SIGTERM || signal == SIGINT) break;
    }
    (*server)->stop();
    return {};
}

ExitCode run(const Flags& given, const Session& session)
{
    auto flags = given;
    const auto runtime = parse_runtime(flags.runtime);
    if (!runtime) return session.complain(runtime.error());
    flags.reader.runtime = *runtime;
    if (flags.print) {
        session.out << to_json(node::read_registry_config(flags.reader)) << "\n";
        return ExitCode::ok;
    }
    if (flags.reader.node.empty())
        return session.complain({Error::Kind::usage, "--node is missing", "In a DaemonSet: --node=$(NODE_NAME), from the field spec.nodeName"});
    const Signals signals;
    if (const auto served = serve(flags, session, signals); !served) return session.complain(served.error());
    return ExitCode::ok;
}

} // namespace

void add_node_probe(CLI::App& root, Session& session)
{
    auto& command =
        add_command(root, "node-probe", "Report how this node pulls images: the registry mirrors of its container runtime",
                    "  seaworthy node-probe --node=$(NODE_NAME) --token-file=/etc/seaworthy/token      in the DaemonSet\n"
                    "  seaworthy node-probe --root / --print                                          what it would report of this machine");
    auto flags = std::make_shared<Flags>();
    flags->reader.root = "/host";
    command.add_option("--root", flags->reader.root, "Where the node's files are mounted, read-only; nothing outside is opened (default: /host)")
        ->type_name("DIR");
    command.add_option("--node", flags->reader.node, "Name of the node, as the API knows it")->type_name("NAME");
    command.add_option("--node-ip", flags->reader.addresses, "An address of the node: a mirror there is a peer")->type_name("ADDRESS");
    command.add_option("--internal-domain", flags->reader.internal_domains, "A domain of mirrors of your own")->type_name("DOMAIN");
    command
        .add_option("--runtime", flags->runtime,
                    "Whose files count: auto, containerd, cri-o, docker (default: what the kubelet is told, else what is there)")
        ->type_name("RUNTIME");
    command.add_option("--listen", flags->listen, "Address to serve on (default: :9819)")->type_name("ADDRESS");
    command.add_option("--token-file", flags->token_file, "File with the token that callers must send as a Bearer token")->type_name("FILE");
    command.add_option("--tls-cert-file", flags->certificate_file, "Certificate chain (PEM): serves TLS")->type_name("FILE");
    command.add_option("--tls-key-file", flags->key_file, "Its key")->type_name("FILE");
    command.add_option("--client-ca-file", flags->client_ca_file, "Certificate authorities of callers: mutual TLS")->type_name("FILE");
    command.add_flag("--without-authentication", flags->open, "Answer whoever gets through: only where a NetworkPolicy guards the port");
    command.add_flag("--print", flags->print, "Write the report to standard output and exit");
    command.callback([&session, flags] { session.action = [&session, flags] { return run(*flags, session); }; });
}

} // namespace seaworthy::app
