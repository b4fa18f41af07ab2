#include "decode/body/stream.h"

#include <algorithm>
#include <utility>

#include "decode/body/stage.h"
#include "decode/body/window.h"
#include "decode/coding/charset.h"
#include "decode/decoders.h"
#include "decode/media_type.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

constexpr unsigned kDeepest = 8;           // stages that were opened in each other
constexpr std::size_t kLeastSample = 512;  // to tell what bytes are
constexpr std::size_t kSlice = 4096;       // given to the stages at once

// Content codings were applied in the order listed, so the last one comes off first. RFC 9110 section 8.4.
std::string take_last_coding(std::string& codings) {
  std::string last;
  while (!codings.empty() && last.empty()) {
    const auto comma = codings.rfind(',');
    last = trim(std::string_view(codings).substr(comma == std::string::npos ? 0 : comma + 1));
    codings.resize(comma == std::string::npos ? 0 : comma);
    if (equal_ignoring_case(last, "identity")) last.clear();
  }
  return last;
}

// Compression that is no declared coding: an uploaded archive.
std::string_view sniffed_coding(Bytes bytes) {
  if (sniff_gzip(bytes)) return "gzip";
  if (sniff_zstd(bytes)) return "zstd";
  return sniff_zlib(bytes) ? "deflate" : std::string_view();
}

std::string boundary_of(Bytes bytes, const MediaType& type) {
  if (declared_multipart(type)) {
    if (auto boundary = type.parameter("boundary"); !boundary.empty()) return std::string(boundary);
  }
  if (!sniff_multipart(bytes)) return {};
  const std::string_view text = as_text(bytes);
  return std::string(text.substr(2, text.find_first_of("\r\n") - 2));
}

class Opener : public BodyStage {
 public:
  Opener(BodyRun& run, BodyPath path, BodyDeclared declared, unsigned depth, std::uint64_t* content_bytes)
      : run_(run),
        path_(std::move(path)),
        declared_(std::move(declared)),
        depth_(depth),
        content_bytes_(content_bytes),
        most_(std::max<std::uint64_t>(run.limits.raw_window_bytes, kLeastSample)) {
    open_coding();
  }

  void push(Bytes bytes, PacketRunsView packets) override {
    if (count_content_ && content_bytes_) *content_bytes_ += bytes.size();
    if (!next_) {
      const std::size_t count = std::min(bytes.size(), most_ - start_.size());
      start_.insert(start_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
      pieces_.add(count, packets);
      bytes = bytes.subspan(count);
      if (bytes.empty()) return;
      open_start();
    }
    next_->push(bytes, packets);
  }
  void lose(std::uint64_t missing) override {
    if (!next_) open_start();
    next_->lose(missing);
  }
  void finish() override {
    if (next_) return next_->finish();
    if (!start_.empty()) hand_down_whole(run_, path_, start_, pieces_, declared_);
  }

 private:
  void open_coding() {
    while (!next_) {
      const std::string coding = take_last_coding(declared_.codings);
      if (coding.empty()) return;
      next_ = unpack_stage(run_, coding, path_, declared_, depth_, content_bytes_);
      if (next_) {
        count_content_ = false;
      } else {
        run_.note("decode.unknown-coding");
        declared_.codings.clear();
      }
    }
  }

  void open_start() {
    next_ = choose();
    pieces_.for_each([&](std::size_t begin, std::size_t end, PacketRunsView packets) {
      next_->push(Bytes(start_).subspan(begin, end - begin), packets);
    });
    next_->push(Bytes(start_).subspan(pieces_.size()), {});
    start_ = ByteVector();
    pieces_ = PieceMap();
  }

  BodyStagePtr choose() {
    if (depth_ >= kDeepest) {
      run_.note("decode.limit-depth");
      return plain_stage(run_, path_);
    }
    if (start_.empty()) return text_stage(run_, path_, depth_);  // its first bytes are lost
    if (const auto coding = sniffed_coding(start_); !coding.empty()) {
      return unpack_stage(run_, coding, path_, {declared_.media_type, "", ""}, depth_, nullptr);
    }
    const MediaType type = parse_media_type(declared_.media_type);
    const StreamCharset charset = find_stream_charset(start_, type.parameter("charset"));
    if (charset.mismatch) run_.note("decode.charset-mismatch");
    if (!charset.name.empty()) {
      const bool utf16 = charset.name.starts_with("UTF-16");
      const BodyPath path =
          with_step(path_, utf16 ? "utf-16" : "charset", utf16 ? charset.name.substr(6) : lower_case(charset.name));
      BodyDeclared inside{type.essence, "", ""};
      if (const auto boundary = type.parameter("boundary"); !boundary.empty()) {
        inside.media_type += "; boundary=\"" + std::string(boundary) + '"';
      }
      auto next = open_body_stage(run_, path, std::move(inside), depth_ + 1, nullptr);
      if (auto stage = charset_stage(run_, charset.name, std::move(next))) return stage;
      run_.note("decode.unknown-charset");
    }
    return choose_content(type);
  }

  BodyStagePtr choose_content(const MediaType& type) {
    if (declared_mail(type)) return mail_stage(run_, path_, depth_);
    if (const std::string boundary = boundary_of(start_, type); !boundary.empty()) {
      return multipart_stage(run_, path_, boundary, depth_);
    }
    if (is_compressed_media(start_)) return plain_stage(run_, path_);
    if (sniff_json(start_)) {
      const BodyPath path = with_step(path_, "json");
      return json_text_stage(run_, text_stage(run_, path, depth_));
    }
    if (declared_form(type) || sniff_form(start_)) {
      const BodyPath path = with_step(with_step(path_, "form"), "percent");
      return percent_stage(run_, text_stage(run_, path, depth_));
    }
    return text_stage(run_, path_, depth_);
  }

  BodyRun& run_;
  const BodyPath path_;
  BodyDeclared declared_;
  const unsigned depth_;
  std::uint64_t* content_bytes_;
  const std::size_t most_;
  bool count_content_ = true;
  ByteVector start_;
  PieceMap pieces_;
  BodyStagePtr next_;
};

}  // namespace

BodyStagePtr open_body_stage(BodyRun& run, BodyPath path, BodyDeclared declared, unsigned depth,
                             std::uint64_t* content_bytes) {
  if (depth > kDeepest) {
    run.note("decode.limit-depth");
    return plain_stage(run, std::move(path));
  }
  return std::make_unique<Opener>(run, std::move(path), std::move(declared), depth, content_bytes);
}

struct BodyStream::State {
  State(const Limits& limits, Anomalies& anomalies) : run{limits, anomalies, nullptr, {}, {}} {}

  BodyRun run;
  BodyStagePtr stage;
  std::uint64_t next = 0;  // position in the body
  std::uint64_t content_bytes = 0;
};

BodyStream::BodyStream(const Message& first, const Limits& limits, Anomalies& anomalies)
    : state_(std::make_unique<State>(limits, anomalies)) {
  BodyDeclared declared;
  if (const Field* type = first.field("content-type"); type && !type->unknown) declared.media_type = type->value;
  for (const Field& field : first.fields) {
    if (field.unknown || !equal_ignoring_case(field.name, "content-encoding")) continue;
    if (!declared.codings.empty()) declared.codings += ',';
    declared.codings += field.value;
  }
  if (!first.body_type.empty()) declared.media_type = first.body_type;
  if (!first.body_coding.empty()) declared.codings = first.body_coding;
  // Only the first bytes say what a body is; a mail's are its fields.
  if (first.body_offset > 0 && declared_mail(parse_media_type(declared.media_type))) declared.media_type.clear();
  if (first.body_offset > 0 && !declared.codings.empty()) {
    anomalies.note("decode.lost-in-coded-body", {});
    state_->stage = plain_stage(state_->run, {});
  } else {
    state_->stage = open_body_stage(state_->run, {}, std::move(declared), 0, &state_->content_bytes);
  }
  state_->next = first.body_offset;
}

BodyStream::BodyStream(const OpenMember& member, std::uint64_t begin, const Limits& limits, Anomalies& anomalies)
    : state_(std::make_unique<State>(limits, anomalies)) {
  const bool alone = true;
  state_->stage = unpack_stage(state_->run, member.coding, with_step({}, "embedded"), {}, 0, nullptr, alone);
  state_->next = begin;
}

BodyStream::~BodyStream() = default;

bool BodyStream::over() const { return state_->run.over; }

std::uint64_t BodyStream::content_bytes() const { return state_->content_bytes; }

void BodyStream::add(const Message& piece, MessageSink& windows) {
  State& state = *state_;
  Message& common = state.run.message;
  common = piece;
  common.fields.clear();
  common.head = common.body = {};
  common.body_type = common.body_coding = {};
  common.head_pieces.clear();
  common.name_answers.clear();
  state.run.windows = &windows;

  const std::uint64_t begin = piece.body_offset + piece.overlap;
  if (begin > state.next) state.stage->lose(begin - state.next);
  state.next = piece.body_offset + piece.body.size();
  const auto push = [&](std::size_t from, std::size_t to, PacketRunsView packets) {
    from = std::max<std::size_t>(from, piece.overlap);
    if (!packets.empty()) state.run.where = {packets.front().capture, packets.front().first};
    for (; from < to; from += std::min(kSlice, to - from)) {
      state.stage->push(piece.body.subspan(from, std::min(kSlice, to - from)), packets);
    }
  };
  piece.body_pieces.for_each(push);
  push(piece.body_pieces.size(), piece.body.size(), {});
  if (piece.last_piece) state.stage->finish();
  state.run.windows = nullptr;
}

}  // namespace tattle
