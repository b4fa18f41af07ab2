// Every real capture at hand, whole and damaged, through the whole pipeline. Under the sanitizers this is where wild
// input meets all stages at once; without them it still holds that output does not depend on the number of threads.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/result.h"
#include "capture/real_captures.h"
#include "pipeline/pipeline.h"
#include "stranger.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

const fs::path kShared = real_captures::folder();

struct Collected : AuditSink {
  std::vector<std::string> lines;
  std::uint64_t verified = 0;
  void on_start(const std::vector<Subject>&, const std::vector<std::string>&) override {}
  void on_message(const MessageRecord& record) override {
    for (const Hit& hit : record.hits) verified += hit.entry >= 0;
    lines.push_back(std::to_string(record.number) + " " + std::string(record.protocol) + " " + record.method + " " +
                    record.host + " " + record.target + " " + std::to_string(record.body_bytes) + " " +
                    std::to_string(record.hits.size()));
  }
  void on_flow(const FlowRecord& record) override {
    lines.push_back("end of " + std::to_string(record.summary.flow.id) + " " + record.summary.protocol);
  }
  void on_unread(Unread, PacketId, std::uint64_t) override {}
  void on_name(const Address&, const std::string&) override {}
};

Collected run(const fs::path& capture, unsigned jobs) {
  PipelineOptions options;
  options.captures = {capture.string()};
  const fs::path keys = fs::path(capture).replace_extension(".keylog");
  if (fs::exists(keys)) options.key_files = {keys.string()};
  options.subjects = {parse_subject(kStranger, ".", "stranger")};
  options.jobs = jobs;
  Collected collected;
  run_pipeline(std::move(options), collected);
  return collected;
}

std::vector<fs::path> captures() {
  std::vector<fs::path> found;
  if (!fs::is_directory(kShared)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(kShared)) {
    const std::string name = entry.path().filename().string();
    if (name.find(".pcap") != std::string::npos) found.push_back(fs::relative(entry.path(), kShared));
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string test_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.string();
  std::replace_if(
      name.begin(), name.end(), [](char each) { return !std::isalnum(static_cast<unsigned char>(each)); }, '_');
  return name;
}

class SharedCapture : public testing::TestWithParam<fs::path> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SharedCapture);
INSTANTIATE_TEST_SUITE_P(All, SharedCapture, testing::ValuesIn(captures()), test_name);

TEST_P(SharedCapture, IsReadTheSameByAnyNumberOfThreadsAndDisclosesNothingOfAStranger) {
  const Collected one = run(kShared / GetParam(), 1);
  const Collected three = run(kShared / GetParam(), 3);
  EXPECT_EQ(one.lines, three.lines);
  EXPECT_EQ(one.verified, 0u);
}

TEST_P(SharedCapture, SurvivesDamage) {
  std::ifstream file(kShared / GetParam(), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  if (whole.size() > 500'000) return;  // the small ones hold every kind of traffic that the large ones do
  const fs::path damaged =
      fs::path(testing::TempDir()) /
      ("tattle-" + std::to_string(getpid()) + test_name({GetParam(), 0}) + GetParam().extension().string());
  std::mt19937 random(static_cast<unsigned>(whole.size()));
  for (int round = 0; round < 3; ++round) {
    std::string bytes = whole;
    if (round == 0) bytes.resize(bytes.size() * 3 / 5);
    for (std::size_t flips = round == 0 ? 0 : bytes.size() / 200 + 1; flips > 0; --flips) {
      // The first bytes say what the file is; behind them anything may break.
      const std::size_t at = 64 + random() % std::max<std::size_t>(1, bytes.size() - 64);
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    }
    std::ofstream(damaged, std::ios::binary) << bytes;
    try {
      run(damaged, 2);
    } catch (const UserError&) {  // nothing readable is left: said, not crashed
    }
  }
  fs::remove(damaged);
}

}  // namespace
}  // namespace tattle
