// HAR: the whole file, and its bytes as one entry.
#include <algorithm>
#include <cstring>

#include "base/result.h"
#include "capture/capture.h"
#include "capture/import/har.h"

namespace {

class Memory : public tattle::ByteSource {
 public:
  explicit Memory(tattle::Bytes bytes) : left_(bytes) {}
  std::size_t read(std::uint8_t* into, std::size_t room) override {
    const std::size_t count = std::min({room, left_.size(), std::size_t{777}});
    if (count > 0) std::memcpy(into, left_.data(), count);
    left_ = left_.subspan(count);
    return count;
  }
  tattle::SourceTrouble trouble() const override { return tattle::SourceTrouble::none; }

 private:
  tattle::Bytes left_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tattle::Anomalies anomalies;
  tattle::Limits limits;
  limits.import_entry_bytes = 4096;
  limits.import_waiting_bytes = 8192;
  std::vector<tattle::ImportedMessage> messages;
  tattle::HarEntryReader().read({data, size}, {0, 1}, anomalies, messages);
  try {
    const auto reader =
        tattle::CaptureReader::open(std::make_unique<Memory>(tattle::Bytes(data, size)), "fuzz", 0, limits, anomalies);
    while (!std::holds_alternative<tattle::CaptureEnd>(reader->next())) {
    }
  } catch (const tattle::UserError&) {
  }
  return 0;
}
