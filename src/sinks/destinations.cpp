// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/sinks/sinks.hpp"
#include "sinks/dialect.hpp"
#include "sinks/hec.hpp"
#include "sinks/http_transport.hpp"
#include "sinks/kafka.hpp"
#include "sinks/lines.hpp"
#include "sinks/sentinel.hpp"
#include "sinks/syslog.hpp"

namespace seaworthy::sinks {

Result<std::unique_ptr<Transport>> make_transport(const config::Sink& sink, const std::string& user_agent)
{
    using enum config::Sink::Type;
    switch (sink.type) {
    case stdout_: return make_stdout(sink);
    case file: return make_file(sink);
    case splunk_hec: return std::make_unique<Hec>(sink, user_agent);
    case webhook: return make_http(sink, k_webhook, user_agent);
    case sumologic: return make_http(sink, k_sumologic, user_agent);
    case elasticsearch: return make_http(sink, k_elasticsearch, user_agent);
    case otlp: return make_http(sink, k_otlp, user_agent);
    case loki: return make_http(sink, k_loki, user_agent);
    case syslog: return std::make_unique<Syslog>(sink);
    case sentinel: return std::make_unique<Sentinel>(sink, user_agent);
    case kafka: return make_kafka(sink);
    }
    return failure(Error::Kind::internal, "no such type of sink");
}

} // namespace seaworthy::sinks
