#include "capture/import/format.h"

#include <algorithm>
#include <utility>

#include "capture/import/har.h"
#include "capture/import/har_scan.h"
#include "capture/import/mitm.h"
#include "capture/import/queue.h"
#include "capture/import/tnetstring.h"

namespace tattle {
namespace {

/// What the formats share: entries go in, messages in order of time come out; entries that cannot be read are told.
class QueuedImport : public ImportFormat {
 public:
  std::optional<CaptureEvent> next(CaptureContext& context) final {
    if (!queue_) queue_.emplace(context.limits);
    while (!ended_ && !unread_ && (queue_->empty() || queue_->wants_more())) ended_ = !read_entry(context);
    if (unread_) return std::exchange(unread_, std::nullopt);
    if (queue_->empty()) return std::nullopt;
    return queue_->take();
  }

 protected:
  /// Reads one entry; false at the end.
  virtual bool read_entry(CaptureContext& context) = 0;
  void add(std::vector<ImportedMessage> messages) { queue_->add_entry(std::move(messages)); }
  void cannot_read(CaptureContext& context, std::string_view anomaly, std::uint64_t bytes) {
    context.note(anomaly);
    unread_ = UnreadEntry{{context.capture, context.packets}, bytes};
  }

 private:
  std::optional<ImportQueue> queue_;
  std::optional<UnreadEntry> unread_;
  bool ended_ = false;
};

/// @anomaly import.malformed-entry  An entry that holds no exchange, or does not hold together.
/// @anomaly import.entry-limit      An entry over limits.import_entry_bytes was left out.
class HarFormat : public QueuedImport {
 public:
  std::string start(CaptureContext& context) override {
    scanner_.emplace(context.window, context.limits);
    switch (scanner_->start()) {
      case HarScanner::Start::ok:
        return {};
      case HarScanner::Start::cut:
        return "is cut before the first entry of its HAR log; export it anew";
      case HarScanner::Start::not_har:
        break;
    }
    return "is JSON, but no HAR: it has no list log.entries that holds together; export it anew as HAR 1.2";
  }
  std::string name() const override {
    const bool plain = scanner_ && !scanner_->version().empty() && scanner_->version().size() < 8;
    return plain ? "HAR " + scanner_->version() : "HAR";
  }

 private:
  bool read_entry(CaptureContext& context) override {
    Bytes json;
    const HarScanner::Step step = scanner_->next(json);
    if (step == HarScanner::Step::end) return false;
    if (step == HarScanner::Step::cut) {
      context.end_cut();
      return false;
    }
    ++context.packets;
    std::vector<ImportedMessage> messages;
    if (step == HarScanner::Step::too_large) {
      cannot_read(context, "import.entry-limit", context.window.offset() - scanner_->begin());
    } else if (step == HarScanner::Step::no_object ||
               !reader_.read(json, {context.capture, context.packets}, context.anomalies, messages)) {
      const std::uint64_t passed = context.window.offset() - scanner_->begin();
      cannot_read(context, "import.malformed-entry", std::max<std::uint64_t>(passed, json.size()));
    } else {
      add(std::move(messages));
    }
    return true;
  }

  std::optional<HarScanner> scanner_;
  HarEntryReader reader_;
};

/// The same anomalies.
class MitmFormat : public QueuedImport {
 public:
  std::string start(CaptureContext&) override { return {}; }
  std::string name() const override { return "mitmproxy flows"; }

 private:
  bool read_entry(CaptureContext& context) override {
    const Bytes front = context.window.peek(16);
    if (front.empty()) return false;
    const TnetSize size = tnet_size(front);
    if (size.state != TnetSize::State::known) {
      // No size, no way to the next flow.
      context.end_cut();
      return false;
    }
    ++context.packets;
    if (size.whole > context.limits.import_entry_bytes) {
      const std::uint64_t before = context.window.offset();
      if (!context.window.skip_far(size.whole)) context.end_cut();
      cannot_read(context, "import.entry-limit", context.window.offset() - before);
      return true;
    }
    const auto whole = static_cast<std::size_t>(size.whole);
    const Bytes flow = context.window.peek(whole);
    if (flow.size() < whole) {
      --context.packets;
      context.end_cut();
      context.window.skip(flow.size());
      return false;
    }
    std::vector<ImportedMessage> messages;
    if (read_mitm_flow(flow.first(whole), {context.capture, context.packets}, context.anomalies, messages)) {
      add(std::move(messages));
    } else {
      cannot_read(context, "import.malformed-entry", whole);
    }
    context.window.skip(whole);
    return true;
  }
};

bool is_json_object(Bytes front) {
  std::string_view text = as_text(front);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '{';
}

// A flow is a dictionary: behind its size stands the first name, a netstring of letters.
bool is_flow(Bytes front) {
  const TnetSize whole = tnet_size(front);
  if (whole.state != TnetSize::State::known) return false;
  const Bytes inside = front.subspan(whole.head);
  const TnetSize name = tnet_size(inside);
  if (name.state != TnetSize::State::known || name.whole > inside.size()) return false;
  const std::string_view text = as_text(inside).substr(name.head, static_cast<std::size_t>(name.whole) - name.head);
  return (text.back() == ';' || text.back() == ',') && text.size() > 1 &&
         std::all_of(text.begin(), text.end() - 1, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

std::unique_ptr<ImportFormat> make_import_format(Bytes front) {
  if (is_json_object(front)) return std::make_unique<HarFormat>();
  if (is_flow(front)) return std::make_unique<MitmFormat>();
  return nullptr;
}

}  // namespace tattle
