#include <algorithm>
#include <map>
#include <utility>

#include "capture/import/queue.h"
#include "capture/import/saz.h"

namespace tattle {
namespace {

constexpr std::size_t kPiece = 64 << 10;

/// Sessions as their parts come, which need not stand side by side in the archive.
class SazReader : public CaptureReader {
 public:
  SazReader(std::shared_ptr<Archive> archive, std::uint32_t capture, const Limits& limits, Anomalies& anomalies,
            bool hash)
      : archive_(std::move(archive)),
        capture_(capture),
        limits_(limits),
        anomalies_(anomalies),
        file_(archive_->path(), hash),
        walk_(archive_->path()),
        queue_(limits_) {}

  CaptureEvent next() override {
    while (!ended_ && !unread_ && (queue_.empty() || queue_.wants_more())) ended_ = !read_member();
    if (unread_) return *std::exchange(unread_, std::nullopt);
    if (!queue_.empty()) return queue_.take();
    file_.drain();
    return CaptureEnd{cut_};
  }
  std::uint64_t bytes_read() const override { return file_.bytes_read(); }
  std::uint64_t size() const override { return file_.size(); }
  std::array<std::uint8_t, 32> sha256() const override { return file_.sha256(); }
  std::string format() const override { return "SAZ"; }
  std::optional<std::uint64_t> entries() const override { return entries_; }

 private:
  struct Pending {
    SazSession session;
    std::string parts;  // that have come
    std::size_t bytes() const {
      return session.request.size() + session.response.size() + session.meta.size() + session.frames.size();
    }
  };

  // False at the end of the archive, when all that waits was read too.
  bool read_member() {
    const auto step = walk_.next();
    if (step != ArchiveWalk::Step::member || ++members_ > limits_.archive_members) {
      cut_ |= step != ArchiveWalk::Step::end;
      while (!pending_.empty()) finish(pending_.begin());
      return false;
    }
    std::uint64_t number = 0;
    char part = 0;
    if (!is_saz_part(walk_.name(), number, part)) return true;
    const auto [at, fresh] = pending_.try_emplace(number);
    at->second.session.number = number;
    at->second.parts += part;
    read_part(at->second, part);
    const auto all = archive_->sessions().find(number);
    if (all == archive_->sessions().end() || at->second.parts.size() >= all->second.size()) {
      finish(at);
    } else if (waiting_ > limits_.import_waiting_bytes) {
      // The rest of it stands far behind: what there is must do.
      anomalies_.note("import.entry-limit", {capture_, pending_.begin()->first});
      finish(pending_.begin());
    }
    return true;
  }

  void read_part(Pending& pending, char part) {
    SazSession& session = pending.session;
    ByteVector& into = part == 'c'   ? session.request
                       : part == 's' ? session.response
                       : part == 'm' ? session.meta
                                     : session.frames;
    into.clear();
    bool cut = false;
    while (true) {
      const std::size_t before = into.size();
      into.resize(before + kPiece);
      const std::size_t got = walk_.read(into.data() + before, kPiece);
      into.resize(before + got);
      if (got == 0) break;
      if (into.size() <= limits_.import_entry_bytes) continue;
      anomalies_.note("import.entry-limit", {capture_, session.number});
      cut = true;
      break;
    }
    if (walk_.damaged()) {
      anomalies_.note("archive.damaged", {capture_, session.number});
      cut = true;
    }
    waiting_ += into.size();
    if (part == 'c') session.request_cut = cut;
    if (part == 's') session.response_cut = cut;
  }

  void finish(std::map<std::uint64_t, Pending>::iterator at) {
    const Pending pending = std::move(at->second);
    waiting_ -= std::min(waiting_, pending.bytes());
    pending_.erase(at);
    ++entries_;
    const PacketId id{capture_, pending.session.number};
    std::vector<ImportedMessage> messages;
    if (read_saz_session(pending.session, id, anomalies_, messages)) {
      queue_.add_entry(std::move(messages));
    } else {
      anomalies_.note("import.malformed-entry", id);
      if (unread_) {
        unread_->bytes += pending.bytes();
      } else {
        unread_ = UnreadEntry{id, pending.bytes()};
      }
    }
  }

  std::shared_ptr<Archive> archive_;
  const std::uint32_t capture_;
  const Limits limits_;
  Anomalies& anomalies_;
  FileSource file_;
  ArchiveWalk walk_;
  ImportQueue queue_;
  std::map<std::uint64_t, Pending> pending_;
  std::size_t waiting_ = 0;
  std::uint64_t members_ = 0, entries_ = 0;
  std::optional<UnreadEntry> unread_;
  bool ended_ = false, cut_ = false;
};

}  // namespace

std::unique_ptr<CaptureReader> open_saz(std::shared_ptr<Archive> archive, std::uint32_t capture, const Limits& limits,
                                        Anomalies& anomalies, bool hash) {
  return std::make_unique<SazReader>(std::move(archive), capture, limits, anomalies, hash);
}

}  // namespace tattle
