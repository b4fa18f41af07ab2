#include "decode/decoders.h"

namespace tattle {
namespace {

constexpr Decoder kDecoders[] = {
    // step, codings, declared, sniff, in leaf, open
    {"gzip", "gzip x-gzip", nullptr, sniff_gzip, false, open_gzip},
    {"zstd", "zstd", nullptr, sniff_zstd, false, open_zstd},
    {"deflate", "deflate", nullptr, sniff_zlib, false, open_deflate},
    {"br", "br", nullptr, nullptr, false, open_brotli},
    {"exif", "", declared_jpeg, sniff_jpeg, false, open_exif},
    {"multipart", "", declared_multipart, sniff_multipart, false, open_multipart},
    {"json", "", declared_json, sniff_json, true, open_json},
    {"url", "", nullptr, sniff_url, true, open_url},
    {"form", "", declared_form, sniff_form, false, open_form},
};

}  // namespace

std::span<const Decoder> decoders() { return kDecoders; }

}  // namespace tattle
