#include "decode/coding/inflate.h"

#include <algorithm>

#include "decode/decoders.h"

namespace tattle {
namespace {

constexpr int kGzip = 31, kZlib = 15, kRaw = -15;

Inflater& inflater(Walker& walker) {
  auto& kept = walker.scratch().inflater;
  if (!kept) kept = std::make_unique<Inflater>();
  return *kept;
}

// First two bytes of RFC 1950: deflate with a window of at most 32 KiB, and a multiple of 31.
bool is_zlib_header(Bytes bytes) {
  return bytes.size() >= 2 && (bytes[0] & 0x0f) == 8 && bytes[0] >> 4 <= 7 && (bytes[0] << 8 | bytes[1]) % 31 == 0;
}

}  // namespace

Inflater::~Inflater() {
  if (ready_) inflateEnd(&stream_);
  libdeflate_free_decompressor(whole_);
}

bool Inflater::run_whole(Bytes input, int window_bits, UnpackOutput& output, std::size_t& used) {
  // It does not check the header's own checksum (RFC 1952 section 2.3.1, FHCRC), which hardly any gzip has.
  if (window_bits == kGzip && (input.size() < 10 || (input[3] & 2) != 0)) return false;
  if (!whole_) whole_ = libdeflate_alloc_decompressor();
  const auto room = output.room();
  if (!whole_ || room.empty()) return false;
  const auto unpack = window_bits == kGzip   ? libdeflate_gzip_decompress_ex
                      : window_bits == kZlib ? libdeflate_zlib_decompress_ex
                                             : libdeflate_deflate_decompress_ex;
  std::size_t size = 0;
  if (unpack(whole_, input.data(), input.size(), room.data(), room.size(), &used, &size) != LIBDEFLATE_SUCCESS) {
    used = 0;
    return false;
  }
  output.wrote(size);
  return true;
}

Unpacked Inflater::run(Bytes input, int window_bits, UnpackOutput& output, std::size_t& used) {
  used = 0;
  if (run_whole(input, window_bits, output, used)) return Unpacked::whole;
  const int begun = ready_ ? inflateReset2(&stream_, window_bits) : inflateInit2(&stream_, window_bits);
  if (begun != Z_OK) return Unpacked::damaged;
  ready_ = true;
  while (true) {
    auto room = output.room();
    if (room.empty()) return Unpacked::limited;
    const auto give = static_cast<uInt>(std::min<std::size_t>(input.size() - used, 1 << 30));
    const auto take = static_cast<uInt>(std::min<std::size_t>(room.size(), 1 << 30));
    stream_.next_in = const_cast<Bytef*>(input.data() + used);
    stream_.avail_in = give;
    stream_.next_out = room.data();
    stream_.avail_out = take;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    used += give - stream_.avail_in;
    const std::size_t got = take - stream_.avail_out;
    output.wrote(got);
    if (status == Z_STREAM_END) return Unpacked::whole;
    if (status != Z_OK && status != Z_BUF_ERROR) return Unpacked::damaged;
    if (used == input.size() && stream_.avail_out != 0) return Unpacked::cut;
  }
}

bool sniff_gzip(Bytes bytes) {  // RFC 1952 section 2.3: magic, and the only method there is
  return bytes.size() >= 10 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == 8;
}

// Other window sizes are rare and look too much like text.
bool sniff_zlib(Bytes bytes) { return bytes.size() >= 8 && bytes[0] == 0x78 && is_zlib_header(bytes); }

bool open_gzip(Walker& walker, const Value& value, const MediaType&) {
  Arena::Scope scope(walker.arena());
  UnpackOutput output(walker, value.bytes.size());
  Bytes rest = value.bytes;
  Unpacked how = Unpacked::whole;
  // Members may follow one another (RFC 1952 section 2.2).
  do {
    std::size_t used = 0;
    how = inflater(walker).run(rest, kGzip, output, used);
    rest = rest.subspan(used);
  } while (how == Unpacked::whole && !rest.empty() && sniff_gzip(rest));
  if (how == Unpacked::whole && !rest.empty()) walker.note("decode.trailing-bytes");
  return open_unpacked(walker, value, {"gzip", "decode.cut-gzip", "decode.damaged-gzip"}, output.bytes(), how);
}

bool open_deflate(Walker& walker, const Value& value, const MediaType&) {
  // `deflate` means the zlib format, but some senders leave its wrapper off (RFC 9110 section 8.4.1.2, note).
  for (int window_bits : {kZlib, kRaw}) {
    if (window_bits == kZlib && !is_zlib_header(value.bytes)) continue;
    Arena::Scope scope(walker.arena());
    UnpackOutput output(walker, value.bytes.size());
    std::size_t used = 0;
    const Unpacked how = inflater(walker).run(value.bytes, window_bits, output, used);
    // Zlib's two header bytes prove little: damage at once means that it was something else.
    if (how == Unpacked::damaged && output.bytes().size() < 64) continue;
    if (how == Unpacked::whole && used < value.bytes.size()) walker.note("decode.trailing-bytes");
    if (open_unpacked(walker, value, {"deflate", "decode.cut-deflate", "decode.damaged-deflate"}, output.bytes(),
                      how)) {
      return true;
    }
  }
  return false;
}

}  // namespace tattle
