// SPDX-License-Identifier: Apache-2.0
#include "controls/config_maps.hpp"

namespace seaworthy::controls {

const model::Document* find_config_map(const check::Context& context, std::string_view ns, std::string_view name)
{
    for (const auto* document : context.index.documents_in("configmaps", ns))
        if (document->meta.name == name) return document;
    return nullptr;
}

} // namespace seaworthy::controls
