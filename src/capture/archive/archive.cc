#include "capture/archive/archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/result.h"
#include "capture/archive/sniff.h"

namespace tattle {
namespace {

constexpr std::size_t kFront = 8192;  // bytes by which a file is recognised
constexpr std::size_t kPiece = 256 << 10;
constexpr std::size_t kNamesShown = 4;

/// One file of an archive, unpacked as it is read.
class MemberSource : public ByteSource {
 public:
  MemberSource(const std::string& path, std::size_t position, std::uint64_t most) : walk_(path), left_(most) {
    bool good = true;
    for (std::size_t i = 0; i <= position && good; ++i) good = walk_.next() == ArchiveWalk::Step::member;
    if (!good) trouble_ = SourceTrouble::unreadable;
  }
  std::size_t read(std::uint8_t* into, std::size_t room) override {
    if (trouble_ != SourceTrouble::none) return 0;
    if (left_ == 0) {
      std::uint8_t more;
      if (walk_.read(&more, 1) > 0) trouble_ = SourceTrouble::limit;
      return 0;
    }
    const std::size_t got = walk_.read(into, static_cast<std::size_t>(std::min<std::uint64_t>(room, left_)));
    left_ -= got;
    if (got == 0 && walk_.damaged()) trouble_ = SourceTrouble::damaged;
    return got;
  }
  SourceTrouble trouble() const override { return trouble_; }

 private:
  ArchiveWalk walk_;
  std::uint64_t left_;
  SourceTrouble trouble_ = SourceTrouble::none;
};

/// A range of the temporary file that holds what was unpacked.
class RangeSource : public ByteSource {
 public:
  RangeSource(int descriptor, std::uint64_t begin, std::uint64_t size)
      : descriptor_(descriptor), at_(begin), left_(size) {}
  std::size_t read(std::uint8_t* into, std::size_t room) override {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room, left_));
    const ssize_t got = wanted == 0 ? 0 : ::pread(descriptor_, into, wanted, static_cast<off_t>(at_));
    if (got <= 0) {
      if (wanted > 0) trouble_ = SourceTrouble::unreadable;
      return 0;
    }
    at_ += static_cast<std::uint64_t>(got);
    left_ -= static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }
  SourceTrouble trouble() const override { return trouble_; }

 private:
  int descriptor_;
  std::uint64_t at_, left_;
  SourceTrouble trouble_ = SourceTrouble::none;
};

std::string some_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesShown);
  return fmt::format("{}{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                     names.size() > shown ? ", ..." : "");
}

}  // namespace

int open_spool() {
  const std::string folder = std::filesystem::temp_directory_path();
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    throw UserError(fmt::format("{}: cannot make a temporary file; set TMPDIR to a folder that can", folder));
  }
  return descriptor;
}

void write_spool(int descriptor, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t now = ::write(descriptor, bytes.data(), bytes.size());
    if (now < 0) {
      throw UserError(fmt::format("{}: no room for a temporary file; set TMPDIR elsewhere",
                                  std::filesystem::temp_directory_path().string()));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(now));
  }
}

bool is_saz_part(const std::string& name, std::uint64_t& session, char& part) {
  constexpr std::string_view kFolder = "raw/";
  if (!name.starts_with(kFolder) && !name.starts_with("raw\\")) return false;
  const char* begin = name.data() + kFolder.size();
  const char* end = name.data() + name.size();
  const auto [after, error] = std::from_chars(begin, end, session);
  if (error != std::errc{}) return false;
  const std::string_view rest(after, static_cast<std::size_t>(end - after));
  if (rest != "_c.txt" && rest != "_s.txt" && rest != "_w.txt" && rest != "_m.xml") return false;
  part = rest[1];
  return true;
}

Archive::~Archive() {
  if (spool_ >= 0) ::close(spool_);
}

void Archive::look_at(ArchiveWalk& walk, std::size_t position) {
  std::uint64_t session = 0;
  char part = 0;
  if (is_saz_part(walk.name(), session, part)) {
    sessions_[session] += part;
    return;
  }
  ByteVector front(kFront);
  std::size_t size = 0;
  while (size < front.size()) {
    const std::size_t got = walk.read(front.data() + size, front.size() - size);
    if (got == 0) break;
    size += got;
  }
  switch (sniff_member(Bytes(front).first(size))) {
    case MemberKind::capture:
      if (names_.size() >= limits_.archive_captures) {
        ++over_limit_;
        return;
      }
      names_.push_back(walk.name());
      positions_.push_back(position);
      return;
    case MemberKind::key_log:
      key_logs_.push_back(position);
      return;
    case MemberKind::archive:
      nested_.push_back(walk.name());
      return;
    case MemberKind::other:
      if (size > 0) left_out_.push_back(walk.name());
      return;
  }
}

// False when this is no archive at all.
bool Archive::list(Anomalies& anomalies, std::uint32_t capture) {
  ArchiveWalk walk(path_);
  for (std::size_t position = 0;; ++position) {
    const ArchiveWalk::Step step = walk.next();
    if (step == ArchiveWalk::Step::end) break;
    if (step == ArchiveWalk::Step::encrypted) {
      throw UserError(fmt::format("{}: is encrypted; unpack it with its password and give what is in it", name_));
    }
    if (step == ArchiveWalk::Step::damaged) {
      if (position == 0) return false;
      anomalies.note("archive.damaged", {capture, 0});
      warnings_.push_back(fmt::format("{}: is cut or damaged; what comes before was read", name_));
      break;
    }
    solid_ = walk.is_solid();
    if (position >= limits_.archive_members) {
      anomalies.note("archive.limit-members", {capture, 0});
      warnings_.push_back(
          fmt::format("{}: holds more files than are looked at; raise it with --limit archive-members=N", name_));
      break;
    }
    if (walk.unpacked() > limits_.archive_bytes || (solid_ && walk.declared_size() > limits_.archive_bytes)) {
      anomalies.note("archive.limit-bytes", {capture, 0});
      warnings_.push_back(fmt::format(
          "{}: is too large when unpacked, the rest was left out; raise it with --limit archive-bytes=N", name_));
      break;
    }
    if (walk.is_file()) look_at(walk, position);
  }
  if (over_limit_ > 0) {
    anomalies.note("archive.limit-captures", {capture, 0}, over_limit_);
    warnings_.push_back(fmt::format(
        "{}: {} more captures in it were left out; raise it with --limit archive-captures=N", name_, over_limit_));
  }
  return true;
}

std::shared_ptr<Archive> Archive::open(const std::string& path, const std::string& name, const Limits& limits,
                                       Anomalies& anomalies, std::uint32_t capture) {
  std::shared_ptr<Archive> opened(new Archive(path, name, limits));
  if (!opened->list(anomalies, capture)) return nullptr;
  if (opened->is_saz() && opened->names_.empty()) return opened;
  opened->sessions_.clear();
  if (!opened->nested_.empty()) {
    opened->warnings_.push_back(
        fmt::format("{}: archives inside it are not opened, give them apart: {}", name, some_of(opened->nested_)));
  }
  if (opened->names_.empty()) {
    throw UserError(fmt::format("{}: holds no capture that can be read{}", name,
                                opened->nested_.empty() ? "; give a pcap, pcapng, HAR or mitmproxy flows in it"
                                                        : ", only archives; unpack it and give those"));
  }
  if (!opened->left_out_.empty()) {
    opened->warnings_.push_back(
        fmt::format("{}: {} in it, neither captures nor key logs, left out: {}", name,
                    opened->left_out_.size() == 1 ? "1 file" : fmt::format("{} files", opened->left_out_.size()),
                    some_of(opened->left_out_)));
  }
  return opened;
}

// Captures are merged by time, so that all are read at once. What is packed as one piece would have to be unpacked
// anew for each, and each unpacker holds a window of many megabytes: better once, into a file that nobody else sees.
void Archive::spool() {
  spool_ = open_spool();
  ranges_.assign(positions_.size(), {0, 0});
  ArchiveWalk walk(path_);
  ByteVector piece(kPiece);
  std::uint64_t at = 0;
  std::size_t found = 0;
  for (std::size_t position = 0; found < positions_.size() && walk.next() == ArchiveWalk::Step::member; ++position) {
    if (positions_[found] != position) continue;
    auto& [begin, size] = ranges_[found++];
    begin = at;
    while (size < limits_.archive_bytes) {
      const std::size_t got = walk.read(piece.data(), piece.size());
      if (got == 0) break;
      write_spool(spool_, Bytes(piece).first(got));
      size += got;
    }
    at += size;
  }
}

std::unique_ptr<ByteSource> Archive::open_capture(std::size_t index) {
  if (!solid_ || positions_.size() == 1) {
    return std::make_unique<MemberSource>(path_, positions_[index], limits_.archive_bytes);
  }
  if (spool_ < 0) spool();
  return std::make_unique<RangeSource>(spool_, ranges_[index].first, ranges_[index].second);
}

void Archive::read_key_logs(const std::function<void(Bytes)>& use) const {
  for (const std::size_t position : key_logs_) {
    MemberSource source(path_, position, limits_.archive_bytes);
    ByteVector lines;
    std::size_t kept = 0;
    while (true) {
      lines.resize(kept + kPiece);
      const std::size_t got = source.read(lines.data() + kept, kPiece);
      lines.resize(kept + got);
      const auto end = std::find(lines.rbegin(), lines.rend(), '\n').base();
      const auto whole = static_cast<std::size_t>(end - lines.begin());
      // A line as long as a piece is no line of a key log.
      const std::size_t given = got == 0 || (whole == 0 && lines.size() > kPiece) ? lines.size() : whole;
      if (given > 0) use(Bytes(lines).first(given));
      lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(given));
      kept = lines.size();
      if (got == 0) break;
    }
  }
}

}  // namespace tattle
