// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seaworthy::model {

/// A container image reference by the grammar of distribution/reference (C9), normalised.
struct ImageReference {
    std::string host;          ///< registry host with port; "docker.io" where none is written
    std::string path;          ///< repository path; "library/" added for one-component paths on docker.io
    std::string tag;           ///< empty: none written
    std::string digest;        ///< "sha256:…"; wins over the tag
    bool host_written = false; ///< false: docker.io is assumed, not proven (CRI-O's short names)

    /// "host/path".
    [[nodiscard]] std::string repository() const { return host + "/" + path; }
    /// The tag in force: "latest" where neither tag nor digest is written.
    [[nodiscard]] std::string_view effective_tag() const;
    /// C15: true if the repository path is `suffix` or ends in "/" + `suffix`, where `suffix` may hold `*` for a part of one component.
    [[nodiscard]] bool is_repository(std::string_view suffix) const;
};

/// Nothing where the reference breaks the grammar.
[[nodiscard]] std::optional<ImageReference> parse_image_reference(std::string_view text);

/// True if an entry of an image list parameter matches: the normalised repository (whole, or by prefix on a `/` boundary), a whole
/// reference with tag or digest, or a glob with `*` (interfaces.md §7).
[[nodiscard]] bool image_list_matches(std::string_view entry, const ImageReference& image);

} // namespace seaworthy::model
