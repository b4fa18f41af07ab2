#include "capture/packets/format.h"

#include "capture/packets/snoop.h"

namespace tattle {

std::unique_ptr<PacketFormat> make_packet_format(Bytes front) {
  if (SnoopFormat::matches(front)) return std::make_unique<SnoopFormat>();
  return nullptr;
}

}  // namespace tattle
