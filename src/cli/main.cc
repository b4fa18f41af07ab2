#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "base/result.h"
#include "cli/commands.h"

namespace {

// Control characters of a file name must not reach the terminal.
std::string one_line(std::string_view text) {
  std::string line;
  for (char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    line += byte < 0x20 || byte == 0x7f ? ' ' : each;
  }
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Tattle shows what a phone tells about its owner, to whom, and proves it."};
  app.name("tattle");
  app.footer(
      "Example:\n  tattle audit samples/lumia-evening.pcapng --subject samples/lumia-evening.yaml --out report\n\n"
      "`tattle COMMAND --help` explains each command. Nothing is ever sent to any network.");
  app.set_version_flag("--version", "tattle " TATTLE_VERSION);
  app.require_subcommand(1);
  int exit_code = tattle::kDone;
  tattle::add_audit_command(app, exit_code);
  tattle::add_messages_command(app, exit_code);
  tattle::add_decode_command(app, exit_code);
  tattle::add_subject_command(app, exit_code);
  tattle::add_limits_command(app, exit_code);
  tattle::add_data_command(app, exit_code);
  tattle::add_completion_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "tattle: {}. `tattle{} --help` lists the options.\n", one_line(error.what()),
               app.get_subcommands().empty() ? "" : " " + app.get_subcommands().front()->get_name());
    return tattle::kUserMistake;
  } catch (const tattle::UserError& error) {
    fmt::print(stderr, "tattle: {}\n", one_line(error.what()));
    return tattle::kUserMistake;
  } catch (const std::exception& error) {
    fmt::print(stderr, "tattle: internal error: {}\n", one_line(error.what()));
    return tattle::kFailed;
  }
  return exit_code;
}
