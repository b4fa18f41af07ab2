// What stands somewhere in a stream that no parser knows: behind a length or another binary header, or one behind the
// other. Only what proves itself counts: a compressed member that unpacks to its end, or to the end of the window, and
// JSON whose brackets close without a control character in between.
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "decode/decoders.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

constexpr std::size_t kLeastEmbedded = 8;
constexpr std::size_t kLeastCutOutput = 64;  // zlib's two header bytes prove little
constexpr std::size_t kLeastWork = 1 << 20;  // bytes read and unpacked to tell what something is,
constexpr std::size_t kWorkRatio = 64;       // and so many more for each byte of the window
constexpr int kGzipWindow = 31, kZlibWindow = 15;

/// The positions of five bytes with which something may begin, in ascending order.
class Starts {
 public:
  explicit Starts(Bytes bytes) : bytes_(bytes) {
    for (std::size_t i = 0; i < kFirst.size(); ++i) seek(i, 0);
  }
  /// The first at `from` or behind it; the size when there is none. `from` never goes back.
  std::size_t next(std::size_t from) {
    std::size_t nearest = bytes_.size();
    for (std::size_t i = 0; i < kFirst.size(); ++i) {
      if (at_[i] < from) seek(i, from);
      nearest = std::min(nearest, at_[i]);
    }
    return nearest;
  }

 private:
  static constexpr std::array<std::uint8_t, 5> kFirst{0x1f, 0x28, 0x78, '{', '['};

  void seek(std::size_t i, std::size_t from) {
    const void* found =
        from < bytes_.size() ? std::memchr(bytes_.data() + from, kFirst[i], bytes_.size() - from) : nullptr;
    at_[i] = found ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes_.data()) : bytes_.size();
  }

  Bytes bytes_;
  std::array<std::size_t, kFirst.size()> at_{};
};

/// Tells where what begins at a place ends, within a bounded amount of work.
class Measure {
 public:
  explicit Measure(Bytes bytes) : bytes_(bytes), work_left_(kLeastWork + kWorkRatio * bytes.size()) {}
  ~Measure() {
    if (ready_) inflateEnd(&stream_);
  }
  Measure(const Measure&) = delete;
  Measure& operator=(const Measure&) = delete;

  bool spent() const { return work_left_ == 0; }
  /// Of the member that was measured last: it goes on behind the bytes there are.
  bool cut() const { return cut_; }
  /// The content coding that it would be, by its first byte; empty for JSON.
  static std::string_view coding(std::uint8_t first) {
    return first == 0x1f ? "gzip" : first == 0x78 ? "deflate" : first == 0x28 ? "zstd" : std::string_view();
  }
  /// Bytes from `at` to its end; 0 when nothing that is known begins there.
  std::size_t size_at(std::size_t at) {
    const Bytes rest = bytes_.subspan(at);
    cut_ = false;
    switch (rest[0]) {
      case 0x1f:
        return sniff_gzip(rest) && (rest[3] & 0xe0) == 0 ? members(rest) : 0;
      case 0x78:
        return sniff_zlib(rest) ? inflated(rest, kZlibWindow) : 0;
      case 0x28:
        return sniff_zstd(rest) ? zstd_frame(rest) : 0;
      default:
        return json(rest);
    }
  }

 private:
  void spend(std::size_t work) { work_left_ -= std::min(work_left_, work); }

  // Members one behind the other are one file (RFC 1952 section 2.2).
  std::size_t members(Bytes rest) {
    std::size_t size = 0;
    do {
      const std::size_t member = inflated(rest.subspan(size), kGzipWindow);
      if (member == 0) break;
      size += member;
    } while (size < rest.size() && sniff_gzip(rest.subspan(size)));
    return size;
  }

  std::size_t inflated(Bytes input, int window_bits) {
    if ((ready_ ? inflateReset2(&stream_, window_bits) : inflateInit2(&stream_, window_bits)) != Z_OK) return 0;
    ready_ = true;
    stream_.next_in = const_cast<Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(std::min<std::size_t>(input.size(), 1 << 30));
    std::array<Bytef, 16384> gone;
    while (!spent()) {
      const uInt before = stream_.avail_in;
      stream_.next_out = gone.data();
      stream_.avail_out = static_cast<uInt>(gone.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      spend(before - stream_.avail_in + gone.size() - stream_.avail_out + 64);
      if (status == Z_STREAM_END) return input.size() - stream_.avail_in;
      if (status != Z_OK && status != Z_BUF_ERROR) return 0;
      if (stream_.avail_in == 0 && stream_.avail_out != 0) {
        cut_ = window_bits == kGzipWindow || stream_.total_out >= kLeastCutOutput;
        return cut_ ? input.size() : 0;
      }
    }
    return 0;
  }

  std::size_t zstd_frame(Bytes rest) {
    spend(64);
    const std::size_t size = ZSTD_findFrameCompressedSize(rest.data(), rest.size());
    if (!ZSTD_isError(size)) return size;
    // Cut by the window's end, or no frame at all; its header then says so.
    cut_ = ZSTD_getFrameContentSize(rest.data(), rest.size()) != ZSTD_CONTENTSIZE_ERROR;
    return cut_ ? rest.size() : 0;
  }

  // Up to its last bracket, and over further texts that only white space parts from it. Cut by the window's end it
  // counts, too.
  std::size_t json(Bytes rest) {
    std::size_t size = 0;
    for (std::size_t at = 0; at < rest.size() && (rest[at] == '{' || rest[at] == '[');) {
      if (!sniff_json(rest.subspan(at))) break;
      const std::size_t end = json_end(rest, at);
      if (end == 0) break;
      size = end;
      for (at = end; at < rest.size() && is_space(rest[at]);) ++at;
      if (at == rest.size()) size = at;
    }
    return size;
  }

  std::size_t json_end(Bytes bytes, std::size_t from) {
    std::size_t depth = 0, at = from;
    bool in_string = false;
    for (; at < bytes.size(); ++at) {
      const std::uint8_t byte = bytes[at];
      if (byte < 0x20 && !is_space(byte)) break;
      if (in_string) {
        at += byte == '\\';
        in_string = byte != '"';
      } else if (byte == '"') {
        in_string = true;
      } else if (byte == '{' || byte == '[') {
        ++depth;
      } else if ((byte == '}' || byte == ']') && --depth == 0) {
        spend(at + 1 - from);
        return at + 1;
      } else if (!stands_in_json(byte)) {
        break;
      }
    }
    spend(at - from);
    return at >= bytes.size() ? bytes.size() : 0;
  }

  // Outside strings; of words there are `true`, `false` and `null`.
  static bool stands_in_json(std::uint8_t byte) {
    return is_space(byte) || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           std::strchr(",:]}+-.E", byte) != nullptr;
  }
  static bool is_space(std::uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

  Bytes bytes_;
  std::size_t work_left_;
  z_stream stream_{};
  bool ready_ = false;
  bool cut_ = false;
};

}  // namespace

bool open_embedded(Walker& walker, const Value& value, std::optional<std::size_t> repeated) {
  const Bytes bytes = value.bytes;
  if (bytes.size() < kLeastEmbedded) return false;
  // These begin at once and know their own parts.
  if (is_compressed_media(bytes) || sniff_multipart(bytes) || sniff_form(bytes)) return false;
  Starts starts(bytes);
  Measure measure(bytes);
  std::size_t open_from = 0;
  for (std::size_t at = starts.next(0); at + kLeastEmbedded <= bytes.size(); at = starts.next(at)) {
    const std::size_t size = measure.size_at(at);
    if (measure.spent()) {
      walker.hit_limit("decode.limit-embedded");
      break;
    }
    if (size < kLeastEmbedded) {
      ++at;
      continue;
    }
    const bool goes_on = repeated && measure.cut() && at + *repeated <= bytes.size();
    if (size == bytes.size() && !goes_on) return false;  // all of it is one thing
    if (at > open_from) open_tokens(walker, value, bytes.subspan(open_from, at - open_from), true);
    if (goes_on) {
      walker.leave_open({at, Measure::coding(bytes[at])});
      return true;
    }
    open_from = at + size;
    const auto inside = [&](const Value& made) { walker.open(made); };
    if (!walker.part(value, "embedded", nullptr, bytes.subspan(at, size), inside)) return true;
    at = open_from;
  }
  if (open_from == 0) return false;
  if (open_from < bytes.size()) open_tokens(walker, value, bytes.subspan(open_from), true);
  return true;
}

}  // namespace tattle
