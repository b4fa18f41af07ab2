#include "protocol/local/coap.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "protocol/http1/head.h"
#include "protocol/local/local_protocols.h"

namespace tattle {
namespace {

// Option numbers: RFC 7252 section 12.2, RFC 7959 section 2.1.
enum Option : std::uint32_t {
  kUriHost = 3,
  kETag = 4,
  kUriPort = 7,
  kLocationPath = 8,
  kUriPath = 11,
  kContentFormat = 12,
  kUriQuery = 15,
  kLocationQuery = 20,
  kBlock2 = 23,
  kBlock1 = 27,
  kProxyUri = 35,
  kProxyScheme = 39,
};

enum Type : std::uint8_t { kConfirmable, kNonConfirmable, kAcknowledgement, kReset };

std::string_view name_of(std::uint32_t option) {
  switch (option) {
    case kUriHost:
      return "uri-host";
    case kETag:
      return "etag";
    case kLocationPath:
      return "location-path";
    case kUriPath:
      return "uri-path";
    case kUriQuery:
      return "uri-query";
    case kLocationQuery:
      return "location-query";
    case kProxyUri:
      return "proxy-uri";
    case kProxyScheme:
      return "proxy-scheme";
    default:
      return {};
  }
}

// Codes 0.01 to 0.07: RFC 7252 section 12.1.1, RFC 8132 section 6.
constexpr std::array<std::string_view, 8> kMethods{"", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"};

struct Format {
  std::string_view type, coding;
};

// IANA, CoRE Parameters, CoAP Content-Formats: those with something to open.
Format format_of(std::uint32_t number) {
  switch (number) {
    case 0:
      return {"text/plain;charset=utf-8", ""};
    case 40:
      return {"application/link-format", ""};
    case 41:
      return {"application/xml", ""};
    case 42:
      return {"application/octet-stream", ""};
    case 50:
      return {"application/json", ""};
    case 51:
      return {"application/json-patch+json", ""};
    case 52:
      return {"application/merge-patch+json", ""};
    case 60:
      return {"application/cbor", ""};
    case 110:
      return {"application/senml+json", ""};
    case 112:
      return {"application/senml+cbor", ""};
    case 11050:
      return {"application/json", "deflate"};
    case 11060:
      return {"application/cbor", "deflate"};
    default:
      return {};
  }
}

struct Read {  // of one datagram
  std::uint8_t type = 0, code = 0;
  std::string_view token;
  std::vector<Field> fields;
  std::string host, path, query;
  std::uint16_t port = 0;
  std::string_view proxy_uri;
  bool by_proxy = false;
  Format format;
  bool in_blocks = false;     // the body is a part of a larger one
  std::size_t head_size = 0;  // up to the payload
  bool whole = false;         // read to its end without a fault
};

// RFC 7252 section 3.2: big-endian without leading zeros, 0 as nothing at all.
std::uint32_t uint_of(Bytes value) {
  std::uint32_t number = 0;
  for (const std::uint8_t byte : value) number = number << 8 | byte;
  return number;
}

// RFC 7252 section 6.5, steps 6 and 7; `also` may stand beside what a path segment holds (RFC 3986 section 3.3).
void append_escaped(std::string& out, std::string_view text, std::string_view also) {
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~!$'()*+,;=:@").find(c) != std::string_view::npos ||
                       also.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
}

// RFC 7252 section 3.1: 13 and 14 say that the number follows in one or two bytes.
std::uint32_t extended(ByteReader& in, std::uint8_t nibble) {
  if (nibble == 13) return 13u + in.u8("option.extended");
  if (nibble == 14) return 269u + in.u16("option.extended");
  if (nibble == 15) in.fail("option", "reserved");
  return nibble;
}

void take_option(std::uint32_t number, Bytes value, Read& read) {
  const std::string_view text = as_text(value);
  if (const std::string_view name = name_of(number); !name.empty()) read.fields.push_back({name, text});
  switch (number) {
    case kUriHost: {
      std::uint16_t port = 0;
      if (!split_authority(text, read.host, port) || port != 0) read.host.clear();
      break;
    }
    case kUriPort:
      if (value.size() <= 2) read.port = static_cast<std::uint16_t>(uint_of(value));
      break;
    case kUriPath:
      read.path += '/';
      append_escaped(read.path, text, "&");
      break;
    case kUriQuery:
      read.query += read.query.empty() ? '?' : '&';
      append_escaped(read.query, text, "/?");
      break;
    case kContentFormat:
      if (value.size() <= 2) read.format = format_of(uint_of(value));
      break;
    case kBlock1:
    case kBlock2:
      // NUM, M and SZX (RFC 7959 section 2.2); a block 0 without more is the whole body.
      if (value.size() <= 3) read.in_blocks = read.in_blocks || (uint_of(value) & ~std::uint32_t{7}) != 0;
      break;
    case kProxyUri:
      read.proxy_uri = text;
      read.by_proxy = true;
      break;
    case kProxyScheme:
      read.by_proxy = true;
      break;
    default:
      break;
  }
}

// The header and the token fit, as `fits_coap` saw.
Read read_datagram(Bytes data) {
  Read read;
  read.type = data[0] >> 4 & 3;
  read.code = data[1];
  const std::size_t options = 4 + (data[0] & 15u);
  read.token = as_text(data.subspan(4, options - 4));
  ByteReader in(data.subspan(options));
  std::uint32_t number = 0;
  while (!in.done()) {
    read.head_size = options + in.offset();
    const std::uint8_t head = in.u8("option");
    if (head == 0xff) {
      if (in.done()) in.fail("payload", "is empty");
      break;
    }
    number += extended(in, head >> 4);
    const std::uint32_t length = extended(in, head & 15);
    const Bytes value = in.take(length, "option.value");
    if (in.error()) break;
    take_option(number, value, read);
  }
  read.whole = !in.error();
  if (read.whole) read.head_size = options + in.offset();
  return read;
}

// RFC 7252 section 5.10.2: the absolute URI says which host the proxy shall ask.
void take_proxy_uri(Read& read) {
  read.host.clear();
  read.port = 0;
  const std::size_t scheme = read.proxy_uri.find("://");
  if (scheme == std::string_view::npos) return;
  std::string_view authority = read.proxy_uri.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (!split_authority(authority, read.host, read.port)) read.host.clear();
}

class Coap : public DatagramParser {
 public:
  Coap(const StreamContext& above, ParserContext& context) : above_(above), context_(context) {}

  DatagramFate on_datagram(const Chunk& chunk, bool cut) override {
    if (!fits_coap(chunk)) return DatagramFate::unknown;
    Read read = read_datagram(chunk.data);
    if (!read.whole && !cut) context_.anomalies->note("coap.malformed", chunk.first_packet());
    if (!read.proxy_uri.empty()) take_proxy_uri(read);
    Message message;
    describe(read, chunk, message);
    message.damaged = cut || !read.whole;
    message.head = chunk.data.first(read.head_size);
    message.head_pieces.add(read.head_size, chunk.packets);
    message.body = chunk.data.subspan(read.head_size);
    message.body_pieces.add(message.body.size(), chunk.packets);
    message.body_type = read.in_blocks ? std::string_view() : read.format.type;
    message.body_coding = read.in_blocks ? std::string_view() : read.format.coding;
    if (read.in_blocks || !read.whole) message.view = BodyView::text;
    context_.sink->on_message(message);
    return DatagramFate::parsed;
  }

 private:
  struct Asked {
    std::string token;
    Direction direction;
    std::uint64_t exchange;
    std::string_view method;  // a literal
    std::string host;
    std::uint16_t port;
  };

  void describe(Read& read, const Chunk& chunk, Message& message) {
    const int code_class = read.code >> 5, detail = read.code & 31;
    const bool empty = read.code == 0, asks = code_class == 0 && !empty;
    // Either end may ask; an empty message is the asker's as the flow has it.
    const bool as_client = asks || (empty && chunk.direction == Direction::to_server);
    above_.apply(message, chunk.flow, chunk.direction, as_client);
    message.protocol = "coap";
    message.first = message.last = chunk.seen;
    message.fields = std::move(read.fields);
    if (empty) {
      const bool answers = read.type == kAcknowledgement || read.type == kReset;
      message.kind = answers ? MessageKind::acknowledge : MessageKind::control;
    } else if (asks) {
      message.kind = MessageKind::request;
      const bool known = detail < static_cast<int>(kMethods.size());
      const std::string_view method = known ? kMethods[static_cast<std::size_t>(detail)] : std::string_view();
      message.method = method;
      message.host = read.host;
      message.host_port = read.port;
      message.target = read.proxy_uri.empty() ? read.path + read.query : std::string(read.proxy_uri);
      if (message.target.empty() || message.target[0] == '?') message.target.insert(0, 1, '/');
      if (read.by_proxy) message.via = Via::proxy_absolute;
      message.exchange = ask(read, chunk.direction, method);
    } else {
      message.kind = MessageKind::response;
      message.status = code_class * 100 + detail;
      answer(read, chunk.direction, message);
    }
    message.layers.push_back({"coap", message.method});
  }

  std::uint64_t ask(const Read& read, Direction direction, std::string_view method) {
    const auto same = [&](const Asked& each) { return each.token == read.token && each.direction == direction; };
    const std::uint64_t exchange = above_.next_exchange();
    std::erase_if(asked_, same);  // a token used again, or sent again
    if (asked_.size() >= std::min<std::uint64_t>(context_.limits->http_pending_requests, kMostAsked))
      asked_.pop_front();
    asked_.push_back({std::string(read.token), direction, exchange, method, read.host, read.port});
    return exchange;
  }

  // RFC 7252 section 5.3.2. One request may have several answers (RFC 7641), so it stays.
  void answer(const Read& read, Direction direction, Message& message) const {
    for (const Asked& each : asked_) {
      if (each.token != read.token || each.direction == direction) continue;
      message.exchange = each.exchange;
      message.answered_method = each.method;
      message.host = each.host;
      message.host_port = each.port;
    }
  }

  static constexpr std::uint64_t kMostAsked = 64;  // whose answers may still come
  const StreamContext& above_;
  ParserContext& context_;
  std::deque<Asked> asked_;
};

}  // namespace

// RFC 7252 section 3: version 1, a token of at most 8 bytes; classes 1, 3, 6 and 7 do not stand in datagrams (section
// 12.1, RFC 8323 section 5); an empty message has nothing but its header (section 4.1).
bool fits_coap(const Chunk& datagram) {
  const Bytes data = datagram.data;
  if (!on_port(datagram, 5683) && !on_port(datagram, 5684)) return false;
  if (data.size() < 4 || data[0] >> 6 != 1 || (data[0] & 15) > 8 || data.size() < 4u + (data[0] & 15u)) return false;
  if (data[1] == 0) return data.size() == 4;
  const int code_class = data[1] >> 5;
  return code_class == 0 || code_class == 2 || code_class == 4 || code_class == 5;
}

std::unique_ptr<DatagramParser> make_coap(const FlowInfo&, const StreamContext& above, ParserContext& context) {
  return std::make_unique<Coap>(above, context);
}

}  // namespace tattle
