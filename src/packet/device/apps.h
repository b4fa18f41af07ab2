#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/flow.h"
#include "capture/capture.h"

namespace tattle {

/// What PCAPdroid writes behind each packet: the app that the packet is of.
/// @param frame  A frame of Ethernet, whose header PCAPdroid makes up with all addresses zero.
/// @return       Nothing unless the frame is one of PCAPdroid's. The name is cut where a character would be cut.
/// Source: PCAPdroid's pcapdroid_trailer (tools/pcapdroid.lua, core/pcap_dump.h): a magic number, user id and a name of
/// 20 bytes, all big-endian, and a checksum, after the packet padded with zeros to a multiple of 4.
std::optional<AppInfo> parse_pcapdroid_trailer(Bytes frame);

/// Finds the app of a packet; flows of the same app share what is known of it.
class AppTable {
 public:
  std::shared_ptr<const AppInfo> app_of(const CapturedPacket& packet);

 private:
  std::map<std::pair<std::int64_t, std::string>, std::shared_ptr<const AppInfo>> known_;
};

}  // namespace tattle
