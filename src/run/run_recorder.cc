#include "run/run_recorder.h"

#include <chrono>
#include <filesystem>

namespace tattle {
namespace {

Time clock_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

std::string text_of(const Prefix& prefix) {
  const bool v4 = prefix.address.is_v4() && prefix.length >= 96;
  const int length = v4 ? prefix.length - 96 : prefix.length;
  const std::string address = to_string(prefix.address);
  return length == (v4 ? 32 : 128) ? address : address + "/" + std::to_string(length);
}

// Captures were hashed when they were read; archives were not, but the files in them.
RecordedFile capture_file(const std::string& path, const std::vector<CaptureFacts>& captures) {
  for (const CaptureFacts& facts : captures) {
    if (facts.name != path || !facts.member.empty() || facts.sha256.empty()) continue;
    std::error_code error;
    const bool stream = path == "-";
    return {stream ? path : std::filesystem::absolute(path, error).lexically_normal().string(), facts.sha256,
            facts.size};
  }
  return record_file(path);
}

}  // namespace

RunRecord begin_record(const PipelineOptions& options, std::vector<std::string> arguments,
                       const std::vector<std::string>& subject_paths) {
  RunRecord record;
  record.started = clock_time();
  record.arguments = std::move(arguments);
  std::error_code error;
  record.folder = std::filesystem::current_path(error).string();
  for (const std::string& path : options.key_files) record.keys.push_back(record_file(path));
  for (const std::string& path : subject_paths) record.subjects.push_back({record_file(path), {}});
  record.filter = options.selection.filter;
  record.since = options.selection.since;
  record.until = options.selection.until;
  record.limits = changed_limits(options.limits);
  return record;
}

void record_devices(RunRecord& record, const std::vector<Subject>& subjects) {
  for (std::size_t i = 0; i < subjects.size() && i < record.subjects.size(); ++i) {
    std::vector<std::string>& addresses = record.subjects[i].addresses;
    for (const MacAddress& mac : subjects[i].addresses.macs) addresses.push_back(to_string(mac));
    for (const Prefix& prefix : subjects[i].addresses.prefixes) addresses.push_back(text_of(prefix));
  }
}

void end_record(RunRecord& record, const std::vector<std::string>& captures, const PipelineResult& result) {
  for (const std::string& path : captures) record.captures.push_back(capture_file(path, result.captures));
  record.ended = clock_time();
}

}  // namespace tattle
