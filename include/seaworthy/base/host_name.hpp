// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace seaworthy {

/// This machine's name; in a cluster the pod's. Empty where the system tells none.
[[nodiscard]] std::string host_name();

} // namespace seaworthy
