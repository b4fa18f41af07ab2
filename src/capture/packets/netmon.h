#pragma once

#include "capture/byte_source.h"
#include "capture/packets/format.h"

namespace tattle {

/// Bytes from any place of a file on.
class PlacedSource : public ByteSource {
 public:
  PlacedSource(const FileSource& file, std::uint64_t offset) : file_(file), offset_(offset) {}
  std::size_t read(std::uint8_t* into, std::size_t room) override;
  SourceTrouble trouble() const override { return SourceTrouble::none; }

 private:
  const FileSource& file_;
  std::uint64_t offset_;
};

/// What Microsoft's Network Monitor 1 to 3 and Message Analyzer write. A table of frames, mostly behind them, says
/// where each frame stands and in which order they come; a file that can be read anywhere is read by it, compressed
/// ones from the header's end to the table, where the order is found to be another one or not.
/// Source: the help of Network Monitor 3.4, `Network Monitor capture file format`; where it is silent, what Wireshark's
/// wiretap/netmon.c says.
class NetmonFormat : public PacketFormat {
 public:
  /// @param front  Four bytes at least.
  static bool matches(Bytes front);
  /// @param file  Read by its table when it is not null.
  explicit NetmonFormat(const FileSource* file) : file_(file) {}
  std::string start(CaptureContext& in) override;
  /// @anomaly capture.damaged-length  A frame that cannot be, or a table that does not fit in the file.
  /// @anomaly capture.zone-unknown    The start is a local time whose zone the file does not state; taken for UTC.
  /// @anomaly capture.frame-order     Frames were read in another order than that of their table.
  std::optional<CapturedPacket> next(CaptureContext& in) override;
  std::string name() const override { return major_ == 1 ? "netmon 1" : "netmon 2"; }

 private:
  struct Frame {
    std::uint64_t delta;  // milliseconds (1) or microseconds (2) since the start
    std::uint32_t wire, captured;
  };
  Frame frame_at(const std::uint8_t* at) const;
  std::size_t header_bytes() const { return major_ == 1 ? 8 : 16; }
  std::size_t trailer_bytes() const;
  std::size_t whole_bytes(const Frame& frame) const { return header_bytes() + frame.captured + trailer_bytes(); }
  bool go_by_table(CaptureContext& in);
  bool go_in_sequence(CaptureContext& in);
  bool check_order(CaptureContext& in);
  BlockWindow& window(CaptureContext& in) { return placed_ ? *placed_ : in.window; }
  Time time_of(const Frame& frame, Bytes trailer) const;
  bool is_frame(CaptureContext& in, std::uint16_t network);
  void set_link(CapturedPacket& packet, std::uint16_t network) const;

  const FileSource* file_;
  std::uint8_t major_ = 0, minor_ = 0;
  std::uint16_t network_ = 0;
  Time start_;
  std::uint64_t table_ = 0;         // where it begins
  std::uint64_t table_frames_ = 0;  // entries of it
  std::uint64_t frames_ = 0;        // gone through so far
  std::uint64_t frame_bytes_ = 0;   // likewise
  std::uint64_t offsets_digest_ = 0;
  std::unique_ptr<PlacedSource> table_source_, frame_source_;
  std::unique_ptr<BlockWindow> table_window_, placed_;
  std::uint64_t placed_from_ = 0;  // where placed_ begins
};

}  // namespace tattle
