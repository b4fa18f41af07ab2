#include "protocol/datagram/rtp.h"

#include <algorithm>
#include <bitset>
#include <optional>

#include "base/byte_reader.h"
#include "protocol/local/local_protocols.h"

namespace tattle {
namespace {

constexpr std::size_t kFixedHeader = 12;

struct Header {
  std::uint8_t type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0, source = 0;
  std::size_t size = 0;  // with contributing sources and extension
};

// RFC 3550 section 5.1. Payload types from 35 on are unassigned, from 64 on RTCP's (RFC 5761 section 4).
std::optional<Header> read_header(Bytes data, bool cut) {
  ByteReader in(data);
  const std::uint8_t first = in.u8("first");
  Header header;
  header.type = in.u8("type") & 0x7f;
  header.sequence = in.u16("sequence");
  header.timestamp = in.u32("timestamp");
  header.source = in.u32("source");
  in.skip(std::size_t{4} * (first & 0x0f), "contributing sources");
  if (first & 0x10) {
    in.skip(2, "extension.profile");
    in.skip(std::size_t{4} * in.u16("extension.length"), "extension");
  }
  const bool assigned = header.type <= 34 || header.type >= 96;
  if (in.error() || first >> 6 != 2 || !assigned || header.source == 0 || in.remaining() == 0) return std::nullopt;
  if ((first & 0x20) && !cut && (data.back() == 0 || data.back() > in.remaining())) return std::nullopt;
  header.size = in.offset();
  return header;
}

std::uint32_t distance(std::uint32_t one, std::uint32_t other) { return std::min(one - other, other - one); }

// Different characters in a row, which sound and pictures hold by chance only.
bool holds_text(Bytes data) {
  constexpr std::size_t kLongEnough = 12, kDifferent = 6;
  std::size_t run = 0;
  std::bitset<128> met;
  for (const std::uint8_t byte : data) {
    if (byte < 0x20 || byte > 0x7e) {
      if (run != 0) met.reset();
      run = 0;
      continue;
    }
    ++run;
    met.set(byte);
    if (run >= kLongEnough && met.count() >= kDifferent) return true;
  }
  return false;
}

}  // namespace

bool RtpWatch::knows(const Chunk& chunk, bool cut) {
  constexpr std::int16_t kLost = 3000, kLate = -100;  // RFC 3550 section A.1
  constexpr std::uint32_t kMostApart = 10 * 90000;    // ten seconds of the fastest usual clock
  const std::optional<Header> header = read_header(chunk.data, cut);
  if (!header) return false;
  const auto direction = static_cast<std::uint8_t>(index(chunk.direction));
  const auto met = std::find_if(sources_.begin(), sources_.end(), [&](const Source& each) {
    return each.id == header->source && each.direction == direction;
  });
  const Source now{header->source, header->timestamp, header->sequence, header->type, direction, false};
  if (met == sources_.end()) {
    if (sources_.size() >= kMost) {
      const auto other = std::find_if(sources_.begin(), sources_.end(), [](const Source& each) { return !each.known; });
      if (other == sources_.end()) return false;
      sources_.erase(other);
    }
    sources_.push_back(now);
    return false;
  }
  const auto step = static_cast<std::int16_t>(header->sequence - met->sequence);
  const bool known =
      met->known ? step >= kLate && step <= kLost
                 : step == 1 && header->type == met->type && distance(header->timestamp, met->timestamp) <= kMostApart;
  if (!known || step > 0) {
    *met = now;
    met->known = known;
  }
  recognised_ |= known;
  return known;
}

void RtpWatch::pass(StateArchive& archive) {
  std::size_t count = sources_.size();
  archive.flags(recognised_);
  archive(count);
  if (archive.reads()) sources_.resize(count);
  for (Source& each : sources_) {
    archive(each.id, each.timestamp, each.sequence, each.type, each.direction);
    archive.flags(each.known);
  }
}

DatagramFate read_rtp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  const std::optional<Header> header = read_header(chunk.data, cut);
  if (!header) return DatagramFate::unknown;
  if (!holds_text(chunk.data.subspan(kFixedHeader))) return DatagramFate::opaque;
  DatagramWords words;
  words.protocol = "rtp";
  words.sender_is_client = chunk.direction == Direction::to_server;
  words.head_size = header->size;
  words.damaged = cut;
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

}  // namespace tattle
