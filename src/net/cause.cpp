// SPDX-License-Identifier: Apache-2.0
#include "net/cause.hpp"

#include <cerrno>
#include <string>

#include "seaworthy/net/url.hpp"

namespace seaworthy::net {
namespace {

// OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED, which CURLINFO_SSL_VERIFYRESULT hands on.
constexpr long k_certificate_not_yet_valid = 9;
constexpr long k_certificate_expired = 10;

bool says(std::string_view words, std::string_view phrase)
{
    return words.find(phrase) != std::string_view::npos;
}

/// TLS 1.3 servers refuse a client certificate after the handshake, so the alert may arrive as a failed read.
bool refuses_our_certificate(std::string_view words)
{
    return says(words, "certificate required") || says(words, "alert bad certificate") || says(words, "alert unknown ca") ||
           says(words, "alert certificate") || says(words, "alert handshake failure");
}

Cause classify_connect(CURL* easy, std::string_view words)
{
    long os_error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
    switch (os_error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EACCES: return Cause::unreachable;
    case ETIMEDOUT: return Cause::timeout;
    default: return says(words, "imed out") || says(words, "timeout") ? Cause::timeout : Cause::refused;
    }
}

Cause classify_verification(CURL* easy, std::string_view words)
{
    long result = 0;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
    if (result == k_certificate_expired || result == k_certificate_not_yet_valid || says(words, "has expired")) return Cause::tls_expired;
    if (says(words, "subject name") || says(words, "does not match")) return Cause::tls_name;
    return Cause::tls_untrusted;
}

Cause classify_handshake(std::string_view words)
{
    // What a plain HTTP answer looks like to a TLS client.
    if (says(words, "wrong version number") || says(words, "http request") || says(words, "packet length too long")) return Cause::plain_http;
    if (refuses_our_certificate(words)) return Cause::tls_client;
    // An authority of the right name but with another key (two clusters' "kubernetes") fails in the signature's arithmetic.
    if (says(words, "asn1 encoding routines") || says(words, "rsa routines") || says(words, "::RSA lib") || says(words, "::EVP lib"))
        return Cause::tls_untrusted;
    if (says(words, "SSL_ERROR_SYSCALL") || says(words, "Connection reset") || says(words, "unexpected eof")) return Cause::reset;
    return Cause::tls_other;
}

struct Story {
    std::string_view what; ///< follows "cannot reach HOST: "
    std::string_view hint;
    Error::Kind kind = Error::Kind::unreachable;
};

Story story_of(Cause cause)
{
    using Kind = Error::Kind;
    switch (cause) {
    case Cause::none: return {"no error", "", Kind::internal};
    case Cause::stopped: return {"it was stopped", "", Kind::cancelled};
    case Cause::dns: return {"the host name cannot be resolved", "Check the server's name and this machine's DNS, or the VPN that it needs."};
    case Cause::refused: return {"the connection was refused", "Check that the server runs and that the port is right."};
    case Cause::unreachable: return {"there is no route to the host", "Check the network, the VPN and the firewall between here and there."};
    case Cause::reset:
        return {"the connection was closed by the other side", "Check the server's health and what stands in between (proxy, load balancer)."};
    case Cause::timeout: return {"it did not answer in time", "Check the network path (VPN, firewall); a slow server may need a longer time-out."};
    case Cause::truncated: return {"the answer broke off", "Try again; if it persists look at proxies and time-outs in between.", Kind::protocol};
    case Cause::tls_untrusted:
        return {"its certificate is not signed by a trusted authority", "Give the right certificate authority for this server."};
    case Cause::tls_expired: return {"its certificate has expired or is not valid yet", "Renew the server's certificate, and check both clocks."};
    case Cause::tls_name: return {"its certificate is for another name", "Use a name that the certificate holds, or set the TLS server name."};
    case Cause::tls_client: return {"the client certificate was not accepted", "Renew the client certificate, and check that its key belongs to it."};
    case Cause::tls_other: return {"the TLS handshake failed", "Check that the server speaks TLS 1.2 or newer."};
    case Cause::plain_http: return {"it speaks plain HTTP, not TLS", "Check the port, or write http:// if that is meant."};
    case Cause::proxy: return {"the proxy did not let the connection through", "Check the proxy's address and credentials."};
    case Cause::too_large: return {"the answer is larger than allowed", "", Kind::protocol};
    case Cause::invalid: return {"the request cannot be sent", "Check the URL, and the credentials for stray characters.", Kind::usage};
    case Cause::denied: return {"its address is not one that may be asked", "Name the host in the configuration if it is meant.", Kind::usage};
    case Cause::protocol: return {"the answer is no proper HTTP", "Check that the URL leads to the server that is meant.", Kind::protocol};
    }
    return {};
}

} // namespace

std::string_view name(Cause cause)
{
    switch (cause) {
    case Cause::none: return "";
    case Cause::stopped: return "stopped";
    case Cause::dns: return "dns";
    case Cause::refused: return "refused";
    case Cause::unreachable: return "unreachable";
    case Cause::reset: return "reset";
    case Cause::timeout: return "timeout";
    case Cause::truncated: return "truncated";
    case Cause::tls_untrusted: return "tls_untrusted";
    case Cause::tls_expired: return "tls_expired";
    case Cause::tls_name: return "tls_name";
    case Cause::tls_client: return "tls_client";
    case Cause::tls_other: return "tls_other";
    case Cause::plain_http: return "plain_http";
    case Cause::proxy: return "proxy";
    case Cause::too_large: return "too_large";
    case Cause::invalid: return "invalid";
    case Cause::protocol: return "protocol";
    case Cause::denied: return "denied";
    }
    return "";
}

Cause classify(CURL* easy, CURLcode code, std::string_view words)
{
    switch (code) {
    case CURLE_OK: return Cause::none;
    case CURLE_COULDNT_RESOLVE_HOST: return Cause::dns;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY: return Cause::proxy;
    case CURLE_COULDNT_CONNECT: return classify_connect(easy, words);
    case CURLE_OPERATION_TIMEDOUT: return Cause::timeout;
    case CURLE_SSL_CONNECT_ERROR: return classify_handshake(words);
    case CURLE_PEER_FAILED_VERIFICATION: return classify_verification(easy, words);
    case CURLE_SSL_CACERT_BADFILE: return Cause::tls_untrusted;
    case CURLE_SSL_CERTPROBLEM: return Cause::tls_client;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return refuses_our_certificate(words) ? Cause::tls_client : says(words, "CONNECT tunnel") ? Cause::proxy : Cause::reset;
    case CURLE_PARTIAL_FILE: return Cause::truncated;
    case CURLE_URL_MALFORMAT: return Cause::invalid;
    case CURLE_UNSUPPORTED_PROTOCOL: return says(words, "HTTP/0.9") ? Cause::protocol : Cause::invalid;
    case CURLE_ABORTED_BY_CALLBACK: return Cause::stopped;
    default: return Cause::protocol;
    }
}

Error describe(std::string_view url, const Outcome& outcome)
{
    const auto parsed = parse_url(url);
    const Story story = story_of(outcome.cause);
    std::string message = "cannot reach " + (parsed ? parsed->origin() : std::string{"the server"}) + ": " + std::string{story.what};
    if (!outcome.detail.empty()) message += " (" + outcome.detail + ")";
    return Error{story.kind, std::move(message), std::string{story.hint}};
}

} // namespace seaworthy::net
