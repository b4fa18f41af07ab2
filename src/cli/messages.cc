#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/host_selection.h"
#include "cli/commands.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

// What an import does not tell is left out.
void put(Json& line, const char* name, const Endpoint& endpoint, bool imported) {
  Json json = Json::object();
  const bool known = !imported || !endpoint.address.is_unspecified();
  if (known) json["address"] = to_string(endpoint.address);
  if (known || endpoint.port != 0) json["port"] = endpoint.port;
  if (!json.empty()) line[name] = std::move(json);
}

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
  put(line, "client", record.client, record.flow.imported);
  put(line, "server", record.server, record.flow.imported);
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
  explicit Printer(const HostSelection& hosts) : hosts_(hosts) {}

  void on_start(const std::vector<Subject>&, const std::vector<std::string>&) override {}
  void on_message(const MessageRecord& record) override {
    if (!hosts_.selects(record.host) && !hosts_.selects(record.server.address)) {
      if (record.last_piece) ++(record.host.empty() ? unknown_hosts_ : other_hosts_);
      return;
    }
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

  /// What --host left out, in one line; empty: nothing was asked for.
  std::string left_out() const {
    if (hosts_.selects_all()) return {};
    return fmt::format("--host: {} messages to or from other hosts and {} whose host is not known were left out",
                       other_hosts_, unknown_hosts_);
  }

 private:
  const HostSelection& hosts_;
  std::uint64_t other_hosts_ = 0, unknown_hosts_ = 0;
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
    const HostSelection hosts(options->hosts);
    Printer printer(hosts);
    PipelineResult result = run_pipeline(options->pipeline(), printer);
    if (!hosts.selects_all()) result.warnings.push_back(printer.left_out());
    say_warnings(result.warnings);
    exit_code = kDone;
  });
}

}  // namespace tattle
