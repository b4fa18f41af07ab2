#include "packet/device/apps.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::int64_t kProcess = -2;  // as AppInfo says
constexpr std::uint32_t kNoProcess = 0xffffffff;
constexpr std::size_t kApps = 4096;  // shared; more than any phone has

std::uint32_t u32(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

std::uint32_t little_u32(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at + 3]} << 24 | std::uint32_t{bytes[at + 2]} << 16 | std::uint32_t{bytes[at + 1]} << 8 |
         bytes[at];
}

// Where the IP packet ends by its own account; 0 when it does not say.
std::size_t ip_end(Bytes frame) {
  const Bytes ip = frame.subspan(14);
  const unsigned ethertype = static_cast<unsigned>(frame[12] << 8 | frame[13]);
  if (ethertype == 0x0800 && ip.size() >= 20) return 14 + (u32(ip, 0) & 0xffff);
  if (ethertype == 0x86dd && ip.size() >= 40) return 14 + 40 + (u32(ip, 4) >> 16);
  return 0;
}

// The field has room for an end; a longer name is cut there, within a character perhaps.
std::string whole_characters(Bytes field) {
  std::string name(as_text(
      field.first(static_cast<std::size_t>(std::find(field.begin(), field.end(), std::uint8_t{0}) - field.begin()))));
  std::size_t last = name.size();
  while (last > 0 && name.size() - last < 3 && (name[last - 1] & 0xc0) == 0x80) --last;
  if (last == 0) return name;
  const unsigned lead = static_cast<unsigned char>(name[last - 1]);
  const std::size_t wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (name.size() >= field.size() - 1 && wanted > name.size() - last + 1) name.resize(last - 1);
  return name;
}

}  // namespace

std::optional<AppInfo> parse_pcapdroid_trailer(Bytes frame) {
  constexpr std::size_t kEthernet = 14, kTrailer = 32, kName = 20;
  constexpr std::uint32_t kMagic = 0x01072021;
  if (frame.size() < kEthernet + kTrailer) return std::nullopt;
  const std::size_t at = frame.size() - kTrailer;
  if (u32(frame, at) != kMagic || std::any_of(frame.begin(), frame.begin() + 12, [](auto b) { return b != 0; })) {
    return std::nullopt;
  }
  const std::size_t end = ip_end(frame);
  if (end > at || at - end > 3) return std::nullopt;
  AppInfo app;
  app.uid = static_cast<std::int32_t>(u32(frame, at + 4));
  app.name = whole_characters(frame.subspan(at + 8, kName));
  app.ground = "named by PCAPdroid's trailer in the packets";
  if (app.uid < 0 && app.name.empty()) return std::nullopt;
  return app;
}

std::optional<AppInfo> parse_pktap_process(Bytes frame) {
  constexpr std::size_t kHeader = 108, kPid = 52, kComm = 56, kEffectivePid = 84, kEffectiveComm = 88, kName = 17;
  if (frame.size() < kHeader || little_u32(frame, 0) < kHeader || little_u32(frame, 4) != 1) return std::nullopt;
  AppInfo app;
  app.uid = kProcess;
  app.name = whole_characters(frame.subspan(kEffectiveComm, kName));
  app.ground = "named by the PKTAP header as the process that another sent the packets for";
  const std::uint32_t effective = little_u32(frame, kEffectivePid);
  if (app.name.empty() || effective == kNoProcess || effective == little_u32(frame, kPid)) {
    app.name = whole_characters(frame.subspan(kComm, kName));
    app.ground = "named by the PKTAP header as the process that sent the packets";
    if (little_u32(frame, kPid) == kNoProcess) return std::nullopt;
  }
  if (app.name.empty()) return std::nullopt;
  return app;
}

std::shared_ptr<const AppInfo> AppTable::app_of(const CapturedPacket& packet) {
  constexpr std::uint16_t kEthernet = 1, kPktap = 258, kOldPktap = 149;
  if (packet.app) return packet.app;
  std::optional<AppInfo> app;
  if (packet.link_type == kEthernet) app = parse_pcapdroid_trailer(packet.data);
  if (packet.link_type == kPktap || packet.link_type == kOldPktap) app = parse_pktap_process(packet.data);
  if (!app) return nullptr;
  const std::tuple key(app->ground, app->uid, app->name);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  auto shared = std::make_shared<const AppInfo>(std::move(*app));
  if (known_.size() < kApps) known_.emplace(key, shared);
  return shared;
}

}  // namespace tattle
