#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

namespace tattle::pcapng {

/// Each appends one block, little-endian, to `out`. Texts are made UTF-8 and cut where an option cannot hold them.
/// Source: draft-ietf-opsawg-pcapng sections 4.1 to 4.7.

/// Section Header Block: begins the file. `program` wrote it (shb_userappl).
void put_section(ByteVector& out, std::string_view comment, std::string_view program);

/// Interface Description Block; interfaces are numbered from 0 in the order in which they are put. Times in
/// nanoseconds.
void put_interface(ByteVector& out, std::uint16_t link_type, std::string_view name);

/// Decryption Secrets Block: an NSS key log. Stands before the packets that need it.
void put_secrets(ByteVector& out, std::string_view key_log);

/// Name Resolution Block.
void put_names(ByteVector& out, const std::vector<std::pair<Address, std::string>>& names);

struct Packet {
  std::uint32_t interface = 0;
  Time time;                      // before 1970: written as 1970
  std::uint32_t wire_length = 0;  // at least data.size()
  Bytes data;
  std::uint64_t id = 0;      // epb_packetid
  std::string_view comment;  // none when empty
};
/// Enhanced Packet Block.
void put_packet(ByteVector& out, const Packet& packet);

}  // namespace tattle::pcapng
