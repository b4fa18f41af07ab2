#include "decode/walker.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "decode/decoders.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

bool is_named(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const auto space = names.find(' ');
    if (equal_ignoring_case(names.substr(0, space), name)) return true;
    names = space == std::string_view::npos ? std::string_view() : names.substr(space + 1);
  }
  return false;
}

const Decoder* find_coding(std::string_view name) {
  for (const Decoder& decoder : decoders()) {
    if (is_named(decoder.codings, name)) return &decoder;
  }
  return nullptr;
}

bool holds(Bytes bytes, char wanted) { return std::memchr(bytes.data(), wanted, bytes.size()) != nullptr; }

bool may_be_json(Bytes bytes) { return bytes.size() > 2 && (bytes[0] == '{' || bytes[0] == '['); }

}  // namespace

bool is_compressed_media(Bytes bytes) {
  const std::string_view start = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 16)));
  if (start.size() >= 12 && (start.substr(4, 4) == "ftyp" || start.substr(8, 4) == "WEBP")) return true;
  constexpr std::string_view kMagics[] = {"\xFF\xD8\xFF", "\x89PNG\r\n", "GIF8", "PK\x03\x04",
                                          "wOF2",         "OggS",        "ID3",  "\x1A\x45\xDF\xA3"};
  return std::any_of(std::begin(kMagics), std::end(kMagics), [&](std::string_view magic) {
    return !start.empty() && start[0] == magic[0] && start.starts_with(magic);
  });
}

std::uint8_t* Walker::take_output(std::size_t size) {
  if (size <= output_room()) return arena().take(size);
  hit_limit("decode.limit-output");
  return nullptr;
}

void Walker::hit_limit(std::string_view anomaly) {
  counts_.limit_hit = true;
  if (std::find(limits_hit_.begin(), limits_hit_.end(), anomaly) != limits_hit_.end()) return;
  limits_hit_.push_back(anomaly);
  note(anomaly);
}

bool Walker::refuse() {
  hit_limit(counts_.nodes >= limits_.decode_nodes ? "decode.limit-nodes" : "decode.limit-depth");
  return false;
}

void Walker::open(const Value& value, const Declared& declared) {
  open_coded(value, declared.codings, declared.media_type, false);
}

void Walker::open_body(const Value& value, const Declared& declared) {
  counts_.content_bytes = value.bytes.size();
  open_coded(value, declared.codings, declared.media_type, true);
}

// Content codings were applied in the order listed, so the last one comes off first. RFC 9110 section 8.4.
void Walker::open_coded(const Value& value, std::string_view codings, std::string_view media_type, bool body) {
  while (!codings.empty()) {
    const auto comma = codings.rfind(',');
    const std::string_view last = trim(comma == std::string_view::npos ? codings : codings.substr(comma + 1));
    codings = comma == std::string_view::npos ? std::string_view() : codings.substr(0, comma);
    if (last.empty() || equal_ignoring_case(last, "identity")) continue;
    const Decoder* decoder = find_coding(last);
    if (!decoder) {
      note("decode.unknown-coding");
      break;
    }
    pending_ = {codings, media_type, body};
    has_pending_ = true;
    const bool opened = decoder->open(*this, value, {});
    has_pending_ = false;
    if (opened) return;
    note("decode.coding-mismatch");
    break;
  }
  if (body) counts_.content_bytes = value.bytes.size();
  if (media_type.empty()) return open_content(value, {});
  open_content(value, parse_media_type(media_type));
}

void Walker::open_decoded(const Value& value) {
  if (!has_pending_) return open(value);
  has_pending_ = false;
  const Pending next = pending_;
  open_coded(value, next.codings, next.media_type, next.body);
}

void Walker::open_raw(const Value& value, std::optional<std::size_t> repeated) {
  if (!open_embedded(*this, value, repeated)) return open_body(value, {});
  counts_.content_bytes = value.bytes.size();
}

bool Walker::open_sniffed(DecoderSet sniffing, const Value& value, const MediaType& type) {
  for (; sniffing; sniffing &= sniffing - 1) {
    const Decoder& decoder = decoders()[static_cast<std::size_t>(std::countr_zero(sniffing))];
    if (decoder.sniff(value.bytes) && decoder.open(*this, value, type)) return true;
  }
  return false;
}

void Walker::open_content(const Value& value, const MediaType& type) {
  if (value.bytes.empty() || open_charset(*this, value, type)) return;
  if (!type.essence.empty()) {
    for (const Decoder& decoder : decoders()) {
      if (decoder.declared && decoder.declared(type) && decoder.open(*this, value, type)) return;
    }
  }
  if (open_sniffed(decoders_for(value.bytes[0]), value, type)) return;
  if (!is_compressed_media(value.bytes)) open_tokens(*this, value, value.bytes, true);
}

void Walker::open_leaf(const Value& value, LeafHints hints) {
  const Bytes bytes = value.bytes;
  const bool percent = hints.percent && bytes.size() >= 3 && holds(bytes, '%');
  if (bytes.size() < kShortestLeaf && !percent && !may_be_json(bytes)) return;
  if (const DecoderSet sniffing = leaf_decoders_for(bytes[0]); sniffing && open_sniffed(sniffing, value, {})) return;
  if (hints.ampersand && holds(bytes, '&') && sniff_form(bytes) && open_form(*this, value, {})) return;
  if (percent && open_percent(*this, value, bytes, false)) return;
  open_tokens(*this, value, bytes, false);
}

}  // namespace tattle
