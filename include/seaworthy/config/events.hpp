// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace seaworthy::config {

using std::chrono::milliseconds;

/// Written 512B, 900KiB, 256MiB, 1GiB.
struct ByteSize {
    std::uint64_t bytes = 0;
    bool operator==(const ByteSize&) const = default;
};

/// `events`: which changes become events.
struct Events {
    enum class Baseline { summary, emit, silent };
    enum class Heartbeat { every_audit, hourly, off };
    enum class MinSeverity { info, low, medium, high, critical };

    Baseline baseline = Baseline::summary; ///< of the first audit: events from `high` on, all of them, or none
    milliseconds settle{30'000};           ///< objects that changed more recently are looked at in the next audit
    int open_after = 1;                    ///< audits in a row that must show a finding before it is told
    int resolve_after = 2;                 ///< audits in a row that must pass before a finding is resolved
    int flap_transitions = 4;              ///< within flap_window: flapping
    milliseconds flap_window{3'600'000};
    milliseconds flap_quiet{1'800'000}; ///< without a change: flapping no more
    int storm_per_check = 50;           ///< findings of one check in one audit, above which one event stands for all
    Heartbeat heartbeat = Heartbeat::every_audit;
    milliseconds reminder_after{0}; ///< 0: none
    MinSeverity reminder_min_severity = MinSeverity::high;
    std::vector<std::string> labels;     ///< label keys of objects that events carry, * as wildcard
    milliseconds shutdown_flush{10'000}; ///< what sinks may take to send what is waiting at the end
};

/// `spool`: the database of findings' states and of events on their way.
struct Spool {
    std::string path; ///< empty: no database; without one no sinks
    ByteSize max_bytes{std::uint64_t{256} << 20U};
    milliseconds max_age{259'200'000};
    milliseconds history{7'776'000'000}; ///< 90 days
    std::string socket;                  ///< for `seaworthy sinks`; empty: beside the database

    [[nodiscard]] std::string socket_path() const { return socket.empty() ? path + ".sock" : socket; }
    bool operator==(const Spool&) const = default;
};

/// One of `sinks`. A member means something for the types that sink_keys() in config/tables.hpp names.
struct Sink {
    enum class Type { stdout_, file, splunk_hec, sumologic, syslog, webhook, elasticsearch, otlp, loki, sentinel, kafka };
    enum class Format { native, ocsf, ecs, cef, leef, cloudevents, json }; ///< native: the type's own
    enum class Protocol { tls, tcp };
    enum class SaslMechanism { plain, scram_sha_256, scram_sha_512 };

    std::string name;
    Type type = Type::stdout_;
    Format format = Format::native;

    // Where to.
    std::string path; ///< file
    std::string url;
    std::string url_file; ///< for URLs that are a secret (Sumo Logic)
    std::string address;  ///< syslog: host:port
    Protocol protocol = Protocol::tls;
    SaslMechanism sasl_mechanism = SaslMechanism::plain; ///< kafka
    std::vector<std::string> brokers;                    ///< kafka
    bool allow_http = false;                             ///< http:// and connections without TLS

    // Who we are, whom we trust.
    std::string token_file; ///< HEC token, Bearer token, API key
    std::string username;
    std::string password_file;
    std::string ca_file;
    std::string certificate_file;
    std::string key_file;
    std::string server_name;
    std::vector<std::string> hmac_secret_files; ///< webhook: the first signs, the others sign too while a secret is rotated
    std::string hub_signature_secret_file;      ///< webhook: X-Hub-Signature-256
    std::string client_id;                      ///< sentinel
    std::string tenant_id;
    std::string token_url; ///< sentinel; empty: Entra's

    // How it is called there.
    std::string index;                         ///< splunk_hec; elasticsearch: data stream
    std::string source;                        ///< splunk_hec; sumologic: X-Sumo-Name
    std::string sourcetype;                    ///< splunk_hec
    std::string host;                          ///< splunk_hec, sumologic
    std::string category;                      ///< sumologic
    std::string tenant;                        ///< loki: X-Scope-OrgID
    std::string rule_id;                       ///< sentinel: immutable id of the data collection rule
    std::string stream;                        ///< sentinel
    std::string topic;                         ///< kafka
    std::map<std::string, std::string> fields; ///< sumologic, splunk_hec: fields; loki: labels; otlp: resource attributes; webhook: headers
    std::string sd_id;                         ///< syslog: structured data's SD-ID; empty: none
    int facility = 13;                         ///< syslog: log audit (RFC 5424 §6.2.1)

    // Acknowledgement.
    bool ack = false; ///< splunk_hec: indexer acknowledgement
    milliseconds ack_timeout{300'000};
    milliseconds confirm_window{5'000}; ///< syslog
    milliseconds replay_window{30'000};

    // How much at once, how patient.
    int batch_events = 500;
    ByteSize batch_bytes{std::uint64_t{900} << 10U};
    milliseconds linger{2'000};
    bool gzip = true;
    ByteSize max_message{8'000}; ///< syslog
    milliseconds timeout{30'000};
    milliseconds retry_base{1'000};
    milliseconds retry_cap{300'000};
    int poison_attempts = 3;
    ByteSize max_file; ///< file: renamed to .1 beyond; 0: never (something else rotates it)

    // What it gets.
    Events::MinSeverity min_severity = Events::MinSeverity::info;
    std::vector<std::string> classes;    ///< finding, summary, health; empty: all
    std::vector<std::string> codes;      ///< event codes, * as wildcard; empty: all
    std::vector<std::string> controls;   ///< of findings; empty: all
    std::vector<std::string> checks;     ///< * as wildcard
    std::vector<std::string> namespaces; ///< * as wildcard; cluster-scoped findings pass only an empty list

    bool operator==(const Sink&) const = default;
};

} // namespace seaworthy::config
