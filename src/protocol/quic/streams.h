#pragma once

#include <memory>
#include <unordered_map>

#include "protocol/quic/application.h"

namespace tattle {

/// Reads each stream of a QUIC connection on its own, by whatever `make` gives for it; datagrams go down as they are.
class QuicStreams : public QuicApplication {
 public:
  using Make = std::unique_ptr<StreamSink> (*)(const FlowInfo& flow, const StreamContext& above,
                                               ParserContext& context);
  QuicStreams(const FlowInfo& flow, const StreamContext& above, ParserContext& context, Make make,
              std::string_view name);
  ~QuicStreams() override;

  void on_stream_data(std::uint64_t id, const Chunk& chunk) override;
  void on_stream_gap(std::uint64_t id, const Chunk& where, std::uint64_t missing) override;
  void on_stream_end(std::uint64_t id, const Chunk& where, bool reset) override;
  void on_quic_datagram(const Chunk& chunk) override;
  std::string_view name() const override { return name_; }

 private:
  struct Stream;
  Stream* find_or_make(std::uint64_t id);

  const FlowInfo& flow_;
  const StreamContext& above_;
  ParserContext& context_;
  const Make make_;
  const std::string_view name_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Stream>> streams_;
};

/// Streams of an unknown protocol: whatever their bytes look like, else searched as they are.
std::unique_ptr<QuicApplication> make_unknown_quic(const FlowInfo& flow, const StreamContext& above,
                                                   ParserContext& context);

}  // namespace tattle
