#include "protocol/datagram/dtls_parser.h"

#include <algorithm>

#include "decrypt/dtls/dtls.h"
#include "decrypt/dtls/record.h"
#include "protocol/datagram/datagram_readers.h"
#include "protocol/raw/raw.h"

namespace tattle {
namespace {

constexpr std::size_t kDeepest = 8;  // layers in each other

class DtlsParser : public DatagramParser, private DatagramSink {
 public:
  DtlsParser(const FlowInfo& flow, const StreamContext& above, ParserContext& context)
      : above_(above),
        inside_(above),
        context_(context),
        readers_(flow, inside_, context),
        dtls_(flow, *context.tls, *this) {
    inside_.protection = Protection::dtls;
    inside_.layers.push_back({"dtls", ""});
  }

  DatagramFate on_datagram(const Chunk& chunk, bool) override {
    const std::uint64_t raw = above_.counters->raw_bytes;
    if (!dtls_.on_datagram(chunk)) return DatagramFate::unknown;
    bytes_ += chunk.data.size();
    raw_bytes_ += above_.counters->raw_bytes - raw;
    return DatagramFate::counted;
  }

  void finish(FlowSummary& summary) override {
    const std::uint64_t raw = above_.counters->raw_bytes;
    dtls_.finish();
    raw_bytes_ += above_.counters->raw_bytes - raw;
    FlowSummary within;
    readers_.finish(within);
    const TlsFacts& facts = dtls_.facts();
    const std::uint64_t opaque = std::min(facts.opaque_bytes, bytes_);
    summary.opaque_bytes += opaque;
    summary.parsed_bytes += bytes_ - opaque - std::min(raw_bytes_, bytes_ - opaque);
    if (summary.opaque_reason.empty()) summary.opaque_reason = reason_of(facts.outcome);
    if (!summary.has_tls) summary.tls = facts;
    summary.has_tls = true;
    if (!summary.protocol.empty()) return;
    summary.protocol = "dtls";
    if (!readers_.name().empty()) summary.protocol += "/" + std::string(readers_.name());
  }

 private:
  void on_datagram(const Chunk& plain) override {
    const TlsFacts& facts = dtls_.facts();
    inside_.sni = facts.sni;
    inside_.layers.back().detail = facts.version == 0xfeff ? "1.0" : "1.2";
    if (readers_.read(plain, false) == DatagramFate::unknown) emit_raw_datagram(plain, false, inside_, context_);
  }
  void on_end(const Chunk&) override {}

  const StreamContext& above_;
  StreamContext inside_;
  ParserContext& context_;
  DatagramReaders readers_;
  DtlsConnection dtls_;
  std::uint64_t bytes_ = 0, raw_bytes_ = 0;
};

// Media streams carry the keys of SRTP only (RFC 5764), so that other ports show it by a ClientHello.
bool is_dtls_port(std::uint16_t port) {
  return port == 853 || port == 4433 || port == 5061 || port == 5349 || port == 5684;
}

}  // namespace

bool fits_dtls(const Chunk& datagram) {
  if (!looks_like_dtls(datagram.data)) return false;
  const bool hello = datagram.data[0] == 22 && datagram.data.size() > kDtlsRecordHeader &&
                     (datagram.data[kDtlsRecordHeader] == 1 || datagram.data[kDtlsRecordHeader] == 3);
  return hello || is_dtls_port(datagram.flow.server.port) || is_dtls_port(datagram.flow.client.port);
}

std::unique_ptr<DatagramParser> make_dtls_parser(const FlowInfo& flow, const StreamContext& above,
                                                 ParserContext& context) {
  if (above.layers.size() >= kDeepest) return nullptr;
  return std::make_unique<DtlsParser>(flow, above, context);
}

}  // namespace tattle
