#include "decrypt/keys/key_store.h"

// Any text as a key log, and as a PEM key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tattle::KeyStore empty;
  tattle::KeyStore store(empty);
  store.add_key_log({data, size}, tattle::Limits{});
  store.add_private_key(tattle::as_text({data, size}));
  return 0;
}
