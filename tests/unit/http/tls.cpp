// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "seaworthy/http/server.hpp"
#include "unit/http/client.hpp"

namespace seaworthy::http {

namespace {

using namespace std::chrono_literals;

/// A folder of its own that goes with the test.
class Folder {
public:
    Folder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "seaworthy-tls-XXXXXX").string();
        m_path = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(m_path); }
    [[nodiscard]] std::string file(const char* name) const { return (m_path / name).string(); }

private:
    std::filesystem::path m_path;
};

void write_certificate(const Folder& folder, const char* common_name)
{
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    auto* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key.get(), EVP_sha256());

    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> certificate_file{std::fopen(folder.file("tls.crt").c_str(), "w"), std::fclose};
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> key_file{std::fopen(folder.file("tls.key").c_str(), "w"), std::fclose};
    PEM_write_X509(certificate_file.get(), certificate.get());
    PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

struct Answer {
    std::string reply;
    std::string common_name;
};

Answer ask_over_tls(std::uint16_t port, const std::string& request, int max_version = 0)
{
    Answer answer;
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    if (max_version != 0) SSL_CTX_set_max_proto_version(context.get(), max_version);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> connection{BIO_new_ssl_connect(context.get()), BIO_free_all};
    BIO_set_conn_hostname(connection.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
    if (BIO_do_handshake(connection.get()) != 1) return answer;
    SSL* ssl = nullptr;
    BIO_get_ssl(connection.get(), &ssl);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{SSL_get1_peer_certificate(ssl), X509_free};
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
    answer.common_name = name;
    BIO_write(connection.get(), request.data(), static_cast<int>(request.size()));
    char buffer[16384];
    for (int count = 0; (count = BIO_read(connection.get(), buffer, sizeof buffer)) > 0;)
        answer.reply.append(buffer, static_cast<std::size_t>(count));
    return answer;
}

Result<std::unique_ptr<Server>> serve(const Folder& folder, std::size_t body_bytes, Limits limits = {})
{
    return Server::start(
        {.limits = limits, .certificate_file = folder.file("tls.crt"), .key_file = folder.file("tls.key")},
        [body = std::string(body_bytes, 'x')](const Request& request) { return Reply::of(200, "text/plain", request.tls ? body : "not TLS"); });
}

} // namespace

TEST_CASE("a TLS listener serves a body of many records", "[http]")
{
    const Folder folder;
    write_certificate(folder, "one");
    const auto server = serve(folder, 5'000'000);
    REQUIRE(server.has_value());

    const auto answer = ask_over_tls((*server)->port(), get("/", "Connection: close\r\n"));

    CHECK(answer.common_name == "one");
    CHECK(body_of(answer.reply).size() == 5'000'000);
}

TEST_CASE("a TLS listener refuses versions before 1.2", "[http]")
{
    const Folder folder;
    write_certificate(folder, "one");
    const auto server = serve(folder, 1);
    REQUIRE(server.has_value());

    CHECK(ask_over_tls((*server)->port(), get("/"), TLS1_1_VERSION).common_name.empty());
    CHECK_FALSE(ask_over_tls((*server)->port(), get("/", "Connection: close\r\n"), TLS1_2_VERSION).common_name.empty());
}

TEST_CASE("a new certificate is served without a restart, a broken one is not", "[http]")
{
    const Folder folder;
    write_certificate(folder, "before");
    const auto server = serve(folder, 1);
    REQUIRE(server.has_value());
    const auto name = [&] { return ask_over_tls((*server)->port(), get("/", "Connection: close\r\n")).common_name; };
    const auto becomes = [&](const std::string& expected) {
        for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;) {
            if (name() == expected) return true;
        }
        return false;
    };
    REQUIRE(name() == "before");

    write_certificate(folder, "after");
    CHECK(becomes("after"));

    std::filesystem::resize_file(folder.file("tls.crt"), 10);
    write_certificate(folder, "last");
    CHECK(becomes("last"));
}

TEST_CASE("a handshake that does not end costs its own connection alone", "[http]")
{
    const Folder folder;
    write_certificate(folder, "one");
    const auto server = serve(folder, 1, {.head_deadline = 200ms});
    REQUIRE(server.has_value());
    RawClient silent{(*server)->port()};
    REQUIRE(silent.send("\x16\x03\x01"));

    CHECK_FALSE(ask_over_tls((*server)->port(), get("/", "Connection: close\r\n")).reply.empty());
    CHECK(silent.receive_all().empty());
    CHECK((*server)->counters().rejected_deadline == 1);
}

TEST_CASE("a listener with authorities for its clients answers nobody without a certificate", "[http]")
{
    const Folder folder;
    write_certificate(folder, "one");
    const auto handler = [](const Request&) { return Reply::of(200, "text/plain", "x"); };
    const auto start = [&](const std::string& authorities) {
        return Server::start({.certificate_file = folder.file("tls.crt"), .key_file = folder.file("tls.key"), .client_ca_file = authorities},
                             handler);
    };
    const auto server = start(folder.file("tls.crt"));
    REQUIRE(server.has_value());

    CHECK(ask_over_tls((*server)->port(), get("/", "Connection: close\r\n")).reply.empty());
    CHECK((*server)->counters().requests == 0);

    const auto missing = start(folder.file("missing.crt"));
    REQUIRE_FALSE(missing.has_value());
    CHECK_THAT(missing.error().message, Catch::Contains(folder.file("missing.crt")));
    CHECK_FALSE(Server::start({.client_ca_file = folder.file("tls.crt")}, handler).has_value());
}

TEST_CASE("TLS needs both files, and they must be readable", "[http]")
{
    const Folder folder;
    const auto handler = [](const Request&) { return Reply{}; };

    CHECK_FALSE(Server::start({.certificate_file = folder.file("tls.crt")}, handler).has_value());
    const auto missing = serve(folder, 1);
    REQUIRE_FALSE(missing.has_value());
    CHECK_THAT(missing.error().message, Catch::Contains(folder.file("tls.crt")));
}

} // namespace seaworthy::http
