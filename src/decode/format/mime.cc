#include "decode/format/mime.h"

#include <unicode/ucnv.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "decode/coding/base64.h"
#include "decode/coding/quoted_printable.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

constexpr std::size_t kMostUnfolded = 16;  // fields of one entity that say how its content is to be read

struct EntityFields {
  std::string_view name;  // of Content-Disposition, else Content-ID
  std::string_view type, encoding, transfer;
};

// Calls `each(name, value)` for the fields at the start of an entity; returns where the content begins. Values keep
// their folds.
template <class Each>
std::size_t for_each_field(std::string_view entity, Each&& each) {
  std::size_t at = 0;
  while (at < entity.size()) {
    const std::size_t begin = at;
    if (next_mime_line(entity, at).empty()) break;
    std::size_t end = at;
    while (end < entity.size() && (entity[end] == ' ' || entity[end] == '\t')) {
      if (trim(next_mime_line(entity, at)).empty()) break;
      end = at;
    }
    std::string_view line = entity.substr(begin, end - begin);
    at = end;
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    each(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return at;
}

// `=?charset?B?text?=` at `at`; moves `at` behind it.
std::optional<std::string> encoded_word(std::string_view text, std::size_t& at) {
  if (text.substr(at, 2) != "=?") return std::nullopt;
  const std::size_t kind = text.find('?', at + 2);
  if (kind == std::string_view::npos || text.size() < kind + 4 || text[kind + 2] != '?') return std::nullopt;
  const std::size_t end = text.find("?=", kind + 3);
  if (end == std::string_view::npos) return std::nullopt;
  std::string charset(text.substr(at + 2, kind - at - 2));
  charset.resize(std::min(charset.find('*'), charset.size()));
  const std::string_view coded = text.substr(kind + 3, end - kind - 3);
  std::string bytes;
  const char how = text[kind + 1];
  if (how == 'B' || how == 'b') {
    ByteVector out(coded.size() / 4 * 3 + 3);
    const auto size = decode_base64(as_bytes(coded), out.data());
    if (!size) return std::nullopt;
    bytes.assign(as_text(Bytes(out).first(*size)));
  } else if (how == 'Q' || how == 'q') {
    for (std::size_t i = 0; i < coded.size(); ++i) {
      const auto digit = [&](std::size_t place) {
        return place < coded.size() ? hex_value(static_cast<std::uint8_t>(coded[place])) : -1;
      };
      if (coded[i] == '=' && digit(i + 1) >= 0 && digit(i + 2) >= 0) {
        bytes.push_back(static_cast<char>(digit(i + 1) << 4 | digit(i + 2)));
        i += 2;
      } else {
        bytes.push_back(coded[i] == '_' ? ' ' : coded[i]);
      }
    }
  } else {
    return std::nullopt;
  }
  at = end + 2;
  UErrorCode error = U_ZERO_ERROR;
  std::string utf8(bytes.size() * 4 + 16, '\0');
  const std::int32_t size = ucnv_convert("UTF-8", charset.c_str(), utf8.data(), static_cast<std::int32_t>(utf8.size()),
                                         bytes.data(), static_cast<std::int32_t>(bytes.size()), &error);
  if (U_FAILURE(error)) return bytes;
  utf8.resize(static_cast<std::size_t>(size));
  return utf8;
}

// Of one field, what its text says once folds and encoded words are undone.
void open_field(Walker& walker, const Value& node) {
  const std::string_view text = as_text(node.bytes);
  const bool words = text.find("=?") != std::string_view::npos;
  if (!words && text.find('\n') == std::string_view::npos) return walker.open_leaf(node);
  Arena::Scope scope(walker.arena());
  const std::string decoded = decode_field_text(text);
  std::uint8_t* out = decoded.empty() || decoded == text ? nullptr : walker.take_output(decoded.size());
  if (!out) return walker.open_leaf(node);
  std::copy(decoded.begin(), decoded.end(), out);
  walker.made(node, words ? "encoded-word" : "unfolded", nullptr, node.bytes, {out, decoded.size()},
              [&](const Value& made) { walker.open_leaf(made); });
}

void open_content(Walker& walker, const Value& value, const EntityFields& fields) {
  const Declared inside{fields.type, fields.encoding};
  if (equal_ignoring_case(fields.transfer, "base64") && open_declared_base64(walker, value, value.bytes, inside))
    return;
  if (equal_ignoring_case(fields.transfer, "quoted-printable") && open_quoted_printable(walker, value, inside)) return;
  walker.open(value, inside);
}

void take_field(std::string_view name, std::string_view text, EntityFields& fields) {
  if (equal_ignoring_case(name, "content-disposition")) {
    if (auto given = find_parameter(text, "name"); !given.empty()) fields.name = given;
  } else if (equal_ignoring_case(name, "content-type")) {
    fields.type = text;
  } else if (equal_ignoring_case(name, "content-encoding")) {
    fields.encoding = text;
  } else if (equal_ignoring_case(name, "content-transfer-encoding")) {
    fields.transfer = text;
  } else if (equal_ignoring_case(name, "content-id") && fields.name.empty()) {
    fields.name = text;
  }
}

}  // namespace

std::string_view next_mime_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string decode_field_text(std::string_view text) {
  std::string out;
  std::size_t gap = std::string::npos;  // where white space behind an encoded word begins in `out`
  for (std::size_t at = 0; at < text.size();) {
    if (auto word = encoded_word(text, at)) {
      // White space between two encoded words is no part of the text (RFC 2047 section 6.2).
      if (gap != std::string::npos) out.resize(gap);
      out += *word;
      gap = out.size();
      continue;
    }
    const char c = text[at++];
    const bool white = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!white) gap = std::string::npos;
    if (c != '\r' && c != '\n') out.push_back(c);
  }
  return out;
}

bool open_mime_entity(Walker& walker, const Value& value, std::string_view entity, std::string_view step) {
  EntityFields fields;
  std::deque<std::string> unfolded;  // that `fields` views
  const std::size_t begin = for_each_field(entity, [&](std::string_view name, std::string_view text) {
    const bool wanted = name.size() >= 8 && equal_ignoring_case(name.substr(0, 8), "content-");
    if (wanted && text.find('\n') != std::string_view::npos && unfolded.size() < kMostUnfolded) {
      text = unfolded.emplace_back(decode_field_text(text));
    }
    take_field(name, text, fields);
  });
  const TextDetail detail(fields.name);
  const std::string_view head = entity.substr(0, begin), content = entity.substr(begin);
  auto open_head = [&](const Value& node) {
    for_each_field(entity, [&](std::string_view name, std::string_view text) {
      const NameDetail field(name);
      if (text.empty()) return;
      walker.part(node, "header", &field, as_bytes(text), [&](const Value& leaf) { open_field(walker, leaf); });
    });
  };
  if (!trim(head).empty() && !walker.part(value, step, &detail, as_bytes(head), open_head)) return false;
  if (content.empty()) return true;
  return walker.part(value, step, &detail, as_bytes(content),
                     [&](const Value& node) { open_content(walker, node, fields); });
}

}  // namespace tattle
