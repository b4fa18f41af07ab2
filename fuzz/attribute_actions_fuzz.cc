// Any text is a log of actions, in YAML or CSV, or a UserError of one line that names the file and a line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "attribute/actions/action_log.h"
#include "base/bytes.h"
#include "base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  if (size == 0) return 0;
  const ActionFormat format = data[0] % 2 == 0 ? ActionFormat::yaml : ActionFormat::csv;
  Limits limits;
  limits.actions = 100;
  try {
    const ActionLog log = parse_action_log(as_text({data + 1, size - 1}), format, "/nonexistent", "f.log", limits);
    if (log.actions.size() > limits.actions) std::abort();
    for (std::size_t i = 0; i < log.actions.size(); ++i) {
      const Action& action = log.actions[i];
      if (i > 0 && action.time < log.actions[i - 1].time) std::abort();
      if (!(action.uncertainty_s >= 0 && action.uncertainty_s <= 86400)) std::abort();
    }
  } catch (const UserError& error) {
    const std::string_view what = error.what();
    if (!what.starts_with("f.log:") || what.find('\n') != what.npos) std::abort();
  }
  return 0;
}
