#include "evidence/slice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/hex.h"
#include "detect/mask.h"
#include "evidence/pcapng_writer.h"

namespace tattle {
namespace {

std::string capture_name(const std::vector<AuditedCapture>& captures, std::uint32_t capture) {
  return capture < captures.size() ? captures[capture].name : fmt::format("capture {}", capture + 1);
}

std::string_view way_of(const AuditedDisclosure& disclosure) {
  return disclosure.direction == "received" ? "received from" : "sent to";
}

}  // namespace

bool holds(PacketRunsView runs, PacketId packet) {
  const auto after = std::upper_bound(runs.begin(), runs.end(), packet, [](PacketId id, const PacketRun& run) {
    return std::tie(id.capture, id.number) < std::tie(run.capture, run.first);
  });
  return after != runs.begin() && std::prev(after)->capture == packet.capture &&
         packet.number <= std::prev(after)->last;
}

std::string key_log_of(const std::set<UsedSecret>& secrets) {
  std::string text;
  for (const UsedSecret& each : secrets) {
    text += fmt::format("{} {} {}\n", each.label, to_hex(each.client_random), to_hex(each.secret));
  }
  return text;
}

namespace {

std::string about(const SlicePlan& plan) {
  const AuditedDisclosure& disclosure = *plan.disclosure;
  std::string text =
      fmt::format("Evidence of disclosure {}: {} as {}, {} {}, {}.\nPath: {}\n", disclosure.id, disclosure.datum,
                  disclosure.form, way_of(disclosure), disclosure.recipient(), disclosure.certainty, disclosure.path);
  std::vector<std::string> times;
  for (const AuditedOccurrence* each : plan.occurrences) times.push_back(each->time);
  text += fmt::format("Shown: {} of {} occurrences, at {}\n", times.size(), disclosure.count, fmt::join(times, ", "));
  return text;
}

std::string cut_from(const std::set<std::uint32_t>& used, const std::vector<AuditedCapture>& captures) {
  std::string text;
  for (const std::uint32_t capture : used) {
    text += fmt::format("Cut from {} (SHA-256 {}); each packet's id is its number there.\n",
                        capture_name(captures, capture), capture < captures.size() ? captures[capture].sha256 : "");
  }
  return text;
}

}  // namespace

std::string section_comment(const SlicePlan& plan, const std::vector<AuditedCapture>& captures) {
  std::set<std::uint32_t> used;
  for (const PacketRun& run : plan.packets) used.insert(run.capture);
  std::string text = about(plan) + cut_from(used, captures);
  text += "It holds every packet of the conversation from its start to the end of the message with the value";
  if (!plan.dns.empty()) text += ", and the DNS answer that named the recipient";
  text += plan.left_out == 0 ? ".\nNothing follows in that conversation."
                             : fmt::format(".\nLeft out: {} later packet{} of that conversation.", plan.left_out,
                                           plan.left_out == 1 ? "" : "s");
  if (!plan.secrets.empty()) text += "\nIt holds the secrets of its encrypted connections, and of no other.";
  return text;
}

std::string packet_comment(const SlicePlan& plan, const std::vector<AuditedCapture>& captures, PacketId packet) {
  const AuditedDisclosure& disclosure = *plan.disclosure;
  return fmt::format("{}: carries {} as {}, {} {}. Path: {}. Packet {} of {}", disclosure.id, disclosure.datum,
                     disclosure.form, way_of(disclosure), disclosure.recipient(), disclosure.path, packet.number,
                     capture_name(captures, packet.capture));
}

ByteVector shared_file(const SlicePlan& whole, const std::vector<SharedPdu>& pdus,
                       const std::vector<AuditedCapture>& captures, std::string_view program) {
  ByteVector out;
  // Keys on the way to the value may be other people's, also where the audit reveals them.
  AuditedDisclosure disclosure = *whole.disclosure;
  disclosure.path = mask_strangers(disclosure.path);
  SlicePlan plan = whole;
  plan.disclosure = &disclosure;
  std::string comment = about(plan);
  std::set<std::uint32_t> used;
  for (const SharedPdu& pdu : pdus) used.insert(pdu.packet.capture);
  comment += cut_from(used, captures) + "Messages with the value, all else in them masked: letters are x, digits 1.";
  pcapng::put_section(out, comment, program);
  pcapng::put_interface(out, kUpperPdu, "messages");
  for (const SharedPdu& pdu : pdus) {
    const ByteVector data = exported_pdu(pdu);
    const std::string told = packet_comment(plan, captures, pdu.packet) + "; " + pdu.comment;
    pcapng::put_packet(out, {0, pdu.time, 0, data, pdu.packet.number, told});
  }
  return out;
}

SliceWriter::SliceWriter(const SlicePlan& plan, const std::vector<AuditedCapture>& captures, std::string_view program,
                         Write write)
    : plan_(plan), captures_(captures), write_(std::move(write)) {
  for (const AuditedOccurrence* each : plan.occurrences) add_packets(value_packets_, each->packets);
  ByteVector out;
  pcapng::put_section(out, section_comment(plan, captures), program);
  if (!plan.secrets.empty()) pcapng::put_secrets(out, key_log_of(plan.secrets));
  if (!plan.names.empty()) pcapng::put_names(out, plan.names);
  write_(out);
}

std::uint32_t SliceWriter::interface_of(const CapturedPacket& packet, ByteVector& out) {
  const auto number = static_cast<std::uint32_t>(interfaces_.size());
  const auto [place, fresh] = interfaces_.try_emplace({packet.id.capture, packet.interface}, number);
  if (fresh) pcapng::put_interface(out, packet.link_type, capture_name(captures_, packet.id.capture));
  return place->second;
}

void SliceWriter::on_packet(const CapturedPacket& packet) {
  if (!holds(plan_.packets, packet.id)) return;
  ByteVector out;
  pcapng::Packet block;
  block.interface = interface_of(packet, out);
  block.time = packet.time;
  block.wire_length = packet.wire_length;
  block.data = packet.data;
  block.id = packet.id.number;
  std::string comment;
  if (holds(value_packets_, packet.id)) comment = packet_comment(plan_, captures_, packet.id);
  if (holds(plan_.dns, packet.id)) comment = fmt::format("{}: names the recipient's address", plan_.disclosure->id);
  block.comment = comment;
  pcapng::put_packet(out, block);
  write_(out);
  ++packets_;
}

}  // namespace tattle
