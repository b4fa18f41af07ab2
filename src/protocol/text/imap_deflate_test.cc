#include <gtest/gtest.h>
#include <zlib.h>

#include "protocol/testing/flow_test_kit.h"

namespace tattle {
namespace {

using flow_kit::Conversation;
using flow_kit::down;
using flow_kit::lost;
using flow_kit::up;
using Lines = std::vector<std::string>;

/// One direction as RFC 4978 has it: a raw DEFLATE stream, flushed behind each piece.
class Deflater {
 public:
  Deflater() { deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY); }
  ~Deflater() { deflateEnd(&stream_); }
  std::string operator()(std::string text) {
    std::string out(text.size() + 64, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(text.data());
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    return out;
  }

 private:
  z_stream stream_{};
};

const std::string kRequest = "a1 COMPRESS DEFLATE\r\n", kGranted = "a1 OK DEFLATE active\r\n";
const Lines kBefore{"< response #0 imap [* OK hello]", "> request #1 imap COMPRESS DEFLATE []",
                    "< response #1 imap [a1 OK DEFLATE active]"};

TEST(ImapDeflate, BothDirectionsAreInflated) {
  for (const std::size_t most : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    Deflater client, server;
    Conversation conversation;
    conversation.info = flow_kit::flow(143);
    conversation.run({down("* OK hello\r\n"), up(kRequest), down(kGranted + server("* OK more\r\n")),
                      up(client("a2 LOGIN aino hunter2\r\n")), down(server("a2 OK in\r\n")),
                      up(client("a3 SELECT INBOX\r\n")), down(server("a3 OK selected\r\n"))},
                     0, most);
    Lines wanted = kBefore;
    wanted.insert(wanted.end(), {"< response #0 imap [* OK more]", "> request #2 imap LOGIN aino hunter2 []",
                                 "< response #2 imap [a2 OK in]", "> request #3 imap SELECT INBOX []",
                                 "< response #3 imap [a3 OK selected]"});
    EXPECT_EQ(conversation.seen.lines, wanted) << most;
    EXPECT_TRUE(conversation.seen.borrowed_well);
    EXPECT_TRUE(conversation.anomalies.entries().empty());
  }
}

TEST(ImapDeflate, ASecondTimeChangesNothing) {
  Deflater client, server;
  Conversation conversation;
  conversation.info = flow_kit::flow(143);
  conversation.run({down("* OK hello\r\n"), up(kRequest), down(kGranted), up(client("a2 COMPRESS DEFLATE\r\n")),
                    down(server("a2 OK again\r\n* OK more\r\n")), up(client("a3 NOOP\r\n"))});
  Lines wanted = kBefore;
  wanted.insert(wanted.end(), {"> request #2 imap COMPRESS DEFLATE []", "< response #2 imap [a2 OK again]",
                               "< response #0 imap [* OK more]", "> request #3 imap NOOP  []"});
  EXPECT_EQ(conversation.seen.lines, wanted);
}

TEST(ImapDeflate, RefusedItStaysClear) {
  Conversation conversation;
  conversation.info = flow_kit::flow(143);
  conversation.run({down("* OK hello\r\n"), up(kRequest), down("a1 NO DEFLATE active\r\n"), up("a2 NOOP\r\n")});
  ASSERT_EQ(conversation.seen.lines.size(), 4u);
  EXPECT_EQ(conversation.seen.lines[3], "> request #2 imap NOOP  []");
}

TEST(ImapDeflate, WhatDoesNotHoldTogetherIsSearchedAsItIs) {
  Conversation conversation;
  conversation.info = flow_kit::flow(143);
  conversation.run({down("* OK hello\r\n"), up(kRequest), down(kGranted), up("\xff\xff no deflate"), up(" secret")});
  ASSERT_EQ(conversation.seen.lines.size(), 4u);
  EXPECT_EQ(conversation.seen.lines[3], "> data #0 tcp [\\xff\\xff no deflate secret]");
  EXPECT_EQ(conversation.anomalies.count("imap.bad-deflate"), 1u);
}

TEST(ImapDeflate, BehindALossNothingIsInflated) {
  Deflater client;
  const std::string first = client("a2 LOGIN aino hunter2\r\n"), second = client("a3 SELECT INBOX\r\n");
  Conversation conversation;
  conversation.info = flow_kit::flow(143);
  conversation.run(
      {down("* OK hello\r\n"), up(kRequest), down(kGranted), lost(Direction::to_server, first.size()), up(second)});
  ASSERT_EQ(conversation.seen.lines.size(), 4u);
  EXPECT_EQ(conversation.seen.lines[3], "> data #0 tcp [" + flow_kit::printable(second) + "]");
}

}  // namespace
}  // namespace tattle
