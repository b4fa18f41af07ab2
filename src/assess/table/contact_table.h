#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attribute/recipient.h"
#include "base/anomalies.h"
#include "base/limits.h"
#include "detect/record.h"

namespace tattle {

/// An endpoint the phones talked to, known by its host name, else by its address.
struct Contact {
  std::string host;
  std::set<Address> addresses;
  HostGround ground = HostGround::none;  // the best of the host's
  std::set<Role> roles;
  bool nearby = false;  // everybody on the link
  std::uint64_t flows = 0, messages = 0, sent_bytes = 0, received_bytes = 0, opaque_bytes = 0, opaque_flows = 0,
                raw_bytes = 0;
  Time first, last;
};

/// What identifies a contact, and a recipient of a disclosure.
std::string contact_key(const Party& party);

/// All endpoints of the run. A flow's bytes go to the endpoint it ended at: behind a proxy, the proxy.
class ContactTable {
 public:
  ContactTable(const Limits& limits, Anomalies& anomalies) : limits_(limits), anomalies_(anomalies) {}

  void on_message(const MessageRecord& message, const std::vector<Party>& parties);
  /// Returns the flow's own endpoint.
  Party on_flow(const FlowSummary& summary, const NameBook& names);
  const std::vector<Contact>& contacts() const { return contacts_; }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  struct OpenFlow {
    Party party;           // of the first message
    std::string far_host;  // named in a CONNECT
    bool several = false;  // messages to other endpoints on the same flow
  };
  std::size_t contact(const Party& party, PacketId where);
  void touch(Contact& contact, Time first, Time last);

  const Limits& limits_;
  Anomalies& anomalies_;
  std::vector<Contact> contacts_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::unordered_map<FlowId, OpenFlow> open_;
};

}  // namespace tattle
