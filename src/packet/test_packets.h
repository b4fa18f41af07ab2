#pragma once

// Packets for tests, field by field.

#include <cstdint>
#include <string>
#include <string_view>

#include "capture/capture.h"
#include "packet/segment.h"

namespace tattle::testing_packets {

inline std::string be(std::uint64_t value, int size) {
  std::string out;
  for (int i = size - 1; i >= 0; --i) out += static_cast<char>(value >> 8 * i);
  return out;
}

/// From hex digits; blanks between them.
inline std::string hex(std::string_view digits) {
  std::string out;
  int high = -1;
  for (char c : digits) {
    if (c == ' ') continue;
    const int value = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high >= 0) out += static_cast<char>(high << 4 | value);
    high = high < 0 ? value : -1;
  }
  return out;
}

inline std::string raw(std::string_view address) {
  const Address parsed = *Address::parse(address);
  const std::string all(as_text(parsed.bytes));
  return parsed.is_v4() ? all.substr(12) : all;
}

struct Tcp {
  std::uint16_t from = 40000, to = 443;
  std::uint32_t sequence = 0, acknowledgment = 0;
  std::string flags = "";  // letters of S A F R
  std::string payload = "";
  std::string options = "";  // whole words
  std::string bytes() const {
    int bits = 0;
    for (char flag : flags) bits |= flag == 'S' ? 2 : flag == 'A' ? 16 : flag == 'F' ? 1 : 4;
    return be(from, 2) + be(to, 2) + be(sequence, 4) + be(acknowledgment, 4) +
           be((5 + options.size() / 4) << 12 | static_cast<unsigned>(bits), 2) + be(1000, 2) + be(0, 4) + options +
           payload;
  }
};

inline std::string udp(std::uint16_t from, std::uint16_t to, std::string_view payload) {
  return be(from, 2) + be(to, 2) + be(8 + payload.size(), 2) + be(0, 2) + std::string(payload);
}

/// @param fragment  Flags and offset as in the header: 0x2000 is "more".
inline std::string ipv4(std::string_view from, std::string_view to, int protocol, std::string_view payload,
                        unsigned fragment = 0, unsigned identification = 1, std::string_view options = "",
                        int total = -1) {
  const std::size_t header = 20 + options.size();
  return be(0x40 | header / 4, 1) + be(0, 1) +
         be(total >= 0 ? static_cast<std::size_t>(total) : header + payload.size(), 2) + be(identification, 2) +
         be(fragment, 2) + be(64, 1) + be(protocol, 1) + be(0, 2) + raw(from) + raw(to) + std::string(options) +
         std::string(payload);
}

inline std::string ipv6(std::string_view from, std::string_view to, int next, std::string_view payload,
                        int length = -1) {
  return be(0x60000000, 4) + be(length >= 0 ? static_cast<std::size_t>(length) : payload.size(), 2) + be(next, 1) +
         be(64, 1) + raw(from) + raw(to) + std::string(payload);
}

/// An IPv6 fragment header and what follows it.
inline std::string fragment6(int next, std::uint32_t offset, bool more, std::uint32_t identification,
                             std::string_view payload) {
  return be(next, 1) + be(0, 1) + be(offset | (more ? 1u : 0u), 2) + be(identification, 4) + std::string(payload);
}

inline std::string ethernet(std::string_view source, std::string_view destination, std::string_view ip) {
  return hex(destination) + hex(source) + be((ip[0] & 0xf0) == 0x60 ? 0x86dd : 0x0800, 2) + std::string(ip);
}

/// A captured packet that owns its bytes.
inline CapturedPacket captured(std::uint64_t number, double seconds, std::string bytes, std::uint16_t link_type = 101,
                               std::uint32_t capture = 0, std::uint32_t interface = 0) {
  CapturedPacket packet;
  auto owner = std::make_shared<std::string>(std::move(bytes));
  packet.id = {capture, number};
  packet.interface = interface;
  packet.link_type = link_type;
  packet.time = {static_cast<std::int64_t>(seconds * 1e9)};
  packet.wire_length = static_cast<std::uint32_t>(owner->size());
  packet.data = as_bytes(*owner);
  packet.owner = owner;
  return packet;
}

}  // namespace tattle::testing_packets
