// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "seaworthy/base/pattern.hpp"
#include "seaworthy/config/config.hpp"

namespace seaworthy::app {

/// Takes credentials out of an object without changing how it is judged: each is replaced by a harmless text of the same kind.
/// managedFields and the last-applied copy go too.
class Redaction {
public:
    /// Knows from the configuration which values the checks take for no credential.
    explicit Redaction(const config::Config& config);

    void apply(nlohmann::ordered_json& object) const;

private:
    void walk(nlohmann::ordered_json& node) const;
    void redact_container(nlohmann::ordered_json& container) const;

    Pattern m_value_exclude;
};

} // namespace seaworthy::app
