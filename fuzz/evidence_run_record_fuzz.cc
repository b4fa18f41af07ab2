// run.json: a user's mistake or a record that is written back to what parses to the same.
#include "base/bytes.h"
#include "base/result.h"
#include "evidence/run_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto record = tattle::parse_run_record(tattle::as_text({data, size}), "run.json");
    const std::string written = tattle::to_json(record);
    if (tattle::to_json(tattle::parse_run_record(written, "run.json")) != written) __builtin_trap();
    tattle::limits_of(record);
  } catch (const tattle::UserError&) {
  }
  return 0;
}
