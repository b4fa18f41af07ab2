#include "protocol/local/local_protocols.h"
#include "protocol/text/text_head.h"

namespace tattle {

bool fits_ssdp(const Chunk& datagram) {
  const std::string_view text = as_text(datagram.data);
  if (text.starts_with("M-SEARCH * HTTP/1.") || text.starts_with("NOTIFY * HTTP/1.")) return true;
  return on_port(datagram, 1900) && text.starts_with("HTTP/1.");
}

DatagramFate read_ssdp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  if (!fits_ssdp(chunk)) return DatagramFate::unknown;
  std::optional<TextHead> head = read_text_head(as_text(chunk.data), "HTTP/1.1");
  if (!head) head = read_text_head(as_text(chunk.data), "HTTP/1.0");
  if (!head) return DatagramFate::unknown;
  DatagramWords words;
  words.protocol = "ssdp";
  words.sender_is_client = !head->status;
  words.kind = head->status ? MessageKind::response : MessageKind::request;
  words.method = head->method;
  words.target = head->target;
  words.status = head->status;
  words.fields = std::move(head->fields);
  words.head_size = head->size;
  words.damaged = cut;
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

}  // namespace tattle
