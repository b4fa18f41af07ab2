#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/flow.h"
#include "capture/capture.h"

namespace tattle {

/// What PCAPdroid writes behind each packet: the app that the packet is of.
/// @param frame  A frame of Ethernet, whose header PCAPdroid makes up with all addresses zero.
/// @return       Nothing unless the frame is one of PCAPdroid's. The name is cut where a character would be cut.
/// Source: PCAPdroid's pcapdroid_trailer (tools/pcapdroid.lua, core/pcap_dump.h): a magic number, user id and a name of
/// 20 bytes, all big-endian, and a checksum, after the packet padded with zeros to a multiple of 4.
std::optional<AppInfo> parse_pcapdroid_trailer(Bytes frame);

/// The process that a frame of Apple's PKTAP names: that for which the packet was sent, where another sent it, as
/// nsurlsessiond does for apps.
/// @return  Nothing when no process is named. The name is cut where a character would be cut.
/// Source: xnu's bsd/net/pktap.h, struct pktap_header: pth_pid at 52, pth_comm (16 bytes and an end) at 56, pth_epid at
/// 84, pth_ecomm at 88, as Wireshark reads them.
std::optional<AppInfo> parse_pktap_process(Bytes frame);

/// Finds the app of a packet; flows of the same app share what is known of it.
class AppTable {
 public:
  std::shared_ptr<const AppInfo> app_of(const CapturedPacket& packet);

 private:
  std::map<std::tuple<std::string_view, std::int64_t, std::string>, std::shared_ptr<const AppInfo>> known_;
};

}  // namespace tattle
