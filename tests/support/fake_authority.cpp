// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace seaworthy::test {
namespace {

template <typename Write>
std::string pem_of(Write write)
{
    BIO* memory = BIO_new(BIO_s_mem());
    write(memory);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text{data, static_cast<std::size_t>(size)};
    BIO_free(memory);
    return text;
}

void set_name(X509_NAME* name, const std::string& common_name)
{
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
}

void add_extension(X509* certificate, int id, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

X509* new_certificate(EVP_PKEY* key, const std::string& common_name, long from, long to)
{
    static std::atomic<long> serial = 1;
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to);
    X509_set_pubkey(certificate, key);
    set_name(X509_get_subject_name(certificate), common_name);
    return certificate;
}

} // namespace

struct Authority::Keys {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = nullptr;
    std::string pem;

    Keys()
    {
        certificate = new_certificate(key, "test authority", -3600, 86400);
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
        add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
        X509_sign(certificate, key, EVP_sha256());
        pem = pem_of([&](BIO* memory) { PEM_write_bio_X509(memory, certificate); });
    }
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;
    ~Keys()
    {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
};

Authority::Authority() : m_keys(std::make_unique<Keys>()) {}
Authority::~Authority() = default;

const std::string& Authority::certificate() const
{
    return m_keys->pem;
}

Identity Authority::issue(const std::string& common_name, const std::string& alternative_names, long valid_for_seconds) const
{
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = new_certificate(key, common_name, -7200, valid_for_seconds);
    X509_set_issuer_name(certificate, X509_get_subject_name(m_keys->certificate));
    if (!alternative_names.empty()) add_extension(certificate, NID_subject_alt_name, alternative_names);
    X509_sign(certificate, m_keys->key, EVP_sha256());
    Identity identity{pem_of([&](BIO* memory) { PEM_write_bio_X509(memory, certificate); }),
                      pem_of([&](BIO* memory) { PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr); })};
    X509_free(certificate);
    EVP_PKEY_free(key);
    return identity;
}

} // namespace seaworthy::test
