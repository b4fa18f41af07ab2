#pragma once

// Private to the stage: what a QuicConnection remembers. Its parts are in quic*.cc.

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decrypt/hello.h"
#include "decrypt/quic/frame.h"
#include "decrypt/quic/keys.h"
#include "decrypt/quic/order.h"
#include "decrypt/quic/packet.h"
#include "decrypt/quic/quic.h"
#include "decrypt/quic/ranges.h"
#include "decrypt/tls/handshake_reader.h"

namespace tattle {

/// What protects a packet.
enum class QuicLevel : std::uint8_t { initial, early, handshake, application };

/// Packet number space and CRYPTO stream of a level; 0-RTT shares that of 1-RTT.
inline std::size_t space_of(QuicLevel level) {
  return level == QuicLevel::initial ? 0 : level == QuicLevel::handshake ? 1 : 2;
}

/// Keys of one direction at one level.
struct QuicKeys {
  QuicHeaderKey header;
  QuicPacketKey packet;
  ByteVector secret;
  const CipherSuite* suite = nullptr;
  std::uint32_t version = 0;
  // At which state of the key store, and on how many packets, no secret fitted.
  std::uint64_t tried_keys = 0;
  unsigned tried_packets = 0;

  bool ready() const { return packet.ready(); }
};

/// Keys of Initial packets: those that follow from one connection id in one version.
struct QuicInitialKeys {
  std::uint32_t version = 0;
  ByteVector id;
  std::array<QuicKeys, 2> keys;  // of the client, of the server
};

/// One direction.
struct QuicSide {
  explicit QuicSide(Direction d) : direction(d) {}

  Direction direction;
  std::vector<ByteVector> ids;  // destination connection ids that packets of this direction may have
  std::array<NumberRanges, 3> received{NumberRanges(32), NumberRanges(32), NumberRanges(256)};
  NumberRanges acked{256};  // of 1-RTT packets: what the other side says it has
  std::array<QuicOrder, 3> crypto;
  std::array<HandshakeReader, 3> handshake;

  QuicKeys early, handshake_keys, application;
  // Key updates (RFC 9001 section 6).
  unsigned generation = 0;
  std::uint64_t generation_start = 0;  // lowest packet number seen under the current keys
  QuicPacketKey previous, next;
  unsigned far_tries = 0;
  // Packets merged into one datagram by segmentation offload: their size when last met, and vain searches for it.
  std::size_t merged_size = 0;
  unsigned merged_tries = 0;

  std::uint64_t closed_packets = 0;  // 0-RTT and 1-RTT packets that stayed closed
  std::set<std::uint64_t> holes;     // streams that wait for missing bytes
  std::vector<ByteVector> reset_tokens;
};

/// One direction of a stream.
struct QuicHalf {
  QuicOrder order;
  std::optional<std::uint64_t> final_size;
  bool ended = false;
};

/// A packet, and where it came from.
struct QuicArrival {
  QuicPacket packet;
  Direction direction = Direction::to_server;
  FlowId flow = 0;
  QuicOrigin origin;
};

/// A packet that waits for a secret or for the handshake.
struct QuicWaiting {
  ByteVector bytes;
  QuicArrival arrival;  // its spans are set when it is processed
  PacketRuns packets;
};

struct QuicConnection::State {
  State(const FlowInfo& flow_info, TlsContext& tls_context, QuicSink& quic_sink)
      : flow(flow_info), context(tls_context), sink(quic_sink) {}

  enum class Step : std::uint8_t {
    read,
    closed,
    wait,
  };
  enum class Early : std::uint8_t { none, offered, accepted, rejected };
  using Stream = std::array<QuicHalf, 2>;  // by Direction

  const FlowInfo& flow;
  TlsContext& context;
  QuicSink& sink;
  std::shared_ptr<const CryptoLibrary> crypto;
  QuicIdObserver* ids = nullptr;
  QuicFacts facts;

  std::array<QuicSide, 2> sides{QuicSide(Direction::to_server), QuicSide(Direction::to_client)};
  std::size_t client_index = 0;  // the side that sent the first Initial
  bool client_known = false;
  std::uint32_t version = 0;  // that 1-RTT packets are protected by
  std::vector<std::unique_ptr<QuicInitialKeys>> initials;
  const CipherSuite* suite = nullptr;
  Early early = Early::none;
  bool unsupported = false, mismatch = false, finished = false;

  std::unordered_map<std::uint64_t, Stream> streams;
  std::array<NumberRanges, 4> closed_streams{NumberRanges(64), NumberRanges(64), NumberRanges(64), NumberRanges(64)};
  std::uint64_t order_bytes = 0;  // out of order, of all streams

  std::uint64_t seen_size = 0, keys_version = 1;
  bool progress = false;  // something was learnt that waiting packets may need
  bool draining = false, flushing = false;
  std::deque<QuicWaiting> waiting;
  std::uint64_t waiting_bytes = 0, waiting_data_bytes = 0;
  std::vector<std::pair<FlowId, QuicFlowBytes>> flow_bytes;
  ByteVector header_buffer, buffer;

  // quic.cc: datagrams to packets, packets to frames.
  void take_datagram(const Chunk& chunk);
  void take_packets(QuicArrival arrival, Bytes rest, bool first);
  void take(QuicArrival& arrival);
  Step process(QuicArrival& arrival);
  Step take_retry(const QuicArrival& arrival);
  void take_frames(const QuicArrival& arrival, QuicLevel level, std::uint64_t number, Bytes plain);
  void take_frame(const QuicArrival& arrival, QuicLevel level, const QuicOrigin& origin, const QuicFrame& frame);
  void count(const QuicArrival& arrival, Step step);
  void add_id(QuicSide& side, Bytes id);
  void note(std::string_view anomaly, PacketRunsView packets);
  QuicSide& other(const QuicSide& side) { return sides[&side == &sides[0] ? 1 : 0]; }
  bool from_client(const QuicSide& side) const { return &side == &sides[client_index]; }
  void update_outcome();

  // quic_open.cc: takes protection off.
  struct Opened {
    std::uint64_t number = 0;
    Bytes plain;
    std::size_t size = 0;  // of the packet, when others follow it that look like a part of it; else 0
  };
  struct Unprotected {
    Bytes header, sealed;
    std::uint64_t truncated = 0;
    unsigned number_bytes = 0;
    bool phase = false;
  };
  bool unprotect(QuicHeaderKey& key, const QuicPacket& packet, Unprotected& out);
  bool open_with(QuicKeys& keys, std::uint64_t expected, const QuicPacket& packet, Opened& opened);
  std::uint64_t expected_number(const QuicSide& side, QuicLevel level) const;
  bool open_initial(const QuicArrival& arrival, Opened& opened);
  bool try_initial(QuicInitialKeys& keys, bool from_client, const QuicArrival& arrival, Opened& opened);
  std::unique_ptr<QuicInitialKeys> make_initial(std::uint32_t version, Bytes id);
  Step open_level(const QuicArrival& arrival, QuicLevel level, Opened& opened);
  bool open_application(QuicSide& side, const QuicPacket& packet, Opened& opened);
  bool open_short(QuicSide& side, const QuicPacket& packet, Opened& opened);
  bool open_first(QuicSide& side, const QuicPacket& packet, std::size_t size, Opened& opened);
  bool find_first(QuicSide& side, const QuicPacket& packet, Opened& opened);
  bool open_generations(QuicSide& side, const Unprotected& bare, std::uint64_t number, Opened& opened);
  bool try_secrets(QuicSide& side, QuicLevel level, const QuicPacket& packet, Opened& opened);
  bool open_ready(QuicSide& side, QuicLevel level, const QuicPacket& packet, Opened& opened);
  std::vector<std::size_t> id_lengths(const QuicSide& side, Bytes packet) const;
  QuicKeys& keys_of(QuicSide& side, QuicLevel level);
  bool has_secret(const QuicSide& side, QuicLevel level) const;
  bool can_open(QuicSide& side, Bytes packet);
  bool is_stateless_reset(const QuicSide& side, Bytes packet) const;

  // quic_handshake.cc
  void take_crypto(QuicSide& side, QuicLevel level, const QuicOrigin& origin, const QuicFrame& frame);
  void on_message(QuicSide& side, const QuicOrigin& origin, const HandshakeMessage& message);
  void on_client_hello(QuicSide& side, const QuicOrigin& origin, Bytes body);
  void on_server_hello(const QuicOrigin& origin, Bytes body);
  void on_parameters(Bytes parameters);
  void use_secret(std::string_view label);

  // quic_streams.cc
  void take_stream(QuicSide& side, const QuicOrigin& origin, const QuicFrame& frame);
  void take_reset(QuicSide& side, const QuicOrigin& origin, const QuicFrame& frame);
  QuicHalf* half_of(const QuicSide& side, const QuicOrigin& origin, std::uint64_t stream);
  void settle(QuicSide& side, std::uint64_t stream, QuicHalf& half, const QuicOrigin& origin);
  void deliver(QuicSide& side, std::uint64_t stream, std::uint64_t offset, Bytes data, const QuicOrigin& origin);
  void skip_hole(QuicSide& side, std::uint64_t stream, QuicHalf& half, const QuicOrigin& origin);
  void end_half(QuicSide& side, std::uint64_t stream, QuicHalf& half, const QuicOrigin& origin, bool reset);
  void check_losses(QuicSide& side, const QuicOrigin& origin);
  void end_streams();
  Chunk chunk_of(const QuicSide& side, std::uint64_t offset, const QuicOrigin& origin, Bytes data) const {
    return {flow, side.direction, offset, origin.seen, origin.packets, data};
  }

  // quic_waiting.cc
  void enqueue(const QuicArrival& arrival);
  void check_keys();
  void drain();
};

}  // namespace tattle
