#pragma once

#include <cstdint>
#include <vector>

#include "base/state_archive.h"
#include "protocol/datagram/datagram_parser.h"

namespace tattle {

/// Tells sound and pictures over RTP or SRTP from other datagrams of a flow, each direction and source for itself: by
/// two packets whose sequence numbers follow each other, of one source and payload type (0 to 34 or 96 to 127), at
/// times near to each other. What comes before that is not of it.
/// Source: RFC 3550 sections 5.1, 5.3.1 and A.1 (how far sequence numbers stray), RFC 3551 section 6.
class RtpWatch {
 public:
  /// Whether the datagram is a packet of a source that is known by now. @param cut  Its end was not captured.
  bool knows(const Chunk& chunk, bool cut);
  /// Any packet was.
  bool recognised() const { return recognised_; }
  /// As Idler's.
  void pass(StateArchive& archive);

 private:
  struct Source {
    std::uint32_t id = 0, timestamp = 0;
    std::uint16_t sequence = 0;
    std::uint8_t type = 0, direction = 0;
    bool known = false;
  };
  static constexpr std::size_t kMost = 8;  // at a time

  std::vector<Source> sources_;
  bool recognised_ = false;
};

/// Sound and pictures, encrypted or not, which the packet itself does not tell, are not looked into: they count as
/// closed. A packet in which text stands is handed down, to be searched.
DatagramFate read_rtp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

}  // namespace tattle
