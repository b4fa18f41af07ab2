#include "protocol/http2/fingerprint.h"

#include <gtest/gtest.h>

#include "protocol/http2/test_kit.h"

namespace tattle {
namespace {

using http2_kit::unhex;

void feed(Http2Fingerprint& fingerprint, std::uint8_t type, std::uint32_t stream, const std::string& payload,
          std::uint8_t flags = 0) {
  FrameHeader frame;
  frame.type = type;
  frame.flags = flags;
  frame.stream = stream;
  frame.length = static_cast<std::uint32_t>(payload.size());
  fingerprint.on_frame(frame, as_bytes(payload));
}

Http2Head head(std::initializer_list<const char*> names) {
  Http2Head result(1 << 16);
  for (const char* name : names) result.add(name, "x", false);
  return result;
}

// Values as published for Chrome: settings 1, 3, 4 and 6, and Firefox's tree of priorities.
TEST(Http2Fingerprint, IsSettingsWindowPriorityAndOrder) {
  Http2Fingerprint chrome;
  feed(chrome, kSettings, 0,
       unhex("000100010000"
             "0003000003e8"
             "000400600000"
             "000600040000"));
  feed(chrome, kWindowUpdate, 0, unhex("00ef0001"));
  feed(chrome, kWindowUpdate, 0, unhex("00000001"));
  feed(chrome, kSettings, 0, "", kAck);
  EXPECT_EQ(chrome.text(), "");
  chrome.on_head(head({":method", ":authority", ":scheme", ":path", "accept"}));
  EXPECT_EQ(chrome.text(), "1:65536;3:1000;4:6291456;6:262144|15663105|0|m,a,s,p");
  feed(chrome, kSettings, 0, unhex("000100000000"));
  EXPECT_EQ(chrome.text(), "1:65536;3:1000;4:6291456;6:262144|15663105|0|m,a,s,p");

  Http2Fingerprint firefox;
  feed(firefox, kSettings, 0,
       unhex("000100010000"
             "000400020000"
             "000500004000"));
  feed(firefox, kWindowUpdate, 0, unhex("00bf0001"));
  feed(firefox, kPriority, 3, unhex("00000000c8"));
  feed(firefox, kPriority, 5, unhex("8000000064"));
  feed(firefox, kWindowUpdate, 3, unhex("00000005"));
  firefox.on_head(head({":method", ":path", ":authority", ":scheme"}));
  EXPECT_EQ(firefox.text(), "1:65536;4:131072;5:16384|12517377|3:0:0:201,5:1:0:101|m,p,a,s");
}

TEST(Http2Fingerprint, OfAHeadThatIsNotWholeIsNone) {
  Http2Fingerprint fingerprint;
  feed(fingerprint, kSettings, 0, "");
  Http2Head lost(1 << 16);
  lost.add(":method", "GET", false);
  lost.add("", "", true);
  fingerprint.on_head(lost);
  EXPECT_EQ(fingerprint.text(), "");
  Http2Fingerprint bare;
  bare.on_head(head({":method"}));
  EXPECT_EQ(bare.text(), "|00|0|m");
}

}  // namespace
}  // namespace tattle
