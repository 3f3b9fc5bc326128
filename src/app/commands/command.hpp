// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "app/terminal.hpp"
#include "seaworthy/base/error.hpp"

namespace CLI {
class App;
}

namespace seaworthy::app {

/// interfaces.md: what scripts may rely on.
enum class ExitCode : int {
    ok = 0,
    failed = 1,     ///< could not audit, or could not do what was asked
    usage = 2,      ///< wrong usage or configuration
    finding = 3,    ///< a finding at or above --fail-on
    score = 4,      ///< the score is below --min-score
    unobserved = 5, ///< something could not be observed and --strict was given
};

/// What commands work with: the streams of the process and the place where the chosen command leaves what it will do.
struct Session {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    Terminal terminal;
    std::function<ExitCode()> action; ///< set while the arguments are parsed, called afterwards

    /// One line on standard error: "seaworthy: MESSAGE", and the hint on a second one. Gives the exit code that fits.
    ExitCode complain(const Error& error) const;
    void note(std::string_view message) const;
};

// Each adds one command with its flags; the command's file says what it does.
void add_serve(CLI::App& root, Session& session);
void add_audit(CLI::App& root, Session& session);
void add_audit_diff(CLI::App& audit, Session& session);
void add_demo(CLI::App& root, Session& session);
void add_capture(CLI::App& root, Session& session);
void add_controls(CLI::App& root, Session& session);
void add_rbac(CLI::App& root, Session& session);
void add_config(CLI::App& root, Session& session);
void add_metrics(CLI::App& root, Session& session);
void add_exemptions(CLI::App& root, Session& session);
void add_node_probe(CLI::App& root, Session& session);
void add_sinks(CLI::App& root, Session& session);
void add_version(CLI::App& root, Session& session);
void add_completion(CLI::App& root, Session& session);
void add_man(CLI::App& root, Session& session);

/// A command with `examples` at the top of its help.
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description, const std::string& examples);

} // namespace seaworthy::app
