// SPDX-License-Identifier: Apache-2.0
// What policies about signatures say of images, each in its product's grammar.
#include "controls/image_patterns.hpp"
#include "fuzz/fuzz_target.hpp"
#include "seaworthy/model/json_text.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(image_policies, input)
{
    const auto policy = model::JsonText::parse(input);
    if (!policy) return;
    const auto text = (*policy)["image"].text();
    const auto reference = model::parse_image_reference(text);
    if (!reference) return;
    const controls::PatternedImage image{text, *reference};
    static_cast<void>(controls::covered_by_verification((*policy)["verification"], image));
    static_cast<void>(controls::covered_by_references((*policy)["references"], image));
    static_cast<void>(controls::covered_by_images((*policy)["images"], image));
    static_cast<void>(controls::covered_by_scopes((*policy)["scopes"], image));
}
