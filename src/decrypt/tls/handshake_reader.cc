#include "decrypt/tls/handshake_reader.h"

#include <utility>

namespace tattle {
namespace {

std::size_t message_length(Bytes header) { return std::size_t{header[1]} << 16 | header[2] << 8 | header[3]; }

}  // namespace

void HandshakeReader::feed(Bytes content) {
  if (pending_.empty()) {
    view_ = content;
    return;
  }
  pending_.insert(pending_.end(), content.begin(), content.end());
  view_ = pending_;
}

bool HandshakeReader::next(HandshakeMessage& message, std::uint64_t limit) {
  if (view_.size() >= 4) {
    const std::size_t size = message_length(view_);
    if (size > limit) {
      overflow_ = true;
      clear();
      return false;
    }
    if (view_.size() >= 4 + size) {
      message.type = static_cast<HandshakeType>(view_[0]);
      message.raw = view_.first(4 + size);
      message.body = message.raw.subspan(4);
      view_ = view_.subspan(4 + size);
      return true;
    }
  }
  pending_ = ByteVector(view_.begin(), view_.end());
  view_ = {};
  return false;
}

void HandshakeReader::clear() {
  pending_.clear();
  view_ = {};
}

bool HandshakeReader::take_overflow() { return std::exchange(overflow_, false); }

bool plausible_handshake(Bytes content) {
  if (content.size() < 4) return false;
  switch (static_cast<HandshakeType>(content[0])) {
    case HandshakeType::hello_request:
    case HandshakeType::client_hello:
    case HandshakeType::server_hello:
    case HandshakeType::new_session_ticket:
    case HandshakeType::certificate:
    case HandshakeType::server_key_exchange:
    case HandshakeType::certificate_request:
    case HandshakeType::server_hello_done:
    case HandshakeType::certificate_verify:
    case HandshakeType::client_key_exchange:
    case HandshakeType::finished:
    case HandshakeType::certificate_url:
    case HandshakeType::certificate_status:
    case HandshakeType::supplemental_data:
      return message_length(content) <= (1u << 18);
    default:
      return false;
  }
}

}  // namespace tattle
