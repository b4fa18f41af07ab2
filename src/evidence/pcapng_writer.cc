#include "evidence/pcapng_writer.h"

#include <algorithm>

#include "report/utf8.h"

namespace tattle::pcapng {
namespace {

enum BlockType : std::uint32_t { kSection = 0x0a0d0d0a, kInterface = 1, kNames = 4, kPacket = 6, kSecrets = 10 };
enum Option : std::uint16_t {
  kEnd = 0,
  kComment = 1,
  kInterfaceName = 2,
  kUserApplication = 4,
  kPacketId = 5,
  kResolution = 9
};
constexpr std::uint32_t kTlsKeyLog = 0x544c534b;
constexpr std::size_t kOptionBytes = 0xffff;

void put_u16(ByteVector& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}
void put_u32(ByteVector& out, std::uint32_t value) {
  put_u16(out, static_cast<std::uint16_t>(value));
  put_u16(out, static_cast<std::uint16_t>(value >> 16));
}
void put_u64(ByteVector& out, std::uint64_t value) {
  put_u32(out, static_cast<std::uint32_t>(value));
  put_u32(out, static_cast<std::uint32_t>(value >> 32));
}
void put_padded(ByteVector& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
  out.insert(out.end(), (4 - bytes.size() % 4) % 4, 0);
}

// Well-formed, and no longer than `most` bytes without splitting a character.
std::string fitting(std::string_view text, std::size_t most) {
  bool lossy = false;
  std::string fit = to_utf8(text, lossy);
  if (fit.size() <= most) return fit;
  std::size_t end = most;
  while (end > 0 && (static_cast<std::uint8_t>(fit[end]) & 0xc0) == 0x80) --end;
  fit.resize(end);
  return fit;
}

void put_option(ByteVector& out, Option code, Bytes value) {
  put_u16(out, code);
  put_u16(out, static_cast<std::uint16_t>(value.size()));
  put_padded(out, value);
}
void put_text(ByteVector& out, Option code, std::string_view text) {
  if (!text.empty()) put_option(out, code, as_bytes(fitting(text, kOptionBytes)));
}
void end_options(ByteVector& out) { put_u32(out, kEnd); }

// The block's type and room for its length.
std::size_t begin_block(ByteVector& out, BlockType type) {
  const std::size_t start = out.size();
  put_u32(out, type);
  put_u32(out, 0);
  return start;
}
void end_block(ByteVector& out, std::size_t start) {
  const auto length = static_cast<std::uint32_t>(out.size() + 4 - start);
  put_u32(out, length);
  for (std::size_t i = 0; i < 4; ++i) out[start + 4 + i] = static_cast<std::uint8_t>(length >> (8 * i));
}

}  // namespace

void put_section(ByteVector& out, std::string_view comment, std::string_view program) {
  const std::size_t start = begin_block(out, kSection);
  put_u32(out, 0x1a2b3c4d);
  put_u16(out, 1);
  put_u16(out, 0);
  put_u64(out, ~std::uint64_t{0});  // the section's length is not given
  put_text(out, kComment, comment);
  put_text(out, kUserApplication, program);
  end_options(out);
  end_block(out, start);
}

void put_interface(ByteVector& out, std::uint16_t link_type, std::string_view name) {
  constexpr std::uint8_t kNanoseconds[] = {9};
  const std::size_t start = begin_block(out, kInterface);
  put_u16(out, link_type);
  put_u16(out, 0);
  put_u32(out, 0);  // no snap length
  put_text(out, kInterfaceName, name);
  put_option(out, kResolution, kNanoseconds);
  end_options(out);
  end_block(out, start);
}

void put_secrets(ByteVector& out, std::string_view key_log) {
  const std::size_t start = begin_block(out, kSecrets);
  put_u32(out, kTlsKeyLog);
  put_u32(out, static_cast<std::uint32_t>(key_log.size()));
  put_padded(out, as_bytes(key_log));
  end_options(out);
  end_block(out, start);
}

void put_names(ByteVector& out, const std::vector<std::pair<Address, std::string>>& names) {
  const std::size_t start = begin_block(out, kNames);
  for (const auto& [address, name] : names) {
    const Bytes bytes = Bytes(address.bytes).last(address.is_v4() ? 4 : 16);
    std::string text = fitting(name, kOptionBytes - bytes.size() - 1);
    std::erase(text, '\0');
    ByteVector record(bytes.begin(), bytes.end());
    record.insert(record.end(), text.begin(), text.end());
    record.push_back(0);
    put_u16(out, address.is_v4() ? 1 : 2);
    put_u16(out, static_cast<std::uint16_t>(record.size()));
    put_padded(out, record);
  }
  put_u32(out, 0);  // nrb_record_end
  end_options(out);
  end_block(out, start);
}

void put_packet(ByteVector& out, const Packet& packet) {
  const std::size_t start = begin_block(out, kPacket);
  put_u32(out, packet.interface);
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(packet.time.ns, 0));
  put_u32(out, static_cast<std::uint32_t>(time >> 32));
  put_u32(out, static_cast<std::uint32_t>(time));
  put_u32(out, static_cast<std::uint32_t>(packet.data.size()));
  put_u32(out, std::max(packet.wire_length, static_cast<std::uint32_t>(packet.data.size())));
  put_padded(out, packet.data);
  put_text(out, kComment, packet.comment);
  ByteVector id;
  put_u64(id, packet.id);
  put_option(out, kPacketId, id);
  end_options(out);
  end_block(out, start);
}

}  // namespace tattle::pcapng
