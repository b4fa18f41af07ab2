#include "protocol/datagram/datagram_readers.h"

#include <algorithm>

namespace tattle {

DatagramFate DatagramReaders::read(const Chunk& chunk, bool cut) {
  for (Reader& reader : readers_) {
    const DatagramFate fate = reader.parser->on_datagram(chunk, cut);
    if (fate != DatagramFate::unknown) return fate;
  }
  if (readers_.size() >= kMost) return read_media(chunk, cut);
  for (const DatagramProtocol& protocol : datagram_protocols()) {
    if (has(protocol.name) || !protocol.fits(chunk)) continue;
    auto made = protocol.make(flow_, above_, context_);
    if (!made) continue;
    const DatagramFate fate = made->on_datagram(chunk, cut);
    if (fate == DatagramFate::unknown) continue;  // its shape deceived
    readers_.reserve(readers_.size() + 1);
    readers_.push_back({&protocol, std::move(made)});
    return fate;
  }
  return read_media(chunk, cut);
}

// Media share their ports with nothing but what sets them up (RFC 7983).
DatagramFate DatagramReaders::read_media(const Chunk& chunk, bool cut) {
  for (const Reader& reader : readers_) {
    const std::string_view name = reader.protocol->name;
    if (name != "stun" && name != "dtls" && name != "rtcp") return DatagramFate::unknown;
  }
  if (!rtp_.knows(chunk, cut)) return DatagramFate::unknown;
  const DatagramFate fate = read_rtp(chunk, cut, above_, context_);
  closed_media_ |= fate == DatagramFate::opaque;
  return fate;
}

bool DatagramReaders::has(std::string_view name) const {
  return std::any_of(readers_.begin(), readers_.end(),
                     [&](const Reader& reader) { return reader.protocol->name == name; });
}

void DatagramReaders::finish(FlowSummary& summary) {
  for (Reader& reader : readers_) reader.parser->finish(summary);
  if (closed_media_ && summary.opaque_reason.empty()) summary.opaque_reason = "media";
}

bool DatagramReaders::at_rest() const {
  return std::all_of(readers_.begin(), readers_.end(), [](const Reader& reader) { return reader.parser->stateless(); });
}

void DatagramReaders::pass(StateArchive& archive) {
  std::size_t count = readers_.size();
  archive(count);
  archive.flags(closed_media_);
  rtp_.pass(archive);
  if (archive.reads()) readers_.resize(count);
  for (Reader& reader : readers_) {
    archive(reader.protocol);
    if (archive.reads()) reader.parser = reader.protocol->make(flow_, above_, context_);
  }
}

}  // namespace tattle
