#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/testing.h"

namespace tattle {
namespace {

SeenTree walk(const std::string& bytes) {
  SeenTree seen;
  Anomalies anomalies;
  walk_bytes(as_bytes(bytes), {"", ""}, Limits{}, anomalies, {}, seen);
  return seen;
}

// The packets of the Socket.IO protocol's own examples.
TEST(SocketIo, OpensTheJsonBehindItsPrefix) {
  EXPECT_EQ(walk(R"(42["baz",{"a":"value"}])").at("socket.io > json $[*].a"), "value");
  EXPECT_EQ(walk(R"(42/admin,456["baz",{"a":"value"}])").at("socket.io > json $[*].a"), "value");
  EXPECT_EQ(walk(R"(40{"sid":"oSO0OpakMV_3jnilAAAA"})").at("socket.io > json $.sid"), "oSO0OpakMV_3jnilAAAA");
  EXPECT_EQ(walk(R"(451-["baz",{"a":"value"}])").at("socket.io > json $[*].a"), "value");
}

TEST(SocketIo, LeavesWhatIsNone) {
  EXPECT_EQ(walk("42").nodes.size(), 1u);
  EXPECT_EQ(walk("42 apples").nodes.size(), 1u);
  EXPECT_EQ(walk("42[").nodes.size(), 1u);
}

}  // namespace
}  // namespace tattle
