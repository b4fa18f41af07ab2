#pragma once

// Private to the streaming decoders of bodies (body_*.cc): how bytes go from one to the next.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "protocol/message.h"

namespace tattle {

/// What the stages of one body share.
struct BodyRun {
  const Limits& limits;
  Anomalies& anomalies;
  MessageSink* windows = nullptr;  // during a call
  Message message;                 // what all windows have in common
  PacketId where;                  // for anomalies: the first packet of the bytes being read
  bool over = false;               // of a member alone: it has ended

  void note(std::string_view anomaly) { anomalies.note(anomaly, where); }
};

/// One step of decoding, or the search at its end. Calls come in order; nothing follows finish().
class BodyStage {
 public:
  virtual ~BodyStage() = default;
  /// Bytes and the packets that carried them; both borrowed for the call.
  virtual void push(Bytes bytes, PacketRunsView packets) = 0;
  /// Bytes are missing here; their number is known unless a step above changed it.
  virtual void lose(std::uint64_t missing) = 0;
  virtual void finish() = 0;
};

using BodyStagePtr = std::unique_ptr<BodyStage>;
using BodyPath = std::vector<PathStep>;

/// What is known of the bytes that a stage will get.
struct BodyDeclared {
  std::string media_type;  // as sent; empty when not known
  std::string codings;     // content codings still to be taken off, as sent
  std::string transfer;    // a part's Content-Transfer-Encoding
};

BodyPath with_step(const BodyPath& path, std::string_view step, std::string detail = {});

/// Looks at the first bytes and makes the stages that fit them. A body or part that ends before a window is full is
/// handed down whole, to be decoded like any message.
/// @param content_bytes  Counts the bytes whose content codings are off; may be null.
BodyStagePtr open_body_stage(BodyRun& run, BodyPath path, BodyDeclared declared, unsigned depth,
                             std::uint64_t* content_bytes);

/// Takes one content coding off and gives the rest of the chain what comes out.
/// @param alone  What follows the compressed bytes is none of it: nothing is done with it but to set `run.over`.
/// @return null when the coding's name is not known.
BodyStagePtr unpack_stage(BodyRun& run, std::string_view coding, BodyPath path, BodyDeclared declared, unsigned depth,
                          std::uint64_t* content_bytes, bool alone = false);

BodyStagePtr multipart_stage(BodyRun& run, BodyPath path, const std::string& boundary, unsigned depth);

/// A mail: its fields, then what they declare.
BodyStagePtr mail_stage(BodyRun& run, BodyPath path, unsigned depth);

/// Searches text of any kind, and bytes that are none; long runs of base64 and hex are decoded besides.
BodyStagePtr text_stage(BodyRun& run, BodyPath path, unsigned depth);
/// Searches bytes as they are.
BodyStagePtr plain_stage(BodyRun& run, BodyPath path);

/// Transforms that keep a few bytes of state. `next` gets the result.
BodyStagePtr percent_stage(BodyRun& run, BodyStagePtr next);           // forms: a plus sign is a space
BodyStagePtr quoted_printable_stage(BodyRun& run, BodyStagePtr next);  // RFC 2045 section 6.7
BodyStagePtr base64_stage(BodyRun& run, BodyStagePtr next);            // either alphabet; line ends are passed over
BodyStagePtr hex_stage(BodyRun& run, BodyStagePtr next);
BodyStagePtr json_text_stage(BodyRun& run, BodyStagePtr next);  // escapes of RFC 8259 section 7 become characters
/// @param name  For ICU. Null when it is not known there.
BodyStagePtr charset_stage(BodyRun& run, const std::string& name, BodyStagePtr next);

}  // namespace tattle
