// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/identity.hpp"

#include <fmt/format.h>

#include "kube/decode/json_reader.hpp"

namespace seaworthy::kube {

IdentityReader::IdentityReader() : m_json(std::make_unique<JsonReader>()) {}
IdentityReader::~IdentityReader() = default;
IdentityReader::IdentityReader(IdentityReader&&) noexcept = default;

Result<ObjectIdentity> IdentityReader::operator()(PaddedJson json)
{
    JsonReader& reader = *m_json;
    ObjectIdentity identity;
    reader.read(json, [&](std::string_view key, JsonReader::Value value) {
        if (key == "apiVersion")
            identity.api_version = reader.text(value);
        else if (key == "kind")
            identity.kind = reader.text(value);
        else if (key == "items")
            identity.has_items = reader.type(value) == ondemand::json_type::array;
        else if (key == "metadata") {
            reader.object(value, [&](std::string_view name, JsonReader::Value member) {
                if (name == "name")
                    identity.name = reader.text(member);
                else if (name == "namespace")
                    identity.ns = reader.text(member);
            });
        }
    });
    if (!reader.ok()) return failure(Error::Kind::invalid_input, reader.error());
    return identity;
}

std::string_view group_of_version(std::string_view api_version)
{
    const std::size_t slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
}

std::string guess_resource(std::string_view group, std::string_view kind)
{
    std::string plural;
    for (const char c : kind)
        plural += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    const auto ends_in = [&](std::string_view end) {
        return plural.size() >= end.size() && plural.compare(plural.size() - end.size(), end.size(), end) == 0;
    };
    const char before = plural.size() >= 2 ? plural[plural.size() - 2] : '\0';
    if (group == "constraints.gatekeeper.sh") {
        // Gatekeeper names a constraint's resource as its kind.
    } else if (ends_in("s") || ends_in("x") || ends_in("ch") || ends_in("sh"))
        plural += "es";
    else if (ends_in("y") && std::string_view{"aeiou"}.find(before) == std::string_view::npos)
        plural.replace(plural.size() - 1, 1, "ies");
    else
        plural += "s";
    return group.empty() ? plural : fmt::format("{}.{}", plural, group);
}

} // namespace seaworthy::kube
