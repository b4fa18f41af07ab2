#include <algorithm>
#include <utility>

#include "decrypt/quic/state.h"

// Takes protection off packets: which keys and which packet number fit, the AEAD's tag decides.

namespace tattle {
namespace {

// Packets on which secrets of the store are tried in vain before only a richer store is asked again.
constexpr unsigned kTriedPackets = 64;
// Packets for which further key generations and packet numbers are tried than the next, for each direction.
constexpr unsigned kFarTries = 256;
constexpr unsigned kFarGenerations = 8;
constexpr std::size_t kMostInitials = 8;
// Sizes of packets that segmentation offload merges, and datagrams of a direction that are searched for one in vain.
constexpr std::size_t kLeastMerged = 21, kMostMerged = 1500;
constexpr unsigned kMergedTries = 64;
// Those of TLS 1.3 that QUIC allows (RFC 9001 section 5.3).
constexpr std::uint16_t kSuites[] = {0x1301, 0x1302, 0x1303, 0x1304};

std::string_view secret_label(bool client, QuicLevel level) {
  switch (level) {
    case QuicLevel::early:
      return "CLIENT_EARLY_TRAFFIC_SECRET";
    case QuicLevel::handshake:
      return client ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET" : "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    default:
      return client ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0";
  }
}

}  // namespace

// Reads number and phase under header protection. `out.header` lives in header_buffer.
bool QuicConnection::State::unprotect(QuicHeaderKey& key, const QuicPacket& packet, Unprotected& out) {
  constexpr std::size_t kSample = 16;
  if (packet.raw.size() < packet.number_at + 4 + kSample) return false;
  std::array<std::uint8_t, 5> mask{};
  if (!key.mask(packet.raw.subspan(packet.number_at + 4, kSample), mask)) return false;
  const std::uint8_t bits = has_quic_long_header(packet.raw) ? 0x0f : 0x1f;
  const std::uint8_t first = packet.raw[0] ^ (mask[0] & bits);
  out.number_bytes = (first & 3u) + 1;
  out.phase = (first & 0x04) != 0;
  const std::size_t header = packet.number_at + out.number_bytes;
  header_buffer.assign(packet.raw.begin(), packet.raw.begin() + static_cast<std::ptrdiff_t>(header));
  header_buffer[0] = first;
  out.truncated = 0;
  for (unsigned i = 0; i < out.number_bytes; ++i) {
    header_buffer[packet.number_at + i] ^= mask[i + 1];
    out.truncated = out.truncated << 8 | header_buffer[packet.number_at + i];
  }
  out.header = header_buffer;
  out.sealed = packet.raw.subspan(header);
  return true;
}

bool QuicConnection::State::open_with(QuicKeys& keys, std::uint64_t expected, const QuicPacket& packet,
                                      Opened& opened) {
  Unprotected bare;
  if (!unprotect(keys.header, packet, bare)) return false;
  opened.number = decode_packet_number(expected, bare.truncated, bare.number_bytes);
  return keys.packet.open(opened.number, bare.header, bare.sealed, buffer, opened.plain);
}

std::uint64_t QuicConnection::State::expected_number(const QuicSide& side, QuicLevel level) const {
  const NumberRanges& received = side.received[space_of(level)];
  return received.empty() ? 0 : received.highest() + 1;
}

std::unique_ptr<QuicInitialKeys> QuicConnection::State::make_initial(std::uint32_t of_version, Bytes id) {
  auto made = std::make_unique<QuicInitialKeys>();
  made->version = of_version;
  made->id.assign(id.begin(), id.end());
  const QuicInitialSecrets secrets = quic_initial_secrets(*crypto, of_version, id);
  const CipherSuite& aes = quic_initial_suite();
  const Bytes both[] = {secrets.client, secrets.server};
  for (std::size_t i = 0; i < 2; ++i) {
    QuicKeys& keys = made->keys[i];
    if (!keys.header.init(*crypto, aes, of_version, both[i]) || !keys.packet.init(*crypto, aes, of_version, both[i])) {
      return nullptr;
    }
  }
  return made;
}

bool QuicConnection::State::try_initial(QuicInitialKeys& keys, bool as_client, const QuicArrival& arrival,
                                        Opened& opened) {
  const QuicSide& side = sides[index(arrival.direction)];
  return open_with(keys.keys[as_client ? 0 : 1], expected_number(side, QuicLevel::initial), arrival.packet, opened);
}

bool QuicConnection::State::open_initial(const QuicArrival& arrival, Opened& opened) {
  if (!crypto) return false;
  const QuicPacket& packet = arrival.packet;
  const bool as_client = client_known ? index(arrival.direction) == client_index : true;
  for (const auto& keys : initials) {
    if (keys->version == packet.version && try_initial(*keys, as_client, arrival, opened)) return true;
  }
  if (initials.size() >= kMostInitials) return false;
  auto has = [&](Bytes id) {
    return std::ranges::any_of(initials, [&](const auto& keys) {
      return keys->version == packet.version && std::ranges::equal(keys->id, id);
    });
  };
  auto try_id = [&](Bytes id) {
    if (has(id)) return false;
    auto made = make_initial(packet.version, id);
    if (!made || !try_initial(*made, as_client, arrival, opened)) return false;
    initials.push_back(std::move(made));
    return true;
  };
  // Another version, the same id: the server switched (RFC 9369 section 4.1).
  for (std::size_t i = 0; i < initials.size(); ++i) {
    const ByteVector id = initials[i]->id;
    if (try_id(id)) return true;
  }
  if (!as_client || !try_id(packet.destination)) return false;
  if (!client_known) {
    client_known = true;
    client_index = index(arrival.direction);
  }
  add_id(sides[client_index], packet.destination);
  progress = true;
  return true;
}

QuicKeys& QuicConnection::State::keys_of(QuicSide& side, QuicLevel level) {
  if (level == QuicLevel::early) return side.early;
  return level == QuicLevel::handshake ? side.handshake_keys : side.application;
}

bool QuicConnection::State::has_secret(const QuicSide& side, QuicLevel level) const {
  return context.keys &&
         !context.keys->secrets(secret_label(from_client(side), level), facts.tls.client_random).empty();
}

QuicConnection::State::Step QuicConnection::State::open_level(const QuicArrival& arrival, QuicLevel level,
                                                              Opened& opened) {
  QuicSide& side = sides[index(arrival.direction)];
  const QuicPacket& packet = arrival.packet;
  QuicKeys& keys = keys_of(side, level);
  if (level == QuicLevel::early && early == Early::offered && !flushing) {
    // Whether the server takes early data stands in its EncryptedExtensions.
    QuicSide& server = sides[1 - client_index];
    const bool answer_to_come = has_secret(server, QuicLevel::handshake) || !context.keys_complete || !suite;
    if (answer_to_come && (has_secret(side, level) || !context.keys_complete)) return Step::wait;
  }
  if (level == QuicLevel::early && early == Early::rejected) {
    note("tls.early-data-rejected", arrival.origin.packets);
    return Step::closed;
  }
  if (keys.ready()) {
    const bool good = level == QuicLevel::application ? open_application(side, packet, opened)
                                                      : open_with(keys, expected_number(side, level), packet, opened);
    if (good) return Step::read;
    note(level == QuicLevel::application && is_stateless_reset(side, packet.raw) ? "quic.stateless-reset"
                                                                                 : "quic.bad-packet",
         arrival.origin.packets);
    return Step::closed;
  }
  if (!facts.tls.client_hello) {
    // Joined midway there is nothing to wait for; else the handshake may have been captured late.
    return flushing || (facts.version == 0 && waiting.empty()) ? Step::closed : Step::wait;
  }
  if (try_secrets(side, level, packet, opened)) return Step::read;
  const bool may_come = !context.keys_complete || (!suite && !unsupported && has_secret(side, level));
  return may_come && !flushing ? Step::wait : Step::closed;
}

bool QuicConnection::State::try_secrets(QuicSide& side, QuicLevel level, const QuicPacket& packet, Opened& opened) {
  if (!context.keys || !crypto || facts.tls.client_random.empty() || unsupported) return false;
  QuicKeys& keys = keys_of(side, level);
  if (keys.tried_keys == keys_version && keys.tried_packets >= kTriedPackets) return false;
  const std::string_view label = secret_label(from_client(side), level);
  const std::uint64_t tried_keys = keys.tried_keys;
  const unsigned tried_packets = keys.tried_packets, far_tries = side.far_tries;
  const std::uint32_t of_version = packet.version != 0 ? packet.version : version;
  bool tried = false;
  for (Bytes secret : context.keys->secrets(label, facts.tls.client_random)) {
    // Early data is protected by the suite of the session it resumes; else a lost ServerHello leaves it open.
    std::vector<const CipherSuite*> suites;
    if (suite) suites.push_back(suite);
    if (!suite || level == QuicLevel::early) {
      for (const std::uint16_t id : kSuites) suites.push_back(find_cipher_suite(id));
    }
    for (const CipherSuite* candidate : suites) {
      if (candidate == nullptr || secret.size() != (candidate->prf == Hash::sha384 ? 48u : 32u)) continue;
      QuicKeys fresh;
      if (!fresh.header.init(*crypto, *candidate, of_version, secret) ||
          !fresh.packet.init(*crypto, *candidate, of_version, secret)) {
        continue;
      }
      tried = true;
      fresh.suite = candidate;
      fresh.version = of_version;
      fresh.secret.assign(secret.begin(), secret.end());
      keys = std::move(fresh);
      if (open_ready(side, level, packet, opened)) {
        use_secret(label);
        context.note_used(flow.id, label, facts.tls.client_random, secret);
        progress = true;
        return true;
      }
      keys = QuicKeys();
      keys.tried_keys = tried_keys;
      keys.tried_packets = tried_packets;
      side.far_tries = far_tries;
      side.next.reset();
    }
  }
  if (!tried) return false;
  if (suite && level != QuicLevel::early) mismatch = true;
  keys.tried_packets = keys.tried_keys == keys_version ? keys.tried_packets + 1 : 1;
  keys.tried_keys = keys_version;
  return false;
}

// Lengths that the destination id of a short header may have: that of the id it starts with, else of any.
std::vector<std::size_t> QuicConnection::State::id_lengths(const QuicSide& side, Bytes packet) const {
  std::vector<std::size_t> lengths;
  for (const ByteVector& id : side.ids) {
    if (packet.size() > id.size() && !id.empty() && std::ranges::equal(id, packet.subspan(1, id.size()))) {
      return {id.size()};
    }
    if (std::ranges::find(lengths, id.size()) == lengths.end() && lengths.size() < 3) lengths.push_back(id.size());
  }
  return lengths;
}

bool QuicConnection::State::open_ready(QuicSide& side, QuicLevel level, const QuicPacket& packet, Opened& opened) {
  if (level == QuicLevel::application) return open_application(side, packet, opened);
  return open_with(keys_of(side, level), expected_number(side, level), packet, opened);
}

// A datagram captured where the system sends may be several that are to be cut later (UDP segmentation offload), or
// several that were put together on arrival: all of one size but the last. A short header does not tell its packet's
// size, so that the tag has to.
bool QuicConnection::State::open_application(QuicSide& side, const QuicPacket& packet, Opened& opened) {
  opened.size = 0;
  if (side.merged_size != 0 && open_first(side, packet, side.merged_size, opened)) return true;
  return open_short(side, packet, opened) || find_first(side, packet, opened);
}

bool QuicConnection::State::open_first(QuicSide& side, const QuicPacket& packet, std::size_t size, Opened& opened) {
  if (size >= packet.raw.size()) return false;
  QuicPacket first = packet;
  first.raw = packet.raw.first(size);
  // Only what is near: numbers and generations far off were tried on the whole.
  const unsigned far_tries = std::exchange(side.far_tries, kFarTries);
  const bool good = open_short(side, first, opened);
  side.far_tries = far_tries;
  if (good) opened.size = size;
  return good;
}

bool QuicConnection::State::find_first(QuicSide& side, const QuicPacket& packet, Opened& opened) {
  const Bytes raw = packet.raw;
  if (raw.size() < 2 * kLeastMerged || side.merged_tries >= kMergedTries) return false;
  auto opens = [&](std::size_t size) {
    if (!open_first(side, packet, size, opened)) return false;
    side.merged_size = size;
    return true;
  };
  // The next packet most likely bears the same connection id.
  for (const ByteVector& id : side.ids) {
    if (id.empty() || !std::ranges::equal(id, raw.subspan(1, std::min(id.size(), raw.size() - 1)))) continue;
    const auto next =
        std::search(raw.begin() + 1 + static_cast<std::ptrdiff_t>(id.size()), raw.end(), id.begin(), id.end());
    if (next != raw.end() && opens(static_cast<std::size_t>(next - raw.begin()) - 1)) return true;
  }
  for (std::size_t size = std::min(kMostMerged, raw.size() - 1); size >= kLeastMerged; --size) {
    if (opens(size)) return true;
  }
  ++side.merged_tries;
  return false;
}

bool QuicConnection::State::open_short(QuicSide& side, const QuicPacket& packet, Opened& opened) {
  QuicPacket placed = packet;
  const std::uint64_t expected = expected_number(side, QuicLevel::application);
  for (std::size_t length : id_lengths(side, packet.raw)) {
    placed.number_at = 1 + length;
    Unprotected bare;
    if (!unprotect(side.application.header, placed, bare)) continue;
    const std::uint64_t number = decode_packet_number(expected, bare.truncated, bare.number_bytes);
    if (open_generations(side, bare, number, opened)) return true;
    // So many packets may have been lost that the number was completed wrongly: what the peer acknowledged says more.
    if (side.acked.empty() || side.far_tries >= kFarTries) continue;
    const std::uint64_t other = decode_packet_number(side.acked.highest() + 1, bare.truncated, bare.number_bytes);
    if (other == number) continue;
    ++side.far_tries;
    if (open_generations(side, bare, other, opened)) return true;
  }
  return false;
}

// Tries the current keys, those before and those that a key update leads to (RFC 9001 section 6).
bool QuicConnection::State::open_generations(QuicSide& side, const Unprotected& bare, std::uint64_t number,
                                             Opened& opened) {
  opened.number = number;
  auto opens = [&](QuicPacketKey& key) {
    return key.ready() && key.open(number, bare.header, bare.sealed, buffer, opened.plain);
  };
  if (bare.phase == ((side.generation & 1) != 0)) {
    if (opens(side.application.packet)) {
      side.generation_start = std::min(side.generation_start, number);
      return true;
    }
  } else if (number < side.generation_start && opens(side.previous)) {
    return true;
  }
  const QuicKeys& now = side.application;
  ByteVector secret = now.secret;
  for (unsigned ahead = 1; ahead <= kFarGenerations; ++ahead) {
    if (ahead > 1 && side.far_tries >= kFarTries) return false;
    secret = next_quic_secret(*crypto, *now.suite, now.version, secret);
    if (bare.phase != (((side.generation + ahead) & 1) != 0)) continue;
    if (ahead > 1) ++side.far_tries;
    QuicPacketKey key;
    if (ahead == 1 && !side.next.ready()) side.next.init(*crypto, *now.suite, now.version, secret);
    if (ahead > 1) key.init(*crypto, *now.suite, now.version, secret);
    if (!opens(ahead == 1 ? side.next : key)) continue;
    side.previous = ahead == 1 ? std::move(side.application.packet) : QuicPacketKey();
    side.application.packet = ahead == 1 ? std::move(side.next) : std::move(key);
    side.next = QuicPacketKey();
    side.application.secret = secret;
    side.generation += ahead;
    side.generation_start = number;
    return true;
  }
  return false;
}

// Whether keys at hand open this short header's packet; nothing changes by it.
bool QuicConnection::State::can_open(QuicSide& side, Bytes packet) {
  QuicPacket placed;
  placed.raw = packet;
  for (std::size_t length : id_lengths(side, packet)) {
    placed.number_at = 1 + length;
    Unprotected bare;
    if (!side.application.ready() || !unprotect(side.application.header, placed, bare)) continue;
    const std::uint64_t expected = expected_number(side, QuicLevel::application);
    const std::uint64_t number = decode_packet_number(expected, bare.truncated, bare.number_bytes);
    Bytes plain;
    for (QuicPacketKey* key : {&side.application.packet, &side.previous, &side.next}) {
      if (key->ready() && key->open(number, bare.header, bare.sealed, buffer, plain)) return true;
    }
  }
  return false;
}

bool QuicConnection::State::is_stateless_reset(const QuicSide& side, Bytes packet) const {
  if (packet.size() < 21) return false;
  return std::ranges::any_of(side.reset_tokens,
                             [&](const ByteVector& token) { return std::ranges::equal(token, packet.last(16)); });
}

}  // namespace tattle
