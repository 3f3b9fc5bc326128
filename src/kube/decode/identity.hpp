// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "kube/decode/list_splitter.hpp"

namespace seaworthy::kube {

class JsonReader;

/// What one object says it is; what it does not say is empty.
struct ObjectIdentity {
    std::string api_version;
    std::string kind;
    std::string ns;
    std::string name;
    bool has_items = false; ///< a list
};

/// Reads of an object's JSON only what it says it is.
class IdentityReader {
public:
    IdentityReader();
    ~IdentityReader();
    IdentityReader(IdentityReader&&) noexcept;
    [[nodiscard]] Result<ObjectIdentity> operator()(PaddedJson json);

private:
    std::unique_ptr<JsonReader> m_json;
};

/// "apps" of "apps/v1"; empty for the core group.
[[nodiscard]] std::string_view group_of_version(std::string_view api_version);

/// The resource id of a custom kind by the API server's own rule of plurals: "Gateway" in "gateway.networking.k8s.io" gives
/// "gateways.gateway.networking.k8s.io". A guess: what discovery or a plan says comes first.
[[nodiscard]] std::string guess_resource(std::string_view group, std::string_view kind);

} // namespace seaworthy::kube
