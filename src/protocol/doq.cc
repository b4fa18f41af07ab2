#include "protocol/doq.h"

#include "protocol/dns.h"
#include "protocol/quic_streams.h"

namespace tattle {

std::unique_ptr<QuicApplication> make_doq(const FlowInfo& flow, const StreamContext& above, ParserContext& context) {
  const auto make = [](const FlowInfo& info, const StreamContext& layers,
                       ParserContext& parser) -> std::unique_ptr<StreamSink> {
    return std::make_unique<DnsTcp>(info, layers, parser);
  };
  return std::make_unique<QuicStreams>(flow, above, context, make, "dns");
}

}  // namespace tattle
