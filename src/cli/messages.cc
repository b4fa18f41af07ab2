#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Endpoint& endpoint) { return {{"address", to_string(endpoint.address)}, {"port", endpoint.port}}; }

// As a URI writes it (RFC 3986 section 3.2): an IPv6 address before a port needs its brackets.
std::string authority(const std::string& host, std::uint16_t port) {
  if (port == 0) return host;
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Json to_json(const MessageRecord& record, std::uint64_t body_bytes) {
  Json line{{"time", to_rfc3339(record.first)}, {"protocol", record.protocol}, {"kind", to_string(record.kind)}};
  auto add = [&](const std::string& name, const std::string& text) {
    if (text.empty()) return;
    bool lossy = false;
    line[name] = to_utf8(text, lossy);
    if (lossy) line[name + "-base64"] = to_base64(as_bytes(text));
  };
  add("method", record.method);
  add("host", authority(record.host, record.host_port));
  add("target", record.target);
  if (record.status) line["status"] = *record.status;
  line["client"] = to_json(record.client);
  line["server"] = to_json(record.server);
  line["flow"] = record.flow.id;
  line["message"] = record.number;
  if (record.request_number) line["answers"] = *record.request_number;
  line["body_bytes"] = body_bytes;
  if (record.protection != Protection::clear) line["transport"] = to_string(record.protection);
  if (record.damaged) line["damaged"] = true;
  return line;
}

// Prints each message once, when its last piece has come.
class Printer : public AuditSink {
 public:
  void on_start(const std::vector<Subject>&, const std::vector<std::string>&) override {}
  void on_message(const MessageRecord& record) override {
    std::uint64_t bytes = record.body_bytes;
    if (!record.last_piece || record.body_offset > 0) {
      const auto key = std::pair(record.flow.id, record.number);
      bytes += under_way_[key];
      under_way_[key] = bytes;
      if (!record.last_piece) return;
      under_way_.erase(key);
    }
    fmt::print("{}\n", to_json(record, bytes).dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  void on_flow(const FlowRecord& record) override {
    under_way_.erase(under_way_.lower_bound({record.summary.flow.id, 0}),
                     under_way_.lower_bound({record.summary.flow.id + 1, 0}));
  }
  void on_unread(Unread, PacketId, std::uint64_t) override {}
  void on_name(const Address&, const std::string&) override {}

 private:
  std::map<std::pair<FlowId, std::uint64_t>, std::uint64_t> under_way_;
};

}  // namespace

void add_messages_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("messages", "Print one JSON object a line for each message of a capture");
  command->footer(
      "Example:\n  tattle messages evening.pcapng --keys keys.log | jq -r 'select(.kind==\"request\") | .host'");
  auto options = std::make_shared<RunOptions>();
  options->add_to(*command);
  command->callback([options, &exit_code] {
    fmt::print(stderr, "tattle: note: messages are printed as they are, nothing is masked\n");
    Printer printer;
    PipelineResult result = run_pipeline(options->pipeline(), printer);
    say_warnings(result.warnings);
    exit_code = kDone;
  });
}

}  // namespace tattle
