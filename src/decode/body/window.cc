#include "decode/body/window.h"

#include <algorithm>
#include <utility>

namespace tattle {
namespace {

// Lends the common message for one call, with what differs from window to window.
void hand_down_as(BodyRun& run, const BodyPath& path, Bytes bytes, PieceMap& pieces, auto&& fill) {
  Message& message = run.message;
  const std::size_t layers = message.layers.size();
  message.layers.insert(message.layers.end(), path.begin(), path.end());
  message.body = bytes;
  std::swap(message.body_pieces, pieces);
  fill(message);
  run.windows->on_message(message);
  std::swap(message.body_pieces, pieces);
  message.layers.resize(layers);
  message.fields.clear();
  message.body = {};
}

}  // namespace

BodyPath with_step(const BodyPath& path, std::string_view step, std::string detail) {
  BodyPath longer = path;
  longer.push_back({std::string(step), std::move(detail)});
  return longer;
}

BodyWindow::BodyWindow(BodyRun& run, BodyPath path)
    : run_(run), path_(std::move(path)), most_(std::max<std::uint64_t>(run.limits.raw_window_bytes, 2)) {}

void BodyWindow::add(Bytes bytes, PacketRunsView packets) {
  while (!bytes.empty()) {
    if (bytes_.size() >= most_) {
      hand_down(false);
      slide();
    }
    const std::size_t count = std::min(bytes.size(), most_ - bytes_.size());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    pieces_.add(count, packets);
    bytes = bytes.subspan(count);
  }
}

void BodyWindow::set_view(BodyView view) {
  if (view == view_) return;
  if (bytes_.size() > overlap_) {
    hand_down(false);
    slide();
  }
  view_ = view;
}

void BodyWindow::end() {
  if (bytes_.size() > overlap_) hand_down(true);
  bytes_ = ByteVector();
  pieces_.clear();
  overlap_ = 0;
}

void BodyWindow::gap(std::uint64_t missing) {
  const std::uint64_t next = offset_ + bytes_.size() + missing;
  end();
  offset_ = next;
}

// The same share as the search expects: see Inspector.
void BodyWindow::slide() {
  const std::size_t keep = std::min<std::uint64_t>(run_.limits.raw_overlap_bytes, bytes_.size() / 2);
  const std::size_t gone = bytes_.size() - keep;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(gone));
  pieces_.drop_front(gone);
  offset_ += gone;
  overlap_ = keep;
}

void BodyWindow::hand_down(bool last) {
  hand_down_as(run_, path_, bytes_, pieces_, [&](Message& message) {
    message.view = view_;
    message.overlap = overlap_;
    message.body_offset = offset_ + 1;  // never 0: the type declared for the body is not that of a window
    message.last_piece = last;
  });
}

void hand_down_whole(BodyRun& run, const BodyPath& path, Bytes bytes, PieceMap& pieces, const BodyDeclared& declared) {
  hand_down_as(run, path, bytes, pieces, [&](Message& message) {
    if (!declared.media_type.empty()) message.fields.push_back({"content-type", declared.media_type});
    if (!declared.codings.empty()) message.fields.push_back({"content-encoding", declared.codings});
    message.view = BodyView::whole;
    message.overlap = 0;
    message.body_offset = 0;
    message.last_piece = true;
  });
}

}  // namespace tattle
