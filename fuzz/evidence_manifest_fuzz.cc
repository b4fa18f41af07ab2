// Manifests: whatever parses stays in its folder and is written back to what parses to the same.
#include "base/bytes.h"
#include "evidence/seal/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = tattle::parse_manifest(tattle::as_text({data, size}));
  if (!manifest) return 0;
  for (const tattle::RecordedFile& file : manifest->files) {
    if (file.path.starts_with('/') || file.path.find("/../") != std::string::npos) __builtin_trap();
  }
  const std::string written = tattle::to_json(*manifest);
  const auto again = tattle::parse_manifest(written);
  if (!again || tattle::to_json(*again) != written) __builtin_trap();
  return 0;
}
