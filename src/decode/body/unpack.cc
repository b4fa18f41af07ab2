// Content codings of a streamed body.
#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include "decode/body/stage.h"
#include "decode/decoders.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

enum class Step : std::uint8_t { more, end, damaged };

/// A decompressor with its state.
class Unpacker {
 public:
  virtual ~Unpacker() = default;
  /// Takes from the front of `in`, writes to the front of `out`.
  virtual Step run(Bytes& in, std::span<std::uint8_t>& out) = 0;
  /// Another stream may follow one that ended; true when this begins like one, and is ready for it.
  virtual bool restart(Bytes) { return false; }
};

class ZlibUnpacker : public Unpacker {
 public:
  explicit ZlibUnpacker(bool gzip) : gzip_(gzip) {}
  ~ZlibUnpacker() override {
    if (ready_) inflateEnd(&stream_);
  }
  Step run(Bytes& in, std::span<std::uint8_t>& out) override {
    if (!ready_ && inflateInit2(&stream_, gzip_ ? 31 : window_bits(in)) != Z_OK) return Step::damaged;
    ready_ = true;
    stream_.next_in = const_cast<Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    in = in.last(stream_.avail_in);
    out = out.last(stream_.avail_out);
    if (status == Z_STREAM_END) return Step::end;
    return status == Z_OK || status == Z_BUF_ERROR ? Step::more : Step::damaged;
  }
  bool restart(Bytes rest) override { return gzip_ && rest[0] == 0x1f && inflateReset(&stream_) == Z_OK; }

 private:
  // "deflate" means zlib (RFC 9110 section 8.4.1.2), yet some send it raw. The first byte of RFC 1950 names the method.
  static int window_bits(Bytes in) {
    const bool zlib = (in[0] & 0x0f) == 8 && in[0] >> 4 <= 7 && (in.size() < 2 || (in[0] << 8 | in[1]) % 31 == 0);
    return zlib ? 15 : -15;
  }
  const bool gzip_;
  bool ready_ = false;
  z_stream stream_{};
};

class BrotliUnpacker : public Unpacker {
 public:
  Step run(Bytes& in, std::span<std::uint8_t>& out) override {
    if (!state_) return Step::damaged;
    std::size_t given = in.size(), room = out.size();
    const std::uint8_t* from = in.data();
    std::uint8_t* to = out.data();
    const auto status = BrotliDecoderDecompressStream(state_.get(), &given, &from, &room, &to, nullptr);
    in = in.last(given);
    out = out.last(room);
    if (status == BROTLI_DECODER_RESULT_SUCCESS) return Step::end;
    return status == BROTLI_DECODER_RESULT_ERROR ? Step::damaged : Step::more;
  }

 private:
  std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state_{
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance};
};

class ZstdUnpacker : public Unpacker {
 public:
  ZstdUnpacker() {
    constexpr int kWindowLog = 23;  // RFC 9659
    if (context_) ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindowLog);
  }
  Step run(Bytes& in, std::span<std::uint8_t>& out) override {
    if (!context_) return Step::damaged;
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t status = ZSTD_decompressStream(context_.get(), &to, &from);
    in = in.subspan(from.pos);
    out = out.subspan(to.pos);
    if (ZSTD_isError(status)) return Step::damaged;
    return status == 0 ? Step::end : Step::more;
  }
  bool restart(Bytes) override { return true; }  // frames follow one another

 private:
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

struct CodingNames {
  std::string_view step, cut, damaged;
};

class Unpack : public BodyStage {
 public:
  Unpack(BodyRun& run, CodingNames names, std::unique_ptr<Unpacker> unpacker, BodyPath path, BodyDeclared declared,
         unsigned depth, std::uint64_t* content_bytes, bool alone)
      : run_(run),
        names_(names),
        unpacker_(std::move(unpacker)),
        path_(std::move(path)),
        declared_(std::move(declared)),
        depth_(depth),
        content_bytes_(content_bytes),
        alone_(alone) {}

  void push(Bytes bytes, PacketRunsView packets) override {
    if (bytes.empty() || run_.over) return;
    if (raw_) return raw_->push(bytes, packets);
    if (taken_ == 0 && is_no_coding(bytes)) {
      run_.note("decode.coding-mismatch");
      raw_ = open_body_stage(run_, path_, {declared_.media_type, "", ""}, depth_ + 1, content_bytes_);
      return raw_->push(bytes, packets);
    }
    add_packets(held_, packets);
    while (!bytes.empty() && !raw_ && !run_.over) bytes = unpack(bytes, packets);
    if (raw_ && !bytes.empty()) raw_->push(bytes, packets);
  }

  void lose(std::uint64_t) override {
    if (raw_) return raw_->lose(0);
    run_.note("decode.lost-in-coded-body");
    give_up();
  }

  void finish() override {
    if (raw_) return raw_->finish();
    if (taken_ > 0 && !ended_) run_.note(names_.cut);
    if (next_) next_->finish();
  }

 private:
  // Packed bytes never read as text for so long.
  static bool is_no_coding(Bytes bytes) { return bytes.size() >= 32 && starts_plain_text(bytes); }

  BodyStage& next() {
    if (!next_) next_ = open_body_stage(run_, with_step(path_, names_.step), declared_, depth_ + 1, content_bytes_);
    return *next_;
  }

  // Returns what was not used; it is used up unless decoding came to an end.
  Bytes unpack(Bytes bytes, PacketRunsView packets) {
    if (ended_) {
      if (!unpacker_->restart(bytes)) {
        if (!alone_) run_.note("decode.trailing-bytes");
        give_up();
        return bytes;
      }
      ended_ = false;
    }
    while (true) {
      std::span<std::uint8_t> room(out_);
      const std::size_t before = bytes.size();
      const Step step = unpacker_->run(bytes, room);
      const std::size_t made = out_.size() - room.size();
      taken_ += before - bytes.size();
      given_ += made;
      if (made > 0) {
        next().push(Bytes(out_).first(made), held_);
        // What is still inside the decompressor came with these packets.
        held_.assign(packets.begin(), packets.end());
      }
      if (step == Step::end) {
        ended_ = true;
        return bytes;
      }
      if (step == Step::damaged) {
        run_.note(names_.damaged);
        give_up();
        return bytes;
      }
      if (over_ratio()) {
        run_.note("decode.limit-ratio");
        give_up();
        return bytes;
      }
      if (bytes.empty() && !room.empty()) return bytes;
      if (made == 0 && bytes.size() == before) return {};
    }
  }

  bool over_ratio() const {
    const std::uint64_t free = run_.limits.decode_output_bytes;
    return given_ > free && given_ / std::max<std::uint64_t>(taken_, 1) >= run_.limits.decode_stream_ratio;
  }

  void give_up() {
    if (next_) next_->finish();
    next_.reset();
    unpacker_.reset();
    run_.over = alone_;
    if (!alone_) raw_ = plain_stage(run_, path_);
  }

  BodyRun& run_;
  const CodingNames names_;
  std::unique_ptr<Unpacker> unpacker_;
  const BodyPath path_;
  const BodyDeclared declared_;
  const unsigned depth_;
  std::uint64_t* content_bytes_;
  const bool alone_;
  BodyStagePtr next_, raw_;
  std::array<std::uint8_t, 1 << 15> out_;
  PacketRuns held_;
  std::uint64_t taken_ = 0, given_ = 0;
  bool ended_ = false;
};

}  // namespace

BodyStagePtr unpack_stage(BodyRun& run, std::string_view coding, BodyPath path, BodyDeclared declared, unsigned depth,
                          std::uint64_t* content_bytes, bool alone) {
  CodingNames names{};
  std::unique_ptr<Unpacker> unpacker;
  if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
    names = {"gzip", "decode.cut-gzip", "decode.damaged-gzip"};
    unpacker = std::make_unique<ZlibUnpacker>(true);
  } else if (equal_ignoring_case(coding, "deflate")) {
    names = {"deflate", "decode.cut-deflate", "decode.damaged-deflate"};
    unpacker = std::make_unique<ZlibUnpacker>(false);
  } else if (equal_ignoring_case(coding, "br")) {
    names = {"br", "decode.cut-br", "decode.damaged-br"};
    unpacker = std::make_unique<BrotliUnpacker>();
  } else if (equal_ignoring_case(coding, "zstd")) {
    names = {"zstd", "decode.cut-zstd", "decode.damaged-zstd"};
    unpacker = std::make_unique<ZstdUnpacker>();
  } else {
    return nullptr;
  }
  return std::make_unique<Unpack>(run, names, std::move(unpacker), std::move(path), std::move(declared), depth,
                                  content_bytes, alone);
}

}  // namespace tattle
