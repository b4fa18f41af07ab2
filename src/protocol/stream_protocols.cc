#include "protocol/mqtt.h"
#include "protocol/stream_parser.h"

namespace tattle {
namespace {

constexpr StreamProtocol kProtocols[] = {
    {"mqtt", sniff_mqtt, make_mqtt},
};

}  // namespace

std::span<const StreamProtocol> stream_protocols() { return kProtocols; }

}  // namespace tattle
