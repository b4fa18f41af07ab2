#include <fmt/format.h>
#include <malloc.h>
#include <nss.h>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/say.h"

namespace {

// Batches and messages are freed as fast as they come: the C library is not to give the same pages back to the system,
// and ask for them again, each time. Sizes are those it settles on by itself where much is freed at once.
void keep_freed_memory() {
#if defined(M_TRIM_THRESHOLD) && defined(M_MMAP_THRESHOLD)
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  // libpcap looks up names in a filter: /etc/hosts may answer, the network is never asked.
  __nss_configure_lookup("hosts", "files");
  CLI::App app{"Tattle shows what a phone tells about its owner, to whom, and proves it."};
  app.name("tattle");
  app.footer(
      "Example:\n  tattle audit samples/lumia-evening.pcapng --subject samples/lumia-evening.yaml --out report\n\n"
      "`tattle COMMAND --help` explains each command. Nothing is ever sent to any network.");
  app.set_version_flag("--version", "tattle " TATTLE_VERSION);
  app.require_subcommand(1);
  int exit_code = tattle::kDone;
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  tattle::add_audit_command(app, arguments, exit_code);
  tattle::add_evidence_command(app, exit_code);
  tattle::add_messages_command(app, exit_code);
  tattle::add_decode_command(app, exit_code);
  tattle::add_subject_command(app, exit_code);
  tattle::add_limits_command(app, exit_code);
  tattle::add_data_command(app, exit_code);
  tattle::add_key_command(app, exit_code);
  tattle::add_seal_command(app, exit_code);
  tattle::add_verify_command(app, exit_code);
  tattle::add_custody_command(app, exit_code);
  tattle::add_selftest_command(app, exit_code);
  tattle::add_completion_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    app.exit(success);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "tattle: {}. `tattle{} --help` lists the options.\n", tattle::one_line(error.what()),
               app.get_subcommands().empty() ? "" : " " + app.get_subcommands().front()->get_name());
    return tattle::kUserMistake;
  } catch (const tattle::UserError& error) {
    fmt::print(stderr, "tattle: {}\n", tattle::one_line(error.what()));
    return tattle::kUserMistake;
  } catch (const std::exception& error) {
    fmt::print(stderr, "tattle: internal error: {}\n", tattle::one_line(error.what()));
    return tattle::kFailed;
  }
  // A full disk shows only here for output that was still held back.
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    fmt::print(stderr, "tattle: standard output could not be written; is the disk full?\n");
    return tattle::kFailed;
  }
  return exit_code;
}
