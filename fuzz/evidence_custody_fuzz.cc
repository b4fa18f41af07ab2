// Custody logs: whatever parses extends each of its own beginnings, and grows by a line that parses again.
#include "base/bytes.h"
#include "evidence/seal/custody.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(tattle::as_text({data, size}));
  const auto log = tattle::parse_custody(text);
  if (!log) return 0;
  for (std::size_t i = 0; i < log->hashes.size(); ++i) {
    if (!tattle::extends(*log, {i + 1, log->hashes[i]})) __builtin_trap();
  }
  const tattle::CustodyEvent event =
      log->events.empty() ? tattle::CustodyEvent{{}, "seal", "Aino", "desk", text, {}} : log->events.back();
  const auto grown = tattle::parse_custody(text + tattle::custody_line(event, log->head()));
  if (!grown || grown->events.size() != log->events.size() + 1) __builtin_trap();
  return 0;
}
