#pragma once

// Real captures that others made, for tests: they are not part of the project, and may be absent. Needs
// TATTLE_SOURCE_DIR.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "capture/capture.h"

namespace tattle::real_captures {

inline std::filesystem::path folder() {
  return std::filesystem::path(TATTLE_SOURCE_DIR) / ".." / "shared" / "captures";
}

inline bool present() { return std::filesystem::is_directory(folder()); }

/// Contents of a file, named from the folder; empty when there is none.
inline std::string text_of(const std::filesystem::path& name) {
  std::ifstream file(folder() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What Wireshark sees in each file, by name; an empty object when the captures are absent.
inline nlohmann::json truth() {
  return present() ? nlohmann::json::parse(text_of("truth-shared.json")) : nlohmann::json::object();
}

/// Hands `use` each event of a capture, named from the folder, up to its end.
template <class Use>
void each_event(const std::string& name, Use use) {
  Limits limits;
  Anomalies anomalies;
  auto reader = CaptureReader::open((folder() / name).string(), 0, limits, anomalies);
  for (;;) {
    const CaptureEvent event = reader->next();
    if (std::holds_alternative<CaptureEnd>(event)) return;
    use(event);
  }
}

}  // namespace tattle::real_captures
