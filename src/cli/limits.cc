#include "base/limits.h"

#include <fmt/format.h>

#include "cli/commands.h"

namespace tattle {

void add_limits_command(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("limits", "List the limits that keep memory and time bounded, and their values");
  command->footer("Example:\n  tattle limits\n  tattle audit big.pcapng --subject me.yaml --limit body-bytes=67108864");
  command->callback([&exit_code] {
    const Limits defaults;
    for (const LimitInfo& info : all_limits()) {
      fmt::print("{:<28}{:>12}  {}\n", info.name, defaults.*info.value, info.meaning);
    }
    exit_code = kDone;
  });
}

}  // namespace tattle
