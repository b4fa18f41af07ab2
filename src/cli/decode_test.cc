#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace tattle {
namespace {

// Exit code and standard output.
std::pair<int, std::string> shell(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  char buffer[4096];
  for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
}

const std::string kDecode = std::string("'") + TATTLE_PROGRAM + "' decode ";

TEST(DecodeCommand, PrintsTheTreeAsJson) {
  auto [code, out] =
      shell(R"(printf '["\\u0041b", "\377"]' | )" + kDecode + "--json --type application/json 2>/dev/null");
  EXPECT_EQ(code, 0);
  const auto tree = nlohmann::json::parse(out, nullptr, false);
  ASSERT_TRUE(tree.is_object()) << out;
  EXPECT_EQ(tree["step"], "");
  EXPECT_EQ(tree["bytes"], 16);
  ASSERT_EQ(tree["children"].size(), 2u);
  EXPECT_EQ(tree["children"][0],
            nlohmann::json::parse(R"({"step":"json","detail":"$[*]","bytes":2,"text":"Ab","children":[]})"));
  EXPECT_EQ(tree["children"][1]["text"], "\xEF\xBF\xBD");
  EXPECT_EQ(tree["children"][1]["text-base64"], "/w==");  // RFC 4648 section 4
}

TEST(DecodeCommand, SaysThatNothingIsMaskedAndKeepsTheTerminalSafe) {
  auto [code, out] = shell("printf 'a\\033[2Jb' | " + kDecode + "- 2>&1");
  EXPECT_EQ(code, 0);
  EXPECT_NE(out.find("decode shows whole messages unmasked"), std::string::npos);
  EXPECT_EQ(out.find('\033'), std::string::npos);
}

TEST(DecodeCommand, NamesAFileThatIsNotThere) {
  auto [code, out] = shell(kDecode + "/no/such/file 2>&1");
  EXPECT_EQ(code, 2);
  EXPECT_NE(out.find("/no/such/file"), std::string::npos);
}

}  // namespace
}  // namespace tattle
