#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

#include "capture/byte_source.h"

namespace tattle {
namespace {

constexpr std::size_t kInputBytes = 256 << 10;

/// RFC 1952; members follow one another.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(ByteSource& compressed) : compressed_(compressed), input_(kInputBytes) {
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  ~GzipSource() override {
    if (ready_) inflateEnd(&stream_);
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  std::size_t read(std::uint8_t* into, std::size_t room) override {
    if (!ready_ || over_) return 0;
    stream_.next_out = into;
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(room, 1 << 30));
    const uInt offered = stream_.avail_out;
    while (stream_.avail_out == offered && !over_) step();
    return offered - stream_.avail_out;
  }
  SourceTrouble trouble() const override {
    return compressed_.trouble() != SourceTrouble::none ? compressed_.trouble() : trouble_;
  }

 private:
  bool refill() {
    if (stream_.avail_in > 0) return true;
    stream_.next_in = input_.data();
    stream_.avail_in = static_cast<uInt>(compressed_.read(input_.data(), input_.size()));
    return stream_.avail_in > 0;
  }
  void stop(SourceTrouble why) {
    over_ = true;
    trouble_ = why;
  }
  void step() {
    if (!refill()) return stop(between_members_ ? SourceTrouble::none : SourceTrouble::cut);
    const bool later_member = between_members_ && members_ > 0;
    between_members_ = false;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      ++members_;
      between_members_ = true;
      inflateReset(&stream_);
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      stop(later_member ? SourceTrouble::trailing : SourceTrouble::damaged);
    }
  }

  ByteSource& compressed_;
  ByteVector input_;
  z_stream stream_{};
  bool ready_ = false;
  bool over_ = false;
  bool between_members_ = true;
  std::uint64_t members_ = 0;
  SourceTrouble trouble_ = SourceTrouble::none;
};

/// RFC 8878; frames follow one another.
class ZstdSource : public ByteSource {
 public:
  explicit ZstdSource(ByteSource& compressed)
      : compressed_(compressed), input_(kInputBytes), stream_(ZSTD_createDStream()) {}
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;

  std::size_t read(std::uint8_t* into, std::size_t room) override {
    ZSTD_outBuffer out{into, room, 0};
    while (out.pos == 0 && !over_ && stream_ != nullptr) step(out);
    return out.pos;
  }
  SourceTrouble trouble() const override {
    return compressed_.trouble() != SourceTrouble::none ? compressed_.trouble() : trouble_;
  }

 private:
  void stop(SourceTrouble why) {
    over_ = true;
    trouble_ = why;
  }
  void step(ZSTD_outBuffer& out) {
    // A full output buffer can leave decompressed bytes inside the library: ask for them before reading on.
    if (pending_.pos == pending_.size && !flushing_) {
      pending_ = {input_.data(), compressed_.read(input_.data(), input_.size()), 0};
      if (pending_.size == 0) return stop(between_frames_ ? SourceTrouble::none : SourceTrouble::cut);
    }
    const bool later_frame = between_frames_ && frames_ > 0;
    const std::size_t status = ZSTD_decompressStream(stream_, &out, &pending_);
    if (ZSTD_isError(status)) return stop(later_frame ? SourceTrouble::trailing : SourceTrouble::damaged);
    between_frames_ = status == 0;
    if (status == 0) ++frames_;
    flushing_ = status != 0 && out.pos == out.size;
  }

  ByteSource& compressed_;
  ByteVector input_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer pending_{nullptr, 0, 0};
  bool over_ = false;
  bool flushing_ = false;
  bool between_frames_ = true;
  std::uint64_t frames_ = 0;
  SourceTrouble trouble_ = SourceTrouble::none;
};

}  // namespace

std::unique_ptr<ByteSource> make_gzip_source(ByteSource& compressed) {
  return std::make_unique<GzipSource>(compressed);
}
std::unique_ptr<ByteSource> make_zstd_source(ByteSource& compressed) {
  return std::make_unique<ZstdSource>(compressed);
}

}  // namespace tattle
