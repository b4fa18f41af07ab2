#include "protocol/stream_parser.h"

namespace tattle {

std::span<const StreamProtocol> stream_protocols() { return {}; }

}  // namespace tattle
