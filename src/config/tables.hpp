// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "config/key.hpp"
#include "seaworthy/config/config.hpp"

// The tables from which reading, `config default`, `config schema` and docs/configuration.md all follow.
namespace seaworthy::config {

/// A key that holds a map of keys: a top-level one, or one inside, by its dotted path.
struct Group {
    std::string_view path;
    std::string_view why;
};

/// As Events::MinSeverity numbers them.
inline constexpr std::array<std::string_view, 5> k_min_severities{"info", "low", "medium", "high", "critical"};

[[nodiscard]] std::span<const Group> groups(); ///< those of the top level first, in the order of the documentation

[[nodiscard]] std::span<const Key<Config>> settings_keys();
[[nodiscard]] std::span<const Key<check::Registry>> registry_keys();       ///< probes.registries[]
[[nodiscard]] std::span<const Key<check::Issuer>> issuer_keys();           ///< oidc.issuers[], where an item is a map
[[nodiscard]] std::span<const Key<check::Exemption>> exemption_keys();     ///< exemptions.items[]
[[nodiscard]] std::span<const Key<check::Attestation>> attestation_keys(); ///< attest.<name>
[[nodiscard]] std::span<const std::string_view> attestations();            ///< the names
[[nodiscard]] std::span<const Key<Sink>> sink_keys();                      ///< sinks[], of all types

} // namespace seaworthy::config
