#pragma once

#include <string>
#include <vector>

#include "base/anomalies.h"
#include "detect/search/matcher.h"

namespace tattle::testing_detect {

/// A subject of these `data` lines, each an element of the list.
inline Subject subject_of(const std::vector<std::string>& data) {
  std::string yaml = "device: {model: Test}\ndata:\n";
  for (const std::string& line : data) yaml += "  - " + line + "\n";
  return parse_subject(yaml, TATTLE_SOURCE_DIR, "test.yaml");
}

/// A message that the device sends or receives; packet 1 brought the head, and every 100 bytes of the body one more.
struct Sample {
  FlowInfo flow;
  Message message;
  std::string head, body;
  std::vector<Hit> hits;
  Anomalies anomalies;
  InspectionCounts counts;

  explicit Sample(std::string body_text, std::string head_text = "")
      : head(std::move(head_text)), body(std::move(body_text)) {
    flow.device = DeviceSide::client;
    message.flow = &flow;
    message.protocol = "http/1.1";
    message.kind = MessageKind::request;
  }

  /// Fills the pieces, and the fields from the head's lines.
  void prepare() {
    message.head = as_bytes(head);
    message.body = as_bytes(body);
    const PacketRun first{0, 1, 1};
    message.head_pieces.add(head.size(), {&first, 1});
    std::uint64_t number = 2;
    for (std::size_t at = 0; at < body.size(); at += 100, ++number) {
      const PacketRun run{0, number, number};
      message.body_pieces.add(std::min<std::size_t>(100, body.size() - at), {&run, 1});
    }
    const std::string_view text = head;
    std::size_t line = text.find("\r\n");
    while (line != std::string_view::npos) {
      const std::size_t begin = line + 2, end = text.find("\r\n", begin);
      if (end == std::string_view::npos || end == begin) break;
      const std::size_t colon = text.find(':', begin);
      message.fields.push_back({text.substr(begin, colon - begin), text.substr(colon + 2, end - colon - 2)});
      line = end;
    }
  }

  std::vector<Hit>& inspect(const std::vector<Subject>& subjects) {
    prepare();
    static const Limits limits;
    Inspector inspector(MatcherDatabase::compile(subjects), limits, anomalies);
    counts = inspector.inspect(message, hits);
    return hits;
  }
};

/// `datum.part form` of each hit in a body.
inline std::vector<std::string> met(const std::vector<std::string>& data, const std::string& body) {
  Sample sample(body);
  std::vector<std::string> out;
  for (const Hit& hit : sample.inspect({subject_of(data)})) {
    out.push_back(hit.datum + (hit.part.empty() ? " inferred " : "." + hit.part + " ") + hit.form);
  }
  return out;
}

}  // namespace tattle::testing_detect
