// Archives and what is in them, Fiddler's sessions too.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/result.h"
#include "capture/archive/archive.h"
#include "capture/capture.h"
#include "capture/import/saz.h"

namespace {

void read_all(tattle::CaptureReader& reader) {
  while (!std::holds_alternative<tattle::CaptureEnd>(reader.next())) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int descriptor = memfd_create("archive", MFD_CLOEXEC);
  if (descriptor < 0 || write(descriptor, data, size) != static_cast<ssize_t>(size)) return 0;
  tattle::Anomalies anomalies;
  tattle::Limits limits;
  limits.archive_bytes = 1 << 20;
  limits.archive_members = 64;
  limits.import_entry_bytes = 1 << 16;
  try {
    const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
    if (const auto archive = tattle::Archive::open(path, "fuzz", limits, anomalies, 0)) {
      archive->read_key_logs([](tattle::Bytes) {});
      if (archive->is_saz()) read_all(*tattle::open_saz(archive, 0, limits, anomalies, true));
      for (std::size_t i = 0; i < archive->captures().size(); ++i) {
        try {
          read_all(*tattle::CaptureReader::open(archive->open_capture(i), "fuzz", 0, limits, anomalies));
        } catch (const tattle::UserError&) {
        }
      }
    }
  } catch (const tattle::UserError&) {
  }
  close(descriptor);
  return 0;
}
