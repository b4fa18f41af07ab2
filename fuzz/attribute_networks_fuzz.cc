// The compiled table of networks from any bytes, looked up at addresses from the same bytes.
#include "attribute/network/networks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tattle::Bytes input(data, size);
  const auto table = tattle::NetworkTable::parse(input);
  if (!table) return 0;
  for (std::size_t at = 0; at + 16 <= size && at < 1024; at += 4) {
    for (const auto& address : {tattle::Address::v4(input.subspan(at)), tattle::Address::v6(input.subspan(at))}) {
      const auto network = table->find(address);
      if (network && network->holder.size() > size) __builtin_trap();
    }
  }
  return 0;
}
