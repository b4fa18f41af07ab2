#include "decode/coding/charset.h"

#include <unicode/ucnv.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "decode/decoders.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

class LiteralDetail : public DetailSource {
 public:
  explicit LiteralDetail(std::string text) : text_(std::move(text)) {}
  std::string detail() const override { return text_; }

 private:
  std::string text_;
};

bool starts(Bytes bytes, std::string_view with) { return as_text(bytes).starts_with(with); }

// UTF-16 of mostly ASCII text has a zero in every other byte. Which half says the order.
std::string_view utf16_by_shape(Bytes bytes) {
  if (bytes.size() < 8) return {};
  const std::size_t pairs = std::min<std::size_t>(bytes.size() / 2, 128);
  // Where few bytes are zero, no more needs to be looked at.
  const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(2 * pairs);
  if (static_cast<std::size_t>(std::count(bytes.begin(), end, 0)) * 10 < pairs * 8) return {};
  std::size_t little = 0, big = 0;
  auto printable = [](std::uint8_t c) { return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t'; };
  for (std::size_t i = 0; i < pairs; ++i) {
    little += printable(bytes[2 * i]) && bytes[2 * i + 1] == 0;
    big += bytes[2 * i] == 0 && printable(bytes[2 * i + 1]);
  }
  if (little * 10 >= pairs * 8) return "UTF-16LE";
  if (big * 10 >= pairs * 8) return "UTF-16BE";
  return {};
}

// The usual case, told without a closer look: ASCII's text in UTF-16 has zeros near its start, and a byte order mark
// begins with one of three bytes.
bool is_unmarked_narrow(Bytes bytes) {
  const std::uint8_t first = bytes[0];
  if (first == 0xEF || first == 0xFE || first == 0xFF) return false;
  return std::memchr(bytes.data(), 0, std::min<std::size_t>(bytes.size(), 256)) == nullptr ||
         utf16_by_shape(bytes).empty();
}

struct Found {
  std::string name;      // for ICU; empty: nothing to convert
  std::size_t skip = 0;  // byte order mark
};

bool is_ascii(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t c) { return c < 0x80; });
}

// Charsets in which ASCII bytes do not mean ASCII characters.
bool is_own_world(std::string_view lower) {
  for (std::string_view prefix :
       {"utf-16", "utf-32", "ucs-", "utf-7", "iso-2022", "hz", "ibm", "ebcdic", "cp037", "iso-10646", "scsu", "bocu"}) {
    if (lower.starts_with(prefix)) return true;
  }
  return false;
}

// `mismatch`: the declaration cannot be.
Found find_charset(Bytes bytes, std::string_view declared, bool& mismatch) {
  if (starts(bytes, "\xEF\xBB\xBF")) return {};
  if (starts(bytes, std::string_view("\xFF\xFE\0\0", 4))) return {"UTF-32LE", 4};
  if (starts(bytes, "\xFF\xFE")) return {"UTF-16LE", 2};
  if (starts(bytes, "\xFE\xFF")) return {"UTF-16BE", 2};
  const std::string name = lower_case(declared);
  const std::string_view shape = utf16_by_shape(bytes);
  if (name == "utf-16" || name == "ucs-2" || name == "iso-10646-ucs-2" || name == "unicode") {
    // RFC 2781 section 4.3 has big-endian without a mark; many senders have not.
    return {std::string(shape.empty() ? "UTF-16BE" : shape)};
  }
  if (name == "utf-16le" || name == "utf-16be") return {name == "utf-16le" ? "UTF-16LE" : "UTF-16BE"};
  if (!shape.empty()) return {std::string(shape)};
  if (name.empty() || name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii") return {};
  if (!is_own_world(name)) {
    if (is_ascii(bytes)) return {};
    if (is_utf8(bytes)) {
      // Text of another charset is hardly ever valid UTF-8; a wrong declaration is common.
      mismatch = true;
      return {};
    }
  }
  return {name};
}

}  // namespace

StreamCharset find_stream_charset(Bytes start, std::string_view declared) {
  if (start.empty()) return {};
  const std::string name = lower_case(declared);
  const bool narrow = !name.empty() && !name.starts_with("utf") && !name.ends_with("ascii") && !is_own_world(name);
  if (narrow && is_ascii(start)) return {name, false};
  StreamCharset charset;
  charset.name = find_charset(start, declared, charset.mismatch).name;
  return charset;
}

bool open_charset(Walker& walker, const Value& value, const MediaType& type) {
  const std::string_view declared = type.parameters.empty() ? std::string_view() : type.parameter("charset");
  if (declared.empty() && is_unmarked_narrow(value.bytes)) return false;
  bool mismatch = false;
  const Found found = find_charset(value.bytes, declared, mismatch);
  if (mismatch) walker.note("decode.charset-mismatch");
  if (found.name.empty()) return false;
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<UConverter, decltype(&ucnv_close)> from(ucnv_open(found.name.c_str(), &error), ucnv_close);
  std::unique_ptr<UConverter, decltype(&ucnv_close)> to(ucnv_open("UTF-8", &error), ucnv_close);
  if (U_FAILURE(error)) {
    walker.note("decode.unknown-charset");
    return false;
  }
  const Bytes input = value.bytes.subspan(found.skip);
  Arena::Scope scope(walker.arena());
  const std::size_t most = input.size() * 3 + 16;
  std::uint8_t* out = walker.take_output(most);
  if (!out) return false;
  char* target = reinterpret_cast<char*>(out);
  const char* source = as_text(input).data();
  UChar pivot[1024];
  UChar *pivot_from = pivot, *pivot_to = pivot;
  ucnv_convertEx(to.get(), from.get(), &target, target + most, &source, source + input.size(), pivot, &pivot_from,
                 &pivot_to, pivot + 1024, true, true, &error);
  const auto size = static_cast<std::size_t>(target - reinterpret_cast<char*>(out));
  if (size == 0) return false;
  walker.arena().shrink_last(out, size);
  const bool utf16 = found.name.starts_with("UTF-16");
  const LiteralDetail detail(utf16 ? found.name.substr(6) : lower_case(to_utf8(as_bytes(found.name))));
  const MediaType plain{type.essence, {}};
  walker.made(value, utf16 ? "utf-16" : "charset", &detail, value.bytes, {out, size},
              [&](const Value& made) { walker.open_content(made, plain); });
  return true;
}

}  // namespace tattle
