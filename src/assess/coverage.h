#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "assess/document.h"
#include "detect/record.h"
#include "packet/segment.h"

namespace tattle {

/// Counts what became of the captured bytes.
class CoverageCounter {
 public:
  void add_unread(Unread why, std::uint64_t bytes);
  void add_message(const MessageRecord& message);
  void add_flow(const FlowSummary& summary);
  std::uint64_t searched_bytes() const { return report_.searched_bytes; }

  /// What the fates leave of `captured_bytes` is framing: headers, and payload that carries no content.
  CoverageReport finish(std::uint64_t packets, std::uint64_t captured_bytes) const;

 private:
  void add(Fate fate, std::string reason, std::uint64_t bytes, std::uint64_t flows, std::uint64_t packets);

  CoverageReport report_;
  std::map<std::tuple<Fate, std::string>, CoverageLine> lines_;
  std::uint64_t framing_flows_ = 0;
};

}  // namespace tattle
