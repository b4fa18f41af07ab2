#pragma once

#include <cstdint>
#include <string_view>

#include "base/anomalies.h"
#include "base/limits.h"
#include "capture/block_window.h"

namespace tattle {

/// What the file formats share: the bytes, and where they say what was odd.
struct CaptureContext {
  BlockWindow& window;
  std::uint32_t capture;
  const Limits& limits;
  Anomalies& anomalies;
  std::uint64_t packets = 0;  // numbered so far; the last one's number
  bool cut = false;           // the input ended in the middle of something

  void note(std::string_view literal_name) { anomalies.note(literal_name, {capture, packets}); }
  /// Notes the cut once and ends the reading.
  void end_cut() {
    if (!cut) note("capture.cut");
    cut = true;
  }
};

inline std::uint16_t load_u16(const std::uint8_t* at, bool big_endian) {
  const unsigned value = big_endian ? at[0] << 8 | at[1] : at[1] << 8 | at[0];
  return static_cast<std::uint16_t>(value);
}
inline std::uint32_t load_u32(const std::uint8_t* at, bool big_endian) {
  const std::uint32_t high = load_u16(big_endian ? at : at + 2, big_endian);
  return high << 16 | load_u16(big_endian ? at + 2 : at, big_endian);
}
inline std::uint64_t load_u64(const std::uint8_t* at, bool big_endian) {
  const std::uint64_t high = load_u32(big_endian ? at : at + 4, big_endian);
  return high << 32 | load_u32(big_endian ? at + 4 : at, big_endian);
}

/// Leaves the frame check sequence out of a packet; one cut by the snap length may hold a part of it, or none.
inline void trim_fcs(Bytes& data, std::uint32_t& wire_length, std::uint32_t fcs_bytes) {
  if (fcs_bytes == 0 || wire_length < fcs_bytes) return;
  wire_length -= fcs_bytes;
  if (data.size() > wire_length) data = data.first(wire_length);
}

}  // namespace tattle
