#include "protocol/quic/parser.h"

#include <algorithm>

#include "protocol/quic/session.h"
#include "protocol/raw/sniff.h"

namespace tattle {
namespace {

constexpr std::size_t kShortestOneRtt = 21;  // first byte, then at least what header protection samples (RFC 9001)

bool on_web_port(const FlowInfo& flow) { return flow.server.port == 443 || flow.client.port == 443; }
// The second bit may be greased (RFC 9287): only connection ids tell such a packet.
bool has_short_header(Bytes datagram) { return datagram.size() >= kShortestOneRtt && (datagram[0] & 0x80) == 0; }

class QuicParser : public DatagramParser {
 public:
  QuicParser(const FlowInfo& flow, const StreamContext& above, ParserContext& context)
      : flow_(flow), above_(above), context_(context) {
    if (context.quic == nullptr) own_ = std::make_unique<QuicRegistry>(*context.limits);
  }

  DatagramFate on_datagram(const Chunk& chunk, bool) override {
    if (registry().deliver(chunk)) return DatagramFate::counted;
    if (starts_quic(chunk.data)) {
      registry().begin(std::make_shared<QuicFlowSession>(flow_, above_, context_), chunk);
      return DatagramFate::counted;
    }
    // Versions that are not read, such as Google's own before the standard.
    if (!on_web_port(flow_) || (!unread_version_ && !looks_like_quic(chunk.data))) return DatagramFate::unknown;
    unread_version_ = true;
    return DatagramFate::opaque;
  }

  void finish(FlowSummary& summary) override {
    const QuicFlowReport report = registry().leave(flow_.id);
    std::uint64_t raw = 0, opaque = 0;
    bool first = true;
    for (const std::shared_ptr<QuicSession>& each : report.sessions) {
      const auto& session = static_cast<const QuicFlowSession&>(*each);
      if (session.flow() == flow_.id) {
        raw += session.raw_bytes();
        opaque += session.opaque_bytes();
      }
      describe(session, first, summary);
      first = false;
    }
    // Each byte is one of three; what packets add around their streams counts as read.
    opaque = std::min(opaque, report.bytes.parsed);
    raw = std::min(raw, report.bytes.parsed - opaque);
    summary.opaque_bytes += report.bytes.opaque + opaque;
    summary.raw_bytes += raw;
    summary.parsed_bytes += report.bytes.parsed - opaque - raw;
    if (unread_version_ && summary.opaque_reason.empty()) summary.opaque_reason = "quic";
  }

 private:
  QuicRegistry& registry() { return own_ ? *own_ : *context_.quic; }

  static void describe(const QuicFlowSession& session, bool first, FlowSummary& summary) {
    const QuicFacts& facts = session.facts();
    const std::string_view application = session.application();
    if (first || (summary.protocol == "quic" && !application.empty())) {
      summary.protocol = application.empty() ? "quic" : "quic/" + std::string(application);
    }
    if (first) {
      summary.has_tls = true;
      summary.tls = facts.tls;
    }
    if (summary.opaque_reason.empty()) summary.opaque_reason = reason_of(facts.tls.outcome);
  }

  const FlowInfo& flow_;
  const StreamContext& above_;
  ParserContext& context_;
  std::unique_ptr<QuicRegistry> own_;
  bool unread_version_ = false;
};

}  // namespace

bool fits_quic(const Chunk& datagram) {
  if (starts_quic(datagram.data) || has_short_header(datagram.data)) return true;
  return on_web_port(datagram.flow) && looks_like_quic(datagram.data);
}

std::unique_ptr<DatagramParser> make_quic_parser(const FlowInfo& flow, const StreamContext& above,
                                                 ParserContext& context) {
  return std::make_unique<QuicParser>(flow, above, context);
}

}  // namespace tattle
