#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "capture/archive/archive.h"
#include "capture/capture.h"
#include "capture/capture_origin.h"

namespace tattle {

/// What is known of one capture once it was read.
struct CaptureFacts {
  std::string name;    // as given on the command line; of a file in an archive with ":" and its name there
  std::string member;  // that name in the archive; else empty
  std::string format;  // `pcapng (gzip)`
  std::string sha256;  // hex, of the file's bytes
  std::uint64_t size = 0;
  std::uint64_t packets = 0;  // or entries of an import
  bool entries = false;       // an import: it holds messages, by entries
  std::uint64_t captured_bytes = 0;
  bool cut = false;
  Time first, last;  // of its packets
  CaptureOrigin origin;
};

/// Bytes read so far and in all (0: not known).
using Progress = std::function<void(std::uint64_t read, std::uint64_t total)>;

/// All captures of a run as one sequence of events, merged by packet time: rotated files continue each other.
class Input {
 public:
  /// Archives are opened: the captures in them stand where the archive stood.
  /// @throws UserError  As CaptureReader::open and Archive::open.
  Input(const std::vector<std::string>& paths, const Limits& limits);
  ~Input();

  /// Copies standard input to an unlinked temporary file, so that it can be read twice.
  void spool_standard_input();
  /// Looks at the first bytes of standard input, which waits for them; an archive becomes a temporary file.
  void peek_standard_input();
  bool can_be_read_twice() const;
  /// Before read(): whether all captures are of the old format, which has no secrets, names or second interface. Of
  /// standard input that is known once it was peeked at.
  bool is_plain_pcap() const;

  /// Calls `on_event` with every event up to the end of the last capture. May be called again when
  /// can_be_read_twice().
  void read(const std::function<void(const CaptureEvent&)>& on_event, const Progress& progress);

  /// After read().
  const std::vector<CaptureFacts>& facts() const { return facts_; }
  /// Of the last read alone.
  const Anomalies& anomalies() const { return anomalies_; }
  /// What was left out of archives: whole sentences for the user.
  std::vector<std::string> warnings() const;

 private:
  /// One capture to open.
  struct Place {
    std::string path;  // standard input may have become a file
    std::string name;
    std::shared_ptr<Archive> archive;  // that it lies in; or null
    std::size_t member = 0;            // its number there
  };
  std::vector<Place> places_of(const std::string& path, std::size_t first);
  void give_key_logs(const std::function<void(const CaptureEvent&)>& on_event) const;
  void become_file(std::size_t place, ByteSource& bytes);
  std::unique_ptr<CaptureReader> open(std::size_t capture, bool hash);
  bool is_spool(const std::string& path) const;
  std::string spool_path() const;

  std::vector<Place> places_;
  const Limits& limits_;
  Anomalies anomalies_;
  Anomalies archive_anomalies_;                 // met when archives were opened, once
  std::unique_ptr<ByteSource> standard_input_;  // of which the beginning was looked at
  bool standard_input_is_plain_ = false;        // by that beginning
  int spool_ = -1;
  std::vector<std::unique_ptr<CaptureReader>> opened_;  // before the first read
  std::vector<std::string> hashes_;                     // of the first read; later ones need not hash again
  std::vector<CaptureFacts> facts_;
};

}  // namespace tattle
