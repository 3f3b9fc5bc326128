// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "app/redaction.hpp"
#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"

using namespace seaworthy;
using namespace seaworthy::app;

TEST_CASE("a capture keeps no credential and no second copy of an object", "[app]")
{
    const std::string token = "ghp_" + std::string(36, 'a');
    const std::string password = "correct-horse-battery-9";
    auto pod = nlohmann::ordered_json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","managedFields":[{}],
        "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","note":"TOKEN"}},
        "spec":{"containers":[{"name":"c","image":"a/b:1","command":["run","--password","PASSWORD"],
        "env":[{"name":"DB_PASSWORD","value":"PASSWORD"},{"name":"MODE","value":"fast"},{"name":"REF","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}]}})");
    pod["metadata"]["annotations"]["note"] = token;
    auto& container = pod["spec"]["containers"][0];
    container["command"][2] = password;
    container["env"][0]["value"] = password;

    Redaction{config::default_config(controls::catalog())}.apply(pod);

    const auto text = pod.dump();
    CHECK(text.find(token) == std::string::npos);
    CHECK(text.find(password) == std::string::npos);
    CHECK(text.find("managedFields") == std::string::npos);
    CHECK(text.find("last-applied") == std::string::npos);
    CHECK(container["env"][0]["name"] == "DB_PASSWORD");
    CHECK(container["env"][1]["value"] == "fast");
    CHECK(container["env"][2]["valueFrom"]["secretKeyRef"]["name"] == "s");
    CHECK(container["image"] == "a/b:1");
}
