#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// An IPv4 or IPv6 address. IPv4 sits in the last four bytes (::ffff:a.b.c.d) so that both sort and hash alike.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Address&) const = default;

  static Address v4(Bytes four);
  static Address v6(Bytes sixteen);
  /// Dotted quad or RFC 4291 text; nothing else.
  static std::optional<Address> parse(std::string_view text);

  bool is_v4() const;
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_multicast_or_broadcast() const;
  /// Private, link-local, unique-local or shared address space (RFC 1918, 3927, 4193, 6598).
  bool is_local() const;
};

/// Dotted quad, or RFC 5952.
std::string to_string(const Address& address);

struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

/// A MAC address (EUI-48).
struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};
  auto operator<=>(const MacAddress&) const = default;
  /// Six pairs of hex digits, any one of `:-.` between pairs, or none.
  static std::optional<MacAddress> parse(std::string_view text);
};
std::string to_string(const MacAddress& mac);

/// A block of addresses; `length` counts bits of the 16-byte form (IPv4 /24 is 120).
struct Prefix {
  Address address;
  int length = 128;
  /// `192.0.2.0/24`, `2001:db8::/32`, or a single address.
  static std::optional<Prefix> parse(std::string_view text);
  bool contains(const Address& candidate) const;
};

}  // namespace tattle

template <>
struct std::hash<tattle::Address> {
  std::size_t operator()(const tattle::Address& address) const noexcept;
};
template <>
struct std::hash<tattle::Endpoint> {
  std::size_t operator()(const tattle::Endpoint& endpoint) const noexcept;
};
