// Any bytes as a capture file: pcap, pcapng, compressed or none of them.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/result.h"
#include "capture/capture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("capture", 0);
  if (write(file, data, size) != static_cast<ssize_t>(size)) return 0;
  tattle::Limits limits;
  limits.packet_bytes = 4096;  // so that small inputs meet it
  tattle::Anomalies anomalies;
  std::uint64_t sum = 0;
  try {
    auto reader = tattle::CaptureReader::open("/proc/self/fd/" + std::to_string(file), 0, limits, anomalies);
    while (true) {
      const tattle::CaptureEvent event = reader->next();
      if (std::holds_alternative<tattle::CaptureEnd>(event)) break;
      tattle::Bytes bytes;
      if (const auto* packet = std::get_if<tattle::CapturedPacket>(&event)) bytes = packet->data;
      if (const auto* secrets = std::get_if<tattle::CapturedSecrets>(&event)) bytes = secrets->data;
      if (const auto* name = std::get_if<tattle::CapturedName>(&event)) bytes = tattle::as_bytes(name->name);
      for (std::uint8_t byte : bytes) sum += byte;
    }
  } catch (const tattle::UserError&) {
  }
  close(file);
  return sum == ~std::uint64_t{0};
}
