// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/ipv4.hpp"

#include <string>

#include <arpa/inet.h>

namespace seaworthy {

std::uint32_t parse_ipv4(std::string_view text)
{
    in_addr address{};
    return inet_pton(AF_INET, std::string{text}.c_str(), &address) == 1 ? ntohl(address.s_addr) : 0;
}

} // namespace seaworthy
