#include "attribute/sender.h"

#include <fmt/format.h>

#include "attribute/recipient.h"

namespace tattle {

Sender sender_of(const MessageRecord& message) {
  Sender sender;
  if (!message.user_agent.empty() && sent_by_phone(message)) {
    sender.ground = fmt::format("the message names its software \"{}\", which nothing confirms", message.user_agent);
  } else {
    sender.ground = "no sign of which software sent it";
  }
  return sender;
}

}  // namespace tattle
