// Anything may come in a message: hits must name planted entries and packets that the message has, in order, and a
// value that stands in the body between spaces must be met.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "detect/search/matcher.h"

namespace {

constexpr char kSubject[] =
    "data:\n"
    "  - {datum: imei, value: \"356938035643809\"}\n"
    "  - {datum: phone-number, value: \"+358 40 123 4567\"}\n"
    "  - {datum: email, value: aino@example.com}\n"
    "  - {datum: name, value: \"Äinö\"}\n"
    "  - {datum: wifi-network, ssid: net, bssid: \"00:1A:2B:3C:4D:5E\"}\n"
    "  - {datum: advertising-id, value: 8b1c2d3e-4f50-4a61-b273-8495a6b7c8d9}\n"
    "  - {datum: location, latitude: 0.001, longitude: -0.002, radius-m: 5000}\n"
    "  - {datum: location, latitude: 60.16952, longitude: 24.93545}\n"
    "  - {datum: browsing, url: \"https://a.fi/b/\"}\n";
constexpr std::string_view kPlanted = " 356938035643809 ";

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  static const std::vector<Subject> subjects{parse_subject(kSubject, "", "fuzz.yaml")};
  static const auto database = MatcherDatabase::compile(subjects);
  static const Limits limits;
  static Anomalies anomalies;
  static Inspector inspector(database, limits, anomalies);
  if (size < 1) return 0;
  FlowInfo flow;
  flow.device = (data[0] & 1) != 0 ? DeviceSide::client : DeviceSide::server;
  Message message;
  message.flow = &flow;
  message.protocol = "tcp";
  message.kind = (data[0] & 2) != 0 ? MessageKind::query : MessageKind::data;
  message.body = Bytes(data, size).subspan(1);
  message.host = std::string(as_text(message.body.first(std::min<std::size_t>(40, message.body.size()))));
  message.overlap = (data[0] & 4) != 0 ? 20 : 0;
  const PacketRun run{0, 7, 9};
  message.body_pieces.add(message.body.size(), {&run, 1});
  std::vector<Hit> hits;
  inspector.inspect(message, hits);
  bool planted = false;
  for (const Hit& hit : hits) {
    require(hit.subject == 0 && hit.entry >= -1 && hit.entry < static_cast<int>(subjects[0].entries.size()));
    require(hit.log2_probability < 0 && !hit.form.empty());
    require(hit.entry >= 0 ? !hit.part.empty() : hit.corroborated);
    require(hit.packets == PacketRuns{run});
    planted |= hit.datum == "imei" && hit.entry == 0;
  }
  const auto at = as_text(message.body).find(kPlanted);
  require(planted || at == std::string_view::npos || message.overlap > 0);
  return 0;
}
