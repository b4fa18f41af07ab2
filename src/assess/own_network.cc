#include "assess/own_network.h"

#include <algorithm>

namespace tattle {
namespace {

bool same_network(const Address& a, const Address& b) {
  if (a.is_v4() != b.is_v4()) return false;
  const std::ptrdiff_t bytes = a.is_v4() ? 15 : 8;  // an IPv4 address is the last four of the sixteen
  return std::equal(a.bytes.begin(), a.bytes.begin() + bytes, b.bytes.begin());
}

bool all_own(const std::vector<std::set<Address>>& met, const RecipientReport& recipient) {
  if (recipient.addresses.empty()) return false;
  return std::all_of(recipient.addresses.begin(), recipient.addresses.end(), [&](const std::string& text) {
    const auto address = Address::parse(text);
    if (!address) return false;
    return std::any_of(met.begin(), met.end(), [&](const std::set<Address>& phone) {
      return std::any_of(phone.begin(), phone.end(), [&](const Address& own) { return same_network(own, *address); });
    });
  });
}

}  // namespace

void mark_own_network(const std::vector<std::set<Address>>& met, AuditDocument& document) {
  for (DisclosureReport& each : document.disclosures) {
    if (each.role == Role::resolver && all_own(met, each.recipient)) each.recipient.local = true;
  }
  for (ContactReport& each : document.recipients) {
    const bool resolver = each.roles.size() == 1 && each.roles.front() == Role::resolver;
    if (resolver && all_own(met, each.recipient)) each.recipient.local = true;
  }
}

}  // namespace tattle
