// SPDX-License-Identifier: Apache-2.0
#include "probe/error_name.hpp"

namespace seaworthy::probe {

std::string_view error_name(net::Cause cause)
{
    switch (cause) {
    case net::Cause::unreachable:
    case net::Cause::invalid:
    case net::Cause::denied: return "refused";
    case net::Cause::truncated:
    case net::Cause::protocol:
    case net::Cause::too_large:
    case net::Cause::proxy: return "reset";
    case net::Cause::tls_client:
    case net::Cause::tls_other: return "tls_untrusted";
    default: return net::name(cause);
    }
}

} // namespace seaworthy::probe
