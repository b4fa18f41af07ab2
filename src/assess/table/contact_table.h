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
#include "base/shared_values.h"
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
  // There are as many as open flows, of few parties.
  struct OpenFlow {
    std::uint32_t party = 0;          // of the first message; 0: none
    bool several : 1 = false;         // messages to other endpoints on the same flow
    std::uint32_t far_host : 31 = 0;  // named in a CONNECT; 0: none
  };
  struct ByAll {
    bool operator()(const Party& a, const Party& b) const { return a != b ? a < b : a.ground < b.ground; }
  };
  std::size_t contact(const Party& party, PacketId where);
  void touch(Contact& contact, Time first, Time last);

  const Limits& limits_;
  Anomalies& anomalies_;
  std::vector<Contact> contacts_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::unordered_map<FlowId, OpenFlow> open_;
  SharedValues<Party, ByAll> parties_;
  SharedValues<std::string> far_hosts_;
};

}  // namespace tattle
