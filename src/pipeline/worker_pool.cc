#include "pipeline/worker_pool.h"

namespace tattle {
WorkerPool::WorkerPool(unsigned jobs, const WorkerSetup& setup, const Limits& limits, Merge merge)
    : merge_(std::move(merge)), queues_(jobs), running_(jobs) {
  for (unsigned i = 0; i < jobs; ++i) workers_.push_back(std::make_unique<Worker>(setup, limits));
  for (unsigned i = 1; i < jobs; ++i) {
    threads_.emplace_back([this, i](const std::stop_token& stop) { work(i, stop); });
  }
}

WorkerPool::~WorkerPool() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void WorkerPool::run(WorkBatch& work, const std::shared_ptr<const KeyStore>& keys) {
  if (threads_.empty()) {
    std::vector<WorkResults> results;
    results.push_back(workers_.front()->run(work.items.front(), *keys, work.relief));
    work.items.front().clear();
    work.owners.clear();
    merge_(results);
    return;
  }
  if (spare_.empty()) {
    spare_.push_back(std::make_shared<Batch>());
    spare_.back()->work.items.resize(workers_.size());
    spare_.back()->results.resize(workers_.size());
  }
  const auto batch = std::move(spare_.back());
  spare_.pop_back();
  std::swap(batch->work, work);
  batch->keys = keys;
  batch->unfinished = jobs();
  {
    std::lock_guard lock(mutex_);
    under_way_.push_back(batch);
    for (auto& queue : queues_) queue.push_back(batch);
  }
  changed_.notify_all();
  merge_ready(kBatchesUnderWay);
}

void WorkerPool::finish() { merge_ready(0); }

void WorkerPool::merge_ready(std::size_t most_left) {
  std::unique_lock lock(mutex_);
  while (!under_way_.empty()) {
    if (failure_) std::rethrow_exception(failure_);
    if (under_way_.front()->unfinished > 0) {
      if (under_way_.size() <= most_left) return;
      if (const auto worker = next_worker(0)) {
        run_one(*worker, lock);
      } else {
        changed_.wait(lock);
      }
      continue;
    }
    auto batch = std::move(under_way_.front());
    under_way_.pop_front();
    lock.unlock();
    merge_(batch->results);
    batch->work.owners.clear();
    spare_.push_back(std::move(batch));
    lock.lock();
  }
}

void WorkerPool::work(std::size_t own, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  std::optional<std::size_t> worker;
  while (changed_.wait(lock, stop, [&] { return (worker = next_worker(own)).has_value(); })) {
    run_one(*worker, lock);
  }
}

std::optional<std::size_t> WorkerPool::next_worker(std::size_t own) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (running_[i] || queues_[i].empty()) continue;
    if (i == own) return i;
    if (!best || queues_[i].size() > queues_[*best].size()) best = i;
  }
  return best;
}

void WorkerPool::run_one(std::size_t worker, std::unique_lock<std::mutex>& lock) {
  const auto batch = std::move(queues_[worker].front());
  queues_[worker].pop_front();
  running_[worker] = true;
  lock.unlock();
  std::exception_ptr failure;
  try {
    // The results merged from here before are freed only now, mostly by the thread that made them.
    batch->results[worker] = workers_[worker]->run(batch->work.items[worker], *batch->keys, batch->work.relief);
    batch->work.items[worker].clear();
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  running_[worker] = false;
  if (failure && !failure_) failure_ = failure;
  --batch->unfinished;
  changed_.notify_all();
}

Anomalies WorkerPool::anomalies() const {
  Anomalies all;
  for (const auto& worker : workers_) all.merge(worker->anomalies());
  return all;
}

}  // namespace tattle
