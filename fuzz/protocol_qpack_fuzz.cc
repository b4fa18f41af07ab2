#include <cstdlib>

#include "protocol/http3/qpack.h"

using namespace tattle;

namespace {

std::string fields_of(const Http2Head& head) {
  std::vector<Field> fields;
  head.fields(0, fields);
  std::string text;
  for (const Field& field : fields) {
    text += field.unknown ? std::string("?") : std::string(field.name) + ":" + std::string(field.value);
    text += '\n';
  }
  return text;
}

}  // namespace

// First byte: size of the table in units of 16. Then records: a byte with length (6 bits) and kind (top bits: 0 encoder
// stream, 1 section, 2 cut section, 3 acknowledgement), then the bytes. A section without table references must come
// out the same with a decoder that has lost its table.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Limits limits;
  limits.http2_header_table_bytes = 4096;
  limits.http_head_bytes = 2048;
  QpackDecoder decoder(limits), lost(limits);
  lost.lose_table();
  const bool late = (data[0] & 1) != 0;
  if (!late) decoder.announce(data[0] * std::uint64_t{16});
  Bytes input(data + 1, size - 1);
  while (!input.empty()) {
    const std::uint8_t what = input[0];
    const std::size_t length = std::min<std::size_t>(what & 0x3f, input.size() - 1);
    const Bytes bytes = input.subspan(1, length);
    input = input.subspan(1 + length);
    Http2Head head(4096), again(4096);
    switch (what >> 6) {
      case 0:
        decoder.read_encoder(bytes);
        break;
      case 1:
      case 2: {
        const bool cut = what >> 6 == 2;
        const auto outcome = decoder.decode(bytes, cut, head);
        if (outcome == QpackDecoder::Outcome::blocked && head.count() != 0) abort();
        if (lost.decode(bytes, cut, again) == QpackDecoder::Outcome::blocked) abort();
        if (!QpackDecoder::needs_table(bytes) && fields_of(head) != fields_of(again)) abort();
        break;
      }
      default:
        decoder.acknowledge(length);
        if (late) decoder.announce(data[0] * std::uint64_t{16});
    }
  }
  return 0;
}
