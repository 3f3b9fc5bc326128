// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/http/server.hpp"

#include <algorithm>

#include "http/field.hpp"

namespace seaworthy::http {

namespace {

const Field* find(const std::vector<Field>& fields, std::string_view name, bool (*equal)(std::string_view, std::string_view))
{
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return equal(field.name, name); });
    return found == fields.end() ? nullptr : &*found;
}

bool equal_exactly(std::string_view a, std::string_view b)
{
    return a == b;
}

/// Whether the parameters of one Accept-Encoding element say q=0, q=0.0…
bool is_refused(std::string_view parameters)
{
    const auto q = parameters.find("q=");
    if (q == std::string_view::npos) return false;
    const auto weight = trimmed(parameters.substr(q + 2));
    return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

} // namespace

std::string_view Request::header(std::string_view name) const
{
    const auto* field = find(headers, name, equal_ignoring_case);
    return field == nullptr ? std::string_view{} : std::string_view{field->value};
}

std::string_view Request::parameter(std::string_view name) const
{
    const auto* field = find(query, name, equal_exactly);
    return field == nullptr ? std::string_view{} : std::string_view{field->value};
}

bool Request::has_parameter(std::string_view name) const
{
    return find(query, name, equal_exactly) != nullptr;
}

bool Request::accepts_gzip() const
{
    auto rest = header("Accept-Encoding");
    while (!rest.empty()) {
        const auto element = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), element.size() + 1));
        const auto coding = trimmed(element.substr(0, element.find(';')));
        if (equal_ignoring_case(coding, "gzip")) return !is_refused(element.substr(std::min(element.size(), element.find(';'))));
    }
    return false;
}

} // namespace seaworthy::http
