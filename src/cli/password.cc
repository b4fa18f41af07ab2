#include "cli/password.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/result.h"

namespace tattle {
namespace {

constexpr std::size_t kPasswordBytes = 1024;  // as much as minisign reads

volatile sig_atomic_t interrupted = 0;
void note_signal(int) { interrupted = 1; }

// Without echo, and with the signals that would leave the terminal so caught; both undone at the end.
class QuietTerminal {
 public:
  explicit QuietTerminal(int file) : file_(file) {
    struct sigaction note {};
    note.sa_handler = note_signal;  // without SA_RESTART, so that read() comes back
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &note, &before_[i]);
    ::tcgetattr(file_, &shown_);
    termios quiet = shown_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(file_, TCSAFLUSH, &quiet);
  }
  ~QuietTerminal() {
    ::tcsetattr(file_, TCSAFLUSH, &shown_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
    ::close(file_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGTSTP};
  int file_;
  termios shown_{};
  std::array<struct sigaction, kSignals.size()> before_{};
};

void say(int terminal, std::string_view text) {
  [[maybe_unused]] const ssize_t written = ::write(terminal, text.data(), text.size());
}

}  // namespace

SecretBytes ask_password(const std::string& prompt) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) {
    throw UserError("there is no terminal to ask for the password; use --password-file, or a key without password");
  }
  SecretBytes password(kPasswordBytes);
  std::size_t size = 0;
  interrupted = 0;
  bool complete = false;
  {
    const QuietTerminal quiet(terminal);
    say(terminal, prompt);
    while (!complete && !interrupted && size < password.size()) {
      const ssize_t got = ::read(terminal, password.data() + size, 1);
      if (got <= 0) break;
      complete = password.data()[size] == '\n';
      if (!complete) ++size;
    }
    say(terminal, "\n");
  }
  if (!complete) throw UserError("no password was given");
  password.shrink(size);
  return password;
}

SecretBytes read_password_file(const std::string& path) {
  SecretBytes password = read_secret_file(path, kPasswordBytes);
  const auto end = password.text().find_first_of("\r\n");
  password.shrink(std::min(end, password.size()));
  if (password.empty()) throw UserError(fmt::format("{}: its first line is empty; it should be the password", path));
  return password;
}

}  // namespace tattle
