// SPDX-License-Identifier: Apache-2.0
// An event as it lies in the store.
#pragma once

#include <string>
#include <utility>

#include "seaworthy/state/store.hpp"

namespace seaworthy::test {

/// A finding of its own, opened; of high severity.
inline state::EventRow event_row(const std::string& uid, std::string body, state::Milliseconds created)
{
    return {.uid = uid,
            .finding = "f1:" + uid,
            .code = "finding_opened",
            .event_class = "finding",
            .severity = 4,
            .control = "network-policies",
            .check = "netpol-ns-default-deny-ingress",
            .ns = "payments",
            .created = created,
            .body = std::move(body)};
}

} // namespace seaworthy::test
