// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "kube/kubeconfig_file.hpp"
#include "seaworthy/base/error.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::kube {

/// A file whose content changes while the program runs: a rotated token, a renewed certificate.
/// Read when first asked for and then at most every minute; while it cannot be read the last content stays (client-go transport/token_source.go).
class WatchedFile {
public:
    enum class Trim { no, yes };
    WatchedFile(std::string path, Trim trim) : m_path(std::move(path)), m_trim(trim) {}

    /// The content; an error only if there never was one. An empty file counts as unreadable.
    [[nodiscard]] Result<std::string> content(std::chrono::system_clock::time_point now);
    /// The next content() reads the file.
    void expire() { m_next_read = {}; }
    /// Failed reads since the last call, while an older content could stand in.
    [[nodiscard]] std::uint64_t take_failures() { return std::exchange(m_failures, 0); }
    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    std::string m_path;
    Trim m_trim;
    std::string m_content;
    std::chrono::system_clock::time_point m_next_read{};
    std::uint64_t m_failures = 0;
};

/// What a user entry amounts to at the moment.
struct Credential {
    std::string authorization; ///< value of the header; empty: none
    std::string certificate;   ///< PEM
    std::string key;           ///< PEM
};

/// What an exec plugin may be told about the cluster, and what it is run with.
struct ExecSetting {
    ExecEntry entry;
    std::string user;         ///< for messages
    std::string cluster_json; ///< spec.cluster of ExecCredential; empty: not told
    bool terminal = false;    ///< standard input can be handed on
    std::chrono::milliseconds timeout{60'000};
};

/// An exec plugin and the credential that it gave, kept until it expires (client-go plugin/pkg/client/auth/exec).
class ExecPlugin {
public:
    explicit ExecPlugin(ExecSetting setting) : m_setting(std::move(setting)) {}

    /// Runs the plugin if there is no credential, it has expired, or it was refused. A failed renewal is an error only
    /// where the old credential no longer holds.
    [[nodiscard]] Result<Credential> credential(std::chrono::system_clock::time_point now, const std::stop_token& stop);
    /// The server refused the credential.
    void expire() { m_refused = true; }
    [[nodiscard]] std::uint64_t take_failures() { return std::exchange(m_failures, 0); }

private:
    [[nodiscard]] Result<Credential> run(const std::stop_token& stop);

    ExecSetting m_setting;
    std::optional<Credential> m_credential;
    Timestamp m_expires;
    bool m_refused = false;
    std::uint64_t m_failures = 0;
};

} // namespace seaworthy::kube
