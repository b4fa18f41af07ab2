// The end of each chain of a streamed body: windows that are searched. Base64 and hex that are longer than a window's
// overlap lose their alignment at its border, so such runs are decoded as streams of their own.
#include "decode/token/text.h"

#include <algorithm>
#include <optional>

#include "decode/body/stage.h"
#include "decode/body/window.h"
#include "decode/coding/base64.h"

namespace tattle {
namespace {

constexpr std::size_t kLongRun = 2048;     // digits from which a run is a stream of its own
constexpr std::size_t kShortestLine = 60;  // of a run with line ends
constexpr unsigned kDeepestRun = 6;

class Text : public BodyStage {
 public:
  Text(BodyRun& run, BodyPath path, unsigned depth)
      : run_(run), path_(std::move(path)), depth_(depth), window_(run, path_) {}

  void push(Bytes bytes, PacketRunsView packets) override {
    while (!bytes.empty()) {
      if (stream_) {
        bytes = read_stream(bytes, packets);
      } else if (digits_ > 0) {
        bytes = read_run(bytes, packets);
      } else {
        const std::size_t count = before_run(bytes);
        window_.add(bytes.first(count), packets);
        bytes = bytes.subspan(count);
        if (!bytes.empty()) bytes = read_run(bytes, packets);
      }
    }
  }
  void lose(std::uint64_t missing) override {
    release();
    if (stream_) stream_->lose(missing);
    window_.gap(missing);
    if (!stream_) forget_run();
  }
  void finish() override {
    release();
    end_run();
    window_.end();
  }

 private:
  struct Held {
    ByteVector bytes;
    PacketRuns packets;
  };

  // Bytes before a run that is long or reaches the end of `bytes`.
  std::size_t before_run(Bytes bytes) {
    std::size_t begin = bytes.size();
    for (std::size_t i = 0; i < bytes.size() && digits_ < kLongRun; ++i) {
      if (!continues(bytes[i])) {
        forget_run();
        begin = bytes.size();
      } else if (begin == bytes.size()) {
        begin = i;
      }
    }
    forget_run();
    return begin;
  }

  // A run that is not long yet. Returns what was not taken.
  Bytes read_run(Bytes bytes, PacketRunsView packets) {
    std::size_t count = 0;
    while (count < bytes.size() && (ignored_ || digits_ < kLongRun) && continues(bytes[count])) ++count;
    const Bytes rest = bytes.subspan(count);
    if (ignored_) {
      window_.add(bytes.first(count), packets);
    } else {
      hold(bytes.first(count), packets);
      if (digits_ >= kLongRun) {
        begin_stream();
        return rest;
      }
    }
    if (rest.empty()) return rest;
    release();
    forget_run();
    return rest;
  }

  Bytes read_stream(Bytes bytes, PacketRunsView packets) {
    std::size_t count = 0;
    while (count < bytes.size() && (continues(bytes[count]) || bytes[count] == '=')) ++count;
    window_.add(bytes.first(count), packets);
    stream_->push(bytes.first(count), packets);
    if (count < bytes.size()) end_run();
    return bytes.subspan(count);
  }

  bool continues(std::uint8_t c) {
    if (is_base64_byte(c)) {
      ++digits_;
      ++line_;
      hex_ = hex_ && hex_value(c) >= 0;
      return true;
    }
    if (digits_ == 0) return false;
    if (c == '\r') return line_ >= kShortestLine;
    if (c != '\n' || line_ < kShortestLine || line_ % 4 != 0) return false;
    if (first_line_ != 0 && line_ != first_line_) return false;
    first_line_ = line_;
    line_ = 0;
    return true;
  }

  void begin_stream() {
    const bool lines = first_line_ != 0;
    if (depth_ >= kDeepestRun || (hex_ && lines)) {
      ignored_ = true;
      release();
      return;
    }
    window_.set_view(BodyView::plain);
    auto inside = open_body_stage(run_, with_step(path_, hex_ ? "hex" : "base64"), {}, depth_ + 1, nullptr);
    stream_ = hex_ ? hex_stage(run_, std::move(inside)) : base64_stage(run_, std::move(inside));
    for (const Held& each : held_) {
      window_.add(each.bytes, each.packets);
      stream_->push(each.bytes, each.packets);
    }
    held_.clear();
  }

  void end_run() {
    if (!stream_) return;
    stream_->finish();
    stream_.reset();
    window_.set_view(BodyView::text);
    forget_run();
  }

  void forget_run() {
    digits_ = line_ = first_line_ = 0;
    hex_ = true;
    ignored_ = false;
  }

  void hold(Bytes bytes, PacketRunsView packets) {
    held_.push_back({ByteVector(bytes.begin(), bytes.end()), PacketRuns(packets.begin(), packets.end())});
  }
  void release() {
    for (const Held& each : held_) window_.add(each.bytes, each.packets);
    held_.clear();
  }

  BodyRun& run_;
  const BodyPath path_;
  const unsigned depth_;
  BodyWindow window_;
  BodyStagePtr stream_;     // of the long run under way
  std::vector<Held> held_;  // a run that may become long
  std::size_t digits_ = 0, line_ = 0, first_line_ = 0;
  bool hex_ = true, ignored_ = false;
};

class Plain : public BodyStage {
 public:
  Plain(BodyRun& run, BodyPath path) : window_(run, std::move(path)) { window_.set_view(BodyView::plain); }
  void push(Bytes bytes, PacketRunsView packets) override { window_.add(bytes, packets); }
  void lose(std::uint64_t missing) override { window_.gap(missing); }
  void finish() override { window_.end(); }

 private:
  BodyWindow window_;
};

}  // namespace

BodyStagePtr text_stage(BodyRun& run, BodyPath path, unsigned depth) {
  return std::make_unique<Text>(run, std::move(path), depth);
}
BodyStagePtr plain_stage(BodyRun& run, BodyPath path) { return std::make_unique<Plain>(run, std::move(path)); }

}  // namespace tattle
