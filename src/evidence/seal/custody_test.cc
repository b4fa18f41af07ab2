#include "evidence/seal/custody.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "evidence/seal/file_hash.h"

namespace tattle {
namespace {

CustodyEvent event(std::string command, std::string note = {}) {
  CustodyEvent made;
  made.time = *parse_rfc3339("2026-01-02T03:04:05Z");
  made.command = std::move(command);
  made.name = "Aino";
  made.host = "desk";
  made.note = std::move(note);
  return made;
}

std::string log_of(int lines) {
  std::string text;
  CustodyHead head;
  for (int i = 0; i < lines; ++i) {
    const std::string line = custody_line(event("custody add", "note " + std::to_string(i)), head);
    head = {head.lines + 1, sha256_hex(as_bytes(line))};
    text += line;
  }
  return text;
}

TEST(Custody, IsReadAsItWasWritten) {
  CustodyEvent written = event("custody add", "the maker's \"answer\"\nin two lines");
  written.files = {{"custody/reply.pdf", std::string(64, 'a'), 12}};
  const auto log = parse_custody(custody_line(written, {}));
  ASSERT_TRUE(log);
  ASSERT_EQ(log->events.size(), 1u);
  const CustodyEvent& read = log->events[0];
  EXPECT_EQ(std::tie(read.time, read.command, read.name, read.host, read.note),
            std::tie(written.time, written.command, written.name, written.host, written.note));
  ASSERT_EQ(read.files.size(), 1u);
  EXPECT_EQ(read.files[0].path, "custody/reply.pdf");
  EXPECT_EQ(read.files[0].size, 12u);
  EXPECT_EQ(log->head().lines, 1u);
}

TEST(Custody, WhatIsNoUtf8DoesNotBreakTheLog) {
  EXPECT_TRUE(parse_custody(custody_line(event("custody add", "\xff\xfe"), {})));
}

TEST(Custody, GrowthExtendsAndRewritingDoesNot) {
  const auto three = parse_custody(log_of(3)), two = parse_custody(log_of(2));
  ASSERT_TRUE(three && two);
  EXPECT_TRUE(extends(*three, two->head()));
  EXPECT_TRUE(extends(*three, three->head()));
  EXPECT_TRUE(extends(*three, CustodyHead{}));
  EXPECT_FALSE(extends(*two, three->head()));
  CustodyHead other = two->head();
  other.sha256[0] = other.sha256[0] == 'f' ? '0' : 'f';
  EXPECT_FALSE(extends(*three, other));
  EXPECT_FALSE(extends(*three, {~0ull, two->head().sha256}));
}

struct WrongLog {
  const char* name;
  std::string text;
  std::string_view field;
  std::size_t line;
};

class CustodyWrong : public testing::TestWithParam<WrongLog> {};
TEST_P(CustodyWrong, IsToldByItsLine) {
  const auto log = parse_custody(GetParam().text);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().field, GetParam().field);
  EXPECT_EQ(log.error().offset, GetParam().line);
}

std::string line_of(int number) {
  std::string text = log_of(number + 1);
  text.pop_back();
  return text.substr(text.rfind('\n') + 1) + "\n";
}
std::string with(std::string text, std::string_view what, std::string_view by) {
  return text.replace(text.find(what), what.size(), by);
}

INSTANTIATE_TEST_SUITE_P(
    Logs, CustodyWrong,
    testing::Values(WrongLog{"NoJson", "hello\n", "custody.line", 1}, WrongLog{"NoObject", "[]\n", "custody.line", 1},
                    WrongLog{"NoPrevious", "{}\n", "custody.chain", 1},
                    WrongLog{"PreviousIsANumber", "{\"previous\":0}\n", "custody.chain", 1},
                    WrongLog{"Torn", log_of(2).substr(0, log_of(2).size() - 1), "custody.line", 2},
                    WrongLog{"FirstLeftOut", line_of(1), "custody.chain", 1},
                    WrongLog{"MiddleLeftOut", log_of(1) + line_of(2), "custody.chain", 2},
                    WrongLog{"Twice", log_of(2) + line_of(1), "custody.chain", 3},
                    WrongLog{"FirstRewritten", with(log_of(2), "note 0", "note 9"), "custody.chain", 2},
                    WrongLog{"NoTime", with(log_of(1), "2026-01-02T", "2026-99-02T"), "custody.line", 1},
                    WrongLog{"NoName", with(log_of(1), "\"name\"", "\"nome\""), "custody.line", 1},
                    WrongLog{"EmptyLine", log_of(1) + "\n", "custody.line", 2}),
    [](const auto& info) { return info.param.name; });

class CustodyFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "tattle-custody-" + std::to_string(::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(CustodyFolder, GrowsOneLineForEachOfSeveralWritersAtOnce) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      for (int k = 0; k < 5; ++k) append_custody(folder_, event("custody add"));
    });
  }
  for (std::thread& each : writers) each.join();
  EXPECT_EQ(read_custody(folder_).events.size(), 20u);
}

TEST_F(CustodyFolder, NothingIsAddedToAnAlteredLog) {
  const CustodyHead head = append_custody(folder_, event("seal"));
  EXPECT_EQ(append_custody(folder_, event("custody add"), head).lines, 2u);
  CustodyHead other = head;
  other.sha256 = std::string(64, '1');
  EXPECT_THROW(append_custody(folder_, event("custody add"), other), UserError);
  std::ofstream(folder_ + "/custody.jsonl", std::ios::app) << "{}\n";
  EXPECT_THROW(append_custody(folder_, event("custody add"), head), UserError);
  EXPECT_THROW(read_custody(folder_), UserError);
}

}  // namespace
}  // namespace tattle
