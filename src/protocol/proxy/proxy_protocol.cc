#include "protocol/proxy/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/address.h"
#include "protocol/buffer/held_stream.h"
#include "protocol/mux.h"
#include "protocol/raw/raw.h"

namespace tattle {
namespace {

constexpr std::size_t kDeepest = 8;        // layers in each other
constexpr std::size_t kLongestLine = 107;  // of version 1, with its end (section 2.1)
constexpr std::size_t kFixedBytes = 16;    // of version 2, before addresses and TLVs (section 2.2)
constexpr std::string_view kWord = "PROXY ";
constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

// What the bytes at a stream's start are.
struct Header {
  Sniff seen = Sniff::no;
  std::size_t size = 0;  // when seen; more than there are, when its end is still to come
};

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size();
}

// `PROXY TCP4 192.0.2.17 198.51.100.5 50000 80`, `PROXY UNKNOWN …`; without its line end.
bool is_line(std::string_view line) {
  std::array<std::string_view, 6> words;
  std::size_t count = 0;
  for (std::size_t at = 0; at <= line.size() && count < words.size(); ++count) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    words[count] = line.substr(at, end - at);
    at = end + 1;
  }
  if (count >= 2 && words[1] == "UNKNOWN") return true;  // what follows shall be ignored
  if (count != words.size() || (words[1] != "TCP4" && words[1] != "TCP6")) return false;
  const auto is_address = [&](std::string_view text) {
    const auto address = Address::parse(std::string(text));
    return address && (text.find(':') != std::string_view::npos) == (words[1] == "TCP6");
  };
  return is_address(words[2]) && is_address(words[3]) && is_port(words[4]) && is_port(words[5]);
}

Header read_line(std::string_view text) {
  const std::size_t size = std::min(text.size(), kWord.size());
  if (text.substr(0, size) != kWord.substr(0, size)) return {};
  const std::size_t end = text.substr(0, kLongestLine).find("\r\n");
  if (end == std::string_view::npos) return {text.size() < kLongestLine ? Sniff::maybe : Sniff::no};
  if (!is_line(text.substr(0, end))) return {};
  return {Sniff::yes, end + 2};
}

Header read_header(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  const std::size_t size = std::min(text.size(), kSignature.size());
  if (text.empty() || text.substr(0, size) != kSignature.substr(0, size)) return read_line(text);
  // Version and command; then family and protocol, of which 3 at most are in use.
  if (bytes.size() > 12 && (bytes[12] >> 4 != 2 || (bytes[12] & 0xf) > 1)) return {};
  if (bytes.size() > 13 && (bytes[13] >> 4 > 3 || (bytes[13] & 0xf) > 2)) return {};
  if (bytes.size() < kFixedBytes) return {Sniff::maybe};
  return {Sniff::yes, kFixedBytes + (std::size_t{bytes[14]} << 8 | bytes[15])};
}

class ProxyProtocol : public StreamParser {
 public:
  ProxyProtocol(const FlowInfo& flow, const StreamContext& above, ParserContext& parser)
      : flow_(flow), above_(above), parser_(parser), inner_context_(above) {}

  void on_data(const Chunk& chunk) override {
    if (done_) return inner_->on_data(chunk);
    if (!sender_ && !not_sender_[index(chunk.direction)] && read_header(chunk.data).seen != Sniff::no) {
      sender_ = chunk.direction;
    }
    if (sender_ != chunk.direction) return wait(chunk);
    if (held_.empty()) first_ = chunk.seen;
    const std::size_t before = held_.size();
    held_.insert(held_.end(), chunk.data.begin(), chunk.data.end());
    const Header header = read_header(held_);
    if (header.seen == Sniff::maybe || header.size > held_.size()) {
      return pieces_.add(chunk.data.size(), chunk.packets);
    }
    if (header.seen == Sniff::no) return give_back(chunk);
    held_.resize(header.size);
    pieces_.add(header.size - before, chunk.packets);
    finish(chunk, false);
    if (header.size - before < chunk.data.size()) inner_->on_data(slice(chunk, header.size - before));
  }
  void on_gap(const Chunk& where, std::uint64_t missing) override {
    cut(where);
    inner_ ? inner_->on_gap(where, missing) : before_.add_gap(where, missing);
  }
  void on_end(const Chunk& where) override {
    cut(where);
    inner_ ? inner_->on_end(where) : before_.add_end(where);
  }
  const Mux* inner() const override { return mux_; }

 private:
  // What the other side says before the header is whole.
  void wait(const Chunk& chunk) {
    before_.add(chunk);
    if (before_.bytes() > parser_.limits->tls_waiting_bytes) finish(chunk, true);
  }

  // It only began like one: the header is the other side's.
  void give_back(const Chunk& chunk) {
    const std::uint64_t offset = chunk.offset + chunk.data.size() - held_.size();
    pieces_.add(chunk.data.size(), chunk.packets);
    PacketRuns packets;
    pieces_.packets(0, held_.size(), packets);
    const ByteVector bytes = std::move(held_);
    held_.clear();
    pieces_.clear();
    sender_.reset();
    not_sender_[index(chunk.direction)] = true;
    wait({flow_, chunk.direction, offset, chunk.seen, packets, bytes});
  }

  void cut(const Chunk& where) {
    if (!done_ && sender_ == where.direction) finish(where, true);
  }

  // The header is over, and the connection begins.
  void finish(const Chunk& chunk, bool damaged) {
    if (damaged) parser_.anomalies->note("proxy.cut-header", chunk.first_packet());
    done_ = true;
    if (!held_.empty()) hand_down(chunk, damaged);
    open();
  }

  void hand_down(const Chunk& chunk, bool damaged) {
    Message message;
    above_.apply(message, flow_, *sender_, true);
    const int version = as_text(held_).starts_with(kWord) ? 1 : 2;
    message.protocol = "proxy";
    message.layers.push_back({"proxy", "version " + std::to_string(version)});
    message.kind = MessageKind::data;
    message.first = first_;
    message.last = chunk.seen;
    message.damaged = damaged;
    message.body = held_;
    std::swap(message.body_pieces, pieces_);
    inner_context_.layers = message.layers;
    parser_.sink->on_message(message);
    held_ = {};
    pieces_.clear();
  }

  void open() {
    if (inner_context_.layers.size() > kDeepest) {
      inner_ = std::make_unique<RawStream>(flow_, inner_context_, parser_);
    } else {
      auto mux = std::make_unique<Mux>(flow_, inner_context_, parser_);
      mux_ = mux.get();
      inner_ = std::move(mux);
    }
    before_.replay(flow_, *inner_);
  }

  const FlowInfo& flow_;
  const StreamContext& above_;
  ParserContext& parser_;
  StreamContext inner_context_;
  std::optional<Direction> sender_;  // of the header
  bool not_sender_[2] = {false, false};
  ByteVector held_;  // of it: 64 KiB at most, as its length has two bytes
  PieceMap pieces_;
  Time first_;
  bool done_ = false;
  HeldStream before_;  // what the other side said meanwhile
  std::unique_ptr<StreamSink> inner_;
  Mux* mux_ = nullptr;
};

}  // namespace

Sniff sniff_proxy_protocol(const StreamStart& start) {
  Sniff best = Sniff::no;
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    if (start.bytes[side].empty()) continue;
    Sniff seen = read_header(start.bytes[side]).seen;
    if (seen == Sniff::maybe && !start.more[side]) seen = Sniff::no;
    best = std::max(best, seen);
  }
  return best;
}

std::unique_ptr<StreamParser> make_proxy_protocol(const FlowInfo& flow, const StreamContext& above,
                                                  ParserContext& parser) {
  return std::make_unique<ProxyProtocol>(flow, above, parser);
}

}  // namespace tattle
