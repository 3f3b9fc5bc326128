// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"

namespace seaworthy::app {

namespace {

/// A command as completion sees it: "seaworthy controls list", its subcommands and its flags.
struct Place {
    std::string path;
    std::vector<std::string> words;
    std::vector<std::pair<std::string, std::string>> flags; ///< with descriptions
    std::vector<std::pair<std::string, std::string>> children;
};

void collect(const CLI::App& command, const std::string& path, std::vector<Place>& places)
{
    Place place{path, {}, {}, {}};
    for (const auto* option : command.get_options())
        for (const auto& name : option->get_lnames())
            place.flags.emplace_back("--" + name, option->get_description());
    const auto children = command.get_subcommands([](const CLI::App*) { return true; });
    for (const auto* child : children)
        place.children.emplace_back(child->get_name(), child->get_description());
    for (const auto& [word, description] : place.children)
        place.words.push_back(word);
    for (const auto& [word, description] : place.flags)
        place.words.push_back(word);
    places.push_back(std::move(place));
    for (const auto* child : children)
        collect(*child, path + " " + child->get_name(), places);
}

/// Descriptions are ours and hold no control characters, but may hold quotes.
std::string single_quoted(std::string text)
{
    for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
        text.replace(at, 1, "'\\''");
    return "'" + text + "'";
}

/// `"seaworthy audit"|"seaworthy controls"|…`, as a shell's case pattern.
std::string subcommand_pattern(const std::vector<Place>& places)
{
    std::string out;
    for (const auto& place : places)
        if (place.path != "seaworthy") out += fmt::format("{}\"{}\"", out.empty() ? "" : "|", place.path);
    return out;
}

std::string bash(const std::vector<Place>& places)
{
    std::string cases;
    for (const auto& place : places)
        cases += fmt::format("    \"{}\") words={} ;;\n", place.path, single_quoted(fmt::format("{}", fmt::join(place.words, " "))));
    return std::string{"# bash completion: source <(seaworthy completion bash)\n"
                       "_seaworthy() {\n"
                       "  local current=${COMP_WORDS[COMP_CWORD]} path=seaworthy words word i\n"
                       "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                       "    word=${COMP_WORDS[i]}\n"
                       "    case \"$path $word\" in\n"} +
           "      " + subcommand_pattern(places) +
           ") path=\"$path $word\" ;;\n"
           "    esac\n"
           "  done\n"
           "  case \"$path\" in\n" +
           cases +
           "  esac\n"
           "  COMPREPLY=()\n"
           "  if [[ $current == -* || $words != -* ]]; then mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\"); fi\n"
           "  if [[ ${#COMPREPLY[@]} -eq 0 ]]; then compopt -o default; fi\n"
           "}\n"
           "complete -F _seaworthy seaworthy\n";
}

std::string zsh(const std::vector<Place>& places)
{
    std::string cases;
    for (const auto& place : places) {
        std::string described;
        const auto add = [&](const auto& list) {
            for (auto [word, description] : list) {
                for (std::size_t at = 0; (at = description.find(':', at)) != std::string::npos; at += 2)
                    description.replace(at, 1, "\\:");
                described += " " + single_quoted(word + ":" + description);
            }
        };
        add(place.children);
        add(place.flags);
        cases += fmt::format("    \"{}\") candidates=({}) ;;\n", place.path, described);
    }
    return std::string{"#compdef seaworthy\n"
                       "# zsh completion: seaworthy completion zsh > \"${fpath[1]}/_seaworthy\"\n"
                       "_seaworthy() {\n"
                       "  local at=seaworthy i\n"
                       "  local -a before candidates\n"
                       "  before=(\"${(@)words[2,CURRENT-1]}\")\n"
                       "  for i in $before; do\n"
                       "    case \"$at $i\" in\n"} +
           "      " + subcommand_pattern(places) +
           ") at=\"$at $i\" ;;\n"
           "    esac\n"
           "  done\n"
           "  case \"$at\" in\n" +
           cases +
           "  esac\n"
           "  _describe seaworthy candidates || _files\n"
           "}\n"
           "compdef _seaworthy seaworthy\n";
}

std::string fish(const std::vector<Place>& places)
{
    std::string out = "# fish completion: seaworthy completion fish | source\n"
                      "function __seaworthy_at\n"
                      "  set -l path seaworthy\n"
                      "  for word in (commandline -opc)[2..-1]\n"
                      "    switch \"$path $word\"\n";
    for (const auto& place : places)
        if (place.path != "seaworthy") out += fmt::format("      case '{0}'\n        set path '{0}'\n", place.path);
    out += "    end\n  end\n  test \"$path\" = \"$argv\"\nend\n";
    for (const auto& place : places) {
        for (const auto& [word, description] : place.children)
            out += fmt::format("complete -c seaworthy -n \"__seaworthy_at {}\" -f -a {} -d {}\n", place.path, word, single_quoted(description));
        for (const auto& [word, description] : place.flags)
            out +=
                fmt::format("complete -c seaworthy -n \"__seaworthy_at {}\" -l {} -d {}\n", place.path, word.substr(2), single_quoted(description));
    }
    return out;
}

} // namespace

void add_completion(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "completion", "Print a completion script for a shell",
                                "  source <(seaworthy completion bash)\n"
                                "  seaworthy completion zsh > \"${fpath[1]}/_seaworthy\"\n"
                                "  seaworthy completion fish | source");
    auto shell = std::make_shared<std::string>();
    command.add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command.callback([&session, &root, shell] {
        session.action = [&session, &root, shell] {
            std::vector<Place> places;
            collect(root, "seaworthy", places);
            session.out << (*shell == "bash" ? bash(places) : *shell == "zsh" ? zsh(places) : fish(places));
            return ExitCode::ok;
        };
    });
}

} // namespace seaworthy::app
