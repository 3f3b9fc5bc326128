// SPDX-License-Identifier: Apache-2.0
// The replay API server as a program of its own, for tests in other languages.
//
//   replay_server [--listen ADDRESS] [--token TOKEN] [--git-version V] [--rate MB/S] [--certificate FILE --key FILE] [--legacy] [--faults FILE]
//   [PATH…]
//
// The first line on standard output is the server's URL. Then each line on standard input is a command as JSON and gets one line back:
//   {"put": OBJECT}                        {"ok": true} or {"error": "…"}
//   {"remove": [RESOURCE, NAMESPACE, NAME]}
//   {"faults": [FAULT…]}   {"deny": [{"verb": "list", "resource": "secrets", "namespace": "*"}…]}
//   {"serve": ID}   {"stopServing": ID}   {"token": TOKEN}   {"gitVersion": V}   {"compact": true}
//   {"answer": {"path": P, "status": S, "contentType": T, "body": B}}
//   {"requests": true}                     {"requests": [{"method", "target", "accept", "userAgent", "gzip"}…]}: those since the last such line
// It ends with standard input.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "seaworthy/replay/api_server.hpp"

namespace {

using nlohmann::json;
using seaworthy::replay::ApiServer;

json outcome(const seaworthy::Result<void>& result)
{
    return result ? json{{"ok", true}} : json{{"error", result.error().message}};
}

json set_faults(ApiServer& server, const std::string& text)
{
    auto faults = seaworthy::replay::parse_faults(text);
    if (!faults) return {{"error", faults.error().message}};
    server.set_faults(std::move(*faults));
    return {{"ok", true}};
}

json requests_of(ApiServer& server)
{
    auto requests = json::array();
    for (const auto& request : server.take_requests()) {
        requests.push_back({{"method", request.method},
                            {"target", request.target},
                            {"accept", request.accept},
                            {"userAgent", request.user_agent},
                            {"gzip", request.gzip}});
    }
    return {{"requests", std::move(requests)}};
}

json obey(ApiServer& server, const std::string& name, const json& value)
{
    if (name == "put") return outcome(server.put(value.dump()));
    if (name == "faults") return set_faults(server, value.dump());
    if (name == "requests") return requests_of(server);
    if (name == "remove")
        return {{"ok", server.remove(value.at(0).get<std::string>(), value.at(1).get<std::string>(), value.at(2).get<std::string>())}};
    if (name == "deny") {
        std::vector<seaworthy::replay::Denial> denials;
        for (const auto& denial : value)
            denials.push_back({denial.value("verb", "*"), denial.at("resource"), denial.value("namespace", "*")});
        server.set_denials(std::move(denials));
    } else if (name == "serve") {
        server.serve(value.get<std::string>());
    } else if (name == "stopServing") {
        server.stop_serving(value.get<std::string>());
    } else if (name == "token") {
        server.set_token(value.get<std::string>());
    } else if (name == "gitVersion") {
        server.set_git_version(value.get<std::string>());
    } else if (name == "compact") {
        server.compact();
    } else if (name == "answer") {
        server.answer(value.at("path"), value.value("status", 200), value.value("contentType", "text/plain"), value.value("body", ""));
    } else {
        return {{"error", "no such command: " + name}};
    }
    return {{"ok", true}};
}

json obey_line(ApiServer& server, const std::string& line)
{
    try {
        const auto command = json::parse(line);
        return obey(server, command.begin().key(), command.begin().value());
    } catch (const json::exception& error) {
        return {{"error", error.what()}};
    }
}

int fail(const std::string& message)
{
    std::cerr << "replay_server: " << message << '\n';
    return 1;
}

} // namespace

int main(int argc, char** argv)
{
    seaworthy::replay::ApiServerOptions options;
    std::string faults_file;
    std::vector<std::string> paths;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        const auto value = [&] { return std::string{i + 1 < argc ? argv[++i] : ""}; };
        if (argument == "--listen")
            options.listen = value();
        else if (argument == "--token")
            options.token = value();
        else if (argument == "--git-version")
            options.git_version = value();
        else if (argument == "--rate")
            options.megabytes_per_second = std::stod(value());
        else if (argument == "--certificate")
            options.certificate_file = value();
        else if (argument == "--key")
            options.key_file = value();
        else if (argument == "--legacy")
            options.aggregated_discovery = false;
        else if (argument == "--faults")
            faults_file = value();
        else if (argument.starts_with("--"))
            return fail("no such option: " + argument);
        else
            paths.push_back(argument);
    }
    const auto server = ApiServer::start(options);
    if (!server) return fail(server.error().message);
    if (!paths.empty()) {
        if (const auto loaded = load_snapshot(**server, paths); !loaded) return fail(loaded.error().message);
    }
    if (!faults_file.empty()) {
        std::ifstream file{faults_file};
        const auto set = set_faults(**server, {std::istreambuf_iterator<char>{file}, {}});
        if (set.contains("error")) return fail(set["error"]);
    }
    std::cout << (*server)->url() << std::endl;
    for (std::string line; std::getline(std::cin, line);)
        std::cout << obey_line(**server, line).dump() << std::endl;
}
