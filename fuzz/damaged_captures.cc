// Runs the whole program in this process over every capture of a folder, whole and in damaged copies: cut, bits
// flipped, packets shuffled, dropped and repeated. Built with the sanitizers; an alarm ends a run of over 10 seconds of
// all its threads' processor time, or of two minutes on the clock, which is what a deadlock takes.
// usage: damaged_captures FOLDER COPIES [SEED]   COPIES of each kind of damage for each capture

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "../tests/stranger.h"
#include "assess/auditor.h"
#include "base/result.h"
#include "capture/byte_source.h"
#include "pipeline/pipeline.h"
#include "report/json/document_json.h"
#include "report/page/html.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

// Processor time tells a run that hangs from one on a machine that others use.
constexpr unsigned kSeconds = 10, kClockSeconds = 120;

char g_running[512];  // what is under way, for the alarm's and the crash's reader
timer_t g_timer;      // of the process's processor time

void set_alarms(unsigned seconds, unsigned clock_seconds) {
  itimerspec wanted{};
  wanted.it_value.tv_sec = seconds;
  ::timer_settime(g_timer, 0, &wanted, nullptr);
  ::alarm(clock_seconds);
}

void on_alarm(int signal) {
  constexpr char kBusy[] = "over 10 seconds of work: ", kSlow[] = "over 120 seconds on the clock: ";
  const char* said = signal == SIGALRM ? kSlow : kBusy;
  if (::write(2, said, std::strlen(said)) < 0 || ::write(2, g_running, std::strlen(g_running)) < 0) _exit(3);
  std::abort();
}

class Audit : public AuditSink {
 public:
  explicit Audit(std::vector<Subject> subjects) {
    AuditSetup setup;
    setup.subjects = std::move(subjects);
    auditor_ = std::make_unique<Auditor>(std::move(setup));
  }
  void on_start(const std::vector<Subject>&, const std::vector<std::string>&) override {}
  void on_message(const MessageRecord& record) override { auditor_->on_message(record); }
  void on_flow(const FlowRecord& record) override { auditor_->on_flow(record); }
  void on_unread(Unread why, PacketId packet, std::uint64_t bytes) override {
    auditor_->add_unread(why, packet, bytes);
  }
  void on_name(const Address& address, const std::string& name) override { auditor_->add_name(address, name); }
  std::size_t finish(const PipelineResult& result) {
    AuditEnd end{"", {}, {""}, result.warnings, &result.anomalies};
    const AuditDocument document = auditor_->finish(std::move(end));
    return to_json(document, false).dump().size() + to_html(document, false).size();
  }

 private:
  std::unique_ptr<Auditor> auditor_;
};

// The parts of a file, each with whether it is a packet; one part when it is no capture of packets.
std::vector<std::pair<bool, std::string>> parts_of(const std::string& file) {
  std::vector<std::pair<bool, std::string>> parts;
  const auto u32 = [&](std::size_t at) {
    std::uint32_t value = 0;
    if (at + 4 <= file.size()) std::memcpy(&value, file.data() + at, 4);
    return std::size_t{value};
  };
  const bool pcapng = u32(0) == 0x0A0D0D0A, pcap = u32(0) == 0xA1B2C3D4 || u32(0) == 0xA1B23C4D;
  std::size_t at = pcap ? 24 : 0;
  if (pcap) parts.emplace_back(false, file.substr(0, 24));
  while ((pcap || pcapng) && at + 16 <= file.size()) {
    const std::size_t size = pcapng ? u32(at + 4) : 16 + u32(at + 8);
    if (size < 12 || size > file.size() - at) break;
    parts.emplace_back(pcap || u32(at) == 6, file.substr(at, size));
    at += size;
  }
  if (at < file.size()) parts.emplace_back(false, file.substr(at));
  return parts;
}

std::string cut(const std::string& whole, std::mt19937& random) { return whole.substr(0, random() % whole.size()); }

std::string flipped(std::string bytes, std::mt19937& random) {
  // From a single bit to one in a hundred bytes; the first bytes say what the file is, behind them anything may break.
  const std::size_t most = bytes.size() / 100 + 1;
  const std::size_t first = std::min<std::size_t>(bytes.size() - 1, random() % 8 == 0 ? 0 : 64);
  for (std::size_t flips = random() % most + 1; flips > 0; --flips) {
    const std::size_t at = first + random() % (bytes.size() - first);
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
  }
  return bytes;
}

// Packets change places with others near or far, a few are left out, cut in their contents or come again.
std::string shuffled(const std::string& whole, std::mt19937& random) {
  auto parts = parts_of(whole);
  const std::size_t reach = random() % 3 == 0 ? parts.size() : 2 + random() % 20;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t other = std::min(parts.size() - 1, i + random() % reach);
    if (parts[i].first && parts[other].first) std::swap(parts[i], parts[other]);
  }
  std::string bytes;
  for (const auto& [packet, content] : parts) {
    if (packet && random() % 50 == 0) continue;
    bytes += content;
    if (packet && random() % 50 == 0) bytes += content;
  }
  return bytes;
}

using Damage = std::string (*)(const std::string&, std::mt19937&);
constexpr std::pair<std::string_view, Damage> kDamages[] = {
    {"cut", cut},
    {"flipped", [](const std::string& whole, std::mt19937& random) { return flipped(whole, random); }},
    {"shuffled", shuffled}};

// A file without a name that holds these bytes; its path opens it as often as need be.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes) : descriptor_(::memfd_create("capture", MFD_CLOEXEC)) {
    for (std::size_t written = 0; written < bytes.size();) {
      const ssize_t now = ::write(descriptor_, bytes.data() + written, bytes.size() - written);
      if (now <= 0) break;
      written += static_cast<std::size_t>(now);
    }
  }
  ~MemoryFile() { ::close(descriptor_); }
  std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
};

void run(const std::string& bytes, const fs::path& keys, const std::string& what) {
  fmt::format_to_n(g_running, sizeof g_running - 1, "{}\n{}", what, '\0');
  const MemoryFile file(bytes);
  PipelineOptions options;
  options.captures = {file.path()};
  if (!keys.empty()) options.key_files = {keys.string()};
  options.limits.awake_flows = bytes.size() % 2 == 0 ? 1 : 256;  // packed away between packets, or not
  options.subjects = {parse_subject(kStranger, ".", "stranger")};
  Audit audit(options.subjects);
  set_alarms(kSeconds, kClockSeconds);
  try {
    audit.finish(run_pipeline(std::move(options), audit));
  } catch (const UserError&) {  // nothing readable is left: said, not crashed
  }
  set_alarms(0, 0);
}

int main_of(const fs::path& folder, unsigned copies, unsigned seed) {
  std::signal(SIGALRM, on_alarm);
  std::signal(SIGPROF, on_alarm);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGPROF;
  if (::timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &g_timer) != 0) {
    std::cerr << "the process's processor time cannot be watched\n";
    return 2;
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool capture = name.find(".pcap") != std::string::npos || name.ends_with(".har") || name.ends_with(".mitm");
    if (capture && entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::size_t runs = 0;
  for (const fs::path& path : files) {
    std::ifstream stream(path, std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(stream), {}};
    if (whole.empty()) continue;
    const fs::path log = fs::path(path).replace_extension(".keylog");
    const fs::path keys = fs::exists(log) ? log : fs::path();
    const std::string name = fs::relative(path, folder).string();
    // A copy is told by its name, kind and number alone, so that one can be made again.
    std::cout << name << std::endl;
    run(whole, keys, name);
    ++runs;
    for (const auto& [kind, damage] : kDamages) {
      for (unsigned copy = 0; copy < copies; ++copy, ++runs) {
        std::seed_seq seeds{seed, copy, static_cast<unsigned>(kind.size()), static_cast<unsigned>(whole.size())};
        std::mt19937 random(seeds);
        run(damage(whole, random), keys, fmt::format("{} {} copy {} of seed {}", name, kind, copy, seed));
      }
    }
  }
  std::cout << fmt::format("{} captures, {} runs, no crash, none over {} s of processor time", files.size(), runs,
                           kSeconds)
            << std::endl;
  return files.empty() ? 2 : 0;
}

}  // namespace
}  // namespace tattle

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: damaged_captures FOLDER COPIES [SEED]\n";
    return 2;
  }
  const unsigned seed = count > 3 ? static_cast<unsigned>(std::stoul(arguments[3])) : 1;
  return tattle::main_of(arguments[1], static_cast<unsigned>(std::stoul(arguments[2])), seed);
}
