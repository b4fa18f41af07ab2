#pragma once

#include <array>
#include <span>

#include "decode/walker.h"

namespace tattle {

/// One way to unwrap bytes. A new one is a file with its functions, a line in the table, and its test.
struct Decoder {
  std::string_view step;
  /// Content-Encoding names, separated by spaces; empty when it is no content coding.
  std::string_view codings;
  /// Whether a declared media type calls for it; null: never.
  bool (*declared)(const MediaType& type);
  /// Whether undeclared bytes look like it, from their first bytes; null: only by declaration.
  bool (*sniff)(Bytes bytes);
  /// With which bytes what `sniff` accepts may begin, so that the others need not be asked; empty: any.
  std::string_view first;
  /// Also looked for in strings within other values.
  bool in_leaf;
  /// Makes the nodes. False: it is not that after all and no node was made.
  bool (*open)(Walker& walker, const Value& value, const MediaType& type);
};

/// In the order in which they are tried.
std::span<const Decoder> decoders();
/// By a value's first byte: those whose `sniff` may accept it.
using DecodersByStart = std::array<DecoderSet, 256>;
extern const DecodersByStart kDecodersByStart, kLeafDecodersByStart;
/// Those whose `sniff` may accept bytes that begin so: of any value, and of strings within other values.
inline DecoderSet decoders_for(std::uint8_t first) { return kDecodersByStart[first]; }
inline DecoderSet leaf_decoders_for(std::uint8_t first) { return kLeafDecodersByStart[first]; }

// One file each. The bytes that sniff functions get are not empty.
bool sniff_gzip(Bytes bytes);
bool sniff_zlib(Bytes bytes);
bool sniff_zstd(Bytes bytes);
bool open_gzip(Walker& walker, const Value& value, const MediaType& type);
bool open_deflate(Walker& walker, const Value& value, const MediaType& type);
bool open_brotli(Walker& walker, const Value& value, const MediaType& type);
bool open_zstd(Walker& walker, const Value& value, const MediaType& type);

bool declared_jpeg(const MediaType& type);
bool sniff_jpeg(Bytes bytes);
bool open_exif(Walker& walker, const Value& value, const MediaType& type);

bool declared_json(const MediaType& type);
bool sniff_json(Bytes bytes);
bool open_json(Walker& walker, const Value& value, const MediaType& type);

bool sniff_socket_io(Bytes bytes);
bool open_socket_io(Walker& walker, const Value& value, const MediaType& type);

bool declared_multipart(const MediaType& type);
bool sniff_multipart(Bytes bytes);
bool open_multipart(Walker& walker, const Value& value, const MediaType& type);

bool declared_mail(const MediaType& type);
bool open_mail(Walker& walker, const Value& value, const MediaType& type);

bool declared_base64(const MediaType& type);
bool open_base64_body(Walker& walker, const Value& value, const MediaType& type);

bool declared_form(const MediaType& type);
bool sniff_form(Bytes bytes);
bool open_form(Walker& walker, const Value& value, const MediaType& type);

bool sniff_url(Bytes bytes);
bool open_url(Walker& walker, const Value& value, const MediaType& type);

/// Not in the table, since they come before or after it.
/// A declared charset, a byte order mark, or UTF-16 that gives itself away. True when it made a node.
bool open_charset(Walker& walker, const Value& value, const MediaType& type);
/// Percent-decodes all of a string; `plus`: a plus sign is a space (forms). True when it made a node.
bool open_percent(Walker& walker, const Value& value, Bytes range, bool plus);
/// Formats that are compressed throughout: looking for text in them would only find accidents.
bool is_compressed_media(Bytes bytes);
/// What stands behind a binary header in bytes that no protocol explains, or several things one behind the other: gzip,
/// zlib, zstd, JSON, each as a part of its own; between them tokens. False: nothing, or all of it is one thing.
/// A compressed member that goes on behind a window, and did not begin in the `repeated` bytes that the next window
/// begins with, is left open instead: see OpenMember.
/// @anomaly decode.limit-embedded  Too much that looks like something and is not; the rest is searched as it is.
bool open_embedded(Walker& walker, const Value& value, std::optional<std::size_t> repeated);
/// Tokens in text: base64, base64url, hex, and in documents words with percent escapes.
void open_tokens(Walker& walker, const Value& value, Bytes range, bool percent_words);

}  // namespace tattle
