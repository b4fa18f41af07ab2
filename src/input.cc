#include "input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/hex.h"
#include "base/result.h"

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

}  // namespace

Input::Input(const std::vector<std::string>& paths, const Limits& limits) : paths_(paths), limits_(limits) {
  if (std::count(paths.begin(), paths.end(), "-") > 1) throw UserError("-: standard input can be given only once");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    // Standard input is opened when it is read: opening takes its first bytes, and it may yet have to be copied.
    opened_.push_back(paths[i] == "-" ? nullptr : open(i, true));
  }
}

Input::~Input() {
  if (spool_ >= 0) ::close(spool_);
}

std::unique_ptr<CaptureReader> Input::open(std::size_t i, bool hash) {
  const std::string& path = paths_[i];
  try {
    return CaptureReader::open(path, static_cast<std::uint32_t>(i), limits_, anomalies_, hash);
  } catch (const UserError& error) {
    const std::string said = error.what();
    if (spool_ < 0 || path != spool_path() || !said.starts_with(path)) throw;
    throw UserError("standard input" + said.substr(path.size()));
  }
}

std::string Input::spool_path() const { return fmt::format("/proc/self/fd/{}", spool_); }

bool Input::can_be_read_twice() const {
  return std::all_of(paths_.begin(), paths_.end(), [this](const std::string& path) {
    std::error_code error;
    return path != "-" && (std::filesystem::is_regular_file(path, error) || (spool_ >= 0 && path == spool_path()));
  });
}

bool Input::is_plain_pcap() const {
  return !opened_.empty() && std::all_of(opened_.begin(), opened_.end(), [](const auto& reader) {
    if (!reader) return false;
    const std::string format = reader->format();
    return format == "pcap" || format.starts_with("pcap ");
  });
}

void Input::spool_standard_input() {
  auto found = std::find(paths_.begin(), paths_.end(), "-");
  if (found == paths_.end()) return;
  const std::string folder = std::filesystem::temp_directory_path();
  spool_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (spool_ < 0)
    throw UserError(fmt::format("{}: cannot make a temporary file; set TMPDIR to a folder that can", folder));
  ByteVector buffer(1 << 20);
  opened_.clear();
  while (true) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got == 0) break;
    if (got < 0) throw UserError("-: standard input cannot be read");
    for (ssize_t written = 0; written < got;) {
      const ssize_t now = ::write(spool_, buffer.data() + written, static_cast<std::size_t>(got - written));
      if (now < 0) throw UserError(fmt::format("{}: no room for standard input; set TMPDIR elsewhere", folder));
      written += now;
    }
  }
  *found = spool_path();
}

void Input::read(const std::function<void(const CaptureEvent&)>& on_event, const Progress& progress) {
  std::vector<std::unique_ptr<CaptureReader>> readers = std::move(opened_);
  opened_.clear();
  if (readers.empty()) anomalies_ = {};
  std::vector<Source> sources;
  std::uint64_t total = 0;
  facts_.clear();
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (readers.size() <= i) readers.push_back(nullptr);
    if (!readers[i]) readers[i] = open(i, hashes_.empty());
    sources.push_back({readers[i].get(), readers[i]->next(), false});
    facts_.push_back({});
    facts_.back().name = spool_ >= 0 && paths_[i] == spool_path() ? "-" : paths_[i];
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
    if (const auto entries = readers[i]->entries()) {
      facts_[i].entries = true;
      facts_[i].packets = *entries;
    }
    facts_[i].sha256 = hashes_[i];
    facts_[i].size = readers[i]->size() ? readers[i]->size() : readers[i]->bytes_read();
  }
}

}  // namespace tattle
