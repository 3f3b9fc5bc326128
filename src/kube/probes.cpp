// SPDX-License-Identifier: Apache-2.0
#include "kube/probes.hpp"

#include "kube/decode/api_answers.hpp"
#include "seaworthy/base/json_text.hpp"

namespace seaworthy::kube {
namespace {

constexpr std::string_view k_access_review = "selfsubjectaccessreview:";
constexpr std::string_view k_rules_review = "selfsubjectrulesreview:";
constexpr std::string_view k_endpoint = "apiserver:";
constexpr std::uint64_t k_max_endpoint_bytes = 32ULL << 20U; // the metrics of a large API server

/// The names that a probe's `error` may have (interfaces.md).
std::string_view probe_error(net::Cause cause)
{
    switch (cause) {
    case net::Cause::unreachable: return "refused";
    case net::Cause::truncated:
    case net::Cause::protocol:
    case net::Cause::too_large:
    case net::Cause::proxy: return "reset";
    case net::Cause::tls_client:
    case net::Cause::tls_other: return "tls_untrusted";
    default: return net::name(cause);
    }
}

/// Every status is an answer here, as it is for a probe of any other host; but a 401 renews the credentials first.
class Probe final : public SmallExchange {
public:
    enum class Body { whole, review_status };

    Probe(ApiRequest request, std::string url, Body kind, model::Inventory& inventory)
        : SmallExchange(std::move(request)), m_url(std::move(url)), m_kind(kind), m_inventory(inventory)
    {}

    [[nodiscard]] bool accepts(int status) const override { return status != 401 && status != 429; }

    std::optional<ReadFailure> finish(const net::Head& head) override
    {
        model::ProbeAnswer answer;
        answer.status = head.status;
        answer.body = body();
        if (m_kind == Body::review_status) {
            auto status = parse_review_status(body());
            answer.body = status ? std::move(*status) : std::string{};
        }
        keep(std::move(answer));
        return std::nullopt;
    }

    void give_up(const ReadFailure& failure) override
    {
        model::ProbeAnswer answer;
        if (failure.cause == net::Cause::none)
            answer.status = failure.status;
        else
            answer.error = probe_error(failure.cause);
        keep(std::move(answer));
    }

private:
    void keep(model::ProbeAnswer answer)
    {
        answer.at = m_inventory.taken_at;
        m_inventory.probes[m_url].push_back(std::move(answer));
    }

    std::string m_url;
    Body m_kind;
    model::Inventory& m_inventory;
};

ApiRequest review(const char* resource, const char* kind, const std::string& spec)
{
    ApiRequest request;
    request.method = net::Method::post;
    request.verb = "create";
    request.path = std::string{"/apis/authorization.k8s.io/v1/"} + resource;
    request.body = R"({"apiVersion":"authorization.k8s.io/v1","kind":")" + std::string{kind} + R"(","spec":{)" + spec + "}}";
    return request;
}

} // namespace

std::optional<ApiRequest> review_request(std::string_view url)
{
    if (url.substr(0, k_rules_review.size()) == k_rules_review) {
        const auto ns = url.substr(k_rules_review.size());
        return review("selfsubjectrulesreviews", "SelfSubjectRulesReview", "\"namespace\":" + json_quote(ns));
    }
    if (url.substr(0, k_access_review.size()) != k_access_review) return std::nullopt;
    const auto rest = url.substr(k_access_review.size());
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto verb = rest.substr(0, slash);
    auto resource = rest.substr(slash + 1);
    std::string_view ns;
    if (const auto second = resource.find('/'); second != std::string_view::npos) {
        ns = resource.substr(second + 1);
        resource = resource.substr(0, second);
    }
    const auto dot = resource.find('.');
    const auto group = dot == std::string_view::npos ? std::string_view{} : resource.substr(dot + 1);
    std::string attributes =
        "\"verb\":" + json_quote(verb) + ",\"group\":" + json_quote(group) + ",\"resource\":" + json_quote(resource.substr(0, dot));
    if (!ns.empty()) attributes += ",\"namespace\":" + json_quote(ns);
    return review("selfsubjectaccessreviews", "SelfSubjectAccessReview", "\"resourceAttributes\":{" + attributes + "}");
}

std::optional<ApiRequest> endpoint_request(std::string_view url)
{
    if (url.substr(0, k_endpoint.size()) != k_endpoint || url.substr(k_endpoint.size(), 1) != "/") return std::nullopt;
    ApiRequest request;
    request.path = url.substr(k_endpoint.size());
    request.accept = "text/plain, */*;q=0.5";
    request.max_body_bytes = k_max_endpoint_bytes;
    return request;
}

void start_probes(ApiLoop& loop, model::Inventory& inventory, const std::vector<std::string>& urls)
{
    for (const std::string& url : urls) {
        if (auto request = review_request(url))
            loop.add(std::make_unique<Probe>(std::move(*request), url, Probe::Body::review_status, inventory));
        else if (auto endpoint = endpoint_request(url))
            loop.add(std::make_unique<Probe>(std::move(*endpoint), url, Probe::Body::whole, inventory));
    }
}

} // namespace seaworthy::kube
