#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/packet_ref.h"
#include "capture/capture.h"
#include "evidence/audit_folder.h"
#include "evidence/shareable.h"

namespace tattle {

/// One line of a key log.
struct UsedSecret {
  std::string label;
  ByteVector client_random, secret;
  auto operator<=>(const UsedSecret&) const = default;
};

/// What goes into the evidence of one disclosure.
struct SlicePlan {
  const AuditedDisclosure* disclosure = nullptr;
  std::vector<const AuditedOccurrence*> occurrences;  // those that it shows
  PacketRuns packets;                                 // of all captures
  std::set<UsedSecret> secrets;                       // of the connections in it
  std::vector<std::pair<Address, std::string>> names;
  PacketRuns dns;              // of the answer that named the recipient; in `packets` too
  std::uint64_t left_out = 0;  // later packets of its flows
  std::uint64_t lost = 0;      // occurrences of which nothing was found again
};

/// The secrets as NSS key log text.
std::string key_log_of(const std::set<UsedSecret>& secrets);
/// What the section's comment says: which disclosure of which captures this is, and what was left out.
std::string section_comment(const SlicePlan& plan, const std::vector<AuditedCapture>& captures);
/// What the comment of a packet that carries the value says; never the value itself.
std::string packet_comment(const SlicePlan& plan, const std::vector<AuditedCapture>& captures, PacketId packet);

/// Writes one slice as pcapng, as packets come.
class SliceWriter {
 public:
  using Write = std::function<void(Bytes)>;
  /// Both are borrowed.
  SliceWriter(const SlicePlan& plan, const std::vector<AuditedCapture>& captures, std::string_view program,
              Write write);
  /// Takes the packet if the plan has it.
  void on_packet(const CapturedPacket& packet);
  std::uint64_t packets() const { return packets_; }

 private:
  std::uint32_t interface_of(const CapturedPacket& packet, ByteVector& out);

  const SlicePlan& plan_;
  const std::vector<AuditedCapture>& captures_;
  Write write_;
  PacketRuns value_packets_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> interfaces_;  // by capture and interface there
  std::uint64_t packets_ = 0;
};

/// The shareable form of a slice, as pcapng: the messages alone.
ByteVector shared_file(const SlicePlan& plan, const std::vector<SharedPdu>& pdus,
                       const std::vector<AuditedCapture>& captures, std::string_view program);

/// Whether sorted runs hold a packet.
bool holds(PacketRunsView runs, PacketId packet);

}  // namespace tattle
