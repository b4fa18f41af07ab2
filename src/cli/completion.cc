#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/commands.h"

namespace tattle {
namespace {

std::string names_of_options(const CLI::App& command) {
  std::string names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names += "--" + name + " ";
  }
  return names;
}

constexpr std::string_view kBashScript = R"sh(# bash completion for tattle: eval "$(tattle completion bash)"
_tattle() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{}--help --version' -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{}  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$(printf '%s\n' $words | grep -v '^-')" -- "$current") $(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _tattle tattle ./tattle
)sh";

// Every command and option that the program knows, so that the script cannot go stale.
std::string bash_script(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    commands += command->get_name() + " ";
    std::string words = names_of_options(*command);
    for (const CLI::App* below : command->get_subcommands(nullptr)) {
      words += below->get_name() + " " + names_of_options(*below);
    }
    cases += fmt::format("    {}) words='{}' ;;\n", command->get_name(), words);
  }
  return fmt::format(kBashScript, commands, cases);
}

}  // namespace

void add_completion_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("completion", "Print a shell completion script");
  command->footer("Example:\n  eval \"$(tattle completion bash)\"");
  auto shell = std::make_shared<std::string>("bash");
  command->add_option("shell", *shell, "bash")->check(CLI::IsMember({"bash"}));
  command->callback([&app, &exit_code, shell] {
    fmt::print("{}", bash_script(app));
    exit_code = kDone;
  });
}

}  // namespace tattle
