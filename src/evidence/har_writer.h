#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capture/import/import.h"

namespace tattle {

/// Writes entries of an import as HAR 1.2, bodies as they were recorded (base64 when they are not UTF-8).
/// @param messages  Of one or several entries, each entry's together and in order.
/// @return  Empty when no entry is an HTTP exchange.
/// Source: HAR 1.2 specification (Odvarko); `_webSocketMessages` after Chrome's developer tools.
std::string har_of(const std::vector<std::shared_ptr<const ImportedMessage>>& messages, std::string_view version,
                   std::string_view comment);

}  // namespace tattle
