#pragma once

#include <cstdint>
#include <string_view>

#include "base/anomalies.h"
#include "base/bytes.h"
#include "base/flow.h"
#include "base/limits.h"
#include "base/packet_ref.h"
#include "base/time.h"
#include "packet/segment.h"

namespace tattle {

/// A piece of one direction's stream, or one datagram.
struct Chunk {
  const FlowInfo& flow;
  Direction direction = Direction::to_server;
  std::uint64_t offset = 0;  // bytes since the stream's start; after TLS, of the plaintext
  Time seen;                 // of the packet that completed it
  PacketRunsView packets;    // that carried it; borrowed for this call
  Bytes data;                // borrowed for this call; copy to keep

  PacketId first_packet() const {
    return packets.empty() ? PacketId{} : PacketId{packets.front().capture, packets.front().first};
  }
};

/// Receives both directions of one flow, each in order. One thread.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void on_data(const Chunk& chunk) = 0;
  /// `missing` bytes follow `where.offset` and are lost; 0 when their number is not known. `where.data` is empty.
  virtual void on_gap(const Chunk& where, std::uint64_t missing) = 0;
  /// This direction is over. Called once for each direction that had anything, at the flow's end at the latest.
  virtual void on_end(const Chunk& where) = 0;
};

/// Receives the datagrams of one UDP flow, both directions, in capture order. One thread.
class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  virtual void on_datagram(const Chunk& chunk) = 0;
  virtual void on_end(const Chunk& where) = 0;
};

}  // namespace tattle
