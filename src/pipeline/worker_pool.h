#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pipeline/worker.h"

namespace tattle {

/// Deals batches to workers by flow and gives the results back batch by batch, in the order in which the batches were
/// dealt, whatever the number of threads. With one job everything runs in the caller's thread.
class WorkerPool {
 public:
  /// Receives the results of one batch from all workers, in the workers' order.
  using Merge = std::function<void(std::vector<WorkResults>)>;

  WorkerPool(unsigned jobs, const WorkerSetup& setup, const Limits& limits, Merge merge);
  ~WorkerPool();

  unsigned jobs() const { return static_cast<unsigned>(workers_.size()); }
  /// One list of items for each worker, which is empty afterwards and has the room of one that was worked off. Blocks
  /// while too many batches are under way; merges those that are ready.
  void run(std::vector<std::vector<WorkItem>>& items, const std::shared_ptr<const KeyStore>& keys);
  /// Waits for everything and merges it.
  void finish();
  /// After finish().
  Anomalies anomalies() const;

 private:
  struct Batch {
    std::vector<std::vector<WorkItem>> items;
    std::shared_ptr<const KeyStore> keys;
    std::vector<WorkResults> results;
    unsigned unfinished = 0;
  };
  void work(std::size_t worker, const std::stop_token& stop);
  void merge_ready(std::size_t most_left);

  Merge merge_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex mutex_;
  std::condition_variable_any dealt_;
  std::condition_variable finished_;
  std::deque<std::shared_ptr<Batch>> under_way_;            // in the order dealt
  std::vector<std::vector<std::vector<WorkItem>>> spare_;   // emptied lists; the caller's thread alone
  std::vector<std::deque<std::shared_ptr<Batch>>> queues_;  // by worker
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;  // last: they stop before the rest goes
};

}  // namespace tattle
