// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "config/tables.hpp"
#include "fixture.hpp"

using namespace seaworthy;
using namespace seaworthy::config;
using namespace seaworthy::config::test;

namespace {

std::map<std::string, std::string> plain_values(Config& config)
{
    std::map<std::string, std::string> values;
    for (const auto& key : bind(config, settings_keys()))
        values.emplace(key.path, yaml_value(key));
    return values;
}

} // namespace

TEST_CASE("the annotated defaults load as the defaults", "[config]")
{
    auto from_text = loaded(default_yaml(k_catalog));
    auto built_in = default_config(k_catalog);

    CHECK(plain_values(from_text) == plain_values(built_in));
    CHECK(from_text.settings.control_weights.empty());
    for (const auto& [id, check] : built_in.settings.checks) {
        const auto& other = from_text.settings.of(id);
        CHECK(other.enabled == check.enabled);
        CHECK(other.severity == check.severity);
        for (const auto& [name, value] : check.parameters.values) {
            INFO(id << "." << name);
            CHECK(other.parameters.values.at(name).index() == value.index());
        }
    }
    CHECK(from_text.settings.of("image-size-over-budget").parameters.list("allowImages") == std::vector<std::string>{"nvidia/cuda", "a b"});
    CHECK(from_text.settings.of("netpol-default-deny").parameters.pattern("names").search("b"));
}

TEST_CASE("every plain key has a reason and stands in the annotated defaults", "[config]")
{
    auto config = default_config(k_catalog);
    const auto yaml = default_yaml(k_catalog);

    for (const auto& key : bind(config, settings_keys())) {
        INFO(key.path);
        CHECK_FALSE(key.why.empty());
        CHECK(yaml.find("# " + std::string{key.why}) != std::string::npos);
    }
}

TEST_CASE("the schema knows every key and every parameter", "[config]")
{
    const auto schema = nlohmann::json::parse(json_schema(k_catalog));

    const auto& keys = schema.at("properties");
    CHECK(keys.at("audit").at("properties").at("interval").at("type") == "string");
    CHECK(keys.at("kubernetes").at("properties").at("parallelLists").at("maximum") == 4);
    const auto& check = keys.at("controls").at("properties").at("checks").at("properties").at("image-size-over-budget").at("properties");
    CHECK(check.at("budgetMiB").at("properties").contains("compressed"));
    CHECK(check.at("severity").at("enum").size() == 5);
    CHECK(keys.at("controls").at("properties").at("shared").at("properties").contains("tenancy"));
    CHECK(keys.at("exemptions").at("properties").at("items").at("items").at("required").size() == 3);
    CHECK(keys.at("attest").at("properties").at("pushCd").at("required").at(0) == "value");
    CHECK(schema.at("additionalProperties") == false);
    CHECK(keys.at("sinks").at("items").at("required").size() == 2);
}

TEST_CASE("the documentation has a row for every plain key", "[config]")
{
    auto config = default_config(k_catalog);
    const auto document = markdown(k_catalog);

    for (const auto& key : bind(config, settings_keys()))
        CHECK(document.find("| `" + std::string{key.path} + "` |") != std::string::npos);
    CHECK(document.find("| `image-size-over-budget.budgetMiB.compressed` | number | `250` |") != std::string::npos);
}

TEST_CASE("texts are quoted only where YAML would read something else", "[config]")
{
    CHECK(yaml_text("harbor.example") == "harbor.example");
    CHECK(yaml_text("") == "\"\"");
    CHECK(yaml_text("true") == "\"true\"");
    CHECK(yaml_text("1.27") == "\"1.27\"");
    CHECK(yaml_text(":9817") == "\":9817\"");
    CHECK(yaml_text("a: b") == "\"a: b\"");
    CHECK(yaml_text("^\\d$") == "\"^\\\\d$\"");
}
