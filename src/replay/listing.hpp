// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "replay/answer.hpp"
#include "replay/object_store.hpp"
#include "seaworthy/http/server.hpp"

namespace seaworthy::replay {

enum class Representation { json, table, partial, not_acceptable };

/// How the Accept header wants objects: the first of its media types that the server has.
[[nodiscard]] Representation negotiate(std::string_view accept);

/// Where a page goes on.
struct ContinueToken {
    std::uint64_t revision = 0; ///< 0: at the newest, whatever happened since
    std::string start;          ///< the first key of the page, or the index into a generated list
};
/// storage/continue.go: URL-safe base64 of JSON, opaque to clients.
[[nodiscard]] std::string encode(const ContinueToken& token);
[[nodiscard]] std::optional<ContinueToken> decode_token(std::string_view text);

/// A list request: limit, continue, selectors and representation. `namespace_` is empty for a list over the whole cluster.
[[nodiscard]] Answer list(ObjectStore& store, const Snapshot& newest, std::string_view namespace_, const http::Request& request);
/// Of one object.
[[nodiscard]] Answer get_object(const Snapshot& newest, std::string_view namespace_, std::string_view name, const http::Request& request);

} // namespace seaworthy::replay
