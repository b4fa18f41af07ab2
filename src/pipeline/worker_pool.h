#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "pipeline/worker.h"

namespace tattle {

/// What the reader deals at once.
struct WorkBatch {
  std::vector<std::vector<WorkItem>> items;         // by worker
  std::vector<std::shared_ptr<const void>> owners;  // of the bytes that the items refer to
  Relief relief;                                    // before the items
};

/// Deals batches to workers by flow and gives the results back batch by batch, in the order in which the batches were
/// dealt, whatever the number of threads. The caller's thread is one of them: it works where it would have to wait. So
/// a worker is not bound to a thread, but is run by one at a time; its flows stay with it.
class WorkerPool {
 public:
  /// Receives the results of one batch from all workers, in the workers' order.
  using Merge = std::function<void(std::vector<WorkResults>&)>;
  /// Enough to keep every worker busy while the reader reads on; each holds a few megabytes. When one is dealt, all but
  /// so many before it are merged.
  static constexpr std::size_t kBatchesUnderWay = 6;

  WorkerPool(unsigned jobs, const WorkerSetup& setup, const Limits& limits, Merge merge);
  ~WorkerPool();

  unsigned jobs() const { return static_cast<unsigned>(workers_.size()); }
  /// The batch is empty afterwards and has the room of one that was worked off. Blocks while too many are under way;
  /// merges those that are ready.
  void run(WorkBatch& work, const std::shared_ptr<const KeyStore>& keys);
  /// Waits for everything and merges it.
  void finish();
  /// After finish().
  Anomalies anomalies() const;

 private:
  struct Batch {
    WorkBatch work;
    std::shared_ptr<const KeyStore> keys;
    std::vector<WorkResults> results;
    unsigned unfinished = 0;
  };
  void work(std::size_t own, const std::stop_token& stop);
  /// A worker that batches wait for and no thread runs: the thread's own, whose state is in its core's cache, else the
  /// one for which most wait.
  std::optional<std::size_t> next_worker(std::size_t own) const;
  /// Has a worker run the first batch that waits for it; unlocks meanwhile.
  void run_one(std::size_t worker, std::unique_lock<std::mutex>& lock);
  void merge_ready(std::size_t most_left);

  Merge merge_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<Batch>> under_way_;            // in the order dealt
  std::vector<std::shared_ptr<Batch>> spare_;               // worked off and merged; the caller's thread alone
  std::vector<std::deque<std::shared_ptr<Batch>>> queues_;  // by worker
  std::vector<bool> running_;                               // by worker
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;  // last: they stop before the rest goes
};

}  // namespace tattle
