#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "evidence/sign/secret_bytes.h"

namespace tattle {

/// Asks on the terminal, without showing what is typed; never on standard input, which may be something else.
/// @throws UserError  There is no terminal, or the person gave up (Ctrl-C).
SecretBytes ask_password(const std::string& prompt);

/// The first line of a file.
/// @throws UserError  It cannot be read, or is empty.
SecretBytes read_password_file(const std::string& path);

}  // namespace tattle
