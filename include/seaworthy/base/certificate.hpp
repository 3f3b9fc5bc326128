// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/timestamp.hpp"

namespace seaworthy {

/// From when until when an X.509 certificate is valid (RFC 5280, 4.1.2.5).
struct CertificateValidity {
    Timestamp not_before;
    Timestamp not_after;
};

/// The certificates of a PEM bundle in their order, other PEM blocks left out; reading ends at the first broken certificate and after
/// 256 of them. Empty where there is none. Signatures and names are not looked at.
[[nodiscard]] std::vector<CertificateValidity> read_pem_certificates(std::string_view pem);

} // namespace seaworthy
