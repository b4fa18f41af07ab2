#include "capture/packets/format.h"

#include "capture/packets/erf.h"
#include "capture/packets/netmon.h"
#include "capture/packets/netxray.h"
#include "capture/packets/snoop.h"

namespace tattle {

std::unique_ptr<PacketFormat> make_packet_format(Bytes front, const FileSource* file) {
  if (SnoopFormat::matches(front)) return std::make_unique<SnoopFormat>();
  if (NetmonFormat::matches(front)) return std::make_unique<NetmonFormat>(file);
  if (NetxrayFormat::matches(front)) return std::make_unique<NetxrayFormat>();
  return nullptr;
}

std::unique_ptr<PacketFormat> guess_packet_format(const PeekFront& peek) {
  if (ErfFormat::matches(peek)) return std::make_unique<ErfFormat>();
  return nullptr;
}

}  // namespace tattle
