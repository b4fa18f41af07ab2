#include "evidence/seal/custody.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "evidence/seal/file_hash.h"
#include "report/utf8.h"
#include "report/write_file.h"

namespace tattle {
namespace {

using Json = nlohmann::json;
const std::string kNoLine(64, '0');

tl::unexpected<ParseError> wrong(std::string_view field, std::size_t line, std::string_view why) {
  return tl::unexpected(ParseError{field, line, why});
}

std::string path_of(const std::string& folder) { return (std::filesystem::path(folder) / kCustodyFile).string(); }

CustodyEvent event_of(const Json& json) {
  CustodyEvent event;
  const auto time = parse_rfc3339(json.at("time").get<std::string>());
  if (!time) throw std::invalid_argument("time");
  event.time = *time;
  event.command = json.at("command").get<std::string>();
  const Json& by = json.at("by");
  event.name = by.at("name").get<std::string>();
  event.host = by.at("host").get<std::string>();
  event.note = json.value("note", std::string());
  for (const Json& each : json.value("files", Json::array())) {
    RecordedFile file{each.at("path").get<std::string>(), each.at("sha256").get<std::string>(),
                      each.at("size").get<std::uint64_t>()};
    if (!is_sha256(file.sha256)) throw std::invalid_argument("sha256");
    event.files.push_back(std::move(file));
  }
  return event;
}

// Holds the folder for one writer; the log itself is replaced when it grows, so that it cannot carry the lock.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_EX);
  }
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

std::string read_text(const std::string& folder) {
  std::error_code error;
  const std::string path = path_of(folder);
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, error))) return {};
  return read_document(path, kCustodyBytes);
}

CustodyLog parse_or_say(std::string_view text, const std::string& folder) {
  auto log = parse_custody(text);
  if (log) return std::move(*log);
  throw UserError(fmt::format("{}: line {}: {}; a log that was altered is not added to: go back to a copy of it",
                              path_of(folder), log.error().offset, log.error().why));
}

}  // namespace

CustodyHead CustodyLog::head() const { return {hashes.size(), hashes.empty() ? kNoLine : hashes.back()}; }

Result<CustodyLog> parse_custody(std::string_view text) {
  CustodyLog log;
  while (!text.empty()) {
    const std::size_t number = log.events.size() + 1;
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return wrong("custody.line", number, "has no end");
    const std::string_view line = text.substr(0, end + 1);
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return wrong("custody.line", number, "is no event in JSON");
    const auto previous = json.find("previous");
    if (previous == json.end() || *previous != log.head().sha256) {
      return wrong("custody.chain", number, "does not follow from the line before it");
    }
    try {
      log.events.push_back(event_of(json));
    } catch (const std::exception&) {
      return wrong("custody.line", number, "lacks what an event has");
    }
    log.hashes.push_back(sha256_hex(as_bytes(line)));
    text.remove_prefix(end + 1);
  }
  return log;
}

bool extends(const CustodyLog& log, const CustodyHead& pinned) {
  if (pinned.lines == 0) return true;
  return log.hashes.size() >= pinned.lines && log.hashes[pinned.lines - 1] == pinned.sha256;
}

std::string custody_line(const CustodyEvent& event, const CustodyHead& head) {
  Json json{{"schema", 1},
            {"line", head.lines + 1},
            {"previous", head.lines == 0 ? kNoLine : head.sha256},
            {"time", to_rfc3339(event.time)},
            {"command", to_utf8(event.command)},
            {"by", {{"name", to_utf8(event.name)}, {"host", to_utf8(event.host)}}}};
  if (!event.note.empty()) json["note"] = to_utf8(event.note);
  for (const RecordedFile& file : event.files) {
    json["files"].push_back({{"path", to_utf8(file.path)}, {"sha256", file.sha256}, {"size", file.size}});
  }
  return json.dump() + "\n";
}

CustodyLog read_custody(const std::string& folder) { return parse_or_say(read_text(folder), folder); }

CustodyHead append_custody(const std::string& folder, const CustodyEvent& event, const CustodyHead& pinned) {
  const FolderLock lock(folder);
  std::string text = read_text(folder);
  const CustodyLog log = parse_or_say(text, folder);
  if (!extends(log, pinned)) {
    throw UserError(
        fmt::format("{}: does not begin as it was sealed; a log that was altered is not added to", path_of(folder)));
  }
  const std::string line = custody_line(event, log.head());
  if (text.size() + line.size() > kCustodyBytes) throw UserError(path_of(folder) + ": is full; seal a new folder");
  text += line;
  write_whole_file(path_of(folder), as_bytes(text));
  return {log.hashes.size() + 1, sha256_hex(as_bytes(line))};
}

CustodyEvent custody_event(std::string command, std::string name, std::string note) {
  CustodyEvent event;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  event.time = {std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
  event.command = std::move(command);
  event.name = std::move(name);
  event.note = std::move(note);
  std::array<char, 16384> buffer{};
  struct passwd entry {
  }, *found = nullptr;
  if (event.name.empty() && ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found) {
    event.name = found->pw_name;
  }
  if (event.name.empty()) event.name = fmt::format("user {}", ::getuid());
  if (::gethostname(buffer.data(), buffer.size() - 1) == 0) event.host = buffer.data();
  return event;
}

}  // namespace tattle
