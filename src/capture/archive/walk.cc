#include <archive.h>
#include <archive_entry.h>

#include <algorithm>

#include "capture/archive/archive.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestName = 200;

// Names are other people's: they are shown, and nothing else is done with them.
std::string tame(const char* name) {
  std::string tamed = name != nullptr ? name : "";
  if (tamed.size() > kLongestName) tamed = "..." + tamed.substr(tamed.size() - kLongestName);
  for (char& c : tamed) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return tamed;
}

}  // namespace

ArchiveWalk::ArchiveWalk(const std::string& path) : archive_(archive_read_new()) {
  archive_read_support_format_zip(archive_);
  archive_read_support_format_tar(archive_);
  archive_read_support_format_7zip(archive_);
  archive_read_support_filter_gzip(archive_);
  archive_read_support_filter_bzip2(archive_);
  archive_read_support_filter_xz(archive_);
  archive_read_support_filter_lzma(archive_);
  archive_read_support_filter_zstd(archive_);
  archive_read_support_filter_lz4(archive_);
  opened_ = archive_read_open_filename(archive_, path.c_str(), 256 << 10) == ARCHIVE_OK;
}

ArchiveWalk::~ArchiveWalk() { archive_read_free(archive_); }

ArchiveWalk::Step ArchiveWalk::next() {
  if (!opened_) return Step::damaged;
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(archive_, &entry);
  if (status == ARCHIVE_EOF) return Step::end;
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
    return archive_read_has_encrypted_entries(archive_) == 1 ? Step::encrypted : Step::damaged;
  }
  const char* name = archive_entry_pathname_utf8(entry);
  name_ = tame(name != nullptr ? name : archive_entry_pathname(entry));
  is_file_ = archive_entry_filetype(entry) == AE_IFREG || archive_entry_filetype(entry) == 0;
  size_ = archive_entry_size_is_set(entry)
              ? static_cast<std::uint64_t>(std::max<std::int64_t>(0, archive_entry_size(entry)))
              : 0;
  damaged_ = false;
  return archive_entry_is_encrypted(entry) ? Step::encrypted : Step::member;
}

std::size_t ArchiveWalk::read(std::uint8_t* into, std::size_t room) {
  if (damaged_) return 0;
  const la_ssize_t got = archive_read_data(archive_, into, room);
  if (got < 0) damaged_ = true;
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

std::uint64_t ArchiveWalk::unpacked() const {
  return static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(archive_, 0)));
}

bool ArchiveWalk::is_solid() const {
  const int format = archive_format(archive_) & ARCHIVE_FORMAT_BASE_MASK;
  return format == ARCHIVE_FORMAT_7ZIP || (format != ARCHIVE_FORMAT_ZIP && archive_filter_count(archive_) > 1);
}

}  // namespace tattle
