#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/address.h"
#include "base/anomalies.h"
#include "base/bytes.h"
#include "base/flow.h"
#include "base/limits.h"
#include "base/packet_ref.h"
#include "base/time.h"
#include "capture/byte_source.h"
#include "capture/import/import.h"

namespace tattle {

/// One captured packet. `data` lives as long as `owner` is kept.
struct CapturedPacket {
  PacketId id;
  std::uint32_t interface = 0;  // unique over all interfaces of the file's sections, from 0
  std::uint16_t link_type = 0;  // LINKTYPE_ value (pcap-linktype(7))
  Time time;
  std::uint32_t wire_length = 0;  // bytes on the wire; more than data.size() when cut by the snap length
  Bytes data;
  std::shared_ptr<const void> owner;
  std::shared_ptr<const AppInfo> app;  // null: the file does not say whose packet it is
};

/// Secrets inside a capture (pcapng Decryption Secrets Block). `data` is borrowed until the next read.
struct CapturedSecrets {
  enum class Kind : std::uint8_t { tls_key_log, other } kind = Kind::other;
  Bytes data;
};

/// A name that the capture file itself gives an address (pcapng Name Resolution Block). Borrowed until the next read.
struct CapturedName {
  Address address;
  std::string_view name;
};

/// An entry of an import that could not be read.
struct UnreadEntry {
  PacketId id;
  std::uint64_t bytes = 0;  // of the file
};

/// The end of the input. `cut` when it ended in the middle of something.
struct CaptureEnd {
  bool cut = false;
};

using CaptureEvent = std::variant<CapturedPacket, CapturedSecrets, CapturedName, CaptureEnd,
                                  std::shared_ptr<const ImportedMessage>, UnreadEntry>;

/// Reads one capture file (pcap, pcapng, snoop, Network Monitor, HAR, mitmproxy flows; plain, gzip or zstd) from its
/// start to its end.
class CaptureReader {
 public:
  /// @param path     File name, or `-` for standard input.
  /// @param capture  Index given to its packets.
  /// @param hash     False leaves sha256() zero: for a second pass over the same file.
  /// @throws UserError  Missing, unreadable, a directory, empty, or not a capture: one line with what to do.
  static std::unique_ptr<CaptureReader> open(const std::string& path, std::uint32_t capture, const Limits& limits,
                                             Anomalies& anomalies, bool hash = true);
  /// The same for a file of an archive; `name` for what is said of it.
  static std::unique_ptr<CaptureReader> open(std::unique_ptr<ByteSource> bytes, const std::string& name,
                                             std::uint32_t capture, const Limits& limits, Anomalies& anomalies,
                                             bool hash = true);
  virtual ~CaptureReader() = default;

  /// The next event; CaptureEnd again and again once the end is reached.
  virtual CaptureEvent next() = 0;

  /// Bytes of the file consumed so far, for progress; before decompression.
  virtual std::uint64_t bytes_read() const = 0;
  /// Size of the file, or 0 when it is not known (a pipe).
  virtual std::uint64_t size() const = 0;
  /// SHA-256 of the file's bytes as they are on disk; complete once CaptureEnd was returned.
  virtual std::array<std::uint8_t, 32> sha256() const = 0;
  /// `pcap`, `pcap (modified)`, `pcapng`, `snoop`, `netmon 2`, `HAR 1.2`, `mitmproxy flows`; with ` (gzip)` or `
  /// (zstd)`.
  virtual std::string format() const = 0;
  /// Entries read so far when it holds messages rather than packets.
  virtual std::optional<std::uint64_t> entries() const { return std::nullopt; }
};

}  // namespace tattle
