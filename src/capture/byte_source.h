#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace tattle {

/// What ended a source before its bytes were complete.
enum class SourceTrouble : std::uint8_t {
  none,
  cut,         // compressed data stops in the middle
  damaged,     // compressed data does not decompress
  unreadable,  // the file system refused to read on
  trailing,    // something that is not compressed data follows compressed data; it is left out
  limit,       // it is larger than a limit allows
};

/// The bytes of a capture, after decompression, from first to last.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Writes up to `room` bytes and returns how many; 0 only at the end. Waits for at least one byte of a pipe.
  virtual std::size_t read(std::uint8_t* into, std::size_t room) = 0;
  virtual SourceTrouble trouble() const = 0;
};

/// A file, standard input or a file of an archive, hashed as it is read.
class FileSource : public ByteSource {
 public:
  /// @throws UserError  Missing, unreadable or a directory.
  explicit FileSource(const std::string& path, bool hash);
  /// Bytes that come from elsewhere.
  FileSource(std::unique_ptr<ByteSource> origin, bool hash);
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  /// The first bytes, up to 4, without consuming them; fewer when the file is that short.
  Bytes magic() const { return Bytes(magic_).first(magic_size_); }
  std::size_t read(std::uint8_t* into, std::size_t room) override;
  SourceTrouble trouble() const override { return trouble_; }

  /// Whether read_at() works: not for a pipe, nor for what stands in an archive.
  bool has_places() const { return descriptor_ >= 0 && size_ > 0; }
  /// Writes up to `room` bytes from a place of the file on; 0 at its end, or when it cannot be read. Neither counted
  /// nor hashed, and read() goes on where it was.
  std::size_t read_at(std::uint64_t offset, std::uint8_t* into, std::size_t room) const;

  /// Reads what is left so that the hash covers the whole file, and closes it.
  void drain();
  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t size() const { return size_; }
  /// Zeros before drain(), or without hashing.
  std::array<std::uint8_t, 32> sha256() const { return digest_; }

 private:
  struct Hash;
  void read_magic();
  std::size_t read_descriptor(std::uint8_t* into, std::size_t room);
  void count(std::uint8_t* bytes, std::size_t got);

  int descriptor_ = -1;
  std::unique_ptr<ByteSource> origin_;
  std::unique_ptr<Hash> hash_;
  std::array<std::uint8_t, 4> magic_{};
  std::size_t magic_size_ = 0;
  std::size_t magic_given_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t size_ = 0;
  std::array<std::uint8_t, 32> digest_{};
  SourceTrouble trouble_ = SourceTrouble::none;
};

/// Decompressors, each over a file that outlives it. Concatenated gzip members and zstd frames are one stream.
std::unique_ptr<ByteSource> make_gzip_source(ByteSource& compressed);
std::unique_ptr<ByteSource> make_zstd_source(ByteSource& compressed);

}  // namespace tattle
