#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "protocol/message.h"

namespace tattle {

/// A head in HTTP's manner (start line, fields, an empty line) of a protocol that borrowed it. Views into its bytes.
struct TextHead {
  std::string_view method, target;  // of a request
  std::optional<int> status;        // of a response
  std::vector<Field> fields;
  std::size_t size = 0;  // with the empty line
  bool whole = false;    // the empty line is there

  const Field* field(std::string_view lower_name, std::string_view short_name = {}) const;
};

/// Reads a head whose version is `version` (`SIP/2.0`, `HTTP/1.1`); nothing when the start line is not one.
/// Folded lines stay in the value as they are.
std::optional<TextHead> read_text_head(std::string_view text, std::string_view version);

}  // namespace tattle
