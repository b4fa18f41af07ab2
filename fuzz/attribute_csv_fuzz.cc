// The published CSV of networks: whatever it says, the table made from it is one that can be read.
#include "attribute/network/networks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = tattle::as_text({data, size});
  tattle::CompileCounts counts;
  const tattle::ByteVector made = tattle::compile_networks(text, text, counts);
  const auto table = tattle::NetworkTable::parse(made);
  if (!table || table->ranges() != counts.ranges) __builtin_trap();
  table->find(tattle::Address::v4(made));
  table->find(tattle::Address::v6(made));
  return 0;
}
