// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "http/transport.hpp"
#include "seaworthy/base/error.hpp"

namespace seaworthy::http {

/// The certificate of a listener. Used by one thread.
class TlsContext {
public:
    /// `client_ca_file` empty: clients need no certificate.
    [[nodiscard]] static Result<TlsContext> load(std::string certificate_file, std::string key_file, std::string client_ca_file = {});

    /// A handle for one connection. Looks at most once a second whether the files changed; unreadable new ones leave the old in use.
    [[nodiscard]] SslHandle accept(Clock::time_point now);

private:
    TlsContext() = default;

    std::string m_certificate_file;
    std::string m_key_file;
    std::string m_client_ca_file;
    std::string m_stamp; ///< times and sizes of the files when they were read
    Clock::time_point m_next_look;
    std::shared_ptr<SSL_CTX> m_context;
};

} // namespace seaworthy::http
