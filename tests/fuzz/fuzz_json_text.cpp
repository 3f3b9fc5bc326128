// SPDX-License-Identifier: Apache-2.0
// A probe's body or a ConfigMap's value. Whatever is taken for JSON is JSON to another parser as well.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz_target.hpp"
#include "seaworthy/model/json_text.hpp"

using namespace seaworthy;

namespace {

std::size_t nodes_of(const model::Value& value)
{
    std::size_t nodes = 1;
    for (const auto& item : value.items())
        nodes += nodes_of(item);
    for (const auto& member : value.members())
        nodes += nodes_of(member.value);
    return nodes;
}

} // namespace

SEAWORTHY_FUZZ_TARGET(json_text, input)
{
    if (const auto json = model::JsonText::parse(input)) {
        fuzz::require(nlohmann::json::accept(input));
        static_cast<void>(nodes_of(json->root()));
    }
    if (const auto yaml = model::JsonText::parse_yaml(input)) static_cast<void>(nodes_of(yaml->root()));
}
