#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/body/ledger.h"
#include "protocol/raw/raw.h"
#include "protocol/stream_parser.h"
#include "protocol/text/line_half.h"
#include "protocol/websocket/deflate.h"

namespace tattle {

/// What mail and file transfer protocols share: commands in lines one way, replies the other, a step up to TLS in
/// between. The flow's client gives the commands.
class LineConnection : public StreamParser, private LineOwner, private BodyHolder {
 public:
  LineConnection(std::string_view protocol, const FlowInfo& flow, const StreamContext& above, ParserContext& parser);
  ~LineConnection() override;
  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;
  const Mux* inner() const override;

 protected:
  static constexpr Direction kClient = Direction::to_server, kServer = Direction::to_client;

  /// A line of the client's or the server's, never one that losses touched. Returns as LineOwner::on_line.
  virtual bool on_command(LineGroup& line) = 0;
  virtual bool on_reply(LineGroup& line) = 0;
  virtual void on_block(Direction direction, LineBlock& block) override = 0;
  /// A line was lost, or came in pieces: what replies to what is no longer known.
  virtual void on_loss(Direction direction) = 0;

  /// The client asked for TLS: whatever looks like it, or follows a positive answer, goes to it.
  void await_tls() { awaiting_ = true; }
  void answer_tls(bool granted);
  bool awaiting_tls() const { return awaiting_; }
  /// From the next byte on both directions are one raw DEFLATE stream each (RFC 1951), of lines as before.
  /// @anomaly imap.bad-deflate  It does not hold together, or grows over limits.decode_ratio; the rest goes down as it
  /// is.
  void begin_deflate();
  LineHalf& half(Direction direction) { return halves_[index(direction)]; }

  struct Words {
    std::string_view method, target;  // may lie in the line
    std::uint64_t exchange = 0;
    std::optional<int> status;
    std::string_view body_type;  // a literal
  };
  /// Hands a line down: all of it as head, but what begins at `body_at`, which is the body.
  void emit_line(Direction direction, LineGroup& line, const Words& words, std::size_t body_at = kNoBody);
  void emit_block(Direction direction, LineBlock& block, const Words& words);
  std::uint64_t next_exchange() const { return above_.next_exchange(); }
  ParserContext& parser() { return parser_; }
  const FlowInfo& flow() const { return flow_; }

  static constexpr std::size_t kNoBody = static_cast<std::size_t>(-1);

 private:
  std::uint64_t held_bytes() const override { return halves_[0].held_bytes() + halves_[1].held_bytes(); }
  void relieve() override {
    for (LineHalf& each : halves_) each.relieve();
  }
  bool on_line(Direction direction, LineGroup& group) override;
  bool goes_inside(const Chunk& chunk);
  std::size_t take(const Chunk& chunk);
  void read_lines(const Chunk& chunk);
  void inflate(const Chunk& chunk);
  Message start(Direction direction, const Words& words) const;

  const std::string_view protocol_;
  const FlowInfo& flow_;
  const StreamContext& above_;
  ParserContext& parser_;
  std::array<LineHalf, 2> halves_;
  bool awaiting_ = false;
  bool inside_[2] = {false, false};  // this direction's bytes go to the inner stream
  struct Deflated {
    explicit Deflated(const Limits& limits) : inflater({}, limits.decode_ratio) {}
    MessageInflater inflater;
    std::uint64_t offset = 0;  // of what came out
    bool lost = false;         // bytes are missing, and with them the rest
  };
  std::array<std::unique_ptr<Deflated>, 2> deflated_;
  std::unique_ptr<RawStream> raw_;  // what cannot be inflated
  StreamContext inner_context_;
  std::unique_ptr<Mux> inner_;
};

/// Commands that wait for their replies, in order, at most limits.http_pending_requests.
class PendingCommands {
 public:
  struct Command {
    std::string verb;
    std::uint64_t exchange = 0;
  };
  explicit PendingCommands(const Limits& limits) : most_(limits.http_pending_requests) {}
  void add(std::string verb, std::uint64_t exchange) {
    if (waiting_.size() >= most_) lose();
    waiting_.push_back({std::move(verb), exchange});
  }
  /// The command that the next reply answers; none when losses made that unknown. `final`: takes it off.
  Command answered(bool final) {
    if (waiting_.empty()) return {};
    Command command = waiting_.front();
    if (final) waiting_.pop_front();
    if (!certain_) command.exchange = 0;
    return certain_ ? command : Command{};
  }
  void lose() {
    certain_ = false;
    waiting_.clear();
  }
  bool empty() const { return waiting_.empty(); }
  bool certain() const { return certain_; }

 private:
  std::uint64_t most_;
  std::deque<Command> waiting_;
  bool certain_ = true;
};

std::string upper_word(std::string_view text);  // ASCII letters in upper case
/// The first word, and what follows the space behind it.
struct FirstWord {
  std::string_view word, rest;
};
FirstWord first_word(std::string_view line);

}  // namespace tattle
