// SPDX-License-Identifier: Apache-2.0
// An image as a pod names it: what is understood is understood again from its normal form, and a list's entry is matched without a fault.
#include "fuzz/fuzz_target.hpp"
#include "seaworthy/model/image_reference.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(image_reference, input)
{
    // The first line is the image, the rest an entry of a list.
    const auto end = input.find('\n');
    const auto image = model::parse_image_reference(input.substr(0, end));
    if (!image) return;
    fuzz::require(!image->host.empty() && !image->path.empty());
    auto normal = image->repository();
    if (!image->tag.empty()) normal += ":" + image->tag;
    if (!image->digest.empty()) normal += "@" + image->digest;
    const auto again = model::parse_image_reference(normal);
    fuzz::require(again && again->repository() == image->repository() && again->tag == image->tag && again->digest == image->digest);
    fuzz::require(model::image_list_matches(image->repository(), *image));
    if (end == std::string_view::npos) return;
    static_cast<void>(model::image_list_matches(input.substr(end + 1), *image));
    static_cast<void>(image->is_repository(input.substr(end + 1)));
}
