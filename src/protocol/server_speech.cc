#include "protocol/server_speech.h"

#include <algorithm>

namespace tattle {
namespace {

Direction towards_phone(const FlowInfo& flow) {
  return flow.device == DeviceSide::client ? Direction::to_client : Direction::to_server;
}

// The type of a TLS record that the payload begins with (RFC 8446 section 5.1); 0: none.
std::uint8_t record_type(Bytes payload) {
  const bool fits = payload.size() >= 5 && payload[0] >= 20 && payload[0] <= 23 && payload[1] == 3 && payload[2] <= 4;
  return fits ? payload[0] : std::uint8_t{0};
}

constexpr std::uint8_t kApplicationData = 23;

}  // namespace

bool ServerSpeech::note(const Segment& segment, std::int64_t silent, const FlowInfo& flow, const Limits& limits,
                        Anomalies& anomalies) {
  if (flow.device == DeviceSide::none || flow.broadcast || segment.tunnel != Tunnel::none) return false;
  if (segment.direction != towards_phone(flow)) return false;
  const std::uint8_t type = record_type(segment.payload);
  const bool tls = flow.transport == Transport::tcp && type != 0;
  if (tls && type != kApplicationData) return false;  // an alert, or a new handshake
  if (!moments_) moments_ = std::make_unique<std::vector<ServerSpoke>>();
  if (moments_->size() >= limits.server_messages) {
    anomalies.note("protocol.server-messages-full", segment.packet);
    return false;
  }
  const std::size_t size = std::max<std::size_t>(segment.wire_payload, segment.payload.size());
  const std::size_t record = tls ? std::size_t{5} + (segment.payload[3] << 8 | segment.payload[4]) : size;
  constexpr std::int64_t kMost = 0xffffffff;
  moments_->push_back({segment.time, static_cast<std::uint32_t>(record),
                       static_cast<std::uint32_t>(std::min(silent / 1'000'000'000, kMost)), segment.packet, false});
  return true;
}

void ServerSpeech::take_back() {
  moments_->pop_back();
  if (moments_->empty()) moments_.reset();
}

void ServerSpeech::on_close(const Segment& segment, const FlowInfo& flow) {
  if (!moments_ || segment.direction != towards_phone(flow)) return;
  if (segment.time.ns - moments_->back().time.ns <= kFarewell.ns) moments_->back().farewell = true;
}

void ServerSpeech::pass(StateArchive& archive, Time known) {
  archive.near(last_, known);
  std::size_t count = moments_ ? moments_->size() : 0;
  archive(count);
  if (count == 0) return;
  if (archive.reads()) moments_ = std::make_unique<std::vector<ServerSpoke>>(count);
  ServerSpoke before;
  for (ServerSpoke& each : *moments_) {
    archive.near(each.time, before.time);
    archive(each.bytes, each.silence, each.packet.capture, each.farewell);
    archive.near(each.packet.number, before.packet.number);
    before = each;
  }
}

}  // namespace tattle
