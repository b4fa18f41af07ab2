#pragma once

#include <string>
#include <string_view>

#include "detect/record.h"

namespace tattle {

/// Whose software sent a message, as far as the message itself says.
struct Sender {
  std::string kind = "unknown";  // `maker`, `system`, `app`, `unknown`
  std::string name;              // empty: not known
  std::string ground;            // why; may quote the message
  std::string package;           // of the app, `com.example.app`; empty: not known
  bool inferred = false;         // nothing recorded whose it is; what it has in common with others says so
};

/// The ground of a sender of whom the message says nothing.
inline constexpr std::string_view kNoSign = "no sign of which software sent it";

/// What a User-Agent claims is quoted as a claim: any software can send any name (RFC 9110 section 10.1.5).
Sender sender_of(const MessageRecord& message);
/// Whose flow it is, as the capturing program recorded it; else unknown.
Sender sender_of(const FlowInfo& flow);

}  // namespace tattle
