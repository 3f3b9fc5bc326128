// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands/command.hpp"
#include "app/configuration.hpp"
#include "app/interrupt.hpp"
#include "app/version.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/net/client.hpp"

namespace seaworthy::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds k_patience{90'000}; ///< a test waits for the receiver's answer

struct Flags {
    std::string config;
    std::string socket;
    std::string format = "table";
    std::string sink;
    bool yes = false;
};

Result<std::string> socket_of(const Flags& flags)
{
    if (!flags.socket.empty()) return flags.socket;
    const auto config = load_configuration(flags.config);
    if (!config) return tl::make_unexpected(config.error());
    if (config->spool.path.empty())
        return failure(Error::Kind::usage, "the configuration has no spool.path, so there are no sinks",
                       "Give the daemon's configuration by --config, or its socket by --socket.");
    return config->spool.socket_path();
}

/// Asks the daemon. What is no success becomes an Error with the daemon's own words.
Result<Json> ask(const Flags& flags, net::Method method, const std::string& path)
{
    const auto socket = socket_of(flags);
    if (!socket) return tl::make_unexpected(socket.error());
    net::Route route;
    route.unix_socket = *socket;
    route.allow_plain_http = true;
    net::Request request{.method = method,
                         .url = "http://localhost/v1/sinks" + path,
                         .route = std::make_shared<const net::Route>(std::move(route)),
                         .timeout = k_patience,
                         .stall_timeout = k_patience};
    net::Client client{{.user_agent = user_agent()}};
    const Interrupt interrupt;
    const auto response = client.fetch(std::move(request), interrupt.token());
    if (!response)
        return failure(Error::Kind::unreachable, fmt::format("no daemon answers at {}", *socket),
                       "`seaworthy serve` must run with sinks, as the same user and on this machine (in a cluster: kubectl exec into its pod).");
    auto document = Json::parse(response->body, nullptr, false);
    if (!document.is_object()) return failure(Error::Kind::protocol, fmt::format("what answers at {} is no Seaworthy daemon", *socket));
    if (response->head.status != 200)
        return failure(response->head.status == 404 ? Error::Kind::not_found : Error::Kind::unreachable,
                       document.value("title", "no reason was given"), document.value("detail", ""));
    return document;
}

std::string text(const Json& object, const char* member, std::size_t widest = 80)
{
    const auto found = object.find(member);
    if (found == object.end()) return {};
    return printable(found->is_string() ? found->get<std::string>() : found->dump(), widest);
}

void write_sinks(const Json& document, std::ostream& out)
{
    if (document["sinks"].empty()) {
        out << "no sinks\n";
        return;
    }
    constexpr auto row = "{:<20}  {:<13}  {:<11}  {:>9}  {:>7}  {:<20}  {}\n";
    out << fmt::format(row, "NAME", "TYPE", "STATE", "WAITING", "PARKED", "LAST SUCCESS", "LAST ERROR");
    for (const auto& sink : document["sinks"])
        out << fmt::format(row, text(sink, "name"), text(sink, "type"), text(sink, "state"), text(sink, "queueLength"), text(sink, "parked"),
                           text(sink, "lastSuccess"), text(sink, "lastError", 200));
}

void write_parked(const Json& document, std::ostream& out)
{
    if (document["parked"].empty()) {
        out << "nothing is parked\n";
        return;
    }
    constexpr auto row = "{:>10}  {:<36}  {:<20}  {:<36}  {:<20}  {:>6}  {}\n";
    out << fmt::format(row, "SEQUENCE", "UID", "CODE", "CHECK", "NAMESPACE", "STATUS", "REASON");
    for (const auto& event : document["parked"])
        out << fmt::format(row, text(event, "sequence"), text(event, "uid"), text(event, "code"), text(event, "check"), text(event, "namespace"),
                           text(event, "status"), text(event, "reason", 200));
}

using Writer = void (*)(const Json&, std::ostream&);

ExitCode show(const Session& session, const Flags& flags, const Result<Json>& answer, Writer write)
{
    if (!answer) return session.complain(answer.error());
    if (flags.format == "json") {
        session.out << answer->dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
    } else {
        write(*answer, session.out);
    }
    return ExitCode::ok;
}

void add_common_flags(CLI::App& command, Flags& flags)
{
    add_config_flag(command, flags.config);
    command.add_option("--socket", flags.socket, "The daemon's control socket instead of the configuration's")->type_name("PATH");
    command.add_option("-o,--output", flags.format, "table or json")->check(CLI::IsMember({"table", "json"}))->type_name("FORMAT");
}

CLI::App& add_action(CLI::App& parent, Session& session, const std::shared_ptr<Flags>& flags, const std::string& name, const std::string& description,
                     bool of_one_sink, std::function<ExitCode()> action)
{
    auto* command = parent.add_subcommand(name, description);
    if (of_one_sink) command->add_option("NAME", flags->sink, "The sink, as `sinks list` calls it")->required();
    add_common_flags(*command, *flags);
    command->callback([&session, action = std::move(action)] { session.action = action; });
    return *command;
}

} // namespace

void add_sinks(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "sinks", "Ask the running daemon about its sinks, try one, and deal with events that one refuses",
                                "  seaworthy sinks list --config seaworthy.yaml\n"
                                "  seaworthy sinks test soc-splunk         send one marked event and explain the answer\n"
                                "  seaworthy sinks parked list soc-splunk  what the receiver refused for good\n"
                                "  seaworthy sinks parked retry soc-splunk try those again, after the cause is gone");
    command.require_subcommand(1);
    const auto flags = std::make_shared<Flags>();
    const auto parked_path = [flags] { return "/" + flags->sink + "/parked"; };

    add_action(command, session, flags, "list", "Show every sink with its state and what waits for it", false,
               [&session, flags] { return show(session, *flags, ask(*flags, net::Method::get, ""), write_sinks); });
    add_action(command, session, flags, "test", "Send one marked event and explain the receiver's answer", true, [&session, flags] {
        return show(session, *flags, ask(*flags, net::Method::post, "/" + flags->sink + "/test"),
                    [](const Json& answer, std::ostream& out) { out << text(answer, "explanation", 2000) << "\n"; });
    });
    auto* parked = command.add_subcommand("parked", "Events that a receiver refuses for good");
    parked->require_subcommand(1);
    add_action(*parked, session, flags, "list", "Show them with the reason", true,
               [&session, flags, parked_path] { return show(session, *flags, ask(*flags, net::Method::get, parked_path()), write_parked); });
    add_action(*parked, session, flags, "retry", "Send them again", true, [&session, flags, parked_path] {
        return show(session, *flags, ask(*flags, net::Method::post, parked_path() + "/retry"),
                    [](const Json& answer, std::ostream& out) { out << text(answer, "count") << " to be sent again\n"; });
    });
    auto& drop =
        add_action(*parked, session, flags, "drop", "Give them up: they are deleted and counted as dropped", true, [&session, flags, parked_path] {
            if (!flags->yes)
                return session.complain(
                    {Error::Kind::usage, "events that are dropped never reach the sink", "`sinks parked list` shows them; give --yes to drop them."});
            return show(session, *flags, ask(*flags, net::Method::post, parked_path() + "/drop"),
                        [](const Json& answer, std::ostream& out) { out << text(answer, "count") << " dropped\n"; });
        });
    drop.add_flag("--yes", flags->yes, "Do so");
}

} // namespace seaworthy::app
