// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "kube/connection.hpp"
#include "seaworthy/base/error.hpp"
#include "seaworthy/kube/kubeconfig.hpp"

namespace seaworthy::kube {

/// Sends the plan's connection through `url`.
void use_proxy(ConnectionPlan& plan, const std::string& url);

/// What Go's net/http takes from HTTPS_PROXY, HTTP_PROXY and NO_PROXY (upper case first); loopback is never proxied.
void use_environment_proxy(ConnectionPlan& plan, const Surroundings& surroundings);

/// An error where the plan's proxy cannot be used; `where` names its origin.
[[nodiscard]] Result<void> check_proxy(const ConnectionPlan& plan, const std::string& where);

} // namespace seaworthy::kube
