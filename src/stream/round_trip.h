#pragma once

#include <cstdint>
#include <optional>

#include "base/state_archive.h"
#include "packet/segment.h"

namespace tattle {

/// The first round trip of a flow, between where it was captured and whoever ended it: SYN to SYN-ACK, or QUIC's first
/// Initial to the first packet back. By packet times alone. It is never too short: what waits on the way lengthens it.
class RoundTrip {
 public:
  /// Retransmitted, a SYN or its answer tell nothing: which of them was answered is not known (Karn's rule, RFC 6298
  /// section 3).
  void on_tcp(const Segment& segment) {
    if (!segment.tcp.syn || segment.tcp.rst) return;
    if (segment.direction == Direction::to_server && !segment.tcp.ack) return open(segment);
    if (segment.direction == Direction::to_client && segment.tcp.ack) return answer(segment);
  }
  /// A flow that does not begin with a client's Initial tells nothing. Further datagrams of the client before the
  /// answer do not matter: the time counts from the first.
  void on_quic(const Segment& segment) {
    if (state_ == State::nothing) {
      if (segment.direction != Direction::to_server || !is_initial(segment.payload)) {
        state_ = State::unknown;
        return;
      }
      return open(segment);
    }
    if (state_ == State::asked && segment.direction == Direction::to_client) answer(segment);
  }
  std::optional<std::uint32_t> microseconds() const {
    if (state_ != State::answered) return std::nullopt;
    return microseconds_;
  }
  void pass(StateArchive& archive, Time start) {
    archive(state_, capture_, microseconds_);
    archive.near(asked_, start);
  }

 private:
  enum class State : std::uint8_t { nothing, asked, answered, unknown };

  void open(const Segment& segment) {
    state_ = state_ == State::nothing ? State::asked : State::unknown;
    asked_ = segment.time;
    capture_ = segment.packet.capture;
  }
  void answer(const Segment& segment) {
    const std::int64_t took = segment.time.ns - asked_.ns;
    constexpr std::int64_t kLongest = 60'000'000'000;  // more than a minute is no round trip
    // Two captures have two clocks.
    const bool good = state_ == State::asked && segment.packet.capture == capture_ && took > 0 && took < kLongest;
    state_ = good ? State::answered : State::unknown;
    if (good) microseconds_ = static_cast<std::uint32_t>((took + 999) / 1000);
  }
  /// A long header of type Initial, of version 1, a draft, or version 2 (RFC 9000 section 17.2.2, RFC 9369
  /// section 3.2).
  static bool is_initial(Bytes datagram) {
    if (datagram.size() < 1200 || (datagram[0] & 0xc0) != 0xc0) return false;  // RFC 9000 section 14.1
    const std::uint32_t version = std::uint32_t{datagram[1]} << 24 | std::uint32_t{datagram[2]} << 16 |
                                  std::uint32_t{datagram[3]} << 8 | datagram[4];
    const int type = datagram[0] >> 4 & 3;
    if (version == 0x6b3343cf) return type == 1;
    return type == 0 && (version == 1 || version >> 8 == 0xff0000);
  }

  State state_ = State::nothing;
  std::uint32_t capture_ = 0;
  Time asked_;
  std::uint32_t microseconds_ = 0;
};

}  // namespace tattle
