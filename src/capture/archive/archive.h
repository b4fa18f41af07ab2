#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "capture/byte_source.h"

struct archive;

namespace tattle {

/// Goes through an archive's files, one after the other. Formats: zip, tar (plain, or packed by gzip, bzip2, xz, zstd,
/// lz4), 7z. By libarchive; programs outside are never started.
class ArchiveWalk {
 public:
  explicit ArchiveWalk(const std::string& path);
  ~ArchiveWalk();
  ArchiveWalk(const ArchiveWalk&) = delete;
  ArchiveWalk& operator=(const ArchiveWalk&) = delete;

  enum class Step : std::uint8_t { member, end, damaged, encrypted };
  Step next();

  // Of the file that next() came to.
  const std::string& name() const { return name_; }  // for display only: control characters and the rest of it tamed
  bool is_file() const { return is_file_; }
  std::uint64_t declared_size() const { return size_; }
  /// Up to `room` bytes; 0 at its end, or where it is damaged.
  std::size_t read(std::uint8_t* into, std::size_t room);
  bool damaged() const { return damaged_; }

  /// Bytes unpacked so far, skipped ones too.
  std::uint64_t unpacked() const;
  /// Whether files can only be reached by unpacking those before them.
  bool is_solid() const;

 private:
  ::archive* archive_;
  std::string name_;
  bool opened_ = false, is_file_ = false, damaged_ = false;
  std::uint64_t size_ = 0;
};

/// What is worth reading in an archive.
/// @anomaly archive.damaged         It ends or breaks in the middle; what came before is read.
/// @anomaly archive.limit-members   limits.archive_members files were looked at; the others were not.
/// @anomaly archive.limit-captures  limits.archive_captures captures are read; the others are not.
/// @anomaly archive.limit-bytes     More than limits.archive_bytes would have to be unpacked.
class Archive {
 public:
  /// Null when this is no archive.
  /// @param path  To open; `name` is what the user called it.
  /// @throws UserError  Encrypted, damaged from the start, or without anything to read.
  static std::shared_ptr<Archive> open(const std::string& path, const std::string& name, const Limits& limits,
                                       Anomalies& anomalies, std::uint32_t capture);
  ~Archive();

  /// Names of the captures inside. One without a name: the archive itself is a Fiddler session archive.
  const std::vector<std::string>& captures() const { return names_; }
  bool is_saz() const { return !sessions_.empty(); }
  /// Of a SAZ: by session, which of its parts (letters `csmw`) there are.
  const std::map<std::uint64_t, std::string>& sessions() const { return sessions_; }
  /// Whole sentences for the user.
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::string& path() const { return path_; }

  std::unique_ptr<ByteSource> open_capture(std::size_t index);
  bool has_key_logs() const { return !key_logs_.empty(); }
  /// Hands on the TLS key logs inside, in pieces of whole lines.
  void read_key_logs(const std::function<void(Bytes)>& use) const;

 private:
  Archive(std::string path, std::string name, const Limits& limits)
      : path_(std::move(path)), name_(std::move(name)), limits_(limits) {}
  bool list(Anomalies& anomalies, std::uint32_t capture);
  void look_at(ArchiveWalk& walk, std::size_t position);
  void spool();

  std::string path_, name_;
  const Limits limits_;
  bool solid_ = false;
  std::vector<std::string> names_;
  std::vector<std::size_t> positions_;  // of the captures, among all files
  std::vector<std::size_t> key_logs_;
  std::map<std::uint64_t, std::string> sessions_;
  std::vector<std::string> left_out_, nested_, warnings_;
  std::size_t over_limit_ = 0;
  int spool_ = -1;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_;  // of the captures in the spool: begin, size
};

/// An unlinked temporary file, readable for its owner alone. @throws UserError  There is no room for it.
int open_spool();
void write_spool(int descriptor, Bytes bytes);

/// `raw/0012_c.txt` is part `c` of session 12.
bool is_saz_part(const std::string& name, std::uint64_t& session, char& part);

}  // namespace tattle
