// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "publish/http/call.hpp"
#include "publish/http/page/html.hpp"
#include "publish/http/since.hpp"

namespace seaworthy::publish {

/// The section that tells which namespaces and checks moved. `path`: of the page that it stands on, percent-encoded. Nothing without a history.
void put_changes(Html& out, const Call& call, std::string_view path, const Since& since);
/// The answer to a parameter that cannot be.
[[nodiscard]] http::Reply page_bad_request(const Call& call, std::string_view path, std::string_view why);

} // namespace seaworthy::publish
