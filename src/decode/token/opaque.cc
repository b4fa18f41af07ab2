#include "decode/token/opaque.h"

#include <bit>

#include "decode/decoders.h"
#include "decode/token/token_bytes.h"

namespace tattle {
namespace {

constexpr std::size_t kLeast = kShortestTokenRun, kMost = 64;

// Which of 16 to 64 bytes are NUL, one bit for each byte.
std::uint64_t mark_nuls(Bytes bytes) {
  std::uint64_t nuls = 0;
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  using namespace marking;
  const auto mark = [&](std::size_t at) {
    nuls |= bits_of(reinterpret_cast<Lanes>(load_lanes(bytes.data() + at) == 0)) << at;
  };
  for (std::size_t at = 0; at + kLanes < bytes.size(); at += kLanes) mark(at);
  mark(bytes.size() - kLanes);
#else
  for (std::size_t at = 0; at < bytes.size(); ++at) nuls |= std::uint64_t{bytes[at] == 0} << at;
#endif
  return nuls;
}

// A byte order mark begins with one of these.
bool may_begin_mark(std::uint8_t byte) { return byte == 0xEF || byte == 0xFE || byte == 0xFF; }

}  // namespace

bool is_opaque(Bytes bytes) {
  if (bytes.size() < kLeast || bytes.size() > kMost || may_begin_mark(bytes[0])) return false;
  const std::uint64_t nuls = mark_nuls(bytes);
  if ((nuls & nuls >> 2) != 0) return false;
  const ByteMarks marks = mark_bytes(bytes.data(), bytes.size());
  // A row of token bytes, or a sign that may be the percent sign of an escape.
  if (token_runs(marks.token, 0) != 0 || (marks.sign & marks.token >> 1 & marks.token >> 2) != 0) return false;
  for (DecoderSet sniffing = decoders_for(bytes[0]); sniffing; sniffing &= sniffing - 1) {
    if (decoders()[static_cast<std::size_t>(std::countr_zero(sniffing))].sniff(bytes)) return false;
  }
  return true;
}

}  // namespace tattle
