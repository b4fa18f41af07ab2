#include <optional>
#include <string>
#include <type_traits>

#include "decrypt/tls/state.h"

// A silent connection as a row of bytes: what its State says, some two hundred bytes instead of two thousand. One list
// of the fields serves both ways.

namespace tattle {
namespace {

// Integers of seven bits a byte, the lowest first; rows with their length before them.
class Packer {
 public:
  static constexpr bool kReads = false;

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<std::uint8_t>(value | 0x80));
    out_.push_back(static_cast<std::uint8_t>(value));
  }
  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) void operator()(T& value) {
    number(static_cast<std::uint64_t>(value));
  }
  template <class T>
  void operator()(const T*& value) {
    number(reinterpret_cast<std::uintptr_t>(value));
  }
  template <class Row>
  void bytes(Row& row) {
    number(row.size());
    out_.insert(out_.end(), row.begin(), row.end());
  }
  ByteVector take() const { return {out_.begin(), out_.end()}; }  // no larger than what it holds

 private:
  ByteVector out_;
};

class Unpacker {
 public:
  static constexpr bool kReads = true;

  explicit Unpacker(Bytes in) : in_(in) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint8_t byte = in_[at_++];
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  }
  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) void operator()(T& value) { value = static_cast<T>(number()); }
  template <class T>
  void operator()(const T*& value) {
    // Of this process's own tables, and never from outside: NOLINTNEXTLINE(performance-no-int-to-ptr)
    value = reinterpret_cast<const T*>(static_cast<std::uintptr_t>(number()));
  }
  template <class Row>
  void bytes(Row& row) {
    const std::size_t size = number();
    const Bytes data = in_.subspan(at_, size);
    row.assign(data.begin(), data.end());
    at_ += size;
  }

 private:
  Bytes in_;
  std::size_t at_ = 0;
};

template <class Archive>
void pass(Archive& archive, ByteVector& row) {
  archive.bytes(row);
}
template <class Archive>
void pass(Archive& archive, std::string& text) {
  archive.bytes(text);
}
template <class Archive>
void pass(Archive& archive, PacketRun& run) {
  archive(run.capture), archive(run.first), archive(run.last);
}
template <class Archive, class T>
void pass(Archive& archive, std::vector<T>& row) {
  std::size_t size = row.size();
  archive(size);
  if constexpr (Archive::kReads) row.resize(size);
  for (T& each : row) pass(archive, each);
}

template <class Archive>
void pass(Archive& archive, TlsFacts& facts) {
  archive(facts.client_hello), archive(facts.server_hello);
  pass(archive, facts.sni), pass(archive, facts.alpn_offered), pass(archive, facts.alpn);
  archive(facts.version), archive(facts.cipher_suite);
  pass(archive, facts.server_certificates), pass(archive, facts.client_certificates);
  archive(facts.resumed), archive(facts.ech_or_grease), archive(facts.early_data);
  pass(archive, facts.client_random), pass(archive, facts.secrets_used);
  archive(facts.outcome), archive(facts.decrypted_bytes), archive(facts.opaque_bytes);
}

template <class Archive>
void pass(Archive& archive, TlsEpoch& epoch) {
  archive(epoch.client_hello), archive(epoch.server_hello), archive(epoch.full_handshake);
  pass(archive, epoch.client_random), pass(archive, epoch.server_random);
  archive(epoch.version), archive(epoch.suite), archive(epoch.supported);
  archive(epoch.extended_master_secret), archive(epoch.encrypt_then_mac);
  pass(archive, epoch.offered_session), pass(archive, epoch.offered_ticket), pass(archive, epoch.session_id);
  pass(archive, epoch.new_tickets), pass(archive, epoch.encrypted_premaster);
  bool premasters = epoch.private_key_premasters.has_value();
  archive(premasters);
  if constexpr (Archive::kReads) {
    if (premasters) epoch.private_key_premasters.emplace();
  }
  if (premasters) pass(archive, *epoch.private_key_premasters);
  pass(archive, epoch.hello_transcript), pass(archive, epoch.server_transcript);
  pass(archive, epoch.client_transcript), pass(archive, epoch.master);
}

template <class Archive>
void pass(Archive& archive, RecordCipher::Recipe& recipe) {
  archive(recipe.suite), archive(recipe.version), archive(recipe.encrypt_then_mac);
  pass(archive, recipe.keys.mac), pass(archive, recipe.keys.key), pass(archive, recipe.keys.iv);
}

// All but its reader, cipher and epoch, and what waits: nothing does.
template <class Archive>
void pass(Archive& archive, TlsSide& side) {
  archive(side.number), archive(side.window), archive(side.after_gap);
  archive(side.unopened_bytes), pass(archive, side.unopened_tail);
  archive(side.tried_keys), archive(side.tried_records);
  archive(side.phase), pass(archive, side.secret), archive(side.passed_over);
  archive(side.blocked), archive(side.plain_offset), archive(side.gap_pending);
  archive(side.had_input), archive(side.ended), archive(side.end_told);
  pass(archive, side.end_packets), archive(side.end_time.ns);
}

}  // namespace

bool TlsConnection::State::at_rest() const {
  if (draining || flushing || progress || waiting_bytes > 0) return false;
  for (const TlsSide& side : sides) {
    if (!side.waiting.empty() || !side.reader.at_rest() || side.handshake.in_message()) return false;
    if (side.epoch && side.epoch != latest) return false;
    if (side.cipher.ready() && !side.cipher.repeatable()) return false;
  }
  return true;
}

template <class Archive>
void TlsConnection::State::pass_all(Archive& archive) {
  pass(archive, facts);
  archive(client_index), archive(version), archive(retry_requested), archive(early), archive(unsupported);
  archive(mismatch), archive(seen_keys), archive(seen_size), archive(keys_version), archive(next_order);
  archive(trial_bytes);
  bool has_epoch = latest != nullptr;
  archive(has_epoch);
  if (has_epoch) {
    if constexpr (Archive::kReads) latest = std::make_shared<TlsEpoch>();
    pass(archive, *latest);
  }
  for (TlsSide& side : sides) {
    pass(archive, side);
    bool at_start = side.reader.at_start(), keyed = side.epoch != nullptr, ready = side.cipher.ready();
    archive(at_start), archive(keyed), archive(ready);
    RecordCipher::Recipe recipe;
    if constexpr (!Archive::kReads) {
      if (ready) recipe = side.cipher.get().recipe();
    }
    if (ready) pass(archive, recipe);
    if constexpr (Archive::kReads) {
      side.reader = RecordReader(at_start);
      if (keyed) side.epoch = latest;
      if (ready) {
        if (!crypto) crypto = context.keys->crypto();
        side.cipher.get().restore(*crypto, recipe);
      }
    }
  }
}

ByteVector TlsConnection::State::freeze() {
  Packer packer;
  pass_all(packer);
  return packer.take();
}

void TlsConnection::State::thaw(Bytes frozen) {
  Unpacker unpacker(frozen);
  pass_all(unpacker);
}

}  // namespace tattle
