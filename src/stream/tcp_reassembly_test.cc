#include "stream/tcp_reassembly.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "stream/tcp_test_kit.h"

namespace tattle {
namespace {

constexpr Direction kUp = Direction::to_server;
constexpr Direction kDown = Direction::to_client;

struct TcpTest : testing::Test {
  FlowInfo flow = tcp_test_flow();
  Limits limits;
  Anomalies anomalies;
  StreamRecorder seen;
  SegmentMaker make;
  std::unique_ptr<TcpReassembly> tcp = std::make_unique<TcpReassembly>(flow, limits, anomalies, seen);

  void give(const Segment& segment) { tcp->on_segment(segment); }
  void open() {
    give(make.syn(kUp));
    give(make.syn(kDown));
    give(make.data(kUp, 0, {}));
  }
  void idle(int count, std::uint64_t up, std::uint64_t down) {
    for (int i = 0; i < count; ++i) give(make.data(kDown, down, {}, up));
  }
};

TEST_F(TcpTest, DeliversInOrder) {
  open();
  give(make.data(kUp, 0, "hello"));
  give(make.data(kDown, 0, "world", 5));
  give(make.data(kUp, 5, " again", 5));
  EXPECT_EQ(seen.text[0], "hello again");
  EXPECT_EQ(seen.text[1], "world");
  EXPECT_EQ(seen.order, "><>");
  EXPECT_EQ(seen.packets[0], (std::vector<std::uint64_t>{4, 6}));
  EXPECT_TRUE(anomalies.entries().empty());
}

TEST_F(TcpTest, AnyOrderOfSegmentsGivesTheSameBytes) {
  const std::string text = "abcdefghij";
  std::vector<int> order{0, 1, 2, 3, 4};
  do {
    StreamRecorder recorder;
    TcpReassembly each(flow, limits, anomalies, recorder);
    each.on_segment(make.syn(kUp));
    for (int i : order) each.on_segment(make.data(kUp, static_cast<std::uint64_t>(i) * 2, text.substr(i * 2, 2)));
    each.finish();
    EXPECT_EQ(recorder.text[0], text + "<end>");
    EXPECT_TRUE(recorder.contiguous);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_TRUE(anomalies.entries().empty());
}

TEST_F(TcpTest, SequenceNumbersWrap) {
  make.first[0] = 0xfffffff8;
  open();
  give(make.data(kUp, 4, "efghijkl"));
  give(make.data(kUp, 0, "abcd"));
  give(make.data(kUp, 12, "mnop"));
  EXPECT_EQ(seen.text[0], "abcdefghijklmnop");
}

TEST_F(TcpTest, RetransmissionIsCountedAndNotRepeated) {
  open();
  give(make.data(kUp, 0, "hello"));
  give(make.data(kUp, 0, "hello"));
  give(make.data(kUp, 3, "lo there"));
  EXPECT_EQ(seen.text[0], "hello there");
  EXPECT_EQ(tcp->counts().retransmitted, 7u);
  EXPECT_TRUE(anomalies.entries().empty());
}

TEST_F(TcpTest, FirstBytesWinAndADifferenceIsAnAnomaly) {
  open();
  give(make.data(kUp, 4, "EFGH"));
  give(make.data(kUp, 2, "cdefghij"));  // differs in EFGH
  give(make.data(kUp, 0, "ab"));
  EXPECT_EQ(seen.text[0], "abcdEFGHij");
  EXPECT_EQ(anomalies.count("tcp.conflicting-overlap"), 1u);
}

TEST_F(TcpTest, AnotherTextBehindDeliveryIsAnAnomaly) {
  open();
  give(make.data(kUp, 0, "GET /a"));
  give(make.data(kUp, 0, "GET /b"));
  EXPECT_EQ(seen.text[0], "GET /a");
  EXPECT_EQ(anomalies.count("tcp.conflicting-overlap"), 1u);
}

TEST_F(TcpTest, KeepAliveIsNoData) {
  open();
  give(make.data(kUp, 0, "hello"));
  give(make.data(kUp, 4, std::string_view("\0", 1)));
  give(make.data(kUp, 5, "!"));
  EXPECT_EQ(seen.text[0], "hello!");
  EXPECT_TRUE(anomalies.entries().empty());
}

TEST_F(TcpTest, JoinedAtAKeepAlive) {
  flow.opening_seen = false;
  give(make.data(kUp, 299, std::string_view("\0", 1), 700));
  give(make.data(kDown, 700, {}, 300));
  give(make.data(kUp, 300, "next", 700));
  EXPECT_EQ(seen.text[0], "next");
}

TEST_F(TcpTest, JoinedMidway) {
  flow.opening_seen = false;
  give(make.data(kDown, 700, "late", 300));
  give(make.data(kUp, 300, "next", 704));
  give(make.data(kDown, 704, "r", 304));
  EXPECT_EQ(seen.text[0], "next");
  EXPECT_EQ(seen.text[1], "later");
  EXPECT_EQ(seen.offset[1], 5u);
  EXPECT_EQ(anomalies.count("tcp.midstream"), 1u);
}

TEST_F(TcpTest, LostBytesAreGivenUpOnceAcknowledgedAndWaitedFor) {
  open();
  give(make.data(kUp, 0, "abc"));
  give(make.data(kUp, 6, "ghi"));
  idle(40, 3, 0);  // the receiver does not have them: a retransmission will come
  EXPECT_EQ(seen.text[0], "abc");
  idle(40, 9, 0);
  EXPECT_EQ(seen.text[0], "abc<gap 3>ghi");
  EXPECT_EQ(anomalies.count("tcp.gap"), 1u);
  EXPECT_EQ(tcp->counts().missing, 3u);
  give(make.data(kUp, 3, "def"));  // too late
  EXPECT_EQ(seen.text[0], "abc<gap 3>ghi");
}

TEST_F(TcpTest, ABoundedReorderingIsNoLoss) {
  open();
  give(make.data(kUp, 3, "def"));
  idle(20, 6, 0);
  give(make.data(kUp, 0, "abc"));
  EXPECT_EQ(seen.text[0], "abcdef");
}

TEST_F(TcpTest, LastHolesAreGivenUpAtTheEnd) {
  open();
  give(make.data(kUp, 0, "abc"));
  give(make.data(kUp, 6, "ghi"));
  give(make.data(kUp, 10, "k"));
  tcp->finish();
  EXPECT_EQ(seen.text[0], "abc<gap 3>ghi<gap 1>k<end>");
}

TEST_F(TcpTest, AcknowledgedBytesThatNeverCameAreMissing) {
  open();
  give(make.data(kUp, 0, "abc"));
  give(make.data(kDown, 0, "ok", 100));
  tcp->finish();
  EXPECT_EQ(seen.text[0], "abc<gap 97><end>");
  EXPECT_EQ(seen.text[1], "ok<end>");
}

TEST_F(TcpTest, SnapLengthLeavesAGap) {
  open();
  Segment cut = make.data(kUp, 0, "GET / HT");
  cut.wire_payload = 20;
  give(cut);
  give(make.data(kUp, 20, "rest"));
  EXPECT_EQ(seen.text[0], "GET / HT<gap 12>rest");
  EXPECT_EQ(anomalies.count("tcp.cut-segment"), 1u);
}

TEST_F(TcpTest, EndsAtFinOnlyWhenAllIsDelivered) {
  open();
  give(make.fin(kUp, 6));
  EXPECT_EQ(seen.text[0], "");
  give(make.data(kUp, 3, "def"));
  give(make.data(kUp, 0, "abc"));
  EXPECT_EQ(seen.text[0], "abcdef<end>");
  give(make.data(kUp, 6, "x"));
  tcp->finish();
  EXPECT_EQ(seen.text[0], "abcdef<end>");
  EXPECT_EQ(anomalies.count("tcp.data-after-fin"), 1u);
}

TEST_F(TcpTest, ResetCarriesNoStreamBytes) {
  open();
  give(make.data(kUp, 0, "abc"));
  Segment reset = make.data(kUp, 3, "go away");
  reset.tcp.rst = true;
  give(reset);
  tcp->finish();
  EXPECT_EQ(seen.text[0], "abc<end>");
}

TEST_F(TcpTest, SynMayCarryData) {
  Segment syn = make.syn(kUp);
  syn.payload = as_bytes("early");
  syn.wire_payload = 5;
  give(syn);
  give(make.data(kUp, 5, " late"));
  EXPECT_EQ(seen.text[0], "early late");
}

TEST_F(TcpTest, AResponseDoesNotOvertakeItsRequest) {
  open();
  give(make.data(kDown, 0, "response", 7));
  EXPECT_EQ(seen.order, "");
  give(make.data(kUp, 0, "request", 0));
  EXPECT_EQ(seen.order, "><");
}

TEST_F(TcpTest, AResponseWaitsNotForever) {
  open();
  give(make.data(kDown, 0, "response", 7));
  idle(40, 7, 8);
  EXPECT_EQ(seen.order, "<");
  give(make.data(kDown, 8, "!", 7));
  EXPECT_EQ(seen.text[1], "response!");
}

TEST_F(TcpTest, LimitsGiveUpTheFirstHole) {
  limits.tcp_out_of_order_segments = 3;
  tcp = std::make_unique<TcpReassembly>(flow, limits, anomalies, seen);
  open();
  for (std::uint64_t i = 1; i < 5; ++i) give(make.data(kUp, i * 2, "x"));
  EXPECT_EQ(seen.text[0], "<gap 2>x");
  EXPECT_EQ(anomalies.count("tcp.limit"), 1u);
}

TEST_F(TcpTest, AForeignSegmentIsLeftOut) {
  open();
  give(make.data(kUp, 0, "abc"));
  give(make.data(kUp, 0x60000000, "spoofed"));
  give(make.data(kUp, 3, "def"));
  EXPECT_EQ(seen.text[0], "abcdef");
  EXPECT_EQ(anomalies.count("tcp.out-of-window"), 1u);
}

TEST_F(TcpTest, ALongForeignRunIsAnotherConnection) {
  open();
  give(make.data(kUp, 0, "abc"));
  give(make.data(kUp, 0x60000000, "one"));
  give(make.data(kUp, 0x60000003, "two"));
  give(make.data(kUp, 0x60000006, "three"));
  EXPECT_EQ(seen.text[0], "abc<gap 0>twothree");
}

// Shuffled within the patience, repeated and cut differently: always the same bytes.
TEST_F(TcpTest, RandomDisorderGivesTheSameBytes) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::string text(500, ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % 26);
    make.first[0] = static_cast<std::uint32_t>(random());
    std::vector<Segment> segments;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t back = random() % 3 == 0 ? std::min<std::size_t>(at, random() % 20) : 0;
      const std::size_t size = std::min<std::size_t>(1 + random() % 30, text.size() - at);
      segments.push_back(make.data(kUp, at - back, std::string_view(text).substr(at - back, size + back)));
      at += size;
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
      std::swap(segments[i], segments[std::min(segments.size() - 1, i + random() % 8)]);
    }
    StreamRecorder recorder;
    TcpReassembly each(flow, limits, anomalies, recorder);
    each.on_segment(make.syn(kUp));
    for (const Segment& segment : segments) each.on_segment(segment);
    each.on_segment(make.fin(kUp, text.size()));
    ASSERT_EQ(recorder.text[0], text + "<end>") << seed;
    ASSERT_TRUE(recorder.contiguous);
  }
  EXPECT_TRUE(anomalies.entries().empty());
}

}  // namespace
}  // namespace tattle
