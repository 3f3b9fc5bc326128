// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/certificate.hpp"

#include <catch2/catch.hpp>

using namespace seaworthy;

namespace {

// Self-signed, Ed25519, CN=test, valid through the year 2026.
constexpr std::string_view k_certificate = R"(-----BEGIN CERTIFICATE-----
MIHJMH2gAwIBAgIBATAFBgMrZXAwDzENMAsGA1UEAwwEdGVzdDAeFw0yNjAxMDEw
MDAwMDBaFw0yNzAxMDEwMDAwMDBaMA8xDTALBgNVBAMMBHRlc3QwKjAFBgMrZXAD
IQDM99gwzlcNM/L0xiaMe6Xw7ljSLqmCUjyl7/Rk45/v+TAFBgMrZXADQQC4UeRb
GGCCwDo8fCB7LnZKMd2IeoGufoSbzcO8pw2jf+RizcxNmYgERD1X/opoAejo2hb2
lKZtHEOIdYrv1eAP
-----END CERTIFICATE-----
)";

} // namespace

TEST_CASE("a PEM bundle gives the validity of each of its certificates", "[certificate]")
{
    const auto certificates = read_pem_certificates(std::string{"# a comment\n"} + std::string{k_certificate} + std::string{k_certificate});

    REQUIRE(certificates.size() == 2);
    CHECK(format_rfc3339(certificates[0].not_before) == "2026-01-01T00:00:00Z");
    CHECK(format_rfc3339(certificates[1].not_after) == "2027-01-01T00:00:00Z");
}

TEST_CASE("what is no certificate gives none", "[certificate]")
{
    CHECK(read_pem_certificates("").empty());
    CHECK(read_pem_certificates("no PEM at all").empty());
    CHECK(read_pem_certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").empty());
    CHECK(read_pem_certificates("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").empty());
}
