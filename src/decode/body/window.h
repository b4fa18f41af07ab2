#pragma once

#include "decode/body/stage.h"

namespace tattle {

/// Collects bytes and hands them down in windows that overlap, so that a value across a border is whole in one of them.
class BodyWindow {
 public:
  BodyWindow(BodyRun& run, BodyPath path);

  void add(Bytes bytes, PacketRunsView packets);
  /// How the bytes that follow are looked at. What was collected goes down first; the overlap stays.
  void set_view(BodyView view);
  /// Nothing follows what was added so far.
  void end();
  /// What follows does not touch what was added so far.
  void gap(std::uint64_t missing);

 private:
  void hand_down(bool last);
  void slide();

  BodyRun& run_;
  BodyPath path_;
  std::size_t most_;
  BodyView view_ = BodyView::text;
  ByteVector bytes_;
  PieceMap pieces_;
  std::uint64_t offset_ = 0;
  std::size_t overlap_ = 0;
};

/// Hands down `bytes` as one message of its own, decoded like any other.
void hand_down_whole(BodyRun& run, const BodyPath& path, Bytes bytes, PieceMap& pieces, const BodyDeclared& declared);

}  // namespace tattle
