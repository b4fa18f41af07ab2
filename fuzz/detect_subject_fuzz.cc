// Any text is a subject file or a UserError of one line that names the file and a line; what is read can be compiled.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/result.h"
#include "detect/search/matcher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  try {
    const Subject subject = parse_subject(std::string(as_text({data, size})), "/nonexistent", "f.yaml");
    for (const Entry& entry : subject.entries) {
      if (entry.name.empty() || entry.kind.empty() || entry.masked.empty()) std::abort();
    }
    if (subject.entries.size() < 8) MatcherDatabase::compile({subject});
  } catch (const UserError& error) {
    const std::string_view what = error.what();
    if (!what.starts_with("f.yaml:")) std::abort();
  }
  return 0;
}
