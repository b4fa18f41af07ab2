#include "decode/decoders.h"

namespace tattle {
namespace {

constexpr std::string_view kJsonStarts = "{[)wf\xEF \t\r\n";

constexpr Decoder kDecoders[] = {
    // step, codings, declared, sniff, first, in leaf, open
    {"gzip", "gzip x-gzip", nullptr, sniff_gzip, "\x1F", false, open_gzip},
    {"zstd", "zstd", nullptr, sniff_zstd, "\x28", false, open_zstd},
    {"deflate", "deflate", nullptr, sniff_zlib, "\x78", false, open_deflate},
    {"br", "br", nullptr, nullptr, "", false, open_brotli},
    {"exif", "", declared_jpeg, sniff_jpeg, "\xFF", false, open_exif},
    {"multipart", "", declared_multipart, sniff_multipart, "-", false, open_multipart},
    {"mail", "", declared_mail, nullptr, "", false, open_mail},
    {"base64", "", declared_base64, nullptr, "", false, open_base64_body},
    {"json", "", declared_json, sniff_json, kJsonStarts, true, open_json},
    {"socket.io", "", nullptr, sniff_socket_io, "0123456789", false, open_socket_io},
    {"url", "", nullptr, sniff_url, "h", true, open_url},
    {"form", "", declared_form, sniff_form, "", false, open_form},
};

constexpr DecodersByStart starts(bool in_leaf) {
  DecodersByStart table{};
  for (std::size_t i = 0; i < std::size(kDecoders); ++i) {
    const Decoder& decoder = kDecoders[i];
    if (!decoder.sniff || (in_leaf && !decoder.in_leaf)) continue;
    for (std::size_t byte = 0; byte < table.size(); ++byte) {
      const bool may = decoder.first.empty() || decoder.first.find(static_cast<char>(byte)) != std::string_view::npos;
      if (may) table[byte] |= DecoderSet{1} << i;
    }
  }
  return table;
}

}  // namespace

std::span<const Decoder> decoders() { return kDecoders; }
constinit const DecodersByStart kDecodersByStart = starts(false), kLeafDecodersByStart = starts(true);

}  // namespace tattle
