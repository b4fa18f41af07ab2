#pragma once

#include <memory>

#include "base/limits.h"
#include "detect/record.h"
#include "protocol/message.h"

namespace tattle {

/// Copies an HTTP request or response of a phone, for whoever writes messages down. Further pieces of a body are not
/// kept: what was kept of it is then said not to be whole.
/// @return null for everything else.
std::shared_ptr<const KeptMessage> keep_message(const Message& message, const Limits& limits);

}  // namespace tattle
