// SPDX-License-Identifier: Apache-2.0
// What an API server answers besides lists, and what a credential plugin prints.
#include "app/lease.hpp"
#include "fuzz/fuzz_target.hpp"
#include "kube/decode/api_answers.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;

SEAWORTHY_FUZZ_TARGET(api_answers, input)
{
    static_cast<void>(parse_status(input));
    static_cast<void>(parse_version(input));
    if (const auto discovery = parse_aggregated_discovery(input))
        for (const auto& resource : discovery->resources)
            fuzz::require(resource.plural.find('/') == std::string::npos);
    static_cast<void>(parse_group_list(input));
    if (const auto resources = parse_resource_list(input, {"example.com", "v1"}))
        for (const auto& resource : *resources)
            fuzz::require(resource.plural.find('/') == std::string::npos);
    static_cast<void>(parse_exec_credential(input));
    static_cast<void>(parse_review_status(input));
    static_cast<void>(app::parse_lease(input));

    std::string row{input};
    row.append(k_json_padding, ' ');
    static_cast<void>(parse_row_name({std::string_view{row}.substr(0, input.size())}));
}
