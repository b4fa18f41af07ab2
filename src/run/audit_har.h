#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "base/host_selection.h"
#include "detect/record.h"

namespace tattle {

/// Writes the phones' HTTP exchanges as HAR 1.2, one entry as soon as both its sides are there and without an answer
/// when its flow ends, so that memory holds open exchanges only. Nothing is masked. Entries stand in the order in which
/// they were completed.
/// Source: HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).
class HarWriter : public RecordSink {
 public:
  using Write = std::function<void(std::string_view)>;
  HarWriter(std::string_view version, const HostSelection& hosts, Write write);

  void on_message(const MessageRecord& record) override;
  void on_flow(const FlowRecord& record) override;
  /// Writes exchanges that are still open, and the end.
  void finish();

 private:
  struct Exchange {
    std::shared_ptr<MessageRecord> request, response;
  };
  void emit(const Exchange& exchange);

  const HostSelection& hosts_;
  Write write_;
  std::map<std::pair<FlowId, std::uint64_t>, Exchange> open_;  // by the request's number
  bool first_ = true;
};

}  // namespace tattle
