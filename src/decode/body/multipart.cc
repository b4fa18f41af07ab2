// The parts of a streamed multipart body. RFC 2046 section 5.1, RFC 7578.
#include <algorithm>

#include "decode/body/part.h"
#include "decode/body/stage.h"
#include "decode/body/window.h"
#include "decode/media_type.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestLine = 1024;  // of a delimiter, padding included

class Multipart : public BodyStage {
 public:
  Multipart(BodyRun& run, BodyPath path, const std::string& boundary, unsigned depth)
      : run_(run), path_(std::move(path)), delimiter_("--" + boundary), depth_(depth) {}

  void push(Bytes bytes, PacketRunsView packets) override {
    ByteVector joined;
    Bytes work = bytes;
    const std::size_t split = held_.size();
    if (split > 0) {
      joined = std::move(held_);
      joined.insert(joined.end(), bytes.begin(), bytes.end());
      work = joined;
    }
    const std::size_t used = read({work, split, held_packets_, packets}, false);
    keep(work, split, used, packets);
  }
  void lose(std::uint64_t missing) override {
    flush();
    at_line_start_ = false;
    if (part_) part_->lose(missing);
    if (state_ == State::head) state_ = State::preamble;  // what part follows is not known
  }
  void finish() override {
    flush();
    if (state_ != State::over) run_.note("decode.cut-multipart");
    end_part();
  }

 private:
  enum class State : std::uint8_t { preamble, head, content, over };
  // What is looked at: the held bytes, whose packets came before, and the new ones.
  struct Work {
    Bytes bytes;
    std::size_t split;
    PacketRunsView before, now;
  };

  std::size_t read(const Work& work, bool at_end) {
    std::size_t at = 0;
    while (at < work.bytes.size()) {
      const std::size_t next = state_ == State::head ? read_head(work, at, at_end) : read_content(work, at, at_end);
      if (next == at) break;
      at = next;
    }
    return at;
  }

  std::size_t read_head(const Work& work, std::size_t at, bool at_end) {
    const std::string_view text = as_text(work.bytes.subspan(at));
    std::size_t size = part_head_end(text);
    if (size == std::string_view::npos) {
      if (!at_end && text.size() < kLongestPartHead) return at;
      size = text.size();
    }
    const PartHead head = read_part_head(text.substr(0, size));
    const BodyPath path = with_step(path_, "multipart", head.name);
    PieceMap pieces;
    for_ranges(work, at, at + size, [&](Bytes bytes, PacketRunsView packets) { pieces.add(bytes.size(), packets); });
    if (size > 2) hand_down_whole(run_, path, work.bytes.subspan(at, size), pieces, {"text/plain", "", ""});
    part_ = open_part_stage(run_, path, head.declared, depth_);
    state_ = State::content;
    at_line_start_ = true;
    return at + size;
  }

  // Everything up to the next delimiter line; what may be the start of one is left.
  std::size_t read_content(const Work& work, std::size_t from, bool at_end) {
    const std::string_view text = as_text(work.bytes);
    const std::size_t size = text.size();
    std::size_t at = state_ == State::over ? std::string_view::npos : text.find(delimiter_, from);
    for (; at != std::string_view::npos; at = text.find(delimiter_, at + 1)) {
      if (at == from ? !at_line_start_ : text[at - 1] != '\n') continue;
      const std::size_t behind = at + delimiter_.size();
      const std::size_t feed = text.find('\n', behind);
      const bool closes = text.substr(behind, 2) == "--";
      if (feed == std::string_view::npos && size - behind < kLongestLine && !closes && !at_end) {
        return give(work, from, line_end_before(text, from, at));  // the line's rest must come
      }
      if (!closes && feed == std::string_view::npos) continue;
      give(work, from, line_end_before(text, from, at));
      end_part();
      state_ = closes ? State::over : State::head;
      return closes ? behind + 2 : feed + 1;
    }
    const std::size_t hold = at_end || state_ == State::over ? 0 : delimiter_.size() + 2;
    return size - from <= hold ? from : give(work, from, size - hold);
  }

  // The line end in front of a delimiter belongs to it.
  static std::size_t line_end_before(std::string_view text, std::size_t from, std::size_t at) {
    if (at > from && text[at - 1] == '\n') --at;
    if (at > from && text[at - 1] == '\r') --at;
    return at;
  }

  template <class Use>
  static void for_ranges(const Work& work, std::size_t begin, std::size_t end, Use use) {
    const std::size_t middle = std::clamp(work.split, begin, end);
    if (begin < middle) use(work.bytes.subspan(begin, middle - begin), work.before);
    if (middle < end) use(work.bytes.subspan(middle, end - middle), work.now);
  }

  std::size_t give(const Work& work, std::size_t begin, std::size_t end) {
    if (end > begin) at_line_start_ = work.bytes[end - 1] == '\n';
    for_ranges(work, begin, end, [&](Bytes bytes, PacketRunsView packets) {
      if (part_) part_->push(bytes, packets);
      if (!part_) outside().push(bytes, packets);
    });
    return end;
  }

  // Before the first part and behind the last.
  BodyStage& outside() {
    if (!outside_) outside_ = text_stage(run_, with_step(path_, "multipart"), depth_ + 1);
    return *outside_;
  }

  void keep(Bytes work, std::size_t split, std::size_t used, PacketRunsView packets) {
    if (used >= split) held_packets_.clear();
    if (used < work.size()) add_packets(held_packets_, packets);
    ByteVector rest(work.begin() + static_cast<std::ptrdiff_t>(used), work.end());
    held_ = std::move(rest);
  }

  void flush() {
    const ByteVector rest = std::move(held_);
    held_ = {};
    const PacketRuns packets = std::move(held_packets_);
    held_packets_ = {};
    read({rest, rest.size(), packets, {}}, true);
  }

  void end_part() {
    if (part_) part_->finish();
    if (outside_) outside_->finish();
    part_.reset();
    outside_.reset();
  }

  BodyRun& run_;
  const BodyPath path_;
  const std::string delimiter_;
  const unsigned depth_;
  State state_ = State::preamble;
  bool at_line_start_ = true;
  ByteVector held_;
  PacketRuns held_packets_;
  BodyStagePtr part_, outside_;
};

}  // namespace

BodyStagePtr multipart_stage(BodyRun& run, BodyPath path, const std::string& boundary, unsigned depth) {
  return std::make_unique<Multipart>(run, std::move(path), boundary, depth);
}

}  // namespace tattle
