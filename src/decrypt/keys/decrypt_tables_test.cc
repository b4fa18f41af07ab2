#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "decrypt/hello.h"
#include "decrypt/keys/crypto_library.h"
#include "decrypt/keys/key_log.h"
#include "decrypt/keys/key_schedule.h"
#include "decrypt/keys/key_store.h"
#include "decrypt/tls/tls.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ByteVector hex(std::string_view text) {
  ByteVector bytes;
  int high = -1;
  for (char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

const std::string kRandom(64, 'a'), kMaster(96, 'b'), kSecret32(64, 'c'), kSecret48(96, 'd');

struct LineCase {
  std::string name, line;
  KeyLogLine::Kind kind;
};
class KeyLogLines : public testing::TestWithParam<LineCase> {};
TEST_P(KeyLogLines, AreTold) { EXPECT_EQ(parse_key_log_line(GetParam().line).kind, GetParam().kind); }
using Kind = KeyLogLine::Kind;
INSTANTIATE_TEST_SUITE_P(
    Nss, KeyLogLines,
    testing::Values(
        LineCase{"Comment", "# SSL/TLS secrets log file", Kind::empty}, LineCase{"Empty", "", Kind::empty},
        LineCase{"Blank", " \t\r", Kind::empty},
        LineCase{"ClientRandom", "CLIENT_RANDOM " + kRandom + " " + kMaster, Kind::secret},
        LineCase{"CarriageReturn", "CLIENT_RANDOM " + kRandom + " " + kMaster + "\r", Kind::secret},
        LineCase{"ShortMaster", "CLIENT_RANDOM " + kRandom + " " + kSecret32, Kind::unknown},
        LineCase{"ShortRandom", "CLIENT_RANDOM abcd " + kMaster, Kind::unknown},
        LineCase{"OddDigits", "CLIENT_RANDOM " + kRandom + " " + kMaster + "a", Kind::unknown},
        LineCase{"NotHex", "CLIENT_RANDOM " + kRandom + " x" + kMaster.substr(1), Kind::unknown},
        LineCase{"Words", "CLIENT_RANDOM " + kRandom + " " + kMaster + " more", Kind::unknown},
        LineCase{"Rsa", "RSA 0123456789abcdef " + kMaster, Kind::premaster},
        LineCase{"RsaLong", "RSA 0123456789abcdef00 " + kMaster, Kind::unknown},
        LineCase{"Session", "RSA Session-ID:0102 Master-Key:" + kMaster, Kind::session},
        LineCase{"SessionWithoutId", "RSA Session-ID: Master-Key:" + kMaster, Kind::unknown},
        LineCase{"Handshake256", "SERVER_HANDSHAKE_TRAFFIC_SECRET " + kRandom + " " + kSecret32, Kind::secret},
        LineCase{"Handshake384", "CLIENT_HANDSHAKE_TRAFFIC_SECRET " + kRandom + " " + kSecret48, Kind::secret},
        LineCase{"Traffic", "CLIENT_TRAFFIC_SECRET_0 " + kRandom + " " + kSecret32, Kind::secret},
        LineCase{"TrafficLater", "SERVER_TRAFFIC_SECRET_12 " + kRandom + " " + kSecret32, Kind::secret},
        LineCase{"TrafficNone", "SERVER_TRAFFIC_SECRET_ " + kRandom + " " + kSecret32, Kind::unknown},
        LineCase{"Early", "CLIENT_EARLY_TRAFFIC_SECRET " + kRandom + " " + kSecret32, Kind::secret},
        LineCase{"EarlyServer", "SERVER_EARLY_TRAFFIC_SECRET " + kRandom + " " + kSecret32, Kind::unknown},
        LineCase{"Exporter", "EXPORTER_SECRET " + kRandom + " " + kSecret32, Kind::exporter},
        LineCase{"TrafficUpdated", "CLIENT_TRAFFIC_SECRET_N " + kRandom + " " + kSecret32, Kind::exporter},
        LineCase{"Garbage", "hello there", Kind::unknown}),
    [](const auto& info) { return info.param.name; });

TEST(KeyStore, KeepsSeveralSecretsInOrderAndCountsLines) {
  KeyStore store;
  const std::string log = "# x\r\nCLIENT_RANDOM " + kRandom + " " + kMaster + "\r\n\nCLIENT_RANDOM " + kRandom + " " +
                          std::string(96, 'e') + "\nEXPORTER_SECRET " + kRandom + " " + kSecret32 +
                          "\nrubbish\nCLIENT_RANDOM " + kRandom + " " + kMaster;
  const KeyStore::Counts counts = store.add_key_log(as_bytes(log), Limits{});
  EXPECT_EQ(counts.added, 4u);
  EXPECT_EQ(counts.skipped, 1u);
  EXPECT_EQ(store.size(), 2u);
  EXPECT_THAT(store.secrets("CLIENT_RANDOM", hex(kRandom)).size(), 2u);
  EXPECT_EQ(store.secrets("CLIENT_RANDOM", hex(kRandom))[0][0], 0xbb);
  EXPECT_EQ(store.secrets("CLIENT_RANDOM", hex(kRandom))[1][0], 0xee);
  EXPECT_TRUE(store.knows(hex(kRandom)));
  EXPECT_FALSE(store.knows(hex(kMaster)));
}

TEST(KeyStore, ReadsTheFirstLineBehindAByteOrderMark) {
  KeyStore store;
  const std::string log =
      "\xEF\xBB\xBF"
      "CLIENT_RANDOM " +
      kRandom + " " + kMaster + "\r\n";
  EXPECT_EQ(store.add_key_log(as_bytes(log), Limits{}).skipped, 0u);
  EXPECT_TRUE(store.knows(hex(kRandom)));
}

TEST(KeyStore, StopsAtItsLimit) {
  Limits limits;
  limits.tls_secrets = 10;
  KeyStore store;
  std::string log;
  for (int i = 0; i < 15; ++i) {
    log += "CLIENT_RANDOM " + std::string(62, 'a') + std::to_string(10 + i) + " " + kMaster + "\n";
  }
  EXPECT_EQ(store.add_key_log(as_bytes(log), limits).over_limit, 5u);
  EXPECT_EQ(store.size(), 10u);
}

TEST(KeyStore, CopiesDoNotSeeWhatIsAddedLater) {
  KeyStore store;
  std::vector<KeyStore> snapshots;
  for (int i = 0; i < 300; ++i) {
    snapshots.push_back(store);
    const std::uint8_t id[] = {static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    store.add_session(id, hex(kMaster));
  }
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(snapshots[static_cast<std::size_t>(i)].size(), static_cast<std::uint64_t>(i));
    const std::uint8_t id[] = {static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    EXPECT_THAT(snapshots[static_cast<std::size_t>(i)].session_secrets(id), IsEmpty());
    EXPECT_EQ(store.session_secrets(id).size(), 1u);
  }
}

TEST(KeyStore, KnowsWhenResumedSessionsNeedTheirFirstHandshake) {
  KeyStore store;
  store.add_key_log(as_bytes("CLIENT_RANDOM " + kRandom + " " + kMaster + "\n"), Limits{});
  EXPECT_FALSE(store.opens_key_exchanges());
  store.add_key_log(as_bytes("RSA 0123456789abcdef " + kMaster + "\n"), Limits{});
  EXPECT_TRUE(store.opens_key_exchanges());
  EXPECT_TRUE(KeyStore(store).opens_key_exchanges());
}

TEST(KeyStore, OnlyTakesReadablePrivateKeys) {
  KeyStore store;
  EXPECT_FALSE(store.add_private_key("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  EXPECT_FALSE(store.add_private_key("CLIENT_RANDOM"));
  EXPECT_FALSE(store.has_private_keys());
}

struct StartCase {
  std::string name, bytes;
  bool tls;
};
class Starts : public testing::TestWithParam<StartCase> {};
TEST_P(Starts, AreTold) { EXPECT_EQ(looks_like_tls(hex(GetParam().bytes)), GetParam().tls); }
INSTANTIATE_TEST_SUITE_P(
    Tls, Starts,
    testing::Values(StartCase{"ClientHello", "160301020001", true}, StartCase{"ServerHello", "160303004a02", true},
                    StartCase{"Ssl3", "160300003b01", true}, StartCase{"Short", "1603", true},
                    StartCase{"Application", "170303010055", true}, StartCase{"Alert", "150303000202", true},
                    StartCase{"Http", "474554202f20", false}, StartCase{"HttpShort", "47", false},
                    StartCase{"Ssh", "5353482d322e", false}, StartCase{"WrongMajor", "160403004a02", false},
                    StartCase{"TooLong", "17030348010a", false}, StartCase{"EmptyHandshake", "160301000001", false},
                    StartCase{"NoSuchMessage", "1603010200ff", false},
                    StartCase{"LongCipherSpec", "140303000201", false}, StartCase{"V2Hello", "802e01030100", true},
                    StartCase{"V2NotHello", "802e04030100", false}, StartCase{"V2Version2", "802e01000200", false},
                    StartCase{"V2TooShort", "800401030100", false}),
    [](const auto& info) { return info.param.name; });

// The ClientHello of RFC 8448 section 3, without its header.
constexpr std::string_view kRfc8448Hello =
    "0303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302010000910000000b000900000673"
    "6572766572ff01000100000a00140012001d0017001800190100010101020103010400230000003300260024001d002099381de560e4bd43d2"
    "3d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e040305030603020308040805080604010501060102"
    "010402050206020202002d00020101001c00024001";

TEST(Hello, OfRfc8448) {
  const auto hello = parse_client_hello(hex(kRfc8448Hello));
  ASSERT_TRUE(hello.has_value());
  EXPECT_EQ(hello->sni, "server");
  EXPECT_EQ(hello->version, 0x0303);
  EXPECT_EQ(hello->random, hex("cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7"));
  EXPECT_FALSE(hello->early_data || hello->ech || hello->pre_shared_key);
}

TEST(Hello, CutAnywhereIsAnErrorNotAGuess) {
  const ByteVector whole = hex(kRfc8448Hello);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // Version, random, no session id, three suites, one compression method: extensions may be absent.
    const bool without_extensions = size == 2 + 32 + 1 + 2 + 6 + 2;
    EXPECT_EQ(parse_client_hello(Bytes(whole).first(size)).has_value(), without_extensions) << size;
  }
}

TEST(Hello, ServerHelloOfRfc8448) {
  const auto hello = parse_server_hello(hex(
      "0303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d0020c9828876112095"
      "fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304"));
  ASSERT_TRUE(hello.has_value());
  EXPECT_EQ(hello->version, 0x0304);
  EXPECT_EQ(hello->cipher_suite, 0x1301);
  EXPECT_FALSE(hello->hello_retry_request || hello->pre_shared_key);
}

TEST(Hello, V2CompatibleWithShortChallenge) {
  const auto hello = parse_v2_client_hello(hex("01 0301 0003 0000 0010 00002f 000102030405060708090a0b0c0d0e0f"));
  ASSERT_TRUE(hello.has_value());
  EXPECT_EQ(hello->random, hex("00000000000000000000000000000000000102030405060708090a0b0c0d0e0f"));
  EXPECT_FALSE(parse_v2_client_hello(hex("01 0301 0003 0000 0010 00002f 0001")).has_value());
}

// Keys of RFC 8448 section 3, from its traffic secrets.
TEST(KeySchedule, OfRfc8448) {
  const CryptoLibrary crypto;
  const CipherSuite& suite = *find_cipher_suite(0x1301);
  const TrafficKeys keys =
      traffic_keys(crypto, suite, hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"));
  EXPECT_EQ(keys.key, hex("3fce516009c21727d0f2e4e86ee403bc"));
  EXPECT_EQ(keys.iv, hex("5d313eb2671276ee13000b30"));
}

// The names are those of IANA's registry.
TEST(CipherSuites, AreThoseOfTheRegistry) {
  EXPECT_EQ(find_cipher_suite(0x0005)->bulk, Bulk::rc4_128);
  EXPECT_EQ(find_cipher_suite(0x0005)->kx, Kx::rsa);
  EXPECT_EQ(find_cipher_suite(0x000a)->bulk, Bulk::triple_des_cbc);
  EXPECT_EQ(find_cipher_suite(0xc030)->prf, Hash::sha384);
  EXPECT_EQ(find_cipher_suite(0xc030)->kx, Kx::other);
  EXPECT_EQ(find_cipher_suite(0x0000), nullptr);
  EXPECT_EQ(find_cipher_suite(0x0003), nullptr);  // export
  EXPECT_EQ(find_cipher_suite(0x00ff), nullptr);  // signalling
  EXPECT_EQ(find_cipher_suite(0xffff), nullptr);
}

}  // namespace
}  // namespace tattle
