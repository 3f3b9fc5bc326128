// SPDX-License-Identifier: Apache-2.0
// The small answers of an API server and of exec plugins, read whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/decode/list_splitter.hpp"
#include "seaworthy/base/error.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::kube {

/// metav1.Status, what matters of it. Texts are as the server sent them: print them only through printable().
struct StatusAnswer {
    std::string reason; ///< "Expired", "Forbidden"
    std::string message;
    std::string continue_token; ///< of a 410: goes on, inconsistently
    std::optional<std::int64_t> retry_after_seconds;
};
/// Empty fields for anything that is no Status.
[[nodiscard]] StatusAnswer parse_status(std::string_view json);

/// What /version says.
struct VersionAnswer {
    std::string git_version;
    std::optional<unsigned> minor; ///< of Kubernetes 1.x; the emulated version where there is one (KEP-4330)
};
[[nodiscard]] Result<VersionAnswer> parse_version(std::string_view json);

/// A resource as discovery lists it, in one version of its group.
struct DiscoveredResource {
    std::string plural;
    std::string group; ///< empty for core
    std::string version;
    std::string kind;
    bool namespaced = false;
    bool listable = false;
};

/// The resources of one document, versions in the server's order of preference.
struct DiscoveryAnswer {
    std::vector<DiscoveredResource> resources;
    std::vector<std::string> stale_groups; ///< an aggregated server that does not answer; its resources may be missing
};
/// apidiscovery.k8s.io APIGroupDiscoveryList (KEP-3352).
[[nodiscard]] Result<DiscoveryAnswer> parse_aggregated_discovery(std::string_view json);

struct GroupVersionName {
    std::string group;
    std::string version;
};
/// APIVersions (`/api`) or APIGroupList (`/apis`): each group's versions, the preferred one first.
[[nodiscard]] Result<std::vector<GroupVersionName>> parse_group_list(std::string_view json);
/// APIResourceList of one group version; subresources are left out.
[[nodiscard]] Result<std::vector<DiscoveredResource>> parse_resource_list(std::string_view json, const GroupVersionName& of);

/// ExecCredential (client.authentication.k8s.io v1, v1beta1).
struct ExecCredentialAnswer {
    std::string api_version;
    std::string kind;
    bool has_status = false;
    std::string token;
    std::string certificate;
    std::string key;
    Timestamp expires; ///< none: as long as the process lives
};
/// Errors never quote the document: it holds credentials.
[[nodiscard]] Result<ExecCredentialAnswer> parse_exec_credential(std::string_view json);

/// The member `status` of a review as JSON text.
[[nodiscard]] Result<std::string> parse_review_status(std::string_view json);

/// The first cell of a Table row, the object's name; empty if there is none.
[[nodiscard]] std::string parse_row_name(PaddedJson row);

} // namespace seaworthy::kube
