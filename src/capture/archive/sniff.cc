#include "capture/archive/sniff.h"

#include <algorithm>
#include <cstring>

#include "capture/byte_source.h"
#include "capture/import/format.h"
#include "capture/packets/format.h"
#include "capture/pcap_format.h"
#include "capture/pcapng_format.h"

namespace tattle {
namespace {

constexpr std::size_t kTarMagic = 257;  // POSIX.1 ustar

/// Bytes at hand as a source.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes) : left_(bytes) {}
  std::size_t read(std::uint8_t* into, std::size_t room) override {
    const std::size_t count = std::min(room, left_.size());
    if (count > 0) std::memcpy(into, left_.data(), count);
    left_ = left_.subspan(count);
    return count;
  }
  SourceTrouble trouble() const override { return SourceTrouble::none; }

 private:
  Bytes left_;
};

bool starts(Bytes front, std::string_view magic) { return as_text(front).starts_with(magic); }

// As far as the beginning of a gzip or zstd file unpacks.
ByteVector unpack(Bytes front) {
  const bool gzip = starts(front, "\x1f\x8b");
  if (!gzip && !starts(front, "\x28\xb5\x2f\xfd")) return {};
  MemorySource packed(front);
  const auto source = gzip ? make_gzip_source(packed) : make_zstd_source(packed);
  ByteVector unpacked(8192);
  std::size_t size = 0;
  while (size < unpacked.size()) {
    const std::size_t got = source->read(unpacked.data() + size, unpacked.size() - size);
    if (got == 0) break;
    size += got;
  }
  unpacked.resize(size);
  return unpacked;
}

bool is_capture(Bytes front) {
  if (front.size() >= 4 && (PcapFormat::matches(front) || PcapngFormat::matches(front))) return true;
  if (make_packet_format(front)) return true;
  const auto import = make_import_format(front.first(std::min<std::size_t>(front.size(), 64)));
  if (!import) return guess_packet_format([front](std::size_t) { return front; }) != nullptr;
  // Not every JSON text is meant to be a capture.
  const bool json = import->name() == "HAR";
  return !json || as_text(front).find("\"log\"") != std::string_view::npos;
}

// A line `LABEL HEX HEX`, perhaps behind comments (NSS key log format).
bool is_key_log(Bytes front) {
  std::string_view text = as_text(front);
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line == "\r" || line.front() == '#') continue;
    const auto space = line.find(' ');
    if (space == std::string_view::npos || space < 3 || line.size() < space + 33) return false;
    const std::string_view label = line.substr(0, space), digits = line.substr(space + 1, 16);
    const auto is_label = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); };
    return std::all_of(label.begin(), label.end(), is_label) &&
           (std::all_of(digits.begin(), digits.end(), is_hex) || label == "RSA");
  }
  return false;
}

bool has_archive_magic(Bytes front) {
  for (std::string_view magic :
       {std::string_view("PK\x03\x04"), std::string_view("PK\x05\x06"), std::string_view("7z\xBC\xAF\x27\x1C"),
        std::string_view("\xFD"
                         "7zXZ"),
        std::string_view("BZh"), std::string_view("\x04\x22\x4D\x18")}) {
    if (starts(front, magic)) return true;
  }
  return front.size() > kTarMagic + 5 && as_text(front).substr(kTarMagic, 5) == "ustar";
}

}  // namespace

MemberKind sniff_member(Bytes front) {
  if (is_capture(front)) return MemberKind::capture;
  if (is_key_log(front)) return MemberKind::key_log;
  if (has_archive_magic(front)) return MemberKind::archive;
  const ByteVector inside = unpack(front);
  if (inside.empty()) return MemberKind::other;
  if (is_capture(inside)) return MemberKind::capture;
  return has_archive_magic(inside) ? MemberKind::archive : MemberKind::other;
}

bool may_be_archive(Bytes front) {
  if (has_archive_magic(front)) return true;
  const ByteVector inside = unpack(front);
  return !inside.empty() && has_archive_magic(inside);
}

}  // namespace tattle
