#include "assess/coverage.h"

#include <algorithm>
#include <numeric>

namespace tattle {
namespace {

std::string_view word(Unread why) {
  switch (why) {
    case Unread::not_ip:
      return "not-ip";
    case Unread::unknown_link:
      return "unknown-link";
    case Unread::malformed:
      return "malformed";
    case Unread::no_transport:
      return "no-transport";
    case Unread::encrypted_tunnel:
      return "encrypted-tunnel";
    case Unread::fragment_lost:
      return "fragment-lost";
    case Unread::duplicate:
      return "duplicate";
    case Unread::encrypted_link:
      return "encrypted-link";
    case Unread::left_out:
      return "left-out";
    case Unread::not_sent:
      return "not-sent";
  }
  return "malformed";
}

}  // namespace

void CoverageCounter::add(Fate fate, std::string reason, std::uint64_t bytes, std::uint64_t flows,
                          std::uint64_t packets) {
  if (bytes == 0 && packets == 0) return;
  CoverageLine& line = lines_[{fate, reason}];
  line.fate = fate;
  line.reason = std::move(reason);
  line.bytes += bytes;
  line.flows += flows;
  line.packets += packets;
}

void CoverageCounter::add_unread(Unread why, std::uint64_t bytes) {
  // A tunnel's packets are read as far as that they are encrypted: closed, like any other encrypted traffic.
  const bool encrypted = why == Unread::encrypted_tunnel || why == Unread::encrypted_link;
  add(encrypted ? Fate::opaque : Fate::unread, std::string(word(why)), bytes, 0, 1);
}

void CoverageCounter::add_message(const MessageRecord& message) {
  report_.searched_bytes += message.searched_bytes;
  report_.messages += message.body_offset == 0;
  report_.partly_decoded_messages += message.partly_decoded && message.body_offset == 0;
}

void CoverageCounter::add_flow(const FlowSummary& summary) {
  ++report_.flows;
  report_.missing_bytes += summary.missing_bytes;
  report_.missing_flows += summary.missing_bytes > 0;
  std::uint64_t left = summary.payload_bytes[0] + summary.payload_bytes[1];
  if (summary.flow.device == DeviceSide::none) {
    add(Fate::other_device, "", left, 1, 0);
    return;
  }
  // Closed bytes are counted first: should a flow's parts ever exceed its whole, too little is called read.
  const auto take = [&](Fate fate, std::string reason, std::uint64_t bytes) {
    bytes = std::min(bytes, left);
    left -= bytes;
    add(fate, std::move(reason), bytes, 1, 0);
  };
  take(Fate::opaque, summary.opaque_reason.empty() ? "no-key" : summary.opaque_reason, summary.opaque_bytes);
  take(Fate::searched_raw, "", summary.raw_bytes);
  take(Fate::read, "", summary.parsed_bytes);
  framing_flows_ += left > 0;
}

CoverageReport CoverageCounter::finish(std::uint64_t packets, std::uint64_t captured_bytes) const {
  CoverageReport report = report_;
  report.packets = packets;
  std::uint64_t sum = 0;
  for (const auto& [key, line] : lines_) {
    report.lines.push_back(line);
    sum += line.bytes;
  }
  report.bytes = std::max(captured_bytes, sum);
  if (report.bytes > sum) {
    CoverageLine& framing = report.lines.emplace_back();
    framing.fate = Fate::framing;
    framing.bytes = report.bytes - sum;
    framing.flows = framing_flows_;
  }
  return report;
}

}  // namespace tattle
