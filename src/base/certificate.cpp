// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/certificate.hpp"

#include <ctime>
#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace seaworthy {
namespace {

constexpr std::size_t k_max_certificates = 256;
constexpr std::size_t k_max_pem_bytes = 1024 * 1024;

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};

Timestamp timestamp_of(const ASN1_TIME* time)
{
    std::tm fields{};
    return time != nullptr && ASN1_TIME_to_tm(time, &fields) == 1 ? Timestamp{timegm(&fields)} : Timestamp{};
}

int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

} // namespace

std::vector<CertificateValidity> read_pem_certificates(std::string_view pem)
{
    pem = pem.substr(0, k_max_pem_bytes);
    const std::unique_ptr<BIO, Free> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    std::vector<CertificateValidity> found;
    // A password callback of our own: OpenSSL's default would ask on the terminal for an encrypted block.
    const auto no_password = [](char*, int, int, void*) { return 0; };
    while (bio != nullptr && found.size() < k_max_certificates) {
        const std::unique_ptr<X509, Free> certificate{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)};
        if (certificate == nullptr) break;
        found.push_back({timestamp_of(X509_get0_notBefore(certificate.get())), timestamp_of(X509_get0_notAfter(certificate.get()))});
    }
    ERR_clear_error(); // the end of the bundle is an error to OpenSSL
    return found;
}

std::optional<std::string> decode_base64(std::string_view text)
{
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=')
        ++padding;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padded = at + i >= text.size() - padding;
            const int value = padded ? 0 : sextet(text[at + i]);
            if (value < 0) return std::nullopt;
            group = group << 6U | static_cast<unsigned>(value);
        }
        for (const unsigned shift : {16U, 8U, 0U})
            bytes += static_cast<char>(group >> shift & 0xFFU);
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

} // namespace seaworthy
