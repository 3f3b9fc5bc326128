// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace seaworthy::kube {

/// A key under which equal pod specs are stored once: SHA-256 of the spec's JSON, without what differs between pods of one template.
class SpecDigest {
public:
    SpecDigest();
    ~SpecDigest();
    SpecDigest(SpecDigest&&) noexcept;

    /// `spec` is the JSON of a pod spec, `node_name` the bytes of its nodeName value inside it (empty: none).
    /// The random suffix of the `kube-api-access-xxxxx` volume that the admission controller adds is left out too, where the
    /// spec has just one such volume and names it only in that volume and its mounts, so different specs never share a key.
    [[nodiscard]] std::string operator()(std::string_view spec, std::string_view node_name);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// "kube-api-access" for the volume that the service account admission controller adds; any other name as it is.
[[nodiscard]] std::string_view stable_volume_name(std::string_view name);

} // namespace seaworthy::kube
