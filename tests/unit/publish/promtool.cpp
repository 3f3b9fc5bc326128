// SPDX-License-Identifier: Apache-2.0
// Prometheus' own linter (Debian package prometheus) on what is exposed.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "seaworthy/http/server.hpp"
#include "unit/publish/report_builder.hpp"
#include "unit/publish/route_client.hpp"

using namespace seaworthy;

namespace {

struct Outcome {
    int exit_code = -1;
    std::string output;
};

/// Runs `promtool check metrics` on an exposition in a file of our own.
Outcome check_metrics(const std::string& exposition)
{
    const auto file = std::filesystem::temp_directory_path() / ("seaworthy-metrics-" + std::to_string(getpid()));
    std::ofstream{file} << exposition;
    Outcome outcome;
    if (auto* pipe = popen(("promtool check metrics <" + file.string() + " 2>&1").c_str(), "r")) {
        std::array<char, 4096> buffer{};
        while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr)
            outcome.output += buffer.data();
        outcome.exit_code = WEXITSTATUS(pclose(pipe));
    }
    std::filesystem::remove(file);
    return outcome;
}

} // namespace

TEST_CASE("promtool finds nothing wrong with the exposition", "[metrics]")
{
    if (std::system("command -v promtool >/dev/null") != 0) {
        WARN("promtool is not installed: skipped");
        return;
    }
    test::ReportBuilder builder;
    builder.ns({std::string{test::k_hostile}, "tenant"});
    config::Metrics options;
    options.detail = config::Metrics::Detail::findings;
    for (const auto& report : {test::sample_report(), test::large_report(300), builder.build()}) {
        test::RouteClient client{report, {}, options};
        client.metrics.audit_started("startup", Timestamp{1});
        client.metrics.audit_succeeded({.phase_seconds = {{"list", 1}}, .objects = {{"pods", 1}}, .accessible = {{"pods", true}}}, Timestamp{2});
        client.metrics.set_audit_interval(300);
        client.metrics.kube_request("list", 200, 0.1);
        client.metrics.kube_request_failed("list", "timeout", 30);
        client.metrics.config_loaded(Timestamp{1}, 42);
        client.metrics.set_http_counters([] { return http::Counters{}; });
        (void)client.get("/");

        const auto outcome = check_metrics(test::body_of(client.get("/metrics")));

        INFO(outcome.output);
        CHECK(outcome.exit_code == 0);
        CHECK(outcome.output.empty());
    }
    CHECK(check_metrics("# TYPE Bad_Total gauge\nBad_Total 1\n").exit_code != 0); // the linter does lint
}
