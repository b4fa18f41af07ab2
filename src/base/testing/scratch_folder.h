#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace tattle {

/// A folder of its own for one test, gone with it. Tests are processes and several run at once, so its name has both
/// the process and a serial number.
class ScratchFolder {
 public:
  ScratchFolder() { std::filesystem::create_directories(path_); }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(std::string_view name) const { return (path_ / name).string(); }
  /// @return  The file's path.
  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    return file(name);
  }

 private:
  static int serial() {
    static std::atomic<int> next{0};
    return next++;
  }
  const std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) /
                                      ("tattle-" + std::to_string(getpid()) + "-" + std::to_string(serial()));
};

}  // namespace tattle
