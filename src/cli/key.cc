#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/password.h"
#include "cli/say.h"
#include "evidence/sign/minisign.h"
#include "report/write_file.h"

namespace tattle {
namespace {

constexpr unsigned kForEveryone = 0644;

struct KeyOptions {
  std::string prefix, password_file;
  bool no_password = false;
};

SecretBytes new_password(const KeyOptions& options) {
  if (!options.password_file.empty()) return read_password_file(options.password_file);
  SecretBytes password = ask_password("New password for the key: ");
  if (password.empty()) throw UserError("an empty password protects nothing; --no-password says that on purpose");
  const SecretBytes again = ask_password("The same again: ");
  if (again.text() != password.text()) throw UserError("these were two different passwords; try again");
  return password;
}

void new_key(const KeyOptions& options) {
  const std::string secret = options.prefix + ".key", open = options.prefix + ".pub";
  for (const std::string& path : {secret, open}) {
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, error))) continue;
    throw UserError(
        fmt::format("{}: is there already, and a key that is lost cannot be made again; choose another name", path));
  }
  SecretBytes password;
  if (!options.no_password) password = new_password(options);
  const MinisignSecretKey key = MinisignSecretKey::generate();
  const std::string_view text = password.text();
  const SecretBytes file = key.to_file(options.no_password ? nullptr : &text);
  write_whole_file(secret, file.bytes());
  write_whole_file(open, as_bytes(to_text(key.public_key())), kForEveryone);
  fmt::print("key     {}\nsecret  {}{}: keep it to yourself\npublic  {}: give it to whoever is to verify your seals\n",
             to_string(key.public_key().id), one_line(secret), options.no_password ? ", without a password" : "",
             one_line(open));
}

}  // namespace

void add_key_command(CLI::App& app, int& exit_code) {
  CLI::App* key = app.add_subcommand("key", "Make a key to seal evidence with");
  key->require_subcommand(1);
  auto options = std::make_shared<KeyOptions>();
  CLI::App* make = key->add_subcommand("new", "Write PREFIX.key (secret) and PREFIX.pub, in minisign's format");
  make->add_option("-o,--output", options->prefix, "path of both files without their endings")
      ->option_text("PREFIX (required)")
      ->required();
  CLI::Option* file = make->add_option("--password-file", options->password_file,
                                       "take the password from this file's first line instead of the terminal")
                          ->option_text("FILE");
  make->add_flag("--no-password", options->no_password, "leave the secret key unencrypted, for machines")
      ->excludes(file);
  make->footer("Example:\n  tattle key new -o aino");
  make->callback([options, &exit_code] {
    new_key(*options);
    exit_code = kDone;
  });
  key->footer("Example:\n  tattle key new -o aino\n\nKeys that `minisign -G` made work as well.");
}

}  // namespace tattle
