#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "decrypt/keys/crypto_library.h"
#include "decrypt/keys/key_schedule.h"

namespace tattle {

/// A protected record as it was on the wire.
struct SealedRecord {
  std::uint8_t type = 0;
  std::uint16_t version = 0;
  Bytes body;
};

/// Opens the records of one direction under one set of keys, verifying each. Made once for each change of keys;
/// contexts and buffers are reused. Not for several threads.
class RecordCipher {
 public:
  RecordCipher() = default;

  /// Returns false when this OpenSSL lacks the cipher or the keys are not of its sizes.
  bool init(const CryptoLibrary& crypto, const CipherSuite& suite, std::uint16_t version, bool encrypt_then_mac,
            const TrafficKeys& keys);
  bool ready() const { return ready_; }
  /// What a cipher is made from.
  struct Recipe {
    const CipherSuite* suite = nullptr;
    std::uint16_t version = 0;
    bool encrypt_then_mac = false;
    TrafficKeys keys;
  };
  /// Whether it is the same when made again from its recipe: each record opens on its own.
  bool repeatable() const {
    return ready_ && bulk_->mode != BulkInfo::Mode::stream &&
           (bulk_->mode != BulkInfo::Mode::cbc || version_ >= 0x0302);
  }
  Recipe recipe() const { return {suite_, version_, encrypt_then_mac_, keys_}; }
  /// As it was; OpenSSL's contexts are made with the next record.
  void restore(const CryptoLibrary& crypto, const Recipe& recipe);
  /// Gives OpenSSL's contexts back; open() makes them again from the keys. A running key stream stays.
  void release();
  void reset() { ready_ = false; }

  /// Opens a record with one of the record numbers first … first + tries - 1 and says which fits, if any. `plain` is
  /// the content (before TLS 1.3's inner type is taken off); it lives in `buffer`. A record that does not open still
  /// moves the state of chained ciphers, since it was sent.
  std::optional<std::uint64_t> open(std::uint64_t first, std::uint64_t tries, const SealedRecord& record,
                                    ByteVector& buffer, Bytes& plain);

  /// A record of this length was sent and lost; `tail` is what is known of its end.
  void skip(std::uint64_t length, Bytes tail);
  /// An unknown number of records was lost.
  void lose_track();
  /// Whether records after lose_track() can be opened at all.
  bool can_resume() const { return bulk_->mode != BulkInfo::Mode::stream; }

 private:
  bool make_contexts();
  std::optional<std::uint64_t> open_aead(std::uint64_t first, std::uint64_t tries, const SealedRecord& record,
                                         ByteVector& buffer, Bytes& plain);
  std::optional<std::uint64_t> open_mac(std::uint64_t first, std::uint64_t tries, const SealedRecord& record,
                                        ByteVector& buffer, Bytes& plain);
  std::optional<std::uint64_t> open_then_mac(std::uint64_t first, std::uint64_t tries, const SealedRecord& record,
                                             ByteVector& buffer, Bytes& plain);
  bool try_aead(std::uint64_t number, const SealedRecord& record, Bytes nonce, Bytes sealed, Bytes tag,
                std::uint8_t* out);
  bool decrypt_cbc(Bytes body, ByteVector& buffer, Bytes& inner);
  bool strip_padding(Bytes& inner) const;
  bool mac_fits(std::uint64_t number, const SealedRecord& record, Bytes content, Bytes mac);
  bool ssl3_mac(Bytes header, Bytes content, std::uint8_t* out);

  const BulkInfo* bulk_ = nullptr;
  const EVP_MD* digest_ = nullptr;
  std::uint16_t version_ = 0;
  std::size_t mac_size_ = 0;
  bool encrypt_then_mac_ = false;
  bool ready_ = false;
  bool released_ = false;
  const CryptoLibrary* crypto_ = nullptr;
  const CipherSuite* suite_ = nullptr;
  bool chain_known_ = true;  // the next CBC IV or RC4 position
  TrafficKeys keys_;
  CipherContext cipher_;
  MacContext mac_;
  DigestContext ssl3_;
};

}  // namespace tattle
