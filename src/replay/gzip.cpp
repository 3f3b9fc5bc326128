// SPDX-License-Identifier: Apache-2.0
#include "replay/gzip.hpp"

#include <array>
#include <new>

namespace seaworthy::replay {

Gzip::Gzip(const Emit& next) : m_next(next)
{
    constexpr int k_level = 1;
    constexpr int k_gzip_window = 15 + 16; // 16 asks zlib for gzip's frame
    constexpr int k_memory_level = 8;
    if (deflateInit2(&m_stream, k_level, Z_DEFLATED, k_gzip_window, k_memory_level, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc{};
}

Gzip::~Gzip()
{
    deflateEnd(&m_stream);
}

bool Gzip::pass(std::string_view bytes, int flush)
{
    std::array<char, 65536> buffer;
    m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // zlib's interface predates const
    m_stream.avail_in = static_cast<uInt>(bytes.size());
    do {
        m_stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        m_stream.avail_out = static_cast<uInt>(buffer.size());
        deflate(&m_stream, flush);
        const std::size_t made = buffer.size() - m_stream.avail_out;
        if (made > 0 && !m_next({buffer.data(), made})) return false;
    } while (m_stream.avail_out == 0);
    return true;
}

} // namespace seaworthy::replay
