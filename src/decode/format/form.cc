#include <algorithm>
#include <array>
#include <cstring>

#include "decode/decoders.h"
#include "decode/pairs.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

// What a form or query may consist of; a plain text of any length fails at its first space.
constexpr auto kFormBytes = [] {
  std::array<bool, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (char c : {'-', '_', '.', '~', '%',  '+', '*', '=', '&', ':', '/', ',',
                 ';', '@', '!', '$', '\'', '(', ')', '[', ']', '|', '?'}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_key(std::string_view key) {
  if (key.empty() || key.size() > 64) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'
               ? true
               : is_digit(c) || std::string_view("_.-[]%+~:$").find(c) != std::string_view::npos;
  });
}

}  // namespace

void open_escaped(Walker& walker, const Value& value) {
  const Bytes bytes = value.bytes;
  const bool percent = std::memchr(bytes.data(), '%', bytes.size()) != nullptr;
  const bool plus = std::memchr(bytes.data(), '+', bytes.size()) != nullptr;
  // A sender that forgot to escape base64 has its plus signs as they are.
  if (plus && !percent) open_tokens(walker, value, bytes, false);
  if ((plus || percent) && open_percent(walker, value, bytes, true)) return;
  walker.open_leaf(value, {false, true});
}

void open_pairs(Walker& walker, const Value& value, std::string_view step, Bytes range) {
  const std::string_view text = as_text(range);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('&', at), text.size());
    const std::string_view pair = text.substr(at, end - at);
    at = end + 1;
    const auto equals = pair.find('=');
    const TextDetail name(equals == std::string_view::npos ? std::string_view() : pair.substr(0, equals));
    const std::string_view inside = equals == std::string_view::npos ? pair : pair.substr(equals + 1);
    if (inside.empty()) continue;
    if (!walker.part(value, step, &name, as_bytes(inside), [&](const Value& leaf) { open_escaped(walker, leaf); }))
      return;
  }
}

bool declared_form(const MediaType& type) { return type.essence == "application/x-www-form-urlencoded"; }

bool sniff_form(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  int pairs = 0;
  // Two pairs with plain names make a form; the rest must at least consist of what forms consist of.
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && text[end] != '&') {
      if (!kFormBytes[static_cast<unsigned char>(text[end])]) return false;
      ++end;
    }
    const std::string_view pair = text.substr(at, end - at);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && is_key(pair.substr(0, equals))) {
      ++pairs;
    } else if (pairs < 2) {
      return false;
    }
    at = end + 1;
  }
  return pairs >= 2;
}

bool open_form(Walker& walker, const Value& value, const MediaType& type) {
  // Some senders declare a form and send JSON.
  if (!type.essence.empty() && sniff_json(value.bytes)) return false;
  if (!std::memchr(value.bytes.data(), '=', value.bytes.size())) return false;
  open_pairs(walker, value, "form", value.bytes);
  return true;
}

}  // namespace tattle
