#include "protocol/websocket/deflate.h"

#include <charconv>

#include "protocol/http1/head.h"

namespace tattle {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view cut(std::string_view& rest, char at) {
  const auto end = rest.find(at);
  const std::string_view part = trim(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

std::optional<int> window_bits(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  int bits = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bits);
  if (error != std::errc{} || end != value.data() + value.size() || bits < 8 || bits > 15) return std::nullopt;
  return bits;
}

bool read_parameter(std::string_view name, std::string_view value, DeflateAgreement& agreed) {
  if (name == "server_no_context_takeover") {
    agreed.server.takeover = false;
  } else if (name == "client_no_context_takeover") {
    agreed.client.takeover = false;
  } else if (name == "server_max_window_bits" || name == "client_max_window_bits") {
    const auto bits = window_bits(value);
    if (!bits) return false;
    (name[0] == 's' ? agreed.server : agreed.client).window_bits = *bits;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<DeflateAgreement> read_deflate_agreement(std::string_view extensions) {
  while (!extensions.empty()) {
    std::string_view extension = cut(extensions, ',');
    if (cut(extension, ';') != "permessage-deflate") continue;
    DeflateAgreement agreed;
    while (!extension.empty()) {
      std::string_view value = cut(extension, ';');
      const std::string_view name = cut(value, '=');
      if (!read_parameter(name, value, agreed)) return std::nullopt;
    }
    return agreed;
  }
  return std::nullopt;
}

MessageInflater::~MessageInflater() {
  if (ready_) inflateEnd(&stream_);
}

bool MessageInflater::begin() {
  if (ready_) return true;
  stream_ = z_stream{};
  // zlib refuses a raw window of 8 bits when it compresses, so that senders use 9 in its place.
  ready_ = inflateInit2(&stream_, -(side_.window_bits < 9 ? 9 : side_.window_bits)) == Z_OK;
  return ready_;
}

void MessageInflater::forget_message() {
  input_ = output_ = 0;
  if (side_.takeover || !ready_) return;
  inflateEnd(&stream_);
  ready_ = false;
}

}  // namespace tattle
