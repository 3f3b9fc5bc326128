// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace seaworthy::publish {

/// A piece of a gzip file that can be made ahead of time: raw deflate (RFC 1951) that ends at a byte boundary and refers to nothing before it.
struct DeflatedPart {
    std::string bytes;
    unsigned long crc32 = 0; ///< of the plain bytes
    std::size_t plain_size = 0;
};
struct DeflatedView {
    std::string_view bytes;
    unsigned long crc32 = 0;
    std::size_t plain_size = 0;
};

/// `level` as zlib's, 1 to 9.
[[nodiscard]] DeflatedPart deflate_part(std::string_view plain, int level);

/// One gzip member (RFC 1952) of several parts: a copy, no compression. Every decoder reads it, also those that stop after a first member.
[[nodiscard]] std::string join_gzip(std::initializer_list<DeflatedView> parts);

/// A whole gzip file.
[[nodiscard]] std::string gzip(std::string_view plain, int level = 5);

/// Compresses a stream piece by piece.
class GzipStream {
public:
    /// Takes compressed bytes; false: nobody wants more.
    using Sink = std::function<bool(std::string_view)>;
    explicit GzipStream(Sink sink);
    ~GzipStream();
    GzipStream(const GzipStream&) = delete;
    GzipStream& operator=(const GzipStream&) = delete;

    /// False: the sink refused; nothing more is written then.
    [[nodiscard]] bool write(std::string_view plain);
    [[nodiscard]] bool finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace seaworthy::publish
