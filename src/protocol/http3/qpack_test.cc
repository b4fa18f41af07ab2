#include "protocol/http3/qpack.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/http3/qpack_rewrite.h"
#include "protocol/http3/test_kit.h"

namespace tattle {
namespace {

using http2_kit::unhex;
using Outcome = QpackDecoder::Outcome;

// RFC 9204 appendix B, in its order.
const std::string kB1Section = unhex("0000510b2f696e6465782e68746d6c");
const std::string kB2Encoder = unhex("3fbd01c00f7777772e6578616d706c652e636f6dc10c2f73616d706c652f70617468");
const std::string kB2Section = unhex("03811011");
const std::string kB3Encoder = unhex("4a637573746f6d2d6b65790c637573746f6d2d76616c7565");
const std::string kB4Encoder = unhex("02");
const std::string kB4Section = unhex("050080c181");
const std::string kB5Encoder = unhex("810d637573746f6d2d76616c756532");
constexpr std::uint64_t kCapacity = 220;

struct Read {
  Outcome outcome;
  std::string fields;
};

Read read(QpackDecoder& decoder, std::string_view section, bool cut = false) {
  Http2Head head(4096);
  const Outcome outcome = decoder.decode(as_bytes(section), cut, head);
  std::vector<Field> fields;
  head.fields(0, fields);
  std::string text;
  for (const Field& field : fields) {
    text += std::string(field.name) + "=" + std::string(field.value) + (field.unknown ? " (unknown)" : "") + "\n";
  }
  return {outcome, text};
}

struct Rfc9204 : testing::Test {
  Limits limits;
  QpackDecoder decoder{limits};
  bool encoder(std::string_view bytes) { return decoder.read_encoder(as_bytes(bytes)); }
};

TEST_F(Rfc9204, ReadsItsExamples) {
  ASSERT_TRUE(decoder.announce(kCapacity));
  EXPECT_EQ(read(decoder, kB1Section).fields, ":path=/index.html\n");
  EXPECT_TRUE(encoder(kB2Encoder));
  EXPECT_EQ(read(decoder, kB2Section).fields, ":authority=www.example.com\n:path=/sample/path\n");
  EXPECT_TRUE(encoder(kB3Encoder) && encoder(kB4Encoder));
  const Read b4 = read(decoder, kB4Section);
  EXPECT_EQ(b4.outcome, Outcome::done);
  EXPECT_EQ(b4.fields, ":authority=www.example.com\n:path=/\ncustom-key=custom-value\n");
  EXPECT_TRUE(encoder(kB5Encoder));
  // Not in the appendix: the entry that B.5 adds, by its relative index 0 (Required Insert Count 5, Base 5).
  EXPECT_EQ(read(decoder, unhex("060080")).fields, "custom-key=custom-value2\n");
}

TEST_F(Rfc9204, TakesTheEncoderStreamByteByByte) {
  ASSERT_TRUE(decoder.announce(kCapacity));
  for (const char each : kB2Encoder + kB3Encoder + kB4Encoder) EXPECT_TRUE(encoder({&each, 1}));
  EXPECT_EQ(read(decoder, kB4Section).fields, ":authority=www.example.com\n:path=/\ncustom-key=custom-value\n");
}

TEST_F(Rfc9204, WaitsForTheSettingsAndForEntries) {
  EXPECT_EQ(read(decoder, kB1Section).outcome, Outcome::done);  // needs neither
  EXPECT_EQ(read(decoder, kB2Section).outcome, Outcome::blocked);
  EXPECT_TRUE(encoder(kB2Encoder));
  EXPECT_EQ(read(decoder, kB2Section).outcome, Outcome::blocked);
  EXPECT_TRUE(decoder.announce(kCapacity));
  EXPECT_EQ(read(decoder, kB2Section).fields, ":authority=www.example.com\n:path=/sample/path\n");
  EXPECT_EQ(read(decoder, kB4Section).outcome, Outcome::blocked);
  EXPECT_EQ(read(decoder, kB4Section).fields, "");
  EXPECT_TRUE(encoder(kB3Encoder + kB4Encoder));
  EXPECT_EQ(read(decoder, kB4Section).outcome, Outcome::done);
}

TEST_F(Rfc9204, DoesNotGuessAfterALoss) {
  ASSERT_TRUE(decoder.announce(kCapacity));
  EXPECT_TRUE(encoder(kB2Encoder));
  decoder.lose_table();
  EXPECT_TRUE(encoder(kB5Encoder));  // of no use any more
  EXPECT_EQ(read(decoder, kB1Section).fields, ":path=/index.html\n");
  EXPECT_EQ(read(decoder, kB2Section).fields, "= (unknown)\n= (unknown)\n");
  EXPECT_EQ(read(decoder, kB4Section).fields, "= (unknown)\n:path=/\n= (unknown)\n");
  // A literal value whose name is an entry (4.5.4, T=0; 4.5.5): the value is known.
  EXPECT_EQ(read(decoder, unhex("0500400141d9")).fields, "=A (unknown)\n:status=200\n");
  const Read named = read(decoder, unhex("0500") +
                                       "\x40\x03"
                                       "abc" +
                                       unhex("00") +
                                       "\x03"
                                       "def" +
                                       unhex("d9"));
  EXPECT_EQ(named.outcome, Outcome::done);
  EXPECT_EQ(named.fields, "=abc (unknown)\n=def (unknown)\n:status=200\n");
}

// Fewer entries came than the receiver says it got: what counts there refer to is not certain.
TEST_F(Rfc9204, WaitsWhenTheReceiverHasMoreEntries) {
  ASSERT_TRUE(decoder.announce(kCapacity));
  EXPECT_TRUE(encoder(kB2Encoder));
  decoder.acknowledge(3);
  EXPECT_EQ(read(decoder, kB2Section).outcome, Outcome::blocked);
  EXPECT_TRUE(encoder(kB3Encoder));
  EXPECT_EQ(read(decoder, kB2Section).fields, ":authority=www.example.com\n:path=/sample/path\n");
}

TEST_F(Rfc9204, ReadsTheFrontOfWhatIsCut) {
  ASSERT_TRUE(decoder.announce(kCapacity));
  EXPECT_TRUE(encoder(kB2Encoder));
  const Read table = read(decoder, kB2Section.substr(0, 3), true);
  EXPECT_EQ(table.outcome, Outcome::done);
  EXPECT_EQ(table.fields, ":authority=www.example.com\n");
  EXPECT_EQ(read(decoder, kB1Section.substr(0, 9), true).fields, "");
  EXPECT_EQ(read(decoder, unhex("0000d9") + kB1Section.substr(2, 7), true).fields, ":status=200\n");
  EXPECT_EQ(read(decoder, "", true).outcome, Outcome::done);
  // The table is as before.
  EXPECT_EQ(read(decoder, kB2Section).fields, ":authority=www.example.com\n:path=/sample/path\n");
}

TEST_F(Rfc9204, LosesTheTableOverAFault) {
  ASSERT_TRUE(decoder.announce(kCapacity));
  EXPECT_TRUE(encoder(kB2Encoder));
  const Read fault = read(decoder, unhex("0381101f"));  // post-base index beyond the table
  EXPECT_EQ(fault.outcome, Outcome::malformed);
  EXPECT_EQ(fault.fields, ":authority=www.example.com\n");
  EXPECT_EQ(read(decoder, kB2Section).fields, "= (unknown)\n= (unknown)\n");
  EXPECT_EQ(read(decoder, "").outcome, Outcome::malformed);
  EXPECT_EQ(read(decoder, kB1Section).outcome, Outcome::done);
}

TEST_F(Rfc9204, RefusesTablesOverTheLimit) {
  EXPECT_FALSE(decoder.announce(limits.http2_header_table_bytes + 1));
  EXPECT_EQ(read(decoder, kB2Section).fields, "= (unknown)\n= (unknown)\n");
}

TEST_F(Rfc9204, HoldsNoMoreThanTheLimitBeforeTheSettings) {
  limits.http_head_bytes = 40;
  QpackDecoder small(limits);
  EXPECT_TRUE(small.read_encoder(as_bytes(kB2Encoder)));
  EXPECT_FALSE(small.read_encoder(as_bytes(kB3Encoder)));
  small.announce(kCapacity);
  EXPECT_EQ(read(small, kB2Section).fields, "= (unknown)\n= (unknown)\n");
}

TEST(QpackIntegers, AreThoseOfRfc7541) {
  // RFC 7541 appendix C.1.1 to C.1.3.
  for (const auto& [hex, bits, value] :
       {std::tuple{"0a", 5, 10u}, std::tuple{"1f9a0a", 5, 1337u}, std::tuple{"2a", 8, 42u}}) {
    const std::string bytes = unhex(hex);
    Bytes in = as_bytes(bytes);
    EXPECT_EQ(take_prefixed(in, bits), value);
    EXPECT_TRUE(in.empty());
  }
  for (const char* hex : {"", "1f", "1f80", "1fffffffffffffffff7f", "1f80808080808080808001"}) {
    const std::string bytes = unhex(hex);
    Bytes in = as_bytes(bytes);
    EXPECT_FALSE(take_prefixed(in, 5)) << hex;
  }
}

}  // namespace
}  // namespace tattle
