// Requests and answers of time-stamping authorities: nothing that was not signed is believed.
#include "evidence/sign/timestamp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tattle::Bytes bytes(data, size);
  const auto hash = tattle::parse_timestamp_request(bytes);
  if (hash && hash->size() != 64) __builtin_trap();
  tattle::check_timestamp(bytes, bytes, std::string(64, '0'), "");
  tattle::check_timestamp(bytes, {}, std::string(64, 'a'), "");
  return 0;
}
