#pragma once

// What the tests of messages within streams share: a line for each message, with what tells frames apart.

#include <string>
#include <vector>

#include "protocol/testing/flow_test_kit.h"

namespace tattle::frame_kit {

using flow_kit::down;
using flow_kit::lost;
using flow_kit::Step;
using flow_kit::up;

/// `< websocket frame text #1 app.example /chat (websocket text) {name=value} [body]` and what is special.
class Frames : public MessageSink {
 public:
  void on_message(const Message& message) override {
    std::string line = message.direction == Direction::to_server ? "> " : "< ";
    line += fmt::format("{} {}", message.protocol, to_string(message.kind));
    if (!message.method.empty()) line += " " + message.method;
    if (message.exchange != 0) line += fmt::format(" #{}", message.exchange);
    if (!message.host.empty()) line += " " + message.host;
    if (!message.target.empty()) line += " " + message.target;
    if (message.status) line += fmt::format(" {}", *message.status);
    if (message.kind != MessageKind::request && message.kind != MessageKind::response) {
      line += " (";
      for (const PathStep& step : message.layers) {
        line += (line.back() == '(' ? "" : ", ") + step.step + (step.detail.empty() ? "" : " " + step.detail);
      }
      line += ")";
      for (const Field& field : message.fields) {
        line += fmt::format(" {}={}{}", field.name, flow_kit::printable(field.value), field.unknown ? "?" : "");
      }
    }
    if (!message.body_coding.empty()) line += fmt::format(" coding={}", message.body_coding);
    if (message.split_bytes > 0) line += fmt::format(" split={}", message.split_bytes);
    if (message.body_offset > 0) line += fmt::format(" at={}", message.body_offset);
    if (message.overlap > 0) line += fmt::format(" overlap={}", message.overlap);
    if (!message.last_piece) line += " more";
    if (message.damaged) line += " damaged";
    whole_pieces &= message.body.size() == message.body_pieces.size();
    lines.push_back(line + fmt::format(" [{}]", flow_kit::printable(as_text(message.body))));
  }
  std::vector<std::string> lines;
  bool whole_pieces = true;  // every byte of a body has its packet
};

struct Case {
  std::string name;
  std::vector<Step> steps;
  std::vector<std::string> lines;
  std::vector<std::string> anomalies = {};
};

inline std::ostream& operator<<(std::ostream& out, const Case& each) { return out << each.name; }

/// Runs the case whole and cut in many ways: what comes out is the same.
struct Result {
  std::vector<std::string> lines, anomalies;
  bool whole_pieces = true;
  std::uint64_t opaque_bytes = 0;
  std::string protocol;
};

inline Result run(const std::vector<Step>& steps, std::size_t most, std::uint16_t port = 80, Limits limits = {},
                  bool opening_seen = true) {
  flow_kit::Conversation talk;
  talk.info = flow_kit::flow(port);
  talk.info.opening_seen = opening_seen;
  talk.limits = limits;
  Frames frames;
  talk.parser.sink = &frames;
  talk.run(steps, 0, most);
  Result result{frames.lines, {}, frames.whole_pieces, talk.counters.opaque_bytes, talk.protocol};
  for (const auto& [name, entry] : talk.anomalies.entries()) result.anomalies.emplace_back(name);
  return result;
}

/// Bytes from hexadecimal digits; spaces are left out.
inline std::string hex(std::string_view digits) {
  std::string bytes, kept;
  for (char c : digits) {
    if (c != ' ') kept += c;
  }
  for (std::size_t i = 0; i + 1 < kept.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(kept.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace tattle::frame_kit
