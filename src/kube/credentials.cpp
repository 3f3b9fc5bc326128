// SPDX-License-Identifier: Apache-2.0
#include "kube/credentials.hpp"

#include "kube/decode/api_answers.hpp"
#include "kube/process.hpp"
#include "seaworthy/base/file_content.hpp"
#include "seaworthy/base/json_text.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::kube {
namespace {

constexpr std::chrono::seconds k_reread_interval{60};

std::string trimmed(std::string text)
{
    const auto last = text.find_last_not_of(" \t\r\n");
    text.erase(last == std::string::npos ? 0 : last + 1);
    text.erase(0, text.find_first_not_of(" \t\r\n"));
    return text;
}

std::string exec_information(const ExecSetting& setting, bool interactive)
{
    std::string spec = interactive ? R"({"interactive":true)" : R"({"interactive":false)";
    if (!setting.cluster_json.empty()) spec += ",\"cluster\":" + setting.cluster_json;
    return R"({"kind":"ExecCredential","apiVersion":)" + json_quote(setting.entry.api_version) + ",\"spec\":" + spec + "}}";
}

Result<Credential> usable(const ExecCredentialAnswer& answer, const std::string& wanted_version)
{
    const auto refuse = [](const std::string& why) { return failure(Error::Kind::unauthorized, why); };
    if (answer.kind != "ExecCredential") return refuse("its output is no ExecCredential");
    if (answer.api_version != wanted_version) return refuse("it answered in " + printable(answer.api_version, 64) + " instead of " + wanted_version);
    if (!answer.has_status) return refuse("its ExecCredential has no status");
    if (answer.certificate.empty() != answer.key.empty()) return refuse("it gave a certificate without its key, or the key without the certificate");
    if (answer.token.empty() && answer.certificate.empty()) return refuse("it gave neither a token nor a certificate");
    return Credential{answer.token.empty() ? std::string{} : "Bearer " + answer.token, answer.certificate, answer.key};
}

} // namespace

Result<std::string> WatchedFile::content(std::chrono::system_clock::time_point now)
{
    if (now < m_next_read) return m_content;
    auto text = read_file(m_path);
    if (text && m_trim == Trim::yes) *text = trimmed(std::move(*text));
    if (text && text->empty()) text = failure(Error::Kind::invalid_input, printable(m_path) + " is empty", "Write the credential into the file.");
    m_next_read = now + k_reread_interval;
    if (text) {
        m_content = std::move(*text);
        return m_content;
    }
    if (m_content.empty()) return text;
    ++m_failures;
    return m_content;
}

Result<Credential> ExecPlugin::credential(std::chrono::system_clock::time_point now, const std::stop_token& stop)
{
    const Timestamp clock{std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()};
    const bool expired = m_expires.known() && m_expires <= clock;
    if (m_credential && !expired && !m_refused) return *m_credential;
    auto fresh = run(stop);
    if (fresh) {
        m_refused = false;
        m_credential = *fresh;
        return fresh;
    }
    ++m_failures;
    if (m_credential && !expired) return *m_credential;
    return fresh;
}

Result<Credential> ExecPlugin::run(const std::stop_token& stop)
{
    const ExecEntry& entry = m_setting.entry;
    const std::string who = "the exec plugin " + printable(entry.command) + " of user \"" + printable(m_setting.user) + "\"";
    if (entry.interactive == InteractiveMode::always && !m_setting.terminal) {
        return failure(Error::Kind::unauthorized, who + " needs a terminal (interactiveMode Always)",
                       "Log in from a terminal, or use a service account.");
    }
    const bool interactive = m_setting.terminal && entry.interactive != InteractiveMode::never;
    Command command{entry.command, entry.args, entry.env, interactive, m_setting.timeout};
    command.environment.emplace_back("KUBERNETES_EXEC_INFO", exec_information(m_setting, interactive));

    const auto output = run_program(command, stop);
    if (!output) {
        const bool missing = output.error().kind == Error::Kind::not_found;
        std::string hint =
            missing && !entry.install_hint.empty() ? printable(entry.install_hint, 1024) : "Run it by hand to see why; logging in again often helps.";
        const auto kind = output.error().kind == Error::Kind::cancelled ? Error::Kind::cancelled : Error::Kind::unauthorized;
        return failure(kind, who + ": " + output.error().message, std::move(hint));
    }
    const auto answer = parse_exec_credential(*output);
    auto credential = answer ? usable(*answer, entry.api_version) : Result<Credential>{tl::make_unexpected(answer.error())};
    if (!credential) return failure(Error::Kind::unauthorized, who + ": " + credential.error().message, "Check the plugin's version and settings.");
    m_expires = answer->expires;
    return credential;
}

} // namespace seaworthy::kube
