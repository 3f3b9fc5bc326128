// SPDX-License-Identifier: Apache-2.0
#include "app/rbac.hpp"

#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "app/commands/command.hpp"
#include "app/configuration.hpp"

namespace seaworthy::app {

void add_rbac(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "rbac", "Print the least rights that an audit needs",
                                "  seaworthy rbac | kubectl apply -f -\n"
                                "  seaworthy rbac --with CM                     and the few ConfigMaps that checks read by name\n"
                                "  seaworthy rbac --namespaced --audit shop     Roles in one namespace in place of the ClusterRole");
    struct Flags {
        RbacOptions options;
        std::string format = "yaml";
        std::string config;
    };
    auto flags = std::make_shared<Flags>();
    command.add_option("-o,--output", flags->format, "yaml")->check(CLI::IsMember({"yaml"}))->type_name("FORMAT");
    command.add_option("--with", flags->options.with, "Optional grant to include: CM, CMA, SE or ME; may be repeated")
        ->type_name("GRANT")
        ->delimiter(',')
        ->allow_extra_args(false);
    command.add_flag("--namespaced", flags->options.namespaced, "Roles in place of the ClusterRole, for an audit of single namespaces");
    command.add_option("--audit", flags->options.audited, "With --namespaced: a namespace to audit; may be repeated (default: that of -n)")
        ->type_name("NAMESPACE")
        ->delimiter(',')
        ->allow_extra_args(false);
    command.add_option("-n,--namespace", flags->options.ns, "Namespace in which Seaworthy runs")->type_name("NAMESPACE")->capture_default_str();
    command.add_option("--name", flags->options.name, "Name of the ServiceAccount and the roles")->type_name("NAME")->capture_default_str();
    add_config_flag(command, flags->config);
    command.callback([&session, flags] {
        session.action = [&session, flags] {
            const auto config = load_configuration(flags->config);
            if (!config) return session.complain(config.error());
            const auto manifests = rbac_manifests(*config, flags->options);
            if (!manifests) return session.complain(manifests.error());
            session.out << *manifests;
            return ExitCode::ok;
        };
    });
}

} // namespace seaworthy::app
