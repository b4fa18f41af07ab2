#include "evidence/seal/custody.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/say.h"
#include "evidence/seal/manifest_seal.h"

namespace tattle {
namespace {

struct CustodyOptions {
  std::string folder, note, name;
  std::vector<std::string> files;
};

void add_to_custody(const CustodyOptions& options) {
  if (options.note.empty() && options.files.empty())
    throw UserError("custody add: say what happened with --note, or add a --file");
  CustodyEvent event = custody_event("custody add", options.name, options.note);
  const CustodyHead head = join_custody(options.folder, options.files, event);
  fmt::print("{}/{}: line {}\n", one_line(options.folder), kCustodyFile, head.lines);
}

}  // namespace

void add_custody_command(CLI::App& app, int& exit_code) {
  CLI::App* custody = app.add_subcommand("custody", "Write down what happened to a folder of evidence");
  custody->require_subcommand(1);
  auto options = std::make_shared<CustodyOptions>();
  CLI::App* add = custody->add_subcommand("add", "Append to the folder's custody log, and file what came in");
  add->add_option("DIR", options->folder, "the folder that `audit --out` wrote")->required();
  add->add_option("--note", options->note, "what happened, in your words")->option_text("TEXT");
  add->add_option("--file", options->files, "copied into DIR/custody, as the maker's reply or a retest; may repeat")
      ->option_text("FILE")
      ->expected(1)
      ->take_all();
  add->add_option("--as", options->name, "who did it, instead of the login name")->option_text("NAME");
  add->footer("Example:\n  tattle custody add evening --note \"The maker's answer, by letter\" --file reply.pdf");
  add->callback([options, &exit_code] {
    add_to_custody(*options);
    exit_code = kDone;
  });
  custody->footer("Example:\n  tattle custody add evening --note \"Handed to the editor\"");
}

}  // namespace tattle
