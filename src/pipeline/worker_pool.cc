#include "pipeline/worker_pool.h"

namespace tattle {
namespace {

// Enough to keep every worker busy while the reader reads on; each holds a few megabytes.
constexpr std::size_t kBatchesUnderWay = 6;

}  // namespace

WorkerPool::WorkerPool(unsigned jobs, const WorkerSetup& setup, const Limits& limits, Merge merge)
    : merge_(std::move(merge)), queues_(jobs) {
  for (unsigned i = 0; i < jobs; ++i) workers_.push_back(std::make_unique<Worker>(setup, limits));
  if (jobs == 1) return;
  for (unsigned i = 0; i < jobs; ++i) {
    threads_.emplace_back([this, i](const std::stop_token& stop) { work(i, stop); });
  }
}

WorkerPool::~WorkerPool() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void WorkerPool::run(std::vector<std::vector<WorkItem>>& items, const std::shared_ptr<const KeyStore>& keys) {
  if (threads_.empty()) {
    std::vector<WorkResults> results;
    results.push_back(workers_.front()->run(items.front(), *keys));
    items.front().clear();
    merge_(std::move(results));
    return;
  }
  auto batch = std::make_shared<Batch>();
  batch->items = std::move(items);
  batch->keys = keys;
  batch->results.resize(workers_.size());
  batch->unfinished = jobs();
  {
    std::lock_guard lock(mutex_);
    under_way_.push_back(batch);
    for (auto& queue : queues_) queue.push_back(batch);
  }
  dealt_.notify_all();
  merge_ready(kBatchesUnderWay);
  if (spare_.empty()) {
    items.assign(workers_.size(), {});
  } else {
    items = std::move(spare_.back());
    spare_.pop_back();
  }
}

void WorkerPool::finish() { merge_ready(0); }

void WorkerPool::merge_ready(std::size_t most_left) {
  std::unique_lock lock(mutex_);
  while (!under_way_.empty()) {
    if (under_way_.size() <= most_left && under_way_.front()->unfinished > 0) return;
    finished_.wait(lock, [&] { return failure_ || under_way_.front()->unfinished == 0; });
    if (failure_) std::rethrow_exception(failure_);
    auto batch = std::move(under_way_.front());
    under_way_.pop_front();
    lock.unlock();
    merge_(std::move(batch->results));
    spare_.push_back(std::move(batch->items));
    lock.lock();
  }
}

void WorkerPool::work(std::size_t worker, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (dealt_.wait(lock, stop, [&] { return !queues_[worker].empty(); })) {
    auto batch = std::move(queues_[worker].front());
    queues_[worker].pop_front();
    lock.unlock();
    std::exception_ptr failure;
    try {
      batch->results[worker] = workers_[worker]->run(batch->items[worker], *batch->keys);
      batch->items[worker].clear();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure && !failure_) failure_ = failure;
    --batch->unfinished;
    finished_.notify_all();
  }
}

Anomalies WorkerPool::anomalies() const {
  Anomalies all;
  for (const auto& worker : workers_) all.merge(worker->anomalies());
  return all;
}

}  // namespace tattle
