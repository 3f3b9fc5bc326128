// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kube/decode/api_answers.hpp"
#include "seaworthy/model/gap.hpp"
#include "seaworthy/net/client.hpp"

namespace seaworthy::kube {

/// What is asked of the API server, once.
struct ApiRequest {
    net::Method method = net::Method::get;
    std::string path; ///< begins with '/', query included
    std::string accept = "application/json";
    std::string body;              ///< JSON
    std::string_view verb = "get"; ///< for metrics
    std::uint64_t max_body_bytes = 16U << 20U;
};

/// Why a request came to nothing.
struct ReadFailure {
    model::Reason reason = model::Reason::unavailable;
    std::string message; ///< printable
    int status = 0;      ///< of the last answer; 0: there was none
    net::Cause cause = net::Cause::none;
    net::Outcome outcome; ///< of the last attempt, where `cause` is set
};

/// No whole answer came; `url` is left out of the message but for its host.
[[nodiscard]] ReadFailure transport_failure(const std::string& url, const net::Outcome& outcome);
/// An answer that is none.
[[nodiscard]] ReadFailure refusal(int status, const StatusAnswer& answer);

/// One question to the API server, which may take several attempts. Made once, asked by an ApiLoop, then gone.
class Exchange {
public:
    using Next = net::Handler::Next;

    virtual ~Exchange() = default;

    /// Before each attempt: what to send. Earlier bytes of a body are void.
    virtual ApiRequest request() = 0;
    /// Statuses whose body is the answer; the rest are failures.
    [[nodiscard]] virtual bool accepts(int status) const { return status >= 200 && status < 300; }
    virtual Next take_body(std::string_view bytes) = 0;
    /// The whole answer has arrived. A failure is tried again like one of the network.
    virtual std::optional<ReadFailure> finish(const net::Head& head) = 0;
    /// An answer that is not accepted and not transient. True: the exchange has changed itself and asks again at once.
    virtual bool recover(int /*status*/, const StatusAnswer& /*answer*/) { return false; }
    /// A transient failure: true if asking again can give a whole answer.
    virtual bool can_retry() { return true; }
    /// take_body() said abort: why. A failure is final; none: the answer is not wanted any more, and nothing else happens.
    virtual std::optional<ReadFailure> aborted() { return std::nullopt; }
    /// All attempts failed.
    virtual void give_up(const ReadFailure& failure) = 0;

    /// Lower ones start first.
    [[nodiscard]] virtual int priority() const { return 1; }
    /// False: others first. Must become true when nothing of the same kind is under way.
    [[nodiscard]] virtual bool may_start() const { return true; }
    /// Nobody wants the answer any more.
    [[nodiscard]] virtual bool abandoned() const { return false; }
    /// False: a server that cannot be reached is reported at once. For first contact, where a person waits.
    [[nodiscard]] virtual bool patient() const { return true; }
};

/// A small answer that is gathered whole.
class SmallExchange : public Exchange {
public:
    explicit SmallExchange(ApiRequest request) : m_request(std::move(request)) {}

    ApiRequest request() override
    {
        m_body.clear();
        return m_request;
    }
    Next take_body(std::string_view bytes) override
    {
        m_body += bytes;
        return Next::go_on;
    }

protected:
    [[nodiscard]] const std::string& body() const { return m_body; }
    [[nodiscard]] ApiRequest& question() { return m_request; }

private:
    ApiRequest m_request;
    std::string m_body;
};

} // namespace seaworthy::kube
