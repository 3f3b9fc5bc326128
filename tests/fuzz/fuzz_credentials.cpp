// SPDX-License-Identifier: Apache-2.0
// What Secrets' neighbours hold in the open: tokens, Base64, certificates.
#include "controls/web_token.hpp"
#include "fuzz/fuzz_target.hpp"
#include "kube/base64.hpp"
#include "seaworthy/base/base64.hpp"
#include "seaworthy/base/certificate.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(credentials, input)
{
    static_cast<void>(controls::is_usable_web_token(input, parse_rfc3339("2026-11-22T04:00:00Z")));
    static_cast<void>(read_pem_certificates(input));
    static_cast<void>(kube::base64_decode(input));
    fuzz::require(kube::base64_decode(encode_base64(input)) == input);
}
