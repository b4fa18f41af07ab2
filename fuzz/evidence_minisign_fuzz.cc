// Key and signature files: whatever parses is written back to what parses to the same, and no signature is believed.
#include "base/bytes.h"
#include "evidence/sign/minisign.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = tattle::as_text({data, size});
  const auto key = tattle::parse_minisign_public_key(text);
  if (key && tattle::parse_minisign_public_key(tattle::to_text(*key)) != *key) __builtin_trap();
  if (const auto secret = tattle::parse_minisign_secret_key(text)) {
    const auto written = tattle::to_text(*secret);
    const auto again = tattle::parse_minisign_secret_key(written.text());
    if (!again || again->encrypted != secret->encrypted || again->operations != secret->operations) __builtin_trap();
  }
  if (const auto signature = tattle::parse_minisign_signature(text)) {
    const std::string written = tattle::to_text(*signature);
    const auto again = tattle::parse_minisign_signature(written);
    if (!again || tattle::to_text(*again) != written) __builtin_trap();
    tattle::MinisignPublicKey other{signature->id, {1, 2, 3}};
    if (tattle::check_signature(*signature, other, {data, size}) == tattle::SignatureState::good) __builtin_trap();
  }
  return 0;
}
