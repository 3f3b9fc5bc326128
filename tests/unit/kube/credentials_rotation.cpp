// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <fstream>

#include "kube/base64.hpp"
#include "kube/credentials.hpp"
#include "kube/process.hpp"
#include "seaworthy/base/base64.hpp"
#include "seaworthy/base/file_content.hpp"
#include "support/temporary_directory.hpp"
#include "unit/kube/fake_surroundings.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;
using seaworthy::test::FakeSurroundings;
using seaworthy::test::TemporaryDirectory;
using std::chrono::seconds;

namespace {

/// A pod whose files a test rotates.
struct Pod {
    TemporaryDirectory directory;
    FakeSurroundings surroundings;
    std::unique_ptr<Connection> connection;

    Pod()
    {
        directory.write("token", "t1");
        directory.write("ca.crt", "CA1");
        surroundings.service_account_directory = directory.path();
        surroundings.variables = {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
        connection = std::move(connect({}, surroundings.get()).value());
    }
    std::string authorization() { return connection->access({})->headers.at(0).value; }
};

/// A connection through an exec plugin that the script `body` makes; it counts its runs in the file "runs".
struct Plugin {
    TemporaryDirectory directory;
    FakeSurroundings surroundings;
    ConnectionOptions options;
    std::string exec_extra = ", interactiveMode: IfAvailable";
    std::string api_version = "client.authentication.k8s.io/v1";

    std::unique_ptr<Connection> connect_with(const std::string& body)
    {
        directory.write_program("plugin", "#!/bin/sh\necho run >> '" + directory.path("runs") + "'\n" + body + "\n");
        options.kubeconfig =
            directory.write("config", "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
                                      "clusters: [{name: c, cluster: {server: 'https://api', extensions: [{name: client.authentication.k8s.io/exec, "
                                      "extension: {region: eu, n: -3, f: 1.5, t: '7', l: [yes, \"no\"], e: {}}}]}}]\n"
                                      "users: [{name: u, user: {exec: {apiVersion: " +
                                          api_version +
                                          ", command: ./plugin, args: [one], env: [{name: GREETING, value: hello}], "
                                          "provideClusterInfo: true, installHint: 'get it at example.com'" +
                                          exec_extra + "}}}]\n");
        return std::move(connect(options, surroundings.get()).value());
    }
    static std::string answer(const std::string& status, const std::string& version = "client.authentication.k8s.io/v1")
    {
        return R"(echo '{"kind":"ExecCredential","apiVersion":")" + version + R"(","status":)" + status + "}'";
    }
    int runs() const
    {
        std::ifstream file{directory.path("runs")};
        return static_cast<int>(std::count(std::istreambuf_iterator<char>{file}, {}, '\n'));
    }
};

} // namespace

TEST_CASE("a token file is read again after a minute, not before", "[credentials]")
{
    Pod pod;
    CHECK(pod.authorization() == "Bearer t1");
    pod.directory.write("token", "t2");
    pod.surroundings.now += seconds{59};
    CHECK(pod.authorization() == "Bearer t1");
    pod.surroundings.now += seconds{1};
    CHECK(pod.authorization() == "Bearer t2");
}

TEST_CASE("after a 401 the token is read at once", "[credentials]")
{
    Pod pod;
    CHECK(pod.authorization() == "Bearer t1");
    pod.directory.write("token", "t2");
    CHECK(pod.connection->reject());
    CHECK(pod.authorization() == "Bearer t2");
}

TEST_CASE("a token file that vanishes or is empty keeps the old token, and is counted", "[credentials]")
{
    Pod pod;
    CHECK(pod.authorization() == "Bearer t1");
    pod.directory.write("token", "");
    pod.surroundings.now += seconds{60};
    CHECK(pod.authorization() == "Bearer t1");
    std::filesystem::remove(pod.directory.path("token"));
    pod.surroundings.now += seconds{60};
    CHECK(pod.authorization() == "Bearer t1");
    CHECK(pod.connection->take_refresh_failures().file == 2);
    CHECK(pod.connection->take_refresh_failures().file == 0);
}

TEST_CASE("without a first token there is an error that names the file", "[credentials]")
{
    Pod pod;
    pod.directory.write("token", " \n");
    const auto access = pod.connection->access({});
    REQUIRE_FALSE(access);
    CHECK(access.error().message.find(pod.directory.path("token")) != std::string::npos);
}

TEST_CASE("a renewed authority gives a new route, an unchanged one keeps it", "[credentials]")
{
    Pod pod;
    const auto first = pod.connection->access({})->route;
    pod.surroundings.now += seconds{60};
    CHECK(pod.connection->access({})->route == first);
    pod.directory.write("ca.crt", "CA2");
    pod.surroundings.now += seconds{60};
    CHECK(pod.connection->access({})->route->tls.ca_pem == "CA2");
}

TEST_CASE("an exec plugin is run once until its credential expires", "[credentials][exec]")
{
    Plugin plugin;
    // The clock stands at 2027-01-15T08:00:00Z.
    const auto connection = plugin.connect_with(Plugin::answer(R"({"token":"t","expirationTimestamp":"2027-01-15T08:10:00Z"})"));
    CHECK(connection->access({})->headers.at(0).value == "Bearer t");
    CHECK(connection->access({})->headers.at(0).value == "Bearer t");
    CHECK(plugin.runs() == 1);
    plugin.surroundings.now += seconds{600};
    CHECK(connection->access({}));
    CHECK(plugin.runs() == 2);
    CHECK(connection->reject());
    CHECK(connection->access({}));
    CHECK(plugin.runs() == 3);
}

TEST_CASE("an exec plugin gets its arguments, its environment and the cluster, and no terminal", "[credentials][exec]")
{
    Plugin plugin;
    const auto connection =
        plugin.connect_with(R"(printf '%s\n%s\n%s\n' "$1" "$GREETING" "$KUBERNETES_EXEC_INFO" > "${0%/*}/seen"; cat > "${0%/*}/stdin")"
                            "\n" +
                            Plugin::answer(R"({"clientCertificateData":"CERT","clientKeyData":"KEY"})"));
    const auto access = connection->access({});
    REQUIRE(access);
    CHECK(access->route->tls.client_certificate == "CERT");
    CHECK(access->route->tls.client_key == "KEY");
    const std::string seen = read_file(plugin.directory.path("seen")).value();
    CHECK(
        seen ==
        "one\nhello\n"
        R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false,"cluster":{"server":"https://api","config":{"region":"eu","n":-3,"f":1.5,"t":"7","l":[true,"no"],"e":{}}}}})"
        "\n");
    CHECK(read_file(plugin.directory.path("stdin")).value().empty());
}

TEST_CASE("an exec plugin's answer must be what the kubeconfig asked for", "[credentials][exec]")
{
    const std::pair<std::string, std::string> cases[] = {
        {"echo nonsense", "not JSON"},
        {Plugin::answer("{}"), "neither a token nor a certificate"},
        {Plugin::answer("null"), "has no status"},
        {Plugin::answer(R"({"clientCertificateData":"C"})"), "without its key"},
        {Plugin::answer(R"({"token":"secret"})", "client.authentication.k8s.io/v1beta1"), "instead of"},
        {Plugin::answer(R"({"token":"secret","expirationTimestamp":"tomorrow"})"), "RFC 3339"},
        {"echo '{\"kind\":\"Pod\"}'", "no ExecCredential"},
        {"exit 7", "exit code 7"},
        {"kill -9 $$", "signal 9"},
        {"yes | head -c 3000000", "more than"},
    };
    for (const auto& [body, expected] : cases) {
        Plugin plugin;
        const auto access = plugin.connect_with(body)->access({});
        REQUIRE_FALSE(access);
        INFO(access.error().message);
        CHECK(access.error().kind == Error::Kind::unauthorized);
        CHECK(access.error().message.find(expected) != std::string::npos);
        CHECK(access.error().message.find("secret") == std::string::npos);
    }
}

TEST_CASE("v1beta1 needs no interactiveMode, and Always needs a terminal", "[credentials][exec]")
{
    Plugin plugin;
    plugin.api_version = "client.authentication.k8s.io/v1beta1";
    plugin.exec_extra.clear();
    CHECK(plugin.connect_with(Plugin::answer(R"({"token":"t"})", plugin.api_version))->access({}));

    plugin.exec_extra = ", interactiveMode: Always";
    const auto access = plugin.connect_with(Plugin::answer(R"({"token":"t"})", plugin.api_version))->access({});
    REQUIRE_FALSE(access);
    CHECK(access.error().message.find("needs a terminal") != std::string::npos);
}

TEST_CASE("a missing exec plugin gives its install hint", "[credentials][exec]")
{
    Plugin plugin;
    const auto connection = plugin.connect_with("");
    std::filesystem::remove(plugin.directory.path("plugin"));
    const auto access = connection->access({});
    REQUIRE_FALSE(access);
    CHECK(access.error().hint == "get it at example.com");
}

TEST_CASE("an exec plugin that hangs is killed, with what it started", "[credentials][exec]")
{
    Plugin plugin;
    plugin.options.exec_timeout = std::chrono::milliseconds{100};
    const auto before = std::chrono::steady_clock::now();
    const auto access = plugin.connect_with("sleep 60 & sleep 60")->access({});
    REQUIRE_FALSE(access);
    CHECK(access.error().message.find("did not finish") != std::string::npos);

    std::stop_source stop;
    stop.request_stop();
    plugin.options.exec_timeout = std::chrono::milliseconds{60'000};
    CHECK(plugin.connect_with("sleep 60")->access(stop.get_token()).error().kind == Error::Kind::cancelled);
    CHECK(std::chrono::steady_clock::now() - before < seconds{20});
}

TEST_CASE("an exec plugin that leaves a child behind is done when it ends", "[credentials][exec]")
{
    Plugin plugin;
    const auto before = std::chrono::steady_clock::now();
    CHECK(plugin.connect_with(Plugin::answer(R"({"token":"t"})") + "\nsleep 5 &")->access({}));
    CHECK(std::chrono::steady_clock::now() - before < seconds{4});
}

TEST_CASE("a failed renewal keeps a credential that still holds, and is counted", "[credentials][exec]")
{
    Plugin plugin;
    const auto connection = plugin.connect_with("[ -e \"${0%/*}/broken\" ] && exit 1\n" +
                                                Plugin::answer(R"({"token":"t","expirationTimestamp":"2027-01-15T08:10:00Z"})"));
    CHECK(connection->access({}));
    plugin.directory.write("broken", "");
    CHECK(connection->reject());
    CHECK(connection->access({}));
    CHECK(connection->take_refresh_failures().exec == 1);
    plugin.surroundings.now += seconds{600};
    CHECK_FALSE(connection->access({}));
}

TEST_CASE("exec plugins can be forbidden", "[credentials][exec]")
{
    Plugin plugin;
    plugin.connect_with("");
    plugin.options.allow_exec_plugins = false;
    const auto connection = connect(plugin.options, plugin.surroundings.get());
    REQUIRE_FALSE(connection);
    CHECK(connection.error().hint.find("allowExecPlugins") != std::string::npos);
}

TEST_CASE("base64 is decoded strictly and encoded back", "[base64]")
{
    for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
        CHECK(base64_decode(encode_base64(text)) == text);
    CHECK(encode_base64("foob") == "Zm9vYg==");
    CHECK(base64_decode("Zm9v\nYg==\n") == "foob");
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Z=g=", "Zm9v!", "=", "Zg==Zg=="})
        CHECK_FALSE(base64_decode(text).has_value());
}
