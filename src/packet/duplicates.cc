#include "packet/duplicates.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::int64_t kWindow = 1000000000;
constexpr std::size_t kEquals = 256;  // equal packets remembered of one second

}  // namespace

void Duplicates::forget_oldest() {
  const auto found = seen_.find(order_.front().first);
  // The oldest packet of a digest is the first of its list.
  found->second.erase(found->second.begin());
  if (found->second.empty()) seen_.erase(found);
  order_.pop_front();
}

bool Duplicates::is_duplicate(const CapturedPacket& packet, Bytes ip, std::uint64_t point, Time clock) {
  while (!order_.empty() && clock.ns - order_.front().second.ns > kWindow) forget_oldest();
  const Digest digest{keyed_hash(ip, key_.first), keyed_hash(ip, key_.second)};
  const Source source{std::uint64_t{packet.id.capture} << 32 | packet.interface, point};
  std::vector<Seen>& equals = seen_[digest];
  for (Seen& seen : equals) {
    const std::int64_t apart = packet.time.ns - seen.time.ns;
    if (apart > kWindow || apart < -kWindow) continue;
    if (std::find(seen.sources.begin(), seen.sources.end(), source) != seen.sources.end()) continue;
    seen.sources.push_back(source);
    return true;
  }
  if (equals.size() >= kEquals) {
    anomalies_.note("packet.duplicates-limit", packet.id);
    return false;
  }
  equals.push_back({packet.time, {source}});
  order_.emplace_back(digest, clock);
  if (order_.size() > limits_.duplicates) {
    anomalies_.note("packet.duplicates-limit", packet.id);
    forget_oldest();
  }
  return false;
}

}  // namespace tattle
