#include <fmt/format.h>

#include <initializer_list>
#include <memory>

#include "cli/commands.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "evidence/seal/manifest_check.h"
#include "evidence/seal/selftest.h"

namespace tattle {
namespace {

struct VerifyOptions {
  std::string folder, public_key, ca_file, name, note;
  bool replay = false, log = false;
};

void line(std::string_view what, std::string_view text) { fmt::print("{:<11} {}\n", what, one_line(text)); }

std::string signature_text(const SealCheck& check) {
  if (!check.signature_good) return "NOT GOOD";
  if (check.key_was_given) return fmt::format("good, by the key that you gave, {}", check.key_id);
  return fmt::format(
      "good, by key {}, which came with the folder: that proves nothing about who sealed it, since whoever changed it "
      "could have signed anew. Get the sealer's public key another way and give it with --public-key",
      check.key_id);
}

std::string timestamp_text(const SealCheck& check) {
  if (check.timestamp) {
    return fmt::format("{} by {}, {}", to_rfc3339(check.timestamp->time), check.timestamp->authority,
                       check.timestamp->chain ? "which leads to a certificate that you gave"
                                              : "whose certificate was not checked: give its root with --timestamp-ca");
  }
  return check.timestamp_asked ? "asked for, no answer filed" : "none";
}

std::string custody_text(const SealCheck& check) {
  const std::uint64_t sealed = check.manifest ? check.manifest->custody.lines : 0;
  std::string text = fmt::format("{} lines, the first {} as sealed", check.custody_lines, sealed);
  if (check.custody_lines > sealed) text += "; later ones follow from them, but are not signed until the next seal";
  return text;
}

void originals_line(std::string_view what, const SealCheck::Originals& originals) {
  if (originals.same + originals.not_here.size() == 0) return;
  std::string text = fmt::format("{} as they were", originals.same);
  for (const std::string& path : originals.not_here) text += fmt::format("; not here to compare: {}", path);
  line(what, text);
}

bool is_changed(const SealCheck& check, std::string_view path) {
  for (const SealFault& fault : check.faults) {
    if (fault.path == path) return true;
  }
  return false;
}

void print(const SealCheck& check) {
  if (check.manifest) {
    const Manifest& manifest = *check.manifest;
    line("sealed", fmt::format("{} by tattle {}, whose self-test said: {}", to_rfc3339(manifest.sealed),
                               manifest.build.version, to_string(manifest.selftest)));
  }
  line("signature", signature_text(check));
  if (check.manifest) {
    line("files", fmt::format("{} of {} as sealed", check.files_as_sealed, check.manifest->files.size()));
  }
  if (!is_changed(check, kCustodyFile)) line("custody", custody_text(check));
  for (const RecordedFile& file : check.joined) line("joined", fmt::format("{}, by the custody log", file.path));
  line("time-stamp", timestamp_text(check));
  originals_line("captures", check.captures);
  originals_line("keys", check.keys);
  originals_line("subjects", check.subjects);
  originals_line("other files", check.others);
  for (const SealFault& fault : check.faults) {
    line(fault.what, fault.why.empty() ? fault.path : fmt::format("{}: {}", fault.path, fault.why));
  }
}

bool replay(const std::string& folder) {
  const Replay replay = replay_audit(folder);
  if (!replay.same.empty()) {
    line("replay", fmt::format("came out the same, byte for byte: {}", fmt::join(replay.same, ", ")));
  }
  for (const std::string& each : replay.not_compared) line("replay", fmt::format("not compared: {}", each));
  for (const std::string& each : replay.differences) line("replay", each);
  return replay.differences.empty();
}

// What was said of each file in one sentence. Originals that are elsewhere prove nothing either way.
std::string verdict(const SealCheck& check, bool good) {
  if (!good) return "THIS IS NOT AS IT WAS SEALED.";
  std::size_t away = 0;
  for (const auto* each : {&check.captures, &check.keys, &check.subjects, &check.others}) away += each->not_here.size();
  if (away == 0) return "Nothing has changed since it was sealed.";
  return fmt::format(
      "Nothing in the folder has changed since it was sealed; {} that it was made from {} not here to compare.",
      away == 1 ? "a file" : fmt::format("{} files", away), away == 1 ? "is" : "are");
}

int run_verify(const VerifyOptions& options) {
  std::optional<MinisignPublicKey> key;
  if (!options.public_key.empty()) key = read_minisign_public_file(options.public_key);
  const SealCheck check = check_seal(options.folder, key ? &*key : nullptr, options.ca_file);
  print(check);
  const bool good = check.faults.empty() && check.signature_good;
  if (options.log && good) {
    append_custody(options.folder, custody_event("verify", options.name, options.note), check.manifest->custody);
  }
  const bool repeated = !options.replay || replay(options.folder);
  fmt::print("{}\n", verdict(check, good));
  if (!repeated) fmt::print("AUDITING AGAIN GIVES SOMETHING ELSE.\n");
  return good && repeated ? kDone : kFailed;
}

}  // namespace

void add_verify_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("verify", "Say whether a sealed folder is as it was sealed, and by whom");
  auto options = std::make_shared<VerifyOptions>();
  command->add_option("DIR", options->folder, "the sealed folder")->required();
  command
      ->add_option("--public-key", options->public_key,
                   "the sealer's public key (.pub), which you have by another way than the folder")
      ->option_text("FILE");
  command->add_flag("--replay", options->replay, "audit the captures again and compare");
  command->add_option("--timestamp-ca", options->ca_file, "certificates (PEM) that the time-stamp must lead to")
      ->option_text("FILE");
  CLI::Option* log = command->add_flag("--log", options->log, "write into the custody log that it was verified");
  command->add_option("--as", options->name, "who verifies, for that log")->option_text("NAME")->needs(log);
  command->add_option("--note", options->note, "for that log")->option_text("TEXT")->needs(log);
  command->footer(
      "Example:\n  tattle verify evening --public-key aino.pub\n\nExit code 1 when anything is not as it was sealed.");
  command->callback([options, &exit_code] { exit_code = run_verify(*options); });
}

}  // namespace tattle
