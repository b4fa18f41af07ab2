#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "capture/capture.h"
#include "capture/capture_context.h"

namespace tattle {

/// A capture of packets in a format other than pcap and pcapng.
class PacketFormat {
 public:
  virtual ~PacketFormat() = default;
  /// Before next(). Empty when it can be read, else why not, for the user.
  virtual std::string start(CaptureContext& in) = 0;
  /// The next packet; nothing at the end.
  virtual std::optional<CapturedPacket> next(CaptureContext& in) = 0;
  /// `snoop`, `netmon 2`, `erf`.
  virtual std::string name() const = 0;
};

/// The format whose magic number this is; null when it is none of them.
/// @param front  Up to 64 bytes, fewer at the end of a short file.
/// @param file   Where it may be read in any order; null when its bytes come one after another alone.
std::unique_ptr<PacketFormat> make_packet_format(Bytes front, const FileSource* file = nullptr);

/// A file's first bytes: at least as many as asked for, or all that are at hand; they live until the next call.
using PeekFront = std::function<Bytes(std::size_t)>;
/// The format without a magic number whose first records are these; null when it is none of them. To be asked last.
std::unique_ptr<PacketFormat> guess_packet_format(const PeekFront& peek);

constexpr std::size_t kRecordSearchBytes = 1 << 20;  // how far a believable record is looked for after damage

/// After a length that cannot be: goes to the next believable record, which another one or the end of the input
/// follows, since two in a row are no accident. False when there is none within kRecordSearchBytes.
/// @param header   Bytes of a record's header.
/// @param size_of  (const std::uint8_t* header) -> the whole record's bytes, or 0 when it is not believable.
template <class SizeOf>
bool find_record(CaptureContext& in, std::size_t header, SizeOf size_of) {
  in.note("capture.damaged-length");
  const Bytes area = in.window.peek(kRecordSearchBytes);
  for (std::size_t at = 1; at + header <= area.size(); ++at) {
    const std::size_t whole = size_of(area.data() + at);
    if (whole == 0) continue;
    const std::size_t follower = at + whole;
    const bool last = follower == area.size() && area.size() < kRecordSearchBytes;
    if (!last && (follower + header > area.size() || size_of(area.data() + follower) == 0)) continue;
    in.window.skip(at);
    return true;
  }
  return false;
}

}  // namespace tattle
