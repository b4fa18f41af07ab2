#include <brotli/decode.h>

#include <memory>

#include "decode/coding/unpack.h"
#include "decode/decoders.h"

namespace tattle {

// Brotli has no magic: only a declaration calls for it. RFC 7932.
bool open_brotli(Walker& walker, const Value& value, const MediaType&) {
  std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (!state) return false;
  Arena::Scope scope(walker.arena());
  UnpackOutput output(walker, value.bytes.size());
  std::size_t given = value.bytes.size();
  const std::uint8_t* next = value.bytes.data();
  Unpacked how = Unpacked::limited;
  for (auto room = output.room(); !room.empty(); room = output.room()) {
    std::size_t free = room.size();
    std::uint8_t* to = room.data();
    const auto status = BrotliDecoderDecompressStream(state.get(), &given, &next, &free, &to, nullptr);
    output.wrote(room.size() - free);
    if (status == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) continue;
    how = status == BROTLI_DECODER_RESULT_SUCCESS            ? Unpacked::whole
          : status == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT ? Unpacked::cut
                                                             : Unpacked::damaged;
    break;
  }
  if (how == Unpacked::whole && given > 0) walker.note("decode.trailing-bytes");
  return open_unpacked(walker, value, {"br", "decode.cut-br", "decode.damaged-br"}, output.bytes(), how);
}

}  // namespace tattle
