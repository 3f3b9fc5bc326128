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

} // namespace seaworthy
