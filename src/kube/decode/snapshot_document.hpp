// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kube/decode/list_splitter.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// The `Snapshot` document that makes a set of files a whole cluster at a moment.
struct SnapshotDocument {
    Timestamp taken_at;
    std::string cluster_name;
    std::string git_version;
    std::vector<std::string> served;     ///< beyond the built-in resources and those of the objects present
    std::vector<std::string> not_served; ///< built-in resources that the server did not have (`notServed`, as captures write it)
    std::vector<std::string> not_listed; ///< served resources that the captured audit did not ask for (`notListed`)
    std::vector<model::Gap> gaps;
    std::map<std::string, std::vector<model::ProbeAnswer>, std::less<>> probes; ///< oldest first
    std::string config;                                                         ///< JSON; empty: none
    bool consistent = true;
};

/// Errors name the field. Keys that a Snapshot does not have are errors.
[[nodiscard]] Result<SnapshotDocument> decode_snapshot_document(PaddedJson json);

/// What a CustomResourceDefinition says of names.
struct CustomKind {
    std::string group;
    std::string kind;
    std::string plural;
    bool namespaced = true;
};
[[nodiscard]] Result<CustomKind> decode_custom_kind(PaddedJson json);

} // namespace seaworthy::kube
