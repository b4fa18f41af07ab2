#pragma once

// Capture files for tests, field by field, and what is read from them, a line an event.

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/scratch_folder.h"
#include "capture/capture.h"

namespace tattle::testing_captures {

/// Writes numbers in either byte order.
struct Out {
  bool big = false;
  std::string bytes = "";
  Out& number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * (big ? size - 1 - i : i));
    return *this;
  }
  Out& u16(std::uint64_t value) { return number(value, 2); }
  Out& u32(std::uint64_t value) { return number(value, 4); }
  Out& u64(std::uint64_t value) { return number(value, 8); }
  Out& text(std::string_view raw) {
    bytes += raw;
    return *this;
  }
  Out& padded(std::string_view raw) {
    bytes += raw;
    bytes.append((4 - raw.size() % 4) % 4, '\0');
    return *this;
  }
};

inline std::string pcap_header(bool big, std::uint32_t magic, std::uint32_t link = 1, std::uint16_t minor = 4) {
  return Out{big}.u32(magic).u16(2).u16(minor).u32(0).u32(0).u32(65535).u32(link).bytes;
}
inline std::string pcap_record(bool big, std::uint32_t seconds, std::uint32_t fraction, std::string_view data,
                               std::uint32_t wire = 0) {
  return Out{big}.u32(seconds).u32(fraction).u32(data.size()).u32(wire ? wire : data.size()).text(data).bytes;
}

inline std::string block(bool big, std::uint32_t type, std::string_view body) {
  const std::size_t length = 12 + (body.size() + 3) / 4 * 4;
  return Out{big}.u32(type).u32(length).padded(body).u32(length).bytes;
}
inline std::string section(bool big) {
  return block(big, 0x0a0d0d0a, Out{big}.u32(0x1a2b3c4d).u16(1).u16(0).u64(~0ull).bytes);
}
inline std::string interface(bool big, std::uint16_t link, std::string_view options = "", std::uint32_t snap = 0) {
  return block(big, 1, Out{big}.u16(link).u16(0).u32(snap).text(options).bytes);
}
inline std::string option(bool big, std::uint16_t code, std::string_view value) {
  return Out{big}.u16(code).u16(value.size()).padded(value).bytes;
}
inline std::string enhanced(bool big, std::uint32_t interface, std::uint64_t units, std::string_view data,
                            std::uint32_t wire = 0, std::string_view options = "") {
  return block(big, 6,
               Out{big}
                   .u32(interface)
                   .u32(units >> 32)
                   .u32(units)
                   .u32(data.size())
                   .u32(wire ? wire : data.size())
                   .padded(data)
                   .text(options)
                   .bytes);
}

inline std::string gzip(std::string_view plain) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) : path_(folder_.write("capture", content)) {}
  const std::string& path() const { return path_; }

 private:
  const ScratchFolder folder_;
  const std::string path_;
};

/// Everything of a capture, a line an event.
struct Read {
  std::vector<std::string> events;
  bool cut = false;
  std::string format;
  std::string sha256;
  Anomalies anomalies;
  std::vector<CapturedPacket> packets;
};

inline Read read_path(const std::string& path, const Limits& limits = {}) {
  Read read;
  auto reader = CaptureReader::open(path, 3, limits, read.anomalies);
  while (true) {
    CaptureEvent event = reader->next();
    if (const auto* end = std::get_if<CaptureEnd>(&event)) {
      read.cut = end->cut;
      break;
    }
    if (const auto* packet = std::get_if<CapturedPacket>(&event)) {
      read.events.push_back(std::to_string(packet->id.number) + " if" + std::to_string(packet->interface) + " link" +
                            std::to_string(packet->link_type) + " " + std::to_string(packet->time.ns) + " " +
                            std::to_string(packet->wire_length) + " " + std::string(as_text(packet->data)));
      read.packets.push_back(*packet);
    } else if (const auto* secrets = std::get_if<CapturedSecrets>(&event)) {
      read.events.push_back((secrets->kind == CapturedSecrets::Kind::tls_key_log ? "keys " : "other ") +
                            std::string(as_text(secrets->data)));
    } else if (const auto* name = std::get_if<CapturedName>(&event)) {
      read.events.push_back("name " + to_string(name->address) + " " + std::string(name->name));
    }
  }
  EXPECT_TRUE(std::holds_alternative<CaptureEnd>(reader->next()));
  read.format = reader->format();
  for (std::uint8_t byte : reader->sha256()) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", byte);
    read.sha256 += two;
  }
  return read;
}

inline Read read_bytes(std::string_view content, const Limits& limits = {}) {
  const TemporaryFile file(content);
  return read_path(file.path(), limits);
}

using Lines = std::vector<std::string>;

// One packet of 0x5f5e100 = 100,000,000 seconds and 7 microseconds or nanoseconds.
inline const Lines kMicro{"1 if0 link1 100000000000007000 5 hello"}, kNano{"1 if0 link1 100000000000000007 5 hello"};
constexpr std::uint32_t kThen = 100000000;

inline std::string one(bool big) {
  return section(big) + interface(big, 1) + enhanced(big, 0, kThen * 1000000ull + 7, "hello");
}

}  // namespace tattle::testing_captures
