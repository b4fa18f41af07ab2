#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/message.h"

namespace tattle {

/// The fields of one message, rebuilt as text: a line `name: value` for each, in order; pseudo-fields keep their colon.
/// An unknown name is an empty one.
class Http2Head {
 public:
  /// `most_bytes` bounds the text: a block may name entries far longer than itself. Fields beyond it are left out.
  explicit Http2Head(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  void add(std::string_view name, std::string_view value, bool unknown, bool trailer = false);
  /// Adds all fields of another head, as trailers.
  void add_trailers(const Http2Head& trailers);
  void clear();

  const std::string& text() const { return text_; }
  std::size_t count() const { return fields_.size(); }
  bool cut() const { return cut_; }  // fields were left out
  /// Fields as views into text(), from number `begin` on. They live until the head changes.
  void fields(std::size_t begin, std::vector<Field>& out) const;

 private:
  struct Range {
    std::uint32_t name, name_size, value, value_size;
    bool unknown, trailer;
  };
  std::uint64_t most_bytes_;
  std::string text_;
  std::vector<Range> fields_;
  bool cut_ = false;
};

/// What the fields say of the message. What depends on an unknown field is empty.
struct Http2Meaning {
  bool request = false, response = false;  // by :method and :status
  bool pseudo = false;                     // any field that starts with a colon
  bool connect = false;                    // a CONNECT to :authority (RFC 9113 section 8.5), not an extended one
  bool malformed = false;                  // pseudo-fields repeated, unknown or behind others (RFC 9113 section 8.3)
  std::string method, scheme, authority, target, protocol;
  std::string host;
  std::uint16_t host_port = 0;
  std::string url;
  std::optional<int> status;
};

/// Reads the fields from number `begin` on. Source: RFC 9113 sections 8.3.1, 8.3.2, 8.5; RFC 8441 section 4.
Http2Meaning read_http2_head(const Http2Head& head, std::size_t begin);

}  // namespace tattle
