// SPDX-License-Identifier: Apache-2.0
#include "events/resource_name.hpp"

#include <algorithm>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::events {
namespace {

constexpr std::size_t k_path_bytes = 1000;
constexpr char k_separator = '/';

/// "v1", "v2beta1": the core group has no name before it.
bool is_version(std::string_view text)
{
    return text.size() >= 2 && text[0] == 'v' && text[1] >= '0' && text[1] <= '9';
}

} // namespace

std::string ResourceName::path() const
{
    return printable(api_version + k_separator + kind + k_separator + ns + k_separator + name, k_path_bytes);
}

std::string ResourceName::type() const
{
    return api_version.empty() ? kind : api_version + "/" + kind;
}

std::string ResourceName::for_people() const
{
    std::string text = kind;
    for (const auto* part : {&ns, &name})
        if (!part->empty()) text += "/" + *part;
    return text;
}

ResourceName ResourceName::parse(std::string_view path)
{
    const auto take = [&path] {
        const auto end = std::min(path.find(k_separator), path.size());
        std::string part{path.substr(0, end)};
        path.remove_prefix(std::min(end + 1, path.size()));
        return part;
    };
    ResourceName resource;
    resource.api_version = take();
    if (!resource.api_version.empty() && !is_version(resource.api_version)) resource.api_version += k_separator + take();
    resource.kind = take();
    resource.ns = take();
    resource.name = path;
    return resource;
}

} // namespace seaworthy::events
