// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>

using namespace seaworthy::net;

namespace {

bool may(Reach reach, const char* text)
{
    sockaddr_storage storage{};
    auto* four = reinterpret_cast<sockaddr_in*>(&storage); // NOLINT: the sockets API
    auto* six = reinterpret_cast<sockaddr_in6*>(&storage); // NOLINT: the sockets API
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
    } else {
        REQUIRE(inet_pton(AF_INET6, text, &six->sin6_addr) == 1);
        six->sin6_family = AF_INET6;
    }
    return allows(reach, *reinterpret_cast<const sockaddr*>(&storage)); // NOLINT: the sockets API
}

} // namespace

TEST_CASE("metadata services and link-local addresses are out of every bounded reach")
{
    for (const auto* text : {"169.254.169.254", "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fe80::1", "fd00:ec2::254",
                             "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"}) {
        INFO(text);
        CHECK_FALSE(may(Reach::no_metadata, text));
        CHECK_FALSE(may(Reach::global, text));
        CHECK(may(Reach::any, text));
    }
}

TEST_CASE("private, shared and loopback addresses are in reach for configured hosts alone")
{
    for (const auto* text : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1", "::1", "fd12::1", "fc00::1",
                             "::ffff:10.0.0.1", "0.0.0.0", "::", "198.18.0.1", "198.19.255.255", "224.0.0.1", "255.255.255.255", "ff02::1"}) {
        INFO(text);
        CHECK(may(Reach::no_metadata, text));
        CHECK_FALSE(may(Reach::global, text));
    }
}

TEST_CASE("everything else is global")
{
    for (const auto* text :
         {"8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2002:808:808::1"}) {
        INFO(text);
        CHECK(may(Reach::global, text));
    }
}
