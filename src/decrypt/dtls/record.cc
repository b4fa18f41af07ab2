#include "decrypt/dtls/record.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::uint16_t kAhead = 32;  // messages of a flight that may come before one that is missing

}  // namespace

Result<DtlsRecord> parse_dtls_record(ByteReader& in) {
  DtlsRecord record;
  const std::uint8_t type = in.u8("record.header");
  record.type = static_cast<RecordType>(type);
  record.version = in.u16("record.header");
  record.epoch = in.u16("record.header");
  record.sequence = std::uint64_t{in.u16("record.header")} << 32;
  record.sequence |= in.u32("record.header");
  const std::uint16_t length = in.u16("record.header");
  if (!in.error() && (type < 20 || type > 24)) in.fail("record.header", "no content type of DTLS");
  if (!in.error() && record.version != 0xfeff && record.version != 0xfefd) {
    in.fail("record.version", "neither DTLS 1.0 nor 1.2");
  }
  if (!in.error() && length > kMaxRecordBody) in.fail("record.body", "longer than a record may be");
  record.body = in.take(length, "record.body");
  if (in.error()) return tl::unexpected(*in.error());
  return record;
}

bool looks_like_dtls(Bytes datagram) {
  ByteReader in(datagram);
  const auto record = parse_dtls_record(in);
  return record && (!record->body.empty() || record->type == RecordType::application_data);
}

std::uint16_t tls_image(std::uint16_t version) {
  if (version == 0xfeff) return 0x0302;
  return version == 0xfefd ? std::uint16_t{0x0303} : version;
}

ByteVector without_cookie(Bytes client_hello) {
  ByteReader in(client_hello);
  in.skip(2 + 32, "client_hello");
  in.skip(in.u8("session_id"), "session_id");
  const std::size_t begin = in.offset();
  in.skip(in.u8("cookie"), "cookie");
  if (in.error()) return {};
  ByteVector hello(client_hello.begin(), client_hello.begin() + static_cast<std::ptrdiff_t>(begin));
  const Bytes rest = in.rest();
  hello.insert(hello.end(), rest.begin(), rest.end());
  return hello;
}

bool DtlsHandshakeReader::feed(Bytes content, std::uint64_t limit, std::vector<Message>& whole) {
  bool good = true;
  ByteReader in(content);
  while (good && !in.done()) {
    const Bytes header = in.rest().first(std::min(in.remaining(), kHeader));
    in.skip(1, "type");
    const std::uint32_t length = in.u24("length");
    in.skip(2, "message_seq");
    const std::uint32_t offset = in.u24("fragment_offset");
    const Bytes fragment = in.take(in.u24("fragment_length"), "fragment");
    good = !in.error() && add(header, length, offset, fragment, limit);
  }
  for (auto first = pending_.begin(); first != pending_.end() && first->first == next_ && first->second.missing == 0;
       first = pending_.begin()) {
    held_ -= first->second.raw.size();
    whole.push_back({static_cast<HandshakeType>(first->second.raw[0]), std::move(first->second.raw)});
    pending_.erase(first);
    ++next_;
  }
  return good;
}

bool DtlsHandshakeReader::add(Bytes header, std::uint32_t length, std::uint32_t offset, Bytes fragment,
                              std::uint64_t limit) {
  const auto number = static_cast<std::uint16_t>(header[4] << 8 | header[5]);
  if (!started_) next_ = number;  // joined midway, or the answer to a cookie whose first flight was not captured
  started_ = true;
  if (static_cast<std::uint16_t>(number - next_) >= kAhead) return true;  // sent again, or too far off
  if (length > limit || offset > length || fragment.size() > length - offset) return false;
  Pending& message = pending_[number];
  if (message.raw.empty()) {
    if (held_ + length > limit) {
      pending_.erase(number);
      return false;
    }
    held_ += kHeader + length;
    message.raw.assign(header.begin(), header.begin() + 6);
    message.raw.insert(message.raw.end(), 3, 0);
    message.raw.insert(message.raw.end(), header.begin() + 1, header.begin() + 4);
    message.raw.resize(kHeader + length);
    message.have.assign(length, false);
    message.missing = length;
  }
  if (!std::equal(header.begin(), header.begin() + 4, message.raw.begin())) return false;
  for (std::size_t i = 0; i < fragment.size(); ++i) {
    if (message.have[offset + i]) continue;
    message.have[offset + i] = true;
    message.raw[kHeader + offset + i] = fragment[i];
    --message.missing;
  }
  return true;
}

void DtlsHandshakeReader::restart() {
  pending_.clear();
  held_ = 0;
  started_ = false;
}

}  // namespace tattle
