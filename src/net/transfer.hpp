// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "seaworthy/net/client.hpp"

namespace seaworthy::net {

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyHandle = std::unique_ptr<CURL, FreeEasy>;

/// One request on its way: owns everything that libcurl points to until the transfer ends. Stays where it was made.
class Transfer {
public:
    Transfer(EasyHandle easy, Request request, Handler& handler, const std::string& user_agent);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer() = default;

    /// Sets every option. False: the request cannot be sent, `refusal()` says why.
    [[nodiscard]] bool prepare();
    [[nodiscard]] const std::string& refusal() const { return m_refusal; }

    [[nodiscard]] CURL* easy() const { return m_easy.get(); }
    [[nodiscard]] Handler& handler() const { return m_handler; }
    /// How it ended, as libcurl saw it.
    [[nodiscard]] Outcome outcome(CURLcode code) const;
    /// How it ended without libcurl: refused or stopped.
    [[nodiscard]] Outcome outcome(Cause cause, std::string detail) const;
    /// The handle for the next transfer; it keeps its TLS session and DNS caches.
    [[nodiscard]] EasyHandle release();

private:
    struct FreeList {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };
    using List = std::unique_ptr<curl_slist, FreeList>;

    bool refuse(std::string why);
    bool prepare_headers(std::string_view host_header);
    bool prepare_target();
    void prepare_method();
    void prepare_limits();
    bool prepare_tls();
    [[nodiscard]] Timestamp certificate_not_after() const;
    bool take_header_line(std::string_view line);
    bool take_body(std::string_view bytes);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static curl_socket_t on_connect(void* self, curlsocktype purpose, curl_sockaddr* address);
    static int on_socket(void* self, curl_socket_t socket, curlsocktype purpose);

    EasyHandle m_easy;
    Request m_request;
    std::shared_ptr<const Route> m_route;
    Handler& m_handler;
    const std::string& m_user_agent;
    List m_headers;
    List m_connect_to;
    std::array<char, CURL_ERROR_SIZE> m_words{};
    std::string m_refusal;
    Head m_head;
    std::size_t m_head_bytes = 0;
    std::uint64_t m_body_bytes = 0;
    bool m_head_complete = false;
    bool m_denied = false;           ///< the last address that was tried is out of reach
    Cause m_own_cause = Cause::none; ///< why a callback of ours ended the transfer
    std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
};

} // namespace seaworthy::net
