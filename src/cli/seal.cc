#include <fmt/format.h>

#include <memory>
#include <thread>

#include "cli/commands.h"
#include "cli/password.h"
#include "cli/say.h"
#include "evidence/seal/manifest_facts.h"
#include "evidence/seal/manifest_seal.h"
#include "evidence/seal/selftest.h"
#include "run/selftest_run.h"

namespace tattle {
namespace {

struct SealOptions {
  std::string folder, key, password_file, name, note, token, ca_file;
  bool again = false, timestamp_request = false;
};

MinisignSecretKey open_key(const SealOptions& options) {
  const MinisignSecretFile file = read_minisign_secret_file(options.key);
  SecretBytes password;
  if (file.encrypted) {
    password = options.password_file.empty() ? ask_password(fmt::format("Password of {}: ", one_line(options.key)))
                                             : read_password_file(options.password_file);
  }
  return MinisignSecretKey::open(file, password.text(), options.key);
}

void seal(const SealOptions& options) {
  SealRequest request;
  request.folder = options.folder;
  request.again = options.again;
  read_run_record(options.folder);  // before the work, if it is no audit
  const MinisignSecretKey key = open_key(options);
  const SelftestResult selftest = run_selftest(find_samples(), std::max(1u, std::thread::hardware_concurrency()));
  request.selftest = selftest.score;
  if (!selftest.score.perfect()) {
    say_warnings({fmt::format("this program fails its own test ({}), and the seal says so; `tattle selftest` says more",
                              to_string(selftest.score))});
  }
  request.build = build_facts(TATTLE_VERSION);
  request.clock = clock_facts();
  if (request.clock.synchronised != true) {
    say_warnings({"this computer's clock is not kept right by any service the kernel knows of, and the seal says so"});
  }
  request.event = custody_event(options.again ? "seal --again" : "seal", options.name, options.note);
  const Manifest manifest = seal_folder(request, key);
  fmt::print("Sealed: {}, {} files, with key {}. Self-test: {}.\n", one_line(options.folder), manifest.files.size(),
             manifest.key_id, to_string(manifest.selftest));
  fmt::print(
      "To check it: tattle verify {} --public-key KEY.pub, or in that folder\n"
      "`minisign -V -p KEY.pub -m {}` and `sha256sum -c {}`.\n",
      one_line(options.folder), kManifestFile, kSumsFile);
}

void ask_for_timestamp(const SealOptions& options) {
  const std::string path = request_timestamp(
      options.folder, custody_event("seal --timestamp-request", options.name, options.key.empty() ? options.note : ""));
  fmt::print(
      "Time-stamp request: {0}. Nothing was sent; to have it stamped, for example:\n"
      "  curl -H 'Content-Type: application/timestamp-query' --data-binary @{0} https://YOUR-AUTHORITY -o answer.tsr\n"
      "  tattle seal {1} --timestamp-token answer.tsr\n",
      one_line(path), one_line(options.folder));
}

void run_seal(const SealOptions& options) {
  if (!options.token.empty()) {
    if (!options.key.empty() || options.timestamp_request) {
      throw UserError(
          "--timestamp-token is for a folder that is sealed already; leave out --key and --timestamp-request");
    }
    file_timestamp(options.folder, options.token, options.ca_file,
                   custody_event("seal --timestamp-token", options.name, options.note));
    fmt::print("Filed as {}/{}.\n", one_line(options.folder), kTimestampFile);
    return;
  }
  if (options.key.empty() && !options.timestamp_request) {
    throw UserError("a seal needs --key FILE; `tattle key new -o NAME` makes one");
  }
  if (!options.key.empty()) seal(options);
  if (options.timestamp_request) ask_for_timestamp(options);
}

}  // namespace

void add_seal_command(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("seal", "Hash and sign the folder of an audit, so that every later change shows");
  auto options = std::make_shared<SealOptions>();
  command->add_option("DIR", options->folder, "the folder that `audit --out` wrote")->required();
  command->add_option("--key", options->key, "secret key, by `tattle key new` or minisign")->option_text("FILE");
  command
      ->add_option("--password-file", options->password_file,
                   "take the key's password from this file's first line instead of the terminal")
      ->option_text("FILE");
  command->add_option("--as", options->name, "who seals, for the custody log, instead of the login name")
      ->option_text("NAME");
  command->add_option("--note", options->note, "for the custody log")->option_text("TEXT");
  command->add_flag("--again", options->again, "seal a sealed folder with what has joined it; the former seal is kept");
  command->add_flag("--timestamp-request", options->timestamp_request,
                    "write manifest.tsq for a time-stamping authority (RFC 3161)");
  command->add_option("--timestamp-token", options->token, "check and file the authority's answer")
      ->option_text("FILE");
  command->add_option("--timestamp-ca", options->ca_file, "certificates (PEM) that the answer must lead to")
      ->option_text("FILE");
  command->footer(
      "Example:\n  tattle key new -o aino\n  tattle seal evening --key aino.key\n  tattle verify evening --public-key "
      "aino.pub");
  command->callback([options, &exit_code] {
    run_seal(*options);
    exit_code = kDone;
  });
}

}  // namespace tattle
