#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/time.h"

namespace tattle {

/// One side of an HTTP exchange as HAR wants it. Borrows everything.
struct HarMessage {
  std::string_view http_version;  // as HAR shows it
  std::string_view method, url;   // of a request
  int status = 0;                 // of a response; 0: not known
  const std::vector<std::pair<std::string, std::string>>* fields = nullptr;
  std::string_view body;
  bool whole = true;  // false: the body is longer, or bytes of it were lost
};

/// Milliseconds.
struct HarTimings {
  double send = 0, wait = 0, receive = 0;
};

/// One entry of HAR 1.2. Bodies are text, or base64 where text would lose something; parameters of the query stand as
/// they were sent. Nothing is masked.
/// @param response  Null: no answer was seen.
/// Source: HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).
nlohmann::ordered_json har_entry(Time started, const HarMessage& request, const HarMessage* response,
                                 const HarTimings& timings, const Address& server);

/// `{"name","version"}` of this program.
nlohmann::ordered_json har_creator(std::string_view version);

/// On one line; what is not UTF-8 becomes U+FFFD.
std::string har_line(const nlohmann::ordered_json& json);

}  // namespace tattle
