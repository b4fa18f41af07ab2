// gRPC: messages of one byte of flags, four of length, and a payload.
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "protocol/body/splitter.h"

namespace tattle {
namespace {

constexpr std::size_t kPrefixBytes = 5;
constexpr std::uint8_t kCompressed = 0x01, kTrailers = 0x80;

// Base64 of which each chunk may be padded on its own, as grpc-web-text has it.
class Base64Stream {
 public:
  /// Returns how many characters it took: less than all at one that is none of base64.
  std::size_t add(Bytes text, ByteVector& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::uint8_t c = text[i];
      if (c == '=') {
        count_ = 0;
        bits_ = 0;
        continue;
      }
      const int value = value_of(c);
      if (value < 0) return i;
      bits_ = bits_ << 6 | static_cast<std::uint32_t>(value);
      // A byte is whole with every character but the first of four.
      if (++count_ > 1) out.push_back(static_cast<std::uint8_t>(bits_ >> (8 - 2 * count_)));
      if (count_ == 4) count_ = 0;
      bits_ &= 0xffff;
    }
    return text.size();
  }

 private:
  static int value_of(std::uint8_t c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  }
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;
};

class GrpcSplitter : public BodySplitter {
 public:
  GrpcSplitter(const Message& head, std::string_view type, ParserContext& parser)
      : BodySplitter(head, parser), web_(type.starts_with("application/grpc-web")), payload_(*parser.limits) {
    frame_.protocol = "grpc";
    frame_.layers.push_back({web_ ? "grpc-web" : "grpc", ""});
    if (type.starts_with("application/grpc-web-text")) {
      frame_.layers.push_back({"base64", ""});
      text_.emplace();
      was_text_ = true;
    }
    if (type.ends_with("+json")) json_ = true;
    if (const Field* coding = head.field("grpc-encoding"); coding != nullptr && !coding->unknown) {
      coding_ = coding->value;
    }
  }

  void on_data(const Chunk& chunk, Bytes data) override {
    if (!text_) return read(chunk, data);
    ByteVector bytes;
    const std::size_t used = text_->add(data, bytes);
    read(chunk, bytes);
    if (used == data.size()) return;
    give_up(chunk, "grpc.bad-base64");
    text_.reset();
    read(chunk, data.subspan(used));
  }

  void on_gap(const Chunk& where, std::uint64_t missing) override {
    if (!lost_ && !text_ && in_payload_ && missing > 0 && missing <= left_) {
      frame_.damaged = true;
      if (payload_.offset() == 0 || payload_.has_new()) emit_piece(false);
      payload_.skip(missing);
      left_ -= static_cast<std::uint32_t>(missing);
      if (left_ == 0) finish_message();
      return;
    }
    gapped_ = true;
    give_up(where, "grpc.lost-border");
    text_.reset();
    if (payload_.has_new()) emit_piece(true);
    payload_.clear();
  }

  void on_end(bool damaged) override {
    if (lost_) {
      if (payload_.has_new()) emit_piece(true);
      return;
    }
    if (!in_payload_ && prefix_size_ == 0) return;
    if (!damaged) parser_.anomalies->note("grpc.cut-message", where_);
    frame_.damaged = true;
    finish_message();
  }

  std::uint64_t held_bytes() const override { return payload_.held_bytes(); }
  void relieve() override {
    payload_.relieve([&] { emit_piece(false); });
  }

 private:
  void read(const Chunk& chunk, Bytes data) {
    where_ = chunk.first_packet();
    if (lost_ && gapped_ && begins_message(data)) found_again(chunk);
    while (!data.empty()) {
      if (lost_) return add(chunk, data);
      if (!in_payload_) {
        data = data.subspan(read_prefix(chunk, data));
        continue;
      }
      const std::size_t count = std::min<std::size_t>(data.size(), left_);
      add(chunk, data.first(count));
      left_ -= static_cast<std::uint32_t>(count);
      data = data.subspan(count);
      if (left_ == 0) finish_message();
    }
  }

  // A message is mostly sent as one DATA frame: a prefix whose length fits that exactly is no accident.
  bool begins_message(Bytes data) const {
    if (data.size() <= kPrefixBytes || (data[0] & ~kCompressed) != 0 || was_text_) return false;
    return length_in(data) == data.size() - kPrefixBytes;
  }
  void found_again(const Chunk& chunk) {
    if (payload_.has_new()) emit_piece(true);
    payload_.clear();
    parser_.anomalies->note("grpc.resync", chunk.first_packet());
    lost_ = frame_.damaged = in_payload_ = false;
    prefix_size_ = 0;
  }
  static std::uint32_t length_in(Bytes prefix) {
    return std::uint32_t{prefix[1]} << 24 | std::uint32_t{prefix[2]} << 16 | std::uint32_t{prefix[3]} << 8 | prefix[4];
  }

  std::size_t read_prefix(const Chunk& chunk, Bytes data) {
    if (prefix_size_ == 0) frame_.first = chunk.seen;
    const std::size_t count = std::min(data.size(), kPrefixBytes - prefix_size_);
    std::copy_n(data.begin(), count, prefix_.begin() + prefix_size_);
    prefix_size_ += count;
    frame_.last = chunk.seen;
    if (prefix_size_ < kPrefixBytes) return count;
    const std::uint8_t allowed = web_ ? kCompressed | kTrailers : kCompressed;
    if ((prefix_[0] & ~allowed) != 0) {
      give_up(chunk, "grpc.bad-frame");
      add(chunk, prefix_);
      return count;
    }
    begin_message();
    return count;
  }

  void begin_message() {
    left_ =
        std::uint32_t{prefix_[1]} << 24 | std::uint32_t{prefix_[2]} << 16 | std::uint32_t{prefix_[3]} << 8 | prefix_[4];
    in_payload_ = true;
    payload_.begin(left_);
    frame_.body_coding = {};
    frame_.body_type = json_ ? "application/json" : "";
    frame_.method = (prefix_[0] & kTrailers) != 0 ? "trailers" : "message";
    if ((prefix_[0] & kTrailers) != 0) frame_.body_type = "text/plain";
    if ((prefix_[0] & kCompressed) != 0) {
      frame_.body_coding = coding_;
      if (coding_.empty() || coding_ == "identity") parser_.anomalies->note("grpc.no-encoding", where_);
    }
    if (left_ == 0) finish_message();
  }

  void add(const Chunk& chunk, Bytes data) {
    frame_.last = chunk.seen;
    payload_.add(data, chunk.packets, chunk.seen, [&] { emit_piece(false); });
  }

  void finish_message() {
    emit_piece(true);
    payload_.clear();
    in_payload_ = false;
    prefix_size_ = 0;
    frame_.damaged = false;
  }

  // Where the next message begins is not known any more: the rest is searched as it is.
  void give_up(const Chunk& chunk, std::string_view why) {
    if (lost_) return;
    parser_.anomalies->note(why, chunk.first_packet());
    frame_.damaged = true;
    if (in_payload_) finish_message();
    lost_ = frame_.damaged = true;
    frame_.method.clear();
    frame_.body_coding = frame_.body_type = {};
    frame_.first = chunk.seen;
  }

  void emit_piece(bool last) { emit(payload_, last); }

  const bool web_;
  bool json_ = false;
  std::string coding_;                // grpc-encoding; empty when not known
  std::optional<Base64Stream> text_;  // as long as its place in the base64 is known
  bool was_text_ = false;
  std::array<std::uint8_t, kPrefixBytes> prefix_{};
  std::size_t prefix_size_ = 0;
  bool in_payload_ = false, lost_ = false;
  bool gapped_ = false;  // why: bytes are missing, rather than none of gRPC's
  std::uint32_t left_ = 0;
  BodyAssembler payload_;
  PacketId where_;
};

}  // namespace

std::unique_ptr<BodySplitter> make_grpc_splitter(const Message& head, std::string_view media_type,
                                                 ParserContext& parser) {
  return std::make_unique<GrpcSplitter>(head, media_type, parser);
}

}  // namespace tattle
