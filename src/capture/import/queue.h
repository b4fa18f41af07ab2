#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "capture/import/import.h"

namespace tattle {

/// Puts the messages of an import in order of time, as far as limits.import_waiting_bytes reaches: entries overlap, and
/// some programs write them as they end. A message that comes later than that reaches keeps the place where it came.
class ImportQueue {
 public:
  explicit ImportQueue(const Limits& limits) : limits_(limits) {}

  /// The messages of one entry, in the order in which they follow one another. Sets `order` and `last_of_entry`.
  void add_entry(std::vector<ImportedMessage> messages) {
    Time turn = messages.empty() ? Time{} : messages.front().first;
    for (ImportedMessage& message : messages) {
      turn = std::max(turn, message.first);
      message.order = turn;
      message.last_of_entry = &message == &messages.back();
      bytes_ += message.bytes() + sizeof(ImportedMessage);
      waiting_.push_back({next_++, std::make_shared<const ImportedMessage>(std::move(message))});
      std::push_heap(waiting_.begin(), waiting_.end(), later);
    }
  }
  bool empty() const { return waiting_.empty(); }
  /// Whether more entries should be added before the next message is taken.
  bool wants_more() const { return bytes_ <= limits_.import_waiting_bytes; }
  /// The earliest. Not when empty.
  std::shared_ptr<const ImportedMessage> take() {
    std::pop_heap(waiting_.begin(), waiting_.end(), later);
    auto message = std::move(waiting_.back().message);
    waiting_.pop_back();
    bytes_ -= message->bytes() + sizeof(ImportedMessage);
    return message;
  }

 private:
  struct Waiting {
    std::uint64_t number;
    std::shared_ptr<const ImportedMessage> message;
  };
  static bool later(const Waiting& a, const Waiting& b) {
    return a.message->order != b.message->order ? a.message->order > b.message->order : a.number > b.number;
  }

  const Limits& limits_;
  std::vector<Waiting> waiting_;  // a heap
  std::uint64_t bytes_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace tattle
