#include "decode/coding/base64.h"
#include "decode/decoders.h"
#include "decode/format/mime.h"

namespace tattle {

bool declared_mail(const MediaType& type) {
  return type.essence == "message/rfc822" || type.essence == "message/global" || type.essence == "text/rfc822-headers";
}

// RFC 5322. It must begin with a field's name, or it is no mail.
bool open_mail(Walker& walker, const Value& value, const MediaType&) {
  const std::string_view text = as_text(value.bytes);
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon > 80) return false;
  for (const char c : text.substr(0, colon)) {
    if (c <= ' ' || c > '~') return false;
  }
  open_mime_entity(walker, value, text, "mail");
  return true;
}

bool declared_base64(const MediaType& type) { return type.essence == "application/base64"; }

bool open_base64_body(Walker& walker, const Value& value, const MediaType&) {
  return open_declared_base64(walker, value, value.bytes, {});
}

}  // namespace tattle
