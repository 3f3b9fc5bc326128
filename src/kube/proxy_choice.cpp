// SPDX-License-Identifier: Apache-2.0
#include "kube/proxy_choice.hpp"

#include "seaworthy/base/printable.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::kube {

void use_proxy(ConnectionPlan& plan, const std::string& url)
{
    constexpr std::string_view k_socks = "socks5://";
    plan.proxy = url;
    if (url.substr(0, k_socks.size()) == k_socks) plan.proxy = "socks5h" + url.substr(k_socks.size() - 3); // the proxy resolves names, as in Go
}

void use_environment_proxy(ConnectionPlan& plan, const Surroundings& surroundings)
{
    const auto variable = [&](const char* upper, const char* lower) {
        auto value = surroundings.variable(upper).value_or("");
        return value.empty() ? surroundings.variable(lower).value_or("") : value;
    };
    if (net::is_loopback(plan.server.host)) return;
    const std::string proxy = plan.server.scheme == "https" ? variable("HTTPS_PROXY", "https_proxy") : variable("HTTP_PROXY", "http_proxy");
    if (proxy.empty()) return;
    use_proxy(plan, proxy.find("://") == std::string::npos ? "http://" + proxy : proxy);
    plan.no_proxy = variable("NO_PROXY", "no_proxy");
}

Result<void> check_proxy(const ConnectionPlan& plan, const std::string& where)
{
    if (plan.proxy.empty()) return {};
    const auto url = net::parse_url(plan.proxy);
    if (!url)
        return failure(Error::Kind::usage, where + ": " + url.error().message, "Write http://host:port, https://host:port or socks5://host:port.");
    if (url->scheme == "http" || url->scheme == "https" || url->scheme == "socks5h") return {};
    return failure(Error::Kind::usage, where + ": scheme \"" + printable(url->scheme, 32) + "\" is not supported", "Use http, https or socks5.");
}

} // namespace seaworthy::kube
