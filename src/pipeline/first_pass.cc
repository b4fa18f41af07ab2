#include "pipeline/first_pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <unordered_map>

#include "base/result.h"
#include "packet/dissector.h"
#include "protocol/flow_parser.h"

namespace tattle {
namespace {

constexpr std::uintmax_t kKeyFileBytes = std::uintmax_t{1} << 30;

std::string read_key_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw UserError(fmt::format("{}: a folder, not a key file; name the file in it", path));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UserError(fmt::format("{}: cannot read this key file; check its name and permissions", path));
  if (std::filesystem::file_size(path, error) > kKeyFileBytes && !error) {
    throw UserError(fmt::format("{}: over 1 GiB, hardly a key log; is it a capture?", path));
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

// Runs handshakes only, to learn which secrets belong to which session.
class SessionCollector : public SegmentSink, private TlsSessionObserver, private MessageSink {
 public:
  SessionCollector(const KeyStore& keys, const Limits& limits)
      : limits_(limits), tls_{&keys, &limits_, &anomalies_, this, true}, context_{&tls_, &limits_, &anomalies_, this} {}

  void on_flow(const FlowInfo& flow) override {
    if (flow.transport != Transport::tcp) return;
    Open& open = flows_[flow.id];
    open.info = std::make_unique<FlowInfo>(flow);
    open.parser = FlowParser::make(*open.info, context_);
  }
  void on_segment(const Segment& segment) override {
    auto found = flows_.find(segment.flow);
    if (found != flows_.end()) found->second.parser->on_segment(segment);
  }
  void on_flow_end(FlowId flow, FlowEndReason, std::uint64_t) override {
    auto found = flows_.find(flow);
    if (found == flows_.end()) return;
    found->second.parser->finish();
    flows_.erase(found);
  }
  void on_unread(Unread, PacketId, std::uint64_t) override {}

  void give(KeyStore& keys) const {
    for (const auto& [id, secret] : sessions_) keys.add_session(id, secret);
  }

 private:
  struct Open {
    std::unique_ptr<FlowInfo> info;
    std::unique_ptr<FlowParser> parser;
  };
  void on_message(const Message&) override {}
  void on_session(Bytes id, Bytes secret) override {
    if (sessions_.size() >= limits_.tls_secrets) return;
    sessions_.emplace_back(ByteVector(id.begin(), id.end()), ByteVector(secret.begin(), secret.end()));
  }

  const Limits limits_;
  Anomalies anomalies_;
  TlsContext tls_;
  ParserContext context_;
  std::unordered_map<FlowId, Open> flows_;
  std::vector<std::pair<ByteVector, ByteVector>> sessions_;
};

}  // namespace

void KeyFile::meet(const TlsFacts& facts) {
  if (fits) return;
  const auto& used = facts.secrets_used;
  // Lines that hold no client random (RSA) and private keys fit when they opened something.
  const bool without_random = std::any_of(used.begin(), used.end(), [&](const std::string& name) {
    return private_key ? name == "private-key" : name.starts_with("RSA");
  });
  fits = without_random || (!facts.client_random.empty() && keys.knows(facts.client_random));
}

std::vector<KeyFile> read_key_files(const std::vector<std::string>& paths, const Limits& limits, KeyStore& keys,
                                    std::vector<std::string>& warnings) {
  std::vector<KeyFile> files;
  for (const std::string& path : paths) {
    const std::string text = read_key_file(path);
    if (text.find("-----BEGIN") != std::string::npos) {
      if (!keys.add_private_key(text)) {
        throw UserError(
            fmt::format("{}: holds no RSA private key that can be read; give an unencrypted PEM key", path));
      }
      files.push_back({path, {}, true, false});
      continue;
    }
    files.push_back({path, {}, false, false});
    files.back().keys.add_key_log(as_bytes(text), limits);
    const KeyStore::Counts counts = keys.add_key_log(as_bytes(text), limits);
    if (counts.added == 0 && counts.skipped > 0) {
      throw UserError(fmt::format(
          "{}: neither a TLS key log (NSS format, as SSLKEYLOGFILE writes it) nor a PEM private key", path));
    }
    if (counts.added == 0) warnings.push_back(fmt::format("{}: this key log is empty", path));
    if (counts.skipped > 0) {
      warnings.push_back(fmt::format("{}: {} lines are not key log lines and were skipped", path, counts.skipped));
    }
    if (counts.over_limit > 0) {
      warnings.push_back(fmt::format("{}: {} secrets over the limit were left out; raise it with --limit tls-secrets=N",
                                     path, counts.over_limit));
    }
  }
  return files;
}

FirstPass first_pass(Input& input, const Limits& limits, KeyStore& keys, PacketSelection& selection,
                     DeviceInference* inference, const Progress& progress) {
  FirstPass learnt;
  std::set<std::pair<std::uint32_t, std::uint32_t>> sources;
  Anomalies ignored;  // the second pass notes them
  const KeyStore before = keys;
  SessionCollector sessions(before, limits);
  std::unique_ptr<Dissector> handshakes;
  if (keys.opens_key_exchanges()) {
    handshakes = std::make_unique<Dissector>(std::vector<DeviceAddresses>{}, false, limits, ignored, sessions);
  }
  input.read(
      [&](const CaptureEvent& event) {
        if (const auto* packet = std::get_if<CapturedPacket>(&event)) {
          if (!selection.selects(*packet)) return;
          sources.emplace(packet->id.capture, packet->interface);
          if (inference) inference->on_packet(*packet);
          if (handshakes) handshakes->on_packet(*packet);
        } else if (const auto* secrets = std::get_if<CapturedSecrets>(&event)) {
          if (secrets->kind == CapturedSecrets::Kind::tls_key_log) keys.add_key_log(secrets->data, limits);
        } else if (const auto* name = std::get_if<CapturedName>(&event)) {
          if (learnt.names.size() < limits.names) learnt.names.emplace_back(name->address, name->name);
        } else if (const auto* message = std::get_if<std::shared_ptr<const ImportedMessage>>(&event)) {
          if (selection.selects_time((*message)->first)) learnt.imports.meet(**message);
        }
      },
      progress);
  if (handshakes) {
    handshakes->finish();
    sessions.give(keys);
  }
  learnt.several_sources = sources.size() > 1;
  return learnt;
}

}  // namespace tattle
