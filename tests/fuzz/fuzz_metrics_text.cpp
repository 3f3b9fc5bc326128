// SPDX-License-Identifier: Apache-2.0
// The API server's metrics, as they were scraped.
#include "controls/api_server_metrics.hpp"
#include "fuzz/fuzz_target.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(metrics_text, input)
{
    model::ProbeAnswer scrape;
    scrape.status = 200;
    scrape.body = input;
    for (const auto& sample : controls::api_server_samples(scrape, "apiserver_audit_event_total"))
        static_cast<void>(sample.label("verb"));
}
