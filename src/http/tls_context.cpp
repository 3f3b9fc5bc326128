// SPDX-License-Identifier: Apache-2.0
#include "http/tls_context.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <sys/stat.h>

namespace seaworthy::http {

namespace {

std::string stamp(const std::string& certificate_file, const std::string& key_file, const std::string& client_ca_file)
{
    std::string text;
    for (const auto& file : {certificate_file, key_file, client_ca_file}) {
        struct stat status {};
        if (::stat(file.c_str(), &status) != 0) continue;
        text += fmt::format("{}.{}.{}.{};", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino);
    }
    return text;
}

std::string last_openssl_error()
{
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    return text.data();
}

Result<std::shared_ptr<SSL_CTX>> read_context(const std::string& certificate_file, const std::string& key_file, const std::string& client_ca_file)
{
    ERR_clear_error();
    std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
    if (!context) return failure(Error::Kind::internal, "OpenSSL makes no server context: " + last_openssl_error());
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
        return failure(Error::Kind::usage, fmt::format("cannot read the certificate {}: {}", certificate_file, last_openssl_error()));
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        return failure(Error::Kind::usage, fmt::format("cannot read the key {}, or it is not the certificate's: {}", key_file, last_openssl_error()));
    }
    if (!client_ca_file.empty()) {
        if (SSL_CTX_load_verify_locations(context.get(), client_ca_file.c_str(), nullptr) != 1)
            return failure(Error::Kind::usage, fmt::format("cannot read the certificate authorities {}: {}", client_ca_file, last_openssl_error()));
        SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(client_ca_file.c_str()));
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    return context;
}

} // namespace

Result<TlsContext> TlsContext::load(std::string certificate_file, std::string key_file, std::string client_ca_file)
{
    TlsContext tls;
    tls.m_stamp = stamp(certificate_file, key_file, client_ca_file);
    auto context = read_context(certificate_file, key_file, client_ca_file);
    if (!context) return tl::make_unexpected(context.error());
    tls.m_context = std::move(*context);
    tls.m_certificate_file = std::move(certificate_file);
    tls.m_key_file = std::move(key_file);
    tls.m_client_ca_file = std::move(client_ca_file);
    return tls;
}

SslHandle TlsContext::accept(Clock::time_point now)
{
    if (now >= m_next_look) {
        m_next_look = now + std::chrono::seconds{1};
        if (auto current = stamp(m_certificate_file, m_key_file, m_client_ca_file); current != m_stamp) {
            // The stamp stays when the new files are broken, so they are tried again until they are whole.
            if (auto context = read_context(m_certificate_file, m_key_file, m_client_ca_file)) {
                m_context = std::move(*context);
                m_stamp = std::move(current);
            }
        }
    }
    SslHandle ssl{SSL_new(m_context.get())};
    if (ssl) SSL_set_accept_state(ssl.get());
    return ssl;
}

} // namespace seaworthy::http
