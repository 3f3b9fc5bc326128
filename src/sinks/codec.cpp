// SPDX-License-Identifier: Apache-2.0
#include "sinks/codec.hpp"

#include <array>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

namespace seaworthy::sinks {

std::string hmac_sha256(std::string_view key, std::string_view bytes)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), // NOLINT
             digest.data(), &size) == nullptr)
        throw std::runtime_error{"HMAC failed"};
    return {reinterpret_cast<const char*>(digest.data()), size}; // NOLINT
}

std::string hex(std::string_view bytes)
{
    constexpr std::string_view k_digits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        text += k_digits[static_cast<unsigned char>(byte) >> 4U];
        text += k_digits[static_cast<unsigned char>(byte) & 15U];
    }
    return text;
}

std::string gzip(std::string_view bytes)
{
    constexpr int k_gzip_window = 15 + 16; // zlib.h: 16 more than the window writes a gzip header
    constexpr int k_memory = 8;
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, k_gzip_window, k_memory, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error{"zlib cannot begin"};
    std::string packed(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // NOLINT: zlib does not write there
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data()); // NOLINT
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error{"zlib cannot compress"};
    return packed;
}

std::string json_string(std::string_view text)
{
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace seaworthy::sinks
