// SPDX-License-Identifier: Apache-2.0
#include "unit/publish/gunzip.hpp"

#include <array>
#include <stdexcept>

#include <zlib.h>

namespace seaworthy::test {

std::string gunzip(std::string_view file)
{
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::runtime_error("inflateInit2");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.data()));
    stream.avail_in = static_cast<uInt>(file.size());
    std::string plain;
    std::array<char, 4096> buffer{};
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream.avail_out = static_cast<uInt>(buffer.size());
        status = inflate(&stream, Z_NO_FLUSH);
        plain.append(buffer.data(), buffer.size() - stream.avail_out);
    }
    const bool whole = status == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (!whole) throw std::runtime_error("not one whole gzip member");
    return plain;
}

} // namespace seaworthy::test
