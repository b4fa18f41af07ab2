#include "base/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace tattle {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

Address Address::v4(Bytes four) {
  Address address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  if (four.size() >= 4) [[likely]] {
    std::copy_n(four.begin(), 4, address.bytes.begin() + 12);
  } else {
    std::copy(four.begin(), four.end(), address.bytes.begin() + 12);
  }
  return address;
}

Address Address::v6(Bytes sixteen) {
  Address address;
  std::copy_n(sixteen.begin(), std::min<std::size_t>(16, sixteen.size()), address.bytes.begin());
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  std::string copy(text);
  std::array<std::uint8_t, 16> raw{};
  if (inet_pton(AF_INET, copy.c_str(), raw.data()) == 1) return v4(Bytes(raw).first(4));
  if (inet_pton(AF_INET6, copy.c_str(), raw.data()) == 1) return v6(raw);
  return std::nullopt;
}

bool Address::is_v4() const { return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin()); }

bool Address::is_unspecified() const {
  auto from = bytes.begin() + (is_v4() ? 12 : 0);
  return std::all_of(from, bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool Address::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; }) && bytes[15] == 1;
}

bool Address::is_multicast_or_broadcast() const {
  if (is_v4()) return bytes[12] >= 224;
  return bytes[0] == 0xff;
}

bool Address::is_local() const {
  if (!is_v4()) return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
  const std::uint8_t a = bytes[12], b = bytes[13];
  return a == 10 || (a == 172 && (b & 0xf0) == 16) || (a == 192 && b == 168) || (a == 169 && b == 254) ||
         (a == 100 && (b & 0xc0) == 64);
}

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.is_v4()) {
    inet_ntop(AF_INET, address.bytes.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
  }
  return text;
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::isxdigit(static_cast<unsigned char>(text[i]))) {
      digits.push_back(text[i]);
    } else if (text[i] != ':' && text[i] != '-' && text[i] != '.') {
      return std::nullopt;
    }
  }
  if (digits.size() != 12) return std::nullopt;
  MacAddress mac;
  for (std::size_t i = 0; i < 6; ++i) {
    std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, mac.bytes[i], 16);
  }
  return mac;
}

std::string to_string(const MacAddress& mac) {
  const auto& b = mac.bytes;
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", b[0], b[1], b[2], b[3], b[4], b[5]);
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  auto slash = text.find('/');
  auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  Prefix prefix{*address, 128};
  if (slash == std::string_view::npos) return prefix;
  auto digits = text.substr(slash + 1);
  int length = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const int most = address->is_v4() ? 32 : 128;
  if (error != std::errc{} || end != digits.data() + digits.size() || length < 0 || length > most) return std::nullopt;
  prefix.length = length + (128 - most);
  return prefix;
}

bool Prefix::contains(const Address& candidate) const {
  const auto whole = static_cast<std::size_t>(length / 8);
  if (std::memcmp(address.bytes.data(), candidate.bytes.data(), whole) != 0) return false;
  if (length % 8 == 0) return true;
  const int shift = 8 - length % 8;
  return address.bytes[whole] >> shift == candidate.bytes[whole] >> shift;
}

}  // namespace tattle

std::size_t std::hash<tattle::Address>::operator()(const tattle::Address& address) const noexcept {
  std::uint64_t high = 0, low = 0;
  std::memcpy(&high, address.bytes.data(), 8);
  std::memcpy(&low, address.bytes.data() + 8, 8);
  std::uint64_t mixed = (high ^ (low * 0x9e3779b97f4a7c15ULL)) * 0xbf58476d1ce4e5b9ULL;
  return mixed ^ mixed >> 29;
}

std::size_t std::hash<tattle::Endpoint>::operator()(const tattle::Endpoint& endpoint) const noexcept {
  return std::hash<tattle::Address>{}(endpoint.address) * 31 + endpoint.port;
}
