#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "pipeline/input.h"

namespace tattle {

/// Progress with rate and time left, on a terminal only; a pipe or a file never sees it.
class ProgressLine {
 public:
  Progress callback() {
    if (!isatty(STDERR_FILENO)) return {};
    return [this](std::uint64_t read, std::uint64_t total) { show(read, total); };
  }
  void clear() {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
  }

 private:
  using Clock = std::chrono::steady_clock;

  void show(std::uint64_t read, std::uint64_t total) {
    const auto now = Clock::now();
    if (now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    shown_ = true;
    const double seconds = std::max(1e-3, std::chrono::duration<double>(now - start_).count());
    const double rate = static_cast<double>(read) / seconds;
    std::string left;
    if (total > read && rate > 0) left = fmt::format(", {:.0f} s left", static_cast<double>(total - read) / rate);
    const std::string share =
        total ? fmt::format("{:3.0f} % ", 100.0 * static_cast<double>(read) / static_cast<double>(total)) : "";
    fmt::print(stderr, "\r\x1b[K{}{:.0f} MB at {:.0f} MB/s{}", share, static_cast<double>(read) / 1e6, rate / 1e6,
               left);
  }

  Clock::time_point start_ = Clock::now(), last_{};
  bool shown_ = false;
};

}  // namespace tattle
