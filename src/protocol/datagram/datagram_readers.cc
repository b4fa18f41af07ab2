#include "protocol/datagram/datagram_readers.h"

#include <algorithm>

namespace tattle {

DatagramFate DatagramReaders::read(const Chunk& chunk, bool cut) {
  for (Reader& reader : readers_) {
    const DatagramFate fate = reader.parser->on_datagram(chunk, cut);
    if (fate != DatagramFate::unknown) return fate;
  }
  if (readers_.size() >= kMost) return DatagramFate::unknown;
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
  return DatagramFate::unknown;
}

bool DatagramReaders::has(std::string_view name) const {
  return std::any_of(readers_.begin(), readers_.end(),
                     [&](const Reader& reader) { return reader.protocol->name == name; });
}

void DatagramReaders::finish(FlowSummary& summary) {
  for (Reader& reader : readers_) reader.parser->finish(summary);
}

bool DatagramReaders::at_rest() const {
  return std::all_of(readers_.begin(), readers_.end(), [](const Reader& reader) { return reader.parser->stateless(); });
}

void DatagramReaders::pass(StateArchive& archive) {
  std::size_t count = readers_.size();
  archive(count);
  if (archive.reads()) readers_.resize(count);
  for (Reader& reader : readers_) {
    archive(reader.protocol);
    if (archive.reads()) reader.parser = reader.protocol->make(flow_, above_, context_);
  }
}

}  // namespace tattle
