#pragma once

// What the tests of HTTP/1 share: a conversation, the lines that come of it, and both ways to cut it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/http1/http1.h"
#include "protocol/testing/flow_test_kit.h"

namespace tattle::http1_kit {

using flow_kit::Conversation;
using flow_kit::down;
using flow_kit::lost;
using flow_kit::Step;
using flow_kit::up;

struct Case {
  const char* name;
  std::vector<Step> steps;
  std::vector<std::string> lines;
  std::vector<std::string> anomalies;
};

inline void PrintTo(const Case& each, std::ostream* out) { *out << each.name; }

inline std::vector<std::string> names(const Anomalies& anomalies) {
  std::vector<std::string> all;
  for (const auto& [name, entry] : anomalies.entries()) all.emplace_back(name);
  return all;
}

inline std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

inline void expect_lines(const Case& wanted) {
  Conversation whole;
  whole.run(wanted.steps);
  EXPECT_EQ(whole.seen.lines, wanted.lines);
  EXPECT_EQ(names(whole.anomalies), wanted.anomalies);
  EXPECT_TRUE(whole.seen.borrowed_well);
}

/// Where segments end must make no difference.
inline void expect_lines_however_cut(const Case& wanted) {
  std::size_t longest = 0;
  for (const Step& step : wanted.steps) longest = std::max(longest, step.text.size());
  for (std::size_t cut = 1; cut < longest; ++cut) {
    Conversation conversation;
    conversation.run(wanted.steps, cut);
    ASSERT_EQ(conversation.seen.lines, wanted.lines) << "cut behind " << cut;
    ASSERT_EQ(names(conversation.anomalies), wanted.anomalies) << "cut behind " << cut;
    ASSERT_TRUE(conversation.seen.borrowed_well);
  }
  for (std::size_t size : {1, 2, 3, 7}) {
    Conversation conversation;
    conversation.run(wanted.steps, 0, size);
    ASSERT_EQ(conversation.seen.lines, wanted.lines) << "chunks of " << size;
  }
}

const std::string kGet = "GET /a HTTP/1.1\r\nHost: Www.Example.COM\r\n\r\n";
const std::string kGetLine = "> request #1 GET /a host=www.example.com url=http://Www.Example.COM/a []";

}  // namespace tattle::http1_kit
