// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "kube/api_loop.hpp"
#include "kube/decode/api_answers.hpp"
#include "seaworthy/base/error.hpp"

namespace seaworthy::kube {

/// A resource that the server serves.
struct ServedResource {
    std::string group; ///< empty for core
    std::string plural;
    std::string kind;
    std::vector<std::string> versions; ///< that serve it, the server's favourite first
    bool namespaced = false;
    bool listable = false;

    /// `/api/v1/namespaces/NS/pods`, or `/apis/apps/v1/deployments` where `ns` is empty. The version is `wanted` if it is served, else the favourite.
    [[nodiscard]] std::string path(std::string_view wanted, std::string_view ns) const;
};

/// What the server serves. A group whose aggregated server does not answer is in `failed_groups`: nobody knows what it serves.
struct Discovery {
    VersionAnswer version;                                        ///< empty where /version is forbidden
    std::map<std::string, ServedResource, std::less<>> resources; ///< by resource id
    std::set<std::string, std::less<>> failed_groups;
};

/// Asks /version and for all API resources: aggregated discovery in two requests where the server has it (1.26), else group by group.
/// This is the first contact: a server that cannot be reached or does not accept us is an error, in words for a person.
[[nodiscard]] Result<Discovery> discover(ApiLoop& loop, const Connection& connection, const std::stop_token& stop);

} // namespace seaworthy::kube
