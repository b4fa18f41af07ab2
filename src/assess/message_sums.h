#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "assess/document.h"

namespace tattle {

/// Distinct messages, never finds: a message that carries three values, or one value for a proxy and for the site
/// behind it, is one.
struct MessageSum {
  std::uint64_t messages = 0;
  std::uint64_t clear = 0;        // of these: with anything in clear that was asked for
  std::uint64_t unknown = 0;      // none of it in clear, but of some it is not known
  std::uint64_t idle = 0;         // beside no action of the tester's log
  std::uint64_t not_covered = 0;  // beside none, at a time of which the log does not say everything
  std::uint64_t left_alone = 0;   // while the log says that the phone was left alone
};

/// Sums of messages for each key.
/// @param keys_of  `void(const DisclosureReport&, std::vector<Key>&)`: adds what a disclosure counts for; may be none.
/// @param only     `bool(const CarriedReport&)`: which messages are counted.
/// A document that says nothing of its messages counts each occurrence as one.
template <class Key, class KeysOf, class Only>
std::map<Key, MessageSum> message_sums(const AuditDocument& document, KeysOf keys_of, Only only) {
  const auto& list = document.disclosures;
  std::vector<std::vector<Key>> keys(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) keys_of(list[i], keys[i]);
  std::map<Key, MessageSum> sums;
  const auto add = [&](const CarriedReport& row) {
    struct Met {
      bool clear = false, unknown = false;
    };
    std::map<Key, Met> met;
    for (const std::uint32_t index : row.disclosures) {
      if (index >= list.size()) continue;
      for (const Key& key : keys[index]) {
        Met& each = met[key];
        each.clear |= list[index].transport == Protection::clear;
        each.unknown |= list[index].transport == Protection::unknown;
      }
    }
    for (const auto& [key, how] : met) {
      MessageSum& sum = sums[key];
      sum.messages += row.messages;
      if (how.clear) sum.clear += row.messages;
      if (how.unknown && !how.clear) sum.unknown += row.messages;
      sum.idle += row.idle;
      sum.not_covered += row.not_covered;
      if (row.left_alone) sum.left_alone += row.messages;
    }
  };
  for (const CarriedReport& row : document.carried) {
    if (only(row)) add(row);
  }
  if (!document.carried.empty()) return sums;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::uint64_t idle = list[i].timing ? std::min(list[i].count, list[i].timing->idle) : 0;
    const std::uint64_t open = list[i].timing ? std::min(list[i].count - idle, list[i].timing->not_covered) : 0;
    const CarriedReport alone{{static_cast<std::uint32_t>(i)}, list[i].count, idle, {}, open};
    if (only(alone)) add(alone);
  }
  return sums;
}

template <class Key, class KeysOf>
std::map<Key, MessageSum> message_sums(const AuditDocument& document, KeysOf keys_of) {
  return message_sums<Key>(document, keys_of, [](const CarriedReport&) { return true; });
}

/// The sum over all disclosures of which `wanted` is true.
template <class Wanted>
MessageSum message_sum(const AuditDocument& document, Wanted wanted) {
  const auto sums = message_sums<int>(document, [&](const DisclosureReport& each, std::vector<int>& keys) {
    if (wanted(each)) keys.push_back(0);
  });
  return sums.empty() ? MessageSum{} : sums.begin()->second;
}

/// Verified, and sent by the phone: what every printed sum is of, unless it says otherwise.
inline bool is_told(const DisclosureReport& each) {
  return each.certainty == Certainty::verified && each.direction == Travel::sent;
}

}  // namespace tattle
