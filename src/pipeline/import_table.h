#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "capture/import/import.h"
#include "packet/dissector.h"
#include "pipeline/worker.h"

namespace tattle {

/// Who sent what imports hold, as far as they tell.
struct ImportedClients {
  std::map<Prefix, std::uint64_t, bool (*)(const Prefix&, const Prefix&)> known;  // addresses, IPv6 by /64: messages
  bool unknown = false;  // some entries have no client address that says anything

  ImportedClients();
  void meet(const ImportedMessage& message);
  bool any() const { return unknown || !known.empty(); }
};

/// Whether an address can tell one client from another: known, and not that of the recording computer itself.
bool tells_client(const Address& address);

/// Gives the messages of imports their flows: one for each connection that an import names, else one for each entry.
/// In an import what was sent is the recorded client's: that is the phone, unless addresses show it to be another host.
/// @anomaly import.connections-limit  limits.import_connections are open: the longest silent one was ended.
class ImportTable {
 public:
  /// @param devices  As the Dissector's. Empty: nobody is looked for.
  ImportTable(std::vector<DeviceAddresses> devices, const Limits& limits, Anomalies& anomalies, Dissector& numbers,
              SegmentSink& sink, std::function<void(const ImportedItem&)> on_message);

  /// @throws UserError  Several phones, and the import does not say whose it is.
  void add(const std::shared_ptr<const ImportedMessage>& message);
  void finish();

 private:
  struct Open {
    std::string key;
    FlowId id;
  };
  using Place = std::list<Open>::iterator;

  Place open(std::string key, const ImportedMessage& message);
  void end(Place place);
  void choose_device(FlowInfo& flow) const;

  std::vector<DeviceAddresses> devices_;
  const Limits& limits_;
  Anomalies& anomalies_;
  Dissector& numbers_;
  SegmentSink& sink_;
  std::function<void(const ImportedItem&)> on_message_;
  std::list<Open> flows_;  // longest silent first
  std::unordered_map<std::string, Place> by_key_;
};

}  // namespace tattle
