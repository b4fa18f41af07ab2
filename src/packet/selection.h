#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "capture/capture.h"

namespace tattle {

/// Which packets the user wants looked at, as given on the command line; empty: all.
struct SelectionOptions {
  std::string filter;  // libpcap's expression (pcap-filter(7)), for the frame as it stands in the capture
  std::string since;   // RFC 3339, UTC when without zone; or HH:MM[:SS] of the day on which the captures lie
  std::string until;   // likewise; the first moment that is left out
  bool empty() const { return filter.empty() && since.empty() && until.empty(); }
};

/// Chooses packets by filter and time. A packet left out is as if the capture did not hold it.
class PacketSelection {
 public:
  /// @throws UserError  An expression that fits no kind of link, a time that is none, or none in between.
  explicit PacketSelection(SelectionOptions options);
  ~PacketSelection();
  PacketSelection(PacketSelection&&) noexcept;
  PacketSelection& operator=(PacketSelection&&) noexcept;

  bool selects_all() const { return options_.empty(); }
  /// @throws UserError  The expression does not fit the packet's kind of link; or a time of day was given and the
  ///                    captures hold several days.
  bool selects(const CapturedPacket& packet) {
    return options_.empty() || (selects_time(packet.time) && (options_.filter.empty() || passes(packet)));
  }
  bool selects_time(Time time);

 private:
  struct Program;
  struct Bound {
    std::string option, text;
    std::optional<Time> time;                 // settled
    std::optional<std::int64_t> time_of_day;  // nanoseconds; to be settled by the first packet's day
  };
  static Bound bound(std::string option, const std::string& text);
  bool passes(const CapturedPacket& packet);
  void settle(Bound& bound, Time time) const;

  SelectionOptions options_;
  Bound since_, until_;
  std::optional<std::int64_t> day_;                             // of the first packet, when a time of day was given
  std::map<std::uint16_t, std::unique_ptr<Program>> programs_;  // by link type; null: none of its packets pass
};

}  // namespace tattle
