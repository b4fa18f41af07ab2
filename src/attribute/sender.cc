#include "attribute/sender.h"

#include <fmt/format.h>

#include "attribute/recipient.h"
#include "decode/token/text.h"

namespace tattle {

/// What PCAPdroid writes when it does not know; the name beside it says "unknown" in the phone's language.
constexpr int kUnknownUser = -1;

Sender sender_of(const FlowInfo& flow) {
  Sender sender;
  sender.ground = kNoSign;
  const AppInfo* app = flow.app.get();
  if (app == nullptr) return sender;
  if (app->uid == kUnknownUser) {
    sender.ground = "the program that captured it did not know whose conversation it is";
    return sender;
  }
  // Android gives apps ids from 10000 for each user, of whom each has 100000 (AID_APP_START, AID_USER_OFFSET).
  const bool system = app->uid >= 0 && app->uid % 100000 < 10000;
  sender.kind = system ? "system" : "app";
  sender.name = to_utf8(as_bytes(app->name.empty() ? fmt::format("user id {}", app->uid) : app->name));
  sender.ground = app->ground;
  sender.package = app->package;
  if (!app->package.empty()) sender.ground += fmt::format(" ({})", to_utf8(as_bytes(app->package)));
  return sender;
}

Sender sender_of(const MessageRecord& message) {
  Sender sender = sender_of(message.flow);
  if (sender.kind == "unknown" && !message.user_agent.empty() && sent_by_phone(message)) {
    sender.ground = fmt::format("the message names its software \"{}\", which nothing confirms", message.user_agent);
  }
  return sender;
}

}  // namespace tattle
