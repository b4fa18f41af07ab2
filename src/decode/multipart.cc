#include <algorithm>
#include <string>

#include "decode/base64.h"
#include "decode/decoders.h"
#include "decode/quoted_printable.h"
#include "decode/text.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestBoundary = 70;  // RFC 2046 section 5.1.1

struct PartFields {
  std::string_view name;  // of Content-Disposition, else Content-ID
  std::string_view type, encoding, transfer;
};

std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Calls `each(name, value)` for the fields at the start of a part; returns where the content begins.
template <class Each>
std::size_t for_each_field(std::string_view part, Each&& each) {
  std::size_t at = 0;
  while (at < part.size()) {
    const std::string_view line = next_line(part, at);
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    each(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return at;
}

void open_part_content(Walker& walker, const Value& value, const PartFields& fields) {
  const Declared inside{fields.type, fields.encoding};
  if (equal_ignoring_case(fields.transfer, "base64") && open_declared_base64(walker, value, value.bytes, inside))
    return;
  if (equal_ignoring_case(fields.transfer, "quoted-printable") && open_quoted_printable(walker, value, inside)) return;
  walker.open(value, inside);
}

bool open_part(Walker& walker, const Value& value, std::string_view part) {
  PartFields fields;
  const std::size_t begin = for_each_field(part, [&](std::string_view name, std::string_view text) {
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
  });
  const TextDetail detail(fields.name);
  const std::string_view head = part.substr(0, begin), content = part.substr(begin);
  auto open_head = [&](const Value& node) {
    for_each_field(part, [&](std::string_view name, std::string_view text) {
      const NameDetail field(name);
      if (!text.empty()) {
        walker.part(node, "header", &field, as_bytes(text), [&](const Value& leaf) { walker.open_leaf(leaf); });
      }
    });
  };
  if (!trim(head).empty() && !walker.part(value, "multipart", &detail, as_bytes(head), open_head)) return false;
  if (content.empty()) return true;
  return walker.part(value, "multipart", &detail, as_bytes(content),
                     [&](const Value& node) { open_part_content(walker, node, fields); });
}

// The next delimiter line at or behind `from`: `--boundary` at the start of a line.
std::size_t find_delimiter(std::string_view text, std::string_view delimiter, std::size_t from) {
  for (std::size_t at = text.find(delimiter, from); at != std::string_view::npos; at = text.find(delimiter, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return at;
  }
  return std::string_view::npos;
}

}  // namespace

bool declared_multipart(const MediaType& type) { return type.essence.starts_with("multipart/"); }

bool sniff_multipart(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with("--")) return false;
  std::size_t at = 0;
  const std::string_view line = next_line(text.substr(0, 2 * kLongestBoundary), at);
  return line.size() > 4 && line.size() <= kLongestBoundary + 2 && line.find(' ') == std::string_view::npos &&
         equal_ignoring_case(text.substr(at, 8), "content-");
}

// RFC 2046 section 5.1, RFC 7578. Lines may end in LF alone.
bool open_multipart(Walker& walker, const Value& value, const MediaType& type) {
  const std::string_view text = as_text(value.bytes);
  std::string delimiter = "--" + std::string(type.parameter("boundary"));
  if (delimiter.size() == 2) {
    if (!sniff_multipart(value.bytes)) return false;
    std::size_t at = 0;
    delimiter = next_line(text, at);
  }
  std::size_t at = find_delimiter(text, delimiter, 0);
  if (at == std::string_view::npos) return false;
  while (true) {
    at += delimiter.size();
    if (text.substr(at, 2) == "--") return true;
    next_line(text, at);
    const std::size_t end = find_delimiter(text, delimiter, at);
    std::string_view part = text.substr(at, end == std::string_view::npos ? text.size() - at : end - at);
    if (end != std::string_view::npos) {
      // The line end in front of a delimiter belongs to it.
      if (part.ends_with('\n')) part.remove_suffix(1);
      if (part.ends_with('\r')) part.remove_suffix(1);
    }
    if (!open_part(walker, value, part)) return true;
    if (end == std::string_view::npos) {
      walker.note("decode.cut-multipart");
      return true;
    }
    at = end;
  }
}

}  // namespace tattle
