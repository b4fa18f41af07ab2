// A streamed mail, and what it has in common with a part of a multipart: fields, an empty line, content.
#include "decode/body/part.h"

#include <algorithm>
#include <utility>

#include "decode/body/window.h"
#include "decode/media_type.h"
#include "decode/token/text.h"

namespace tattle {

namespace {

// RFC 5322 section 2.2.3: a line that begins with white space continues the one before.
std::string unfolded(std::string_view head) {
  std::string lines;
  lines.reserve(head.size());
  for (std::size_t at = 0; at < head.size(); ++at) {
    const bool feed = head[at] == '\n' && at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t');
    if (!feed) {
      lines += head[at];
    } else if (lines.ends_with('\r')) {
      lines.pop_back();
    }
  }
  return lines;
}

}  // namespace

PartHead read_part_head(std::string_view text) {
  PartHead part;
  const std::string lines = unfolded(text);
  std::string_view head = lines;
  while (!head.empty()) {
    const auto end = head.find('\n');
    std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view() : head.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = trim(line.substr(0, colon)), value = trim(line.substr(colon + 1));
    if (equal_ignoring_case(name, "content-disposition")) {
      if (auto given = find_parameter(value, "name"); !given.empty()) part.name = given;
    } else if (equal_ignoring_case(name, "content-id") && part.name.empty()) {
      part.name = value;
    } else if (equal_ignoring_case(name, "content-type")) {
      part.declared.media_type = value;
    } else if (equal_ignoring_case(name, "content-encoding")) {
      part.declared.codings = value;
    } else if (equal_ignoring_case(name, "content-transfer-encoding")) {
      part.declared.transfer = value;
    }
  }
  return part;
}

std::size_t part_head_end(std::string_view text) {
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t feed = text.find('\n', line);
    if (feed == std::string_view::npos) return feed;
    if (feed == line || (feed == line + 1 && text[line] == '\r')) return feed + 1;
    line = feed + 1;
  }
  return std::string_view::npos;
}

BodyStagePtr open_part_stage(BodyRun& run, const BodyPath& path, const BodyDeclared& declared, unsigned depth) {
  const BodyDeclared inside{declared.media_type, declared.codings, ""};
  if (equal_ignoring_case(declared.transfer, "base64")) {
    return base64_stage(run, open_body_stage(run, with_step(path, "base64"), inside, depth + 1, nullptr));
  }
  if (equal_ignoring_case(declared.transfer, "quoted-printable")) {
    return quoted_printable_stage(
        run, open_body_stage(run, with_step(path, "quoted-printable"), inside, depth + 1, nullptr));
  }
  return open_body_stage(run, path, inside, depth + 1, nullptr);
}

namespace {

// RFC 5322 section 2.1. Its fields go down as a mail of their own, so that they are decoded like those of any mail.
class MailStage : public BodyStage {
 public:
  MailStage(BodyRun& run, BodyPath path, unsigned depth) : run_(run), path_(std::move(path)), depth_(depth) {}

  void push(Bytes bytes, PacketRunsView packets) override {
    if (content_) return content_->push(bytes, packets);
    const std::size_t before = head_.size();
    head_.insert(head_.end(), bytes.begin(), bytes.end());
    const std::size_t end = part_head_end(as_text(head_));
    if (end == std::string_view::npos && head_.size() < kLongestPartHead) {
      pieces_.add(bytes.size(), packets);
      return;
    }
    // An end before what came now was found before.
    const std::size_t size = std::max(before, std::min(end, head_.size()));
    pieces_.add(size - before, packets);
    head_.resize(size);
    open_content();
    if (size - before < bytes.size()) content_->push(bytes.subspan(size - before), packets);
  }
  void lose(std::uint64_t missing) override {
    // What the fields say of the content may be among what is lost.
    if (!content_) {
      hand_down_head();
      content_ = text_stage(run_, path_, depth_ + 1);
    }
    content_->lose(missing);
  }
  void finish() override {
    if (!content_) return hand_down_head();
    content_->finish();
  }

 private:
  void hand_down_head() {
    if (!head_.empty()) hand_down_whole(run_, path_, head_, pieces_, {"message/rfc822", "", ""});
    head_ = ByteVector();
    pieces_.clear();
  }
  void open_content() {
    const PartHead head = read_part_head(as_text(head_));
    hand_down_head();
    content_ = open_part_stage(run_, with_step(path_, "mail"), head.declared, depth_);
  }

  BodyRun& run_;
  const BodyPath path_;
  const unsigned depth_;
  ByteVector head_;
  PieceMap pieces_;
  BodyStagePtr content_;
};

}  // namespace

BodyStagePtr mail_stage(BodyRun& run, BodyPath path, unsigned depth) {
  return std::make_unique<MailStage>(run, std::move(path), depth);
}

}  // namespace tattle
