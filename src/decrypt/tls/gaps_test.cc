#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decrypt/test_peers.h"

// Bytes that the capture lost: what can be read after them is, and nothing is made up.

namespace tattle {
namespace {

using namespace testing_peers;

constexpr auto kUp = Direction::to_server, kDown = Direction::to_client;

struct GapCase {
  std::string name;
  int version;
  std::string suite;
  int unreadable = 0;  // records behind the gap that cannot be read
};

class Gaps : public testing::TestWithParam<GapCase> {};
INSTANTIATE_TEST_SUITE_P(
    Tls, Gaps,
    testing::Values(GapCase{"Gcm13", TLS1_3_VERSION, ""}, GapCase{"Gcm12", TLS1_2_VERSION, "AES128-GCM-SHA256"},
                    GapCase{"Ccm12", TLS1_2_VERSION, "AES128-CCM"},
                    GapCase{"Chacha12", TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305"},
                    GapCase{"Cbc12", TLS1_2_VERSION, "AES128-SHA"}, GapCase{"Cbc11", TLS1_1_VERSION, "AES128-SHA"},
                    GapCase{"Cbc10", TLS1_VERSION, "AES128-SHA", 1}, GapCase{"Null", TLS1_2_VERSION, "NULL-SHA"}),
    [](const auto& info) { return info.param.name; });

// Ten answers of 1000 bytes, each a letter; the flights of the down direction that hold them.
struct Letters {
  explicit Letters(const GapCase& c) : peers(c.version, c.version, c.suite, "") {
    // Else each TLS 1.0 record has an empty one before it, and only that one is lost.
    SSL_CTX_set_options(peers.server_context.get(), SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
    peers.connect();
    EXPECT_TRUE(peers.handshake()) << peers.recording.error;
    first = peers.recording.flights.size();
    for (char letter = 'a'; letter <= 'j'; ++letter) peers.send(kDown, std::string(1000, letter));
  }
  Peers peers;
  std::size_t first = 0;
};

std::string letters(std::string_view which) {
  std::string text;
  for (char letter : which) text += std::string(1000, letter);
  return text;
}

TEST_P(Gaps, OfWholeRecords) {
  Letters letters_sent(GetParam());
  const auto& flights = letters_sent.peers.recording.flights;
  for (bool known_size : {true, false}) {
    Reader reader(store_of(letters_sent.peers.recording.key_log));
    std::uint64_t missing = 0;
    for (std::size_t i = 0; i < flights.size(); ++i) {
      const bool lost = i >= letters_sent.first + 3 && i < letters_sent.first + 6;  // d, e and f
      if (lost) {
        missing += flights[i].bytes.size();
        if (i == letters_sent.first + 5) reader.gap(kDown, missing, known_size ? missing : 0);
        continue;
      }
      reader.data(flights[i].direction, flights[i].bytes);
    }
    reader.end();
    EXPECT_EQ(reader.out.text[1], letters(std::string("abc") + std::string("ghij").substr(GetParam().unreadable)));
    EXPECT_EQ(reader.out.gaps[1], 1);
    EXPECT_EQ(reader.facts().outcome, GetParam().unreadable ? TlsOutcome::partly : TlsOutcome::decrypted);
    EXPECT_EQ(reader.anomalies.count("tls.bad-record-mac"), 0u);
  }
}

TEST_P(Gaps, WithinARecord) {
  Letters letters_sent(GetParam());
  const auto& flights = letters_sent.peers.recording.flights;
  for (std::size_t tail : {0, 3, 100}) {
    Reader reader(store_of(letters_sent.peers.recording.key_log));
    for (std::size_t i = 0; i < flights.size(); ++i) {
      const Bytes bytes(flights[i].bytes);
      if (i != letters_sent.first + 4) {
        reader.data(flights[i].direction, bytes);
        continue;
      }
      reader.data(kDown, bytes.first(200));
      reader.gap(kDown, bytes.size() - 200 - tail, bytes.size() - 200 - tail);
      if (tail > 0) reader.data(kDown, bytes.last(tail));
    }
    reader.end();
    // TLS 1.0 chains its blocks: the tail holds the next IV, behind which comes the MAC of encrypt-then-MAC.
    const int lost = GetParam().unreadable && tail < 100 ? 1 : 0;
    EXPECT_EQ(reader.out.text[1], letters(std::string("abcd") + std::string("fghij").substr(lost))) << tail;
    EXPECT_EQ(reader.out.gaps[1], 1);
  }
}

// The gap swallows the end of one record and the start of another: the next header is found by its looks.
TEST_P(Gaps, AcrossRecords) {
  Letters letters_sent(GetParam());
  const auto& flights = letters_sent.peers.recording.flights;
  Reader reader(store_of(letters_sent.peers.recording.key_log));
  for (std::size_t i = 0; i < flights.size(); ++i) {
    const Bytes bytes(flights[i].bytes);
    if (i == letters_sent.first + 4) {
      reader.data(kDown, bytes.first(200));
    } else if (i == letters_sent.first + 5) {
      const std::uint64_t missing = flights[i - 1].bytes.size() - 200 + 300;
      reader.gap(kDown, missing, missing);
      reader.data(kDown, bytes.subspan(300));
    } else {
      reader.data(flights[i].direction, bytes);
    }
  }
  reader.end();
  EXPECT_EQ(reader.out.text[1], letters(std::string("abcd") + std::string("ghij").substr(GetParam().unreadable)));
  EXPECT_EQ(reader.out.gaps[1], 1);
  EXPECT_EQ(reader.anomalies.count("tls.resync"), 1u);
}

// A byte changed on the way: that record stays closed, those behind it are read.
TEST_P(Gaps, OneDamagedRecord) {
  Letters letters_sent(GetParam());
  auto flights = letters_sent.peers.recording.flights;
  flights[letters_sent.first + 4].bytes[100] ^= 1;
  Reader reader(store_of(letters_sent.peers.recording.key_log));
  for (const Flight& flight : flights) reader.data(flight.direction, flight.bytes);
  reader.end();
  EXPECT_EQ(reader.out.text[1], letters("abcdfghij"));
  EXPECT_EQ(reader.out.gaps[1], 1);
  EXPECT_EQ(reader.anomalies.count("tls.bad-record-mac"), 1u);
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::partly);
}

// Every flight of the handshake in turn is lost. Whatever comes out must be what was sent, in order, after a gap.
TEST_P(Gaps, InTheHandshake) {
  Letters letters_sent(GetParam());
  const auto& flights = letters_sent.peers.recording.flights;
  for (std::size_t lost = 0; lost < letters_sent.first; ++lost) {
    SCOPED_TRACE(lost);
    Reader reader(store_of(letters_sent.peers.recording.key_log));
    for (std::size_t i = 0; i < flights.size(); ++i) {
      if (i == lost) {
        reader.gap(flights[i].direction, flights[i].bytes.size(), flights[i].bytes.size());
      } else {
        reader.data(flights[i].direction, flights[i].bytes);
      }
    }
    reader.end();
    EXPECT_TRUE(letters("abcdefghij").ends_with(reader.out.text[1]));
    const bool hello_lost = lost < 2;
    if (hello_lost) {
      EXPECT_EQ(reader.facts().outcome, TlsOutcome::handshake_unseen);
    } else {
      EXPECT_GE(reader.out.text[1].size(), 9000u);
    }
  }
}

// The first protected record of a direction decides which secret fits; when it is the damaged one, the next decides.
TEST_P(Gaps, DamagedHandshakeFlights) {
  Letters letters_sent(GetParam());
  for (std::size_t damaged = 2; damaged < letters_sent.first; ++damaged) {
    auto flights = letters_sent.peers.recording.flights;
    flights[damaged].bytes.back() ^= 1;  // of a Finished, or of a ticket
    for (bool complete : {true, false}) {
      SCOPED_TRACE(damaged);
      Reader reader(store_of(letters_sent.peers.recording.key_log));
      reader.context.keys_complete = complete;
      for (const Flight& flight : flights) reader.data(flight.direction, flight.bytes);
      reader.end();
      EXPECT_EQ(reader.out.text[1], letters("abcdefghij"));
    }
  }
}

TEST(Unsupported, SuiteIsSaidToBe) {
  Letters letters_sent(GapCase{"", TLS1_2_VERSION, "AES128-GCM-SHA256"});
  auto& flights = letters_sent.peers.recording.flights;
  // The suite stands behind headers, version, random and the session id.
  ByteVector& hello = flights[1].bytes;
  const std::size_t at = 5 + 4 + 2 + 32 + 1 + hello[5 + 4 + 2 + 32];
  ASSERT_EQ(hello[at] << 8 | hello[at + 1], 0x009c);
  hello[at] = 0xc0;  // TLS_RSA_WITH_CAMELLIA_128_GCM_SHA256
  hello[at + 1] = 0x7a;
  Reader reader(store_of(letters_sent.peers.recording.key_log));
  reader.replay(letters_sent.peers.recording);
  reader.end();
  EXPECT_EQ(reader.out.calls, 0);
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::unsupported);
  EXPECT_EQ(reader.facts().cipher_suite, 0xc07a);
  EXPECT_GT(reader.facts().opaque_bytes, 10000u);
}

TEST(Noise, IsNeverRead) {
  Reader reader;
  ByteVector noise(100000);
  std::uint32_t state = 1;
  for (auto& byte : noise) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  reader.data(kUp, noise);
  reader.data(kDown, noise);
  reader.end();
  EXPECT_EQ(reader.out.calls, 0);
  EXPECT_TRUE(reader.out.ended[0]);
}

}  // namespace
}  // namespace tattle
