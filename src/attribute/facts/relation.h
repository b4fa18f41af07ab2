#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "attribute/organisations.h"

namespace tattle {

/// What a recipient's organisation is to one phone and its user.
enum class Relation : std::uint8_t {
  unknown,
  maker,
  system_vendor,
  network_operator,
  app_publisher,
  tracker,
  cloud_host,
};
/// `maker`, `system-vendor`, …
std::string_view to_string(Relation relation);

/// The phone of one subject, as its file names it, and the app that spoke; texts may be empty.
struct PhoneFacts {
  std::string_view maker, model, system_vendor;
  std::string_view package;  // of the app, `com.example.app`
};

struct RelationFact {
  Relation relation = Relation::unknown;
  std::string ground;  // one sentence without its full stop; empty for `unknown`
};

/// What whoever bears the host was to that phone on that day. The first that holds, of:
/// where customers' machines stand, a cloud host, whatever else its holder is, because whose service it is is not
/// known; the maker: who made phones of the model's or the maker's brand on that day, that organisation's owner, or one
/// that it owned; the system's vendor, likewise; a network operator; an app's publisher: that of the app that spoke
/// where its package's name, reversed, stands under a name of the same organisation, else by the organisation's kind; a
/// tracker, by kind; a cloud host, by kind.
/// @param host  What the table says of the host on that day; null: nothing.
RelationFact relation_of(const HostFact* host, const PhoneFacts& phone, const Organisations& organisations, Day day);

}  // namespace tattle
