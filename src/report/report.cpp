// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/report/report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seaworthy/base/digest.hpp"
#include "seaworthy/report/evidence.hpp"

namespace seaworthy::report {

const NamespaceSummary* Report::find_namespace(std::string_view name) const
{
    const auto at = std::lower_bound(namespaces.begin(), namespaces.end(), name,
                                     [](const NamespaceSummary& ns, std::string_view wanted) { return ns.name.view() < wanted; });
    return at != namespaces.end() && at->name == name ? &*at : nullptr;
}

check::Evidence Result::evidence() const
{
    return decode_evidence(m_statement->evidence);
}

std::string fingerprint(const Result& result)
{
    // The API group without its version: an object keeps its identity when the version that serves it changes.
    const Object& object = result.object();
    const auto api_version = object.api_version.view();
    const auto slash = api_version.find('/');
    const auto group = slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
    const auto identity = fmt::format("{}\n{}\n{}\n{}\n{}", result.check().id, group, object.kind.view(), object.ns.view(), object.name.view());
    return "f1:" + sha256_hex(identity).substr(0, 32);
}

} // namespace seaworthy::report
