// SPDX-License-Identifier: Apache-2.0
#include "publish/encoding/gzip.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>

#include <zlib.h>

namespace seaworthy::publish {

namespace {

constexpr int k_raw = -15;
constexpr int k_gzip = 15 + 16;
constexpr std::string_view k_header{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10}; // no name, no time: equal input, equal bytes
constexpr std::string_view k_last_block{"\x03\x00", 2};                              // an empty final block with fixed codes

void open(z_stream& stream, int level, int window_bits)
{
    if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
}

/// Runs deflate over `plain` until all of it is taken and, with a flush mode, until all of it is out.
template <typename Sink>
bool run(z_stream& stream, std::string_view plain, int flush, Sink&& sink)
{
    std::array<char, 16 * 1024> buffer{};
    do {
        const auto size = std::min<std::size_t>(plain.size(), std::numeric_limits<uInt>::max());
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data())); // zlib's type; it only reads
        stream.avail_in = static_cast<uInt>(size);
        plain.remove_prefix(size);
        const int mode = plain.empty() ? flush : Z_NO_FLUSH;
        do {
            stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
            stream.avail_out = static_cast<uInt>(buffer.size());
            deflate(&stream, mode);
            const auto produced = buffer.size() - stream.avail_out;
            if (produced > 0 && !sink(std::string_view{buffer.data(), produced})) return false;
        } while (stream.avail_out == 0);
    } while (!plain.empty());
    return true;
}

void append_little_endian(std::string& out, unsigned long value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        out += static_cast<char>((value >> shift) & 0xFFU);
}

unsigned long crc_of(std::string_view plain)
{
    return crc32_z(0, reinterpret_cast<const Bytef*>(plain.data()), plain.size());
}

} // namespace

DeflatedPart deflate_part(std::string_view plain, int level)
{
    DeflatedPart part{{}, crc_of(plain), plain.size()};
    if (plain.empty()) return part;
    z_stream stream{};
    open(stream, level, k_raw);
    run(stream, plain, Z_FULL_FLUSH, [&](std::string_view bytes) {
        part.bytes += bytes;
        return true;
    });
    deflateEnd(&stream);
    return part;
}

std::string join_gzip(std::initializer_list<DeflatedView> parts)
{
    std::string out;
    std::size_t size = k_header.size() + k_last_block.size() + 8;
    for (const auto& part : parts)
        size += part.bytes.size();
    out.reserve(size);
    out += k_header;
    unsigned long crc = 0;
    std::size_t plain_size = 0;
    for (const auto& part : parts) {
        out += part.bytes;
        crc = crc32_combine(crc, part.crc32, static_cast<z_off_t>(part.plain_size));
        plain_size += part.plain_size;
    }
    out += k_last_block;
    append_little_endian(out, crc);
    append_little_endian(out, static_cast<std::uint32_t>(plain_size)); // modulo 2^32, as the RFC says
    return out;
}

std::string gzip(std::string_view plain, int level)
{
    const auto part = deflate_part(plain, level);
    return join_gzip({DeflatedView{part.bytes, part.crc32, part.plain_size}});
}

struct GzipStream::State {
    z_stream stream{};
    Sink sink;
    bool refused = false;

    bool put(std::string_view plain, int flush)
    {
        if (!refused) refused = !run(stream, plain, flush, sink);
        return !refused;
    }
};

GzipStream::GzipStream(Sink sink) : m_state(std::make_unique<State>())
{
    m_state->sink = std::move(sink);
    open(m_state->stream, 5, k_gzip);
}

GzipStream::~GzipStream()
{
    deflateEnd(&m_state->stream);
}

bool GzipStream::write(std::string_view plain)
{
    return plain.empty() || m_state->put(plain, Z_NO_FLUSH);
}

bool GzipStream::finish()
{
    return m_state->put({}, Z_FINISH);
}

} // namespace seaworthy::publish
