// One flow of a mitmproxy flow file.
#include "capture/import/mitm.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tattle::Anomalies anomalies;
  std::vector<tattle::ImportedMessage> messages;
  tattle::read_mitm_flow({data, size}, {0, 1}, anomalies, messages);
  return 0;
}
