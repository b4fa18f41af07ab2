// Socket.IO's packets: `42["event",{…}]`, with a namespace and an acknowledgement's number `42/chat,7[…]`.
#include <algorithm>

#include "decode/decoders.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestPrefix = 64;

// Where the JSON begins; 0 when this is no such packet. Source: the Socket.IO protocol 5, packet encoding.
std::size_t json_at(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t at = 0;
  while (at < text.size() && digit(text[at])) ++at;
  if (at == 0) return 0;
  if (at < text.size() && text[at] == '-') ++at;  // behind the number of attachments
  if (at < text.size() && text[at] == '/') {
    at = text.find(',', at);
    if (at == std::string_view::npos || at > kLongestPrefix) return 0;
    ++at;
  }
  while (at < text.size() && digit(text[at])) ++at;
  return at < std::min(text.size(), kLongestPrefix) && (text[at] == '[' || text[at] == '{') ? at : 0;
}

}  // namespace

bool sniff_socket_io(Bytes bytes) {
  const std::size_t at = json_at(as_text(bytes));
  return at > 0 && sniff_json(bytes.subspan(at));
}

bool open_socket_io(Walker& walker, const Value& value, const MediaType&) {
  const Bytes json = value.bytes.subspan(json_at(as_text(value.bytes)));
  walker.part(value, "socket.io", nullptr, json, [&](const Value& inside) { walker.open_content(inside, {}); });
  return true;
}

}  // namespace tattle
