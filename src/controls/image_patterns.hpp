// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/model/document.hpp"
#include "seaworthy/model/image_reference.hpp"

// Which images a policy about signatures speaks of: each product has a grammar of its own for that.
namespace seaworthy::controls {

/// `maybe`: its expression cannot be followed, or what it does with other images is set where it is not read.
enum class Cover { no, maybe, yes };

struct PatternedImage {
    std::string_view text; ///< as the pod asks for it
    const model::ImageReference& reference;
};

/// One entry of `verifyImages` of a Kyverno rule: `imageReferences`, less `skipImageReferences`. `*` is any text, `?` any character.
[[nodiscard]] Cover covered_by_verification(const model::Value& verification, const PatternedImage& image);
/// `spec.matchImageReferences` of Kyverno's ImageValidatingPolicy: globs, or expressions of CEL, which are not followed. None: every image.
[[nodiscard]] Cover covered_by_references(const model::Value& references, const PatternedImage& image);
/// `spec.images` of a ClusterImagePolicy of Sigstore's policy-controller. `*` stays within a component of the path, `**` does not.
/// Images that no policy names are refused by default, and let through where its ConfigMap says so: maybe.
[[nodiscard]] Cover covered_by_images(const model::Value& images, const PatternedImage& image);
/// `spec.scopes` of OpenShift's policies: a host, `*.` and what hosts end in, a path below a host, or one image.
[[nodiscard]] Cover covered_by_scopes(const model::Value& scopes, const PatternedImage& image);

} // namespace seaworthy::controls
