// SPDX-License-Identifier: Apache-2.0
#include "net/transfer.hpp"

#include <charconv>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/address.hpp"
#include "net/cause.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::net {
namespace {

constexpr std::size_t k_max_head_bytes = 64U << 10U;
constexpr long k_receive_buffer_bytes = 256L << 10U;
constexpr long k_stall_bytes_per_second = 1024;
constexpr long k_keepalive_idle_seconds = 30;
constexpr long k_keepalive_interval_seconds = 10;
constexpr unsigned k_unacknowledged_milliseconds = 30'000;
constexpr long k_max_idle_connection_seconds = 80; // kube-apiserver closes idle connections after 90 s

const char* verb(Method method)
{
    switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
    }
    return "GET";
}

bool has_control_character(std::string_view text)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7F) return true;
    }
    return false;
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// The status of "HTTP/1.1 200 OK"; 0 for anything else.
int status_of(std::string_view line)
{
    const auto space = line.find(' ');
    int status = 0;
    if (line.substr(0, 5) != "HTTP/" || space == std::string_view::npos) return 0;
    std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
    return status;
}

curl_blob blob_of(const std::string& bytes)
{
    return {const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_COPY}; // NOLINT: libcurl's struct has no const; it copies
}

} // namespace

Transfer::Transfer(EasyHandle easy, Request request, Handler& handler, const std::string& user_agent)
    : m_easy(std::move(easy)), m_request(std::move(request)), m_route(m_request.route ? m_request.route : std::make_shared<const Route>()),
      m_handler(handler), m_user_agent(user_agent)
{}

bool Transfer::refuse(std::string why)
{
    m_refusal = std::move(why);
    return false;
}

bool Transfer::prepare()
{
    CURL* easy = m_easy.get();
    if (easy == nullptr) return refuse("out of memory");
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, m_words.data());
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &Transfer::on_socket);
    if (m_request.reach != Reach::any) {
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_connect);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    }
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)); // one list is faster over it than over HTTP/2
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    prepare_method();
    prepare_limits();
    return prepare_target() && prepare_tls();
}

void Transfer::prepare_method()
{
    CURL* easy = m_easy.get();
    if (m_request.method == Method::get) return;
    if (m_request.method == Method::head) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (m_request.method != Method::delete_ || !m_request.body.empty()) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(m_request.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, m_request.body.data());
    }
    if (m_request.method != Method::post) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, verb(m_request.method));
}

void Transfer::prepare_limits()
{
    CURL* easy = m_easy.get();
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // a resolver that hangs must not hold up a stop
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, k_receive_buffer_bytes);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(m_request.connect_timeout.count()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(m_request.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, k_stall_bytes_per_second);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>((m_request.stall_timeout.count() + 999) / 1000));
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, k_keepalive_idle_seconds);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, k_keepalive_interval_seconds);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, k_max_idle_connection_seconds);
}

bool Transfer::prepare_target()
{
    CURL* easy = m_easy.get();
    const auto url = parse_url(m_request.url);
    if (!url) return refuse(url.error().message);
    if (url->scheme != "https" && !(url->scheme == "http" && m_route->allow_plain_http)) {
        return refuse("\"" + printable(url->scheme, 32) + "\" is not allowed here, only https");
    }
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, m_route->allow_plain_http ? "https,http" : "https");

    std::string target = m_request.url;
    std::string host_header;
    if (url->scheme == "https" && !m_route->tls.server_name.empty()) {
        // The name to verify stands in the URL, the connection goes to the real host, and the Host header stays what it was.
        const std::string port = std::to_string(url->port);
        const auto at = target.find("://") + 3;
        const auto end = std::min(target.find_first_of("/?#", at), target.size());
        target.replace(at, end - at, m_route->tls.server_name + ":" + port);
        m_connect_to.reset(curl_slist_append(nullptr, (m_route->tls.server_name + ":" + port + ":" + url->host + ":" + port).c_str()));
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, m_connect_to.get());
        host_header = url->origin().substr(url->scheme.size() + 3);
    }
    curl_easy_setopt(easy, CURLOPT_URL, target.c_str());
    const bool direct = m_route->proxy.empty() || bypasses_proxy(m_route->no_proxy, url->host, url->port);
    curl_easy_setopt(easy, CURLOPT_PROXY, direct ? "" : m_route->proxy.c_str()); // "": not even from the environment
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    if (!m_route->unix_socket.empty()) curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, m_route->unix_socket.c_str());
    return prepare_headers(host_header);
}

bool Transfer::prepare_headers(std::string_view host_header)
{
    const auto add = [this](const std::string& line) {
        curl_slist* longer = curl_slist_append(m_headers.get(), line.c_str());
        if (longer == nullptr) return;
        (void)m_headers.release(); // the list keeps its head, so this is the same one
        m_headers.reset(longer);
    };
    for (const Header& header : m_request.headers) {
        if (has_control_character(header.name) || has_control_character(header.value)) {
            return refuse("the value of header " + printable(header.name, 64) + " holds a control character");
        }
        // libcurl leaves out "Name:" and sends an empty value for "Name;".
        add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
    if (!host_header.empty()) add("Host: " + std::string{host_header});
    add("Expect:");
    if (!m_request.accept_gzip) add("Accept-Encoding: identity");
    curl_easy_setopt(m_easy.get(), CURLOPT_ACCEPT_ENCODING, m_request.accept_gzip ? "gzip" : nullptr);
    curl_easy_setopt(m_easy.get(), CURLOPT_USERAGENT, m_user_agent.c_str());
    curl_easy_setopt(m_easy.get(), CURLOPT_HTTPHEADER, m_headers.get());
    return true;
}

bool Transfer::prepare_tls()
{
    CURL* easy = m_easy.get();
    const Tls& tls = m_route->tls;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
    bool accepted = true;
    const auto set_blob = [&](CURLoption option, const std::string& bytes) {
        const curl_blob blob = blob_of(bytes);
        accepted = accepted && curl_easy_setopt(easy, option, &blob) == CURLE_OK;
    };
    if (!tls.ca_pem.empty()) {
        set_blob(CURLOPT_CAINFO_BLOB, tls.ca_pem);
        curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr); // else the system's authorities stay trusted beside the given one
    }
    if (!tls.client_certificate.empty()) {
        set_blob(CURLOPT_SSLCERT_BLOB, tls.client_certificate);
        set_blob(CURLOPT_SSLKEY_BLOB, tls.client_key);
    }
    if (m_request.wants_certificate) {
        curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L); // a connection that is reused shows none
    }
    return accepted || refuse("the TLS settings cannot be used");
}

Outcome Transfer::outcome(CURLcode code) const
{
    Cause cause = m_own_cause != Cause::none ? m_own_cause : classify(m_easy.get(), code, m_words.data());
    if (code == CURLE_COULDNT_CONNECT && m_denied) cause = Cause::denied;
    std::string detail;
    if (code != CURLE_OK && m_own_cause == Cause::none) detail = m_words[0] != '\0' ? m_words.data() : curl_easy_strerror(code);
    Outcome result = outcome(cause, std::move(detail));
    curl_off_t wire_bytes = 0;
    curl_easy_getinfo(m_easy.get(), CURLINFO_SIZE_DOWNLOAD_T, &wire_bytes);
    result.wire_bytes = static_cast<std::uint64_t>(wire_bytes);
    if (m_request.wants_certificate) result.certificate_not_after = certificate_not_after();
    return result;
}

Timestamp Transfer::certificate_not_after() const
{
    constexpr std::string_view k_field = "Expire date:";
    curl_certinfo* chain = nullptr;
    curl_easy_getinfo(m_easy.get(), CURLINFO_CERTINFO, &chain);
    if (chain == nullptr || chain->num_of_certs < 1) return {};
    for (const auto* field = chain->certinfo[0]; field != nullptr; field = field->next) {
        const std::string_view text = field->data;
        if (!text.starts_with(k_field)) continue;
        const auto seconds = curl_getdate(field->data + k_field.size(), nullptr);
        return seconds < 0 ? Timestamp{} : Timestamp{seconds};
    }
    return {};
}

Outcome Transfer::outcome(Cause cause, std::string detail) const
{
    Outcome result;
    result.cause = cause;
    result.detail = printable(detail, 256); // may quote names from the server's certificate
    if (m_head_complete) result.head = m_head;
    result.body_bytes = m_body_bytes;
    result.elapsed = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - m_started);
    return result;
}

EasyHandle Transfer::release()
{
    curl_easy_reset(m_easy.get());
    return std::move(m_easy);
}

bool Transfer::take_header_line(std::string_view line)
{
    if (m_head_complete) return true; // trailers
    m_head_bytes += line.size();
    if (m_head_bytes > k_max_head_bytes) {
        m_own_cause = Cause::too_large;
        return false;
    }
    if (const int status = line.substr(0, 5) == "HTTP/" ? status_of(line) : 0; status != 0) {
        m_head = Head{status, {}};
        return true;
    }
    line = trimmed(line);
    if (!line.empty()) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return true;
        std::string name{trimmed(line.substr(0, colon))};
        for (char& c : name)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        m_head.headers.push_back({std::move(name), std::string{trimmed(line.substr(colon + 1))}});
        return true;
    }
    if (m_head.status < 200) return true; // 100 Continue, 103 Early Hints: the answer follows
    m_head_complete = true;
    if (m_handler.on_head(m_head) == Handler::Next::go_on) return true;
    m_own_cause = Cause::stopped;
    return false;
}

bool Transfer::take_body(std::string_view bytes)
{
    m_body_bytes += bytes.size();
    if (m_body_bytes > m_request.max_body_bytes) {
        m_own_cause = Cause::too_large;
        return false;
    }
    if (m_handler.on_data(bytes) == Handler::Next::go_on) return true;
    m_own_cause = Cause::stopped;
    return false;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self)
{
    return static_cast<Transfer*>(self)->take_header_line({data, size * count}) ? size * count : 0;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self)
{
    return static_cast<Transfer*>(self)->take_body({data, size * count}) ? size * count : 0;
}

curl_socket_t Transfer::on_connect(void* self, curlsocktype /*purpose*/, curl_sockaddr* address)
{
    auto& transfer = *static_cast<Transfer*>(self);
    if (allows(transfer.m_request.reach, address->addr)) {
        transfer.m_denied = false;
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    }
    transfer.m_denied = true;
    return CURL_SOCKET_BAD;
}

int Transfer::on_socket(void* /*self*/, curl_socket_t socket, curlsocktype /*purpose*/)
{
    // A path that died silently would otherwise keep a request waiting for TCP's own quarter of an hour.
    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &k_unacknowledged_milliseconds, sizeof k_unacknowledged_milliseconds);
    return CURL_SOCKOPT_OK;
}

} // namespace seaworthy::net
