#include "pipeline/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "base/hex.h"
#include "base/result.h"
#include "capture/archive/sniff.h"
#include "capture/import/saz.h"
#include "capture/packets/netmon.h"
#include "capture/pcap_format.h"
#include "capture/pcapng_format.h"

namespace tattle {
namespace {

// One capture on its way: its next event is read ahead, so that the earliest packet of all can be chosen.
struct Source {
  CaptureReader* reader = nullptr;
  CaptureEvent next = CaptureEnd{};
  bool done = false;
};

void note_packet(CaptureFacts& facts, const CapturedPacket& packet) {
  if (facts.packets == 0 || packet.time < facts.first) facts.first = packet.time;
  facts.last = std::max(facts.last, packet.time);
  ++facts.packets;
  facts.captured_bytes += packet.data.size();
}

// Entries are counted by their reader.
void note_message(CaptureFacts& facts, const ImportedMessage& message) {
  const bool fresh = facts.first == Time{} && facts.last == Time{};
  facts.first = fresh ? message.first : std::min(facts.first, message.first);
  facts.last = std::max(facts.last, message.last);
  facts.captured_bytes += message.bytes();
}

void note(CaptureFacts& facts, const CaptureEvent& event) {
  if (const auto* packet = std::get_if<CapturedPacket>(&event)) return note_packet(facts, *packet);
  if (const auto* message = std::get_if<std::shared_ptr<const ImportedMessage>>(&event)) {
    return note_message(facts, **message);
  }
  if (const auto* unread = std::get_if<UnreadEntry>(&event)) facts.captured_bytes += unread->bytes;
}

// The time by which an event waits for those of other captures; nothing: its turn is at once.
std::optional<Time> time_of(const CaptureEvent& event) {
  if (const auto* packet = std::get_if<CapturedPacket>(&event)) return packet->time;
  if (const auto* message = std::get_if<std::shared_ptr<const ImportedMessage>>(&event)) return (*message)->order;
  return std::nullopt;
}

// The source whose turn it is: secrets and names at once, packets by time, ties in the order given.
std::size_t earliest(const std::vector<Source>& sources) {
  std::size_t best = sources.size();
  Time earliest_time;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].done) continue;
    const std::optional<Time> time = time_of(sources[i].next);
    if (!time) return i;
    if (best == sources.size() || *time < earliest_time) {
      best = i;
      earliest_time = *time;
    }
  }
  return best;
}

constexpr std::size_t kFront = 8192;  // bytes by which an archive is recognised

/// Bytes that were looked at already, and those that follow.
class PrefixSource : public ByteSource {
 public:
  PrefixSource(ByteVector front, std::unique_ptr<ByteSource> rest) : front_(std::move(front)), rest_(std::move(rest)) {}
  std::size_t read(std::uint8_t* into, std::size_t room) override {
    if (given_ == front_.size()) return rest_->read(into, room);
    const std::size_t count = std::min(room, front_.size() - given_);
    std::memcpy(into, front_.data() + given_, count);
    given_ += count;
    return count;
  }
  SourceTrouble trouble() const override { return rest_->trouble(); }

 private:
  ByteVector front_;
  std::unique_ptr<ByteSource> rest_;
  std::size_t given_ = 0;
};

// As much of the beginning as shows what it is; of packets no more than that, since they may be live.
ByteVector front_of(ByteSource& bytes) {
  ByteVector front(kFront);
  std::size_t size = 0;
  while (size < front.size()) {
    const std::size_t got = bytes.read(front.data() + size, size < 4 ? 4 - size : front.size() - size);
    size += got;
    const Bytes magic = Bytes(front).first(std::min<std::size_t>(size, 4));
    if (got == 0 || (size == 4 && (PcapFormat::matches(magic) || PcapngFormat::matches(magic)))) break;
  }
  front.resize(size);
  return front;
}

bool is_regular(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

}  // namespace

Input::Input(const std::vector<std::string>& paths, const Limits& limits) : limits_(limits) {
  if (std::count(paths.begin(), paths.end(), "-") > 1) throw UserError("-: standard input can be given only once");
  for (const std::string& path : paths) {
    for (Place& place : places_of(path, places_.size())) places_.push_back(std::move(place));
  }
  for (std::size_t i = 0; i < places_.size(); ++i) {
    // Standard input is opened when it is read: opening takes its first bytes, and it may yet have to be copied.
    opened_.push_back(places_[i].path == "-" ? nullptr : open(i, true));
  }
}

Input::~Input() {
  if (spool_ >= 0) ::close(spool_);
}

// One, or those in an archive.
std::vector<Input::Place> Input::places_of(const std::string& path, std::size_t first) {
  const std::string name = is_spool(path) ? "-" : path;
  if (path != "-" && is_regular(path)) {
    ByteVector front(kFront);
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(front.data()), static_cast<std::streamsize>(front.size()));
    front.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    if (may_be_archive(front)) {
      auto archive = Archive::open(path, name == "-" ? "standard input" : path, limits_, archive_anomalies_,
                                   static_cast<std::uint32_t>(first));
      if (archive && archive->is_saz()) return {{path, name, archive, 0}};
      std::vector<Place> places;
      for (std::size_t i = 0; archive && i < archive->captures().size(); ++i) {
        places.push_back({path, name + ":" + archive->captures()[i], archive, i});
      }
      if (!places.empty()) return places;
    }
  }
  return {{path, name, nullptr, 0}};
}

std::unique_ptr<CaptureReader> Input::open(std::size_t i, bool hash) {
  const Place& place = places_[i];
  const auto capture = static_cast<std::uint32_t>(i);
  if (place.archive) {
    if (place.archive->is_saz()) return open_saz(place.archive, capture, limits_, anomalies_, hash);
    return CaptureReader::open(place.archive->open_capture(place.member), place.name, capture, limits_, anomalies_,
                               hash);
  }
  if (standard_input_ && place.path == "-") {
    return CaptureReader::open(std::move(standard_input_), "standard input", capture, limits_, anomalies_, hash);
  }
  try {
    return CaptureReader::open(place.path, capture, limits_, anomalies_, hash);
  } catch (const UserError& error) {
    const std::string said = error.what();
    if (!is_spool(place.path) || !said.starts_with(place.path)) throw;
    throw UserError("standard input" + said.substr(place.path.size()));
  }
}

std::string Input::spool_path() const { return fmt::format("/proc/self/fd/{}", spool_); }
bool Input::is_spool(const std::string& path) const { return spool_ >= 0 && path == spool_path(); }

bool Input::can_be_read_twice() const {
  return std::all_of(places_.begin(), places_.end(), [this](const Place& place) {
    return place.path != "-" && (is_regular(place.path) || is_spool(place.path));
  });
}

bool Input::is_plain_pcap() const {
  for (const Place& place : places_) {
    if (place.archive && place.archive->has_key_logs()) return false;
  }
  return !opened_.empty() && std::all_of(opened_.begin(), opened_.end(), [this](const auto& reader) {
    if (!reader) return standard_input_is_plain_;
    const std::string format = reader->format();
    return format == "pcap" || format.starts_with("pcap ");
  });
}

// Writes what standard input holds to a file that nobody else sees, and takes that in its place.
void Input::become_file(std::size_t at, ByteSource& bytes) {
  spool_ = open_spool();
  ByteVector buffer(1 << 20);
  opened_.clear();
  anomalies_ = {};
  for (std::size_t got = bytes.read(buffer.data(), buffer.size()); got > 0;
       got = bytes.read(buffer.data(), buffer.size())) {
    write_spool(spool_, Bytes(buffer).first(got));
  }
  if (bytes.trouble() == SourceTrouble::unreadable) throw UserError("-: standard input cannot be read");
  std::vector<Place> places = places_of(spool_path(), at);
  places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(at));
  places_.insert(places_.begin() + static_cast<std::ptrdiff_t>(at), places.begin(), places.end());
}

void Input::spool_standard_input() {
  const auto found = std::find_if(places_.begin(), places_.end(), [](const Place& each) { return each.path == "-"; });
  if (found == places_.end()) return;
  FileSource bytes("-", false);
  become_file(static_cast<std::size_t>(found - places_.begin()), bytes);
}

// An archive cannot be read as it comes: its key logs may stand last; nor Network Monitor's, whose table does.
void Input::peek_standard_input() {
  const auto found = std::find_if(places_.begin(), places_.end(), [](const Place& each) { return each.path == "-"; });
  if (found == places_.end() || standard_input_) return;
  auto bytes = std::make_unique<FileSource>("-", false);
  ByteVector front = front_of(*bytes);
  const bool archive = may_be_archive(front);
  const bool whole_needed = NetmonFormat::matches(front);
  standard_input_is_plain_ = PcapFormat::matches(front);
  standard_input_ = std::make_unique<PrefixSource>(std::move(front), std::move(bytes));
  if (!archive && !whole_needed) return;
  const std::unique_ptr<ByteSource> whole = std::move(standard_input_);
  become_file(static_cast<std::size_t>(found - places_.begin()), *whole);
}

std::vector<std::string> Input::warnings() const {
  std::vector<std::string> all;
  const Archive* before = nullptr;
  for (const Place& place : places_) {
    if (place.archive && place.archive.get() != before) {
      all.insert(all.end(), place.archive->warnings().begin(), place.archive->warnings().end());
    }
    before = place.archive.get();
  }
  return all;
}

// Before any packet, wherever they stand in their archive.
void Input::give_key_logs(const std::function<void(const CaptureEvent&)>& on_event) const {
  const Archive* before = nullptr;
  for (const Place& place : places_) {
    if (place.archive && place.archive.get() != before) {
      place.archive->read_key_logs([&](Bytes lines) {
        on_event(CapturedSecrets{CapturedSecrets::Kind::tls_key_log, lines});
      });
    }
    before = place.archive.get();
  }
}

void Input::read(const std::function<void(const CaptureEvent&)>& on_event, const Progress& progress) {
  peek_standard_input();
  std::vector<std::unique_ptr<CaptureReader>> readers = std::move(opened_);
  opened_.clear();
  if (readers.empty()) anomalies_ = {};
  anomalies_.merge(archive_anomalies_);
  give_key_logs(on_event);
  std::vector<Source> sources;
  std::uint64_t total = 0;
  facts_.clear();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (readers.size() <= i) readers.push_back(nullptr);
    if (!readers[i]) readers[i] = open(i, hashes_.empty());
    sources.push_back({readers[i].get(), readers[i]->next(), false});
    facts_.push_back({});
    facts_.back().name = places_[i].name;
    if (places_[i].archive && !places_[i].archive->is_saz()) {
      facts_.back().member = places_[i].archive->captures()[places_[i].member];
    }
    total += readers[i]->size();
  }
  std::uint64_t events = 0;
  for (std::size_t i = earliest(sources); i < sources.size(); i = earliest(sources)) {
    Source& source = sources[i];
    if (const auto* end = std::get_if<CaptureEnd>(&source.next)) {
      facts_[i].cut = end->cut;
      source.done = true;
      continue;
    }
    note(facts_[i], source.next);
    on_event(source.next);
    source.next = source.reader->next();
    if (progress && ++events % 4096 == 0) {
      std::uint64_t read = 0;
      for (const auto& reader : readers) read += reader->bytes_read();
      progress(read, total);
    }
  }
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (hashes_.size() <= i) hashes_.push_back(to_hex(readers[i]->sha256()));
    facts_[i].format = readers[i]->format();
    facts_[i].origin = origin_of(*readers[i]);
    if (const auto entries = readers[i]->entries()) {
      facts_[i].entries = true;
      facts_[i].packets = *entries;
    }
    facts_[i].sha256 = hashes_[i];
    facts_[i].size = readers[i]->size() ? readers[i]->size() : readers[i]->bytes_read();
  }
}

}  // namespace tattle
