#include "base/host_selection.h"

#include <gtest/gtest.h>

#include "base/result.h"

namespace tattle {
namespace {

TEST(HostSelection, TakesAHostAndThoseUnderIt) {
  const HostSelection selection({"Example.com", "*.tracker.example", "192.0.2.1"});
  for (const char* in : {"example.com", "EXAMPLE.COM", "a.b.example.com", "www.example.com.", "tracker.example",
                         "eu.tracker.example", "192.0.2.1"}) {
    EXPECT_TRUE(selection.selects(in)) << in;
  }
  for (const char* out : {"", "badexample.com", "example.com.evil.example", "com", "192.0.2.10"}) {
    EXPECT_FALSE(selection.selects(out)) << out;
  }
  EXPECT_TRUE(HostSelection().selects(""));
}

TEST(HostSelection, TakesAddressesAndLeavesPortsOut) {
  const HostSelection selection({"example.com", "192.0.2.1", "2001:DB8:0::1"});
  for (const char* in : {"example.com:443", "192.0.2.1:80", "[2001:db8:0::1]:443"}) {
    EXPECT_TRUE(selection.selects(in)) << in;
  }
  EXPECT_TRUE(selection.selects(*Address::parse("192.0.2.1")));
  EXPECT_TRUE(selection.selects(*Address::parse("2001:db8::1")));
  EXPECT_FALSE(selection.selects(*Address::parse("192.0.2.2")));
  EXPECT_FALSE(selection.selects("[2001:db8::2]:443"));
  EXPECT_TRUE(HostSelection().selects(*Address::parse("192.0.2.2")));
}

TEST(HostSelection, RefusesWhatIsNoHost) {
  for (const char* wrong : {"", ".", "https://example.com/", "ex ample.com",
                            "b\xc3\xbc"
                            "cher.example"}) {
    EXPECT_THROW(HostSelection({wrong}), UserError) << wrong;
  }
}

}  // namespace
}  // namespace tattle
