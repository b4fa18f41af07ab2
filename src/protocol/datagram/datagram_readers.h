#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/state_archive.h"
#include "protocol/datagram/datagram_parser.h"
#include "protocol/datagram/rtp.h"

namespace tattle {

/// Those who read the datagrams of one flow, or of what a DTLS connection carries: found by the table of protocols, in
/// the order in which they were recognised.
class DatagramReaders {
 public:
  DatagramReaders(const FlowInfo& flow, const StreamContext& above, ParserContext& context)
      : flow_(flow), above_(above), context_(context) {}

  /// `unknown`: nobody reads it, and the caller hands it down as it is.
  DatagramFate read(const Chunk& chunk, bool cut);
  void finish(FlowSummary& summary);
  /// As Idler's.
  bool at_rest() const;
  void pass(StateArchive& archive);
  /// Of the first protocol that was recognised; empty when none was.
  std::string_view name() const {
    if (!readers_.empty()) return readers_[0].protocol->name;
    return rtp_.recognised() ? "rtp" : std::string_view();
  }

 private:
  // Protocols that one pair of ports may carry beside each other, such as STUN and DTLS (RFC 7983).
  static constexpr std::size_t kMost = 4;
  struct Reader {
    const DatagramProtocol* protocol;
    std::unique_ptr<DatagramParser> parser;
  };
  bool has(std::string_view name) const;
  DatagramFate read_media(const Chunk& chunk, bool cut);

  const FlowInfo& flow_;
  const StreamContext& above_;
  ParserContext& context_;
  std::vector<Reader> readers_;  // kMost at most
  RtpWatch rtp_;
  bool closed_media_ = false;
};

}  // namespace tattle
