#include <zstd.h>

#include <memory>

#include "decode/coding/unpack.h"
#include "decode/decoders.h"

namespace tattle {
namespace {

constexpr int kWindowLog = 23;  // 8 MiB, as RFC 9659 has it for HTTP; a larger window is a way to eat memory

}  // namespace

bool sniff_zstd(Bytes bytes) {  // RFC 8878 section 3.1.1
  return bytes.size() >= 6 && bytes[0] == 0x28 && bytes[1] == 0xb5 && bytes[2] == 0x2f && bytes[3] == 0xfd;
}

bool open_zstd(Walker& walker, const Value& value, const MediaType&) {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) return false;
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kWindowLog);
  Arena::Scope scope(walker.arena());
  UnpackOutput output(walker, value.bytes.size());
  ZSTD_inBuffer from{value.bytes.data(), value.bytes.size(), 0};
  Unpacked how = Unpacked::limited;
  // Frames may follow one another; a return of 0 ends one.
  for (auto room = output.room(); !room.empty(); room = output.room()) {
    ZSTD_outBuffer to{room.data(), room.size(), 0};
    const std::size_t before = from.pos;
    const std::size_t status = ZSTD_decompressStream(context.get(), &to, &from);
    output.wrote(to.pos);
    if (ZSTD_isError(status)) {
      how = Unpacked::damaged;
      break;
    }
    if (from.pos == from.size && (status == 0 || to.pos < to.size)) {
      how = status == 0 ? Unpacked::whole : Unpacked::cut;
      break;
    }
    if (from.pos == before && to.pos == 0) {
      how = Unpacked::damaged;
      break;
    }
  }
  return open_unpacked(walker, value, {"zstd", "decode.cut-zstd", "decode.damaged-zstd"}, output.bytes(), how);
}

}  // namespace tattle
