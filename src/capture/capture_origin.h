#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tattle {

/// Where and with what a capture was recorded, as far as the file itself says it; what it does not say is empty or
/// absent. Texts are bytes as they stand there, of 256 at most.
struct CaptureOrigin {
  struct Interface {
    std::string name, description, hardware, system;
    std::string filter;                              // of the recorder, which left out all else
    std::optional<std::uint64_t> received;           // packets that it met
    std::optional<std::uint64_t> dropped;            // of these, lost by the interface for want of room
    std::optional<std::uint64_t> dropped_by_system;  // lost later
    bool empty() const {
      return name.empty() && description.empty() && hardware.empty() && system.empty() && filter.empty() && !received &&
             !dropped && !dropped_by_system;
    }
  };
  std::string hardware, system, application;
  std::vector<Interface> interfaces;  // in the file's order, the first 64

  bool empty() const { return hardware.empty() && system.empty() && application.empty() && interfaces.empty(); }
};

class CaptureReader;
/// What the capture says as far as it was read; nothing for formats that say nothing.
CaptureOrigin origin_of(const CaptureReader& reader);

}  // namespace tattle
