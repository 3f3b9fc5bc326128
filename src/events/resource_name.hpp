// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace seaworthy::events {

/// What a finding is about, as FindingRow::resource has it: "apps/v1/Deployment/payments/api".
struct ResourceName {
    std::string api_version; ///< "apps/v1"; empty for what is not an object (a registry)
    std::string kind;
    std::string ns; ///< empty: not in a namespace
    std::string name;

    [[nodiscard]] std::string path() const;       ///< at most 1,000 bytes
    [[nodiscard]] std::string type() const;       ///< "apps/v1/Deployment"
    [[nodiscard]] std::string for_people() const; ///< "Deployment/payments/api"
    [[nodiscard]] static ResourceName parse(std::string_view path);
};

} // namespace seaworthy::events
