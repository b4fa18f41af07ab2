#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace tattle {

/// What a pcap file's header says, as far as it bears on its records.
struct PcapHeaderFacts {
  bool big_endian = false;
  bool modified_magic = false;  // Kuznetzov's 0xa1b2cd34
  std::uint32_t snap_length = 0;
  std::uint64_t packet_limit = 0;  // longer packets are taken for damage
};

/// Bytes of a record's header, found from the first records: several patched versions of libpcap wrote more fields
/// behind the usual 16 bytes, some of them under the usual magic number.
///   24  interface, Ethertype, packet type  (Kuznetzov's patches of 1999-04-17 and 1999-10-29; Red Hat 6.1)
///   28  likewise and processors            (that of 1999-09-15; SuSE 6.3)
///   20  four bytes of unknown meaning      (Nokia's IPSO)
/// Under the usual magic number another layout is believed only when all of its fields make sense and the usual
/// one's do not, or leave bytes over.
/// Source: how Wireshark tells them apart (wiretap/libpcap.c, the comments).
/// @param records  From the first record on, as far as they are at hand.
std::size_t pcap_record_header(Bytes records, const PcapHeaderFacts& facts);

}  // namespace tattle
