#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// Puts a form together again from the parameters that an import kept of it, as its media type says: multipart with
/// the boundary declared, else `application/x-www-form-urlencoded`.
/// Source: RFC 7578; WHATWG URL section 5.
class FormWriter {
 public:
  explicit FormWriter(std::string_view media_type);
  void add(std::string_view name, std::string_view value, std::string_view file_name, std::string_view media_type);
  ByteVector finish();

 private:
  std::string boundary_;  // empty: URL-encoded
  std::string text_;
};

}  // namespace tattle
