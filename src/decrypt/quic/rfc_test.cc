#include <gtest/gtest.h>

#include "decrypt/quic/keys.h"
#include "decrypt/quic/test_kit.h"

// The sample packets of RFC 9001 appendix A and RFC 9369 appendix A.

namespace tattle {
namespace {

using quic_kit::unhex;

// clang-format off
const std::string kV1Client =
    "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d92ec356c0bab7df5976d27cd"
    "449f63300099f3991c260ec4c60d17b31f8429157bb35a1282a643a8d2262cad67500cadb8e7378c8eb7539ec4d4905fed1bee1fc8aafba1"
    "7c750e2c7ace01e6005f80fcb7df621230c83711b39343fa028cea7f7fb5ff89eac2308249a02252155e2347b63d58c5457afd84d05dfffd"
    "b20392844ae812154682e9cf012f9021a6f0be17ddd0c2084dce25ff9b06cde535d0f920a2db1bf362c23e596d11a4f5a6cf3948838a3aec"
    "4e15daf8500a6ef69ec4e3feb6b1d98e610ac8b7ec3faf6ad760b7bad1db4ba3485e8a94dc250ae3fdb41ed15fb6a8e5eba0fc3dd60bc8e3"
    "0c5c4287e53805db059ae0648db2f64264ed5e39be2e20d82df566da8dd5998ccabdae053060ae6c7b4378e846d29f37ed7b4ea9ec5d82e7"
    "961b7f25a9323851f681d582363aa5f89937f5a67258bf63ad6f1a0b1d96dbd4faddfcefc5266ba6611722395c906556be52afe3f565636a"
    "d1b17d508b73d8743eeb524be22b3dcbc2c7468d54119c7468449a13d8e3b95811a198f3491de3e7fe942b330407abf82a4ed7c1b311663a"
    "c69890f4157015853d91e923037c227a33cdd5ec281ca3f79c44546b9d90ca00f064c99e3dd97911d39fe9c5d0b23a229a234cb36186c481"
    "9e8b9c5927726632291d6a418211cc2962e20fe47feb3edf330f2c603a9d48c0fcb5699dbfe5896425c5bac4aee82e57a85aaf4e2513e4f0"
    "5796b07ba2ee47d80506f8d2c25e50fd14de71e6c418559302f939b0e1abd576f279c4b2e0feb85c1f28ff18f58891ffef132eef2fa09346"
    "aee33c28eb130ff28f5b766953334113211996d20011a198e3fc433f9f2541010ae17c1bf202580f6047472fb36857fe843b19f5984009dd"
    "c324044e847a4f4a0ab34f719595de37252d6235365e9b84392b061085349d73203a4a13e96f5432ec0fd4a1ee65accdd5e3904df54c1da5"
    "10b0ff20dcc0c77fcb2c0e0eb605cb0504db87632cf3d8b4dae6e705769d1de354270123cb11450efc60ac47683d7b8d0f811365565fd98c"
    "4c8eb936bcab8d069fc33bd801b03adea2e1fbc5aa463d08ca19896d2bf59a071b851e6c239052172f296bfb5e72404790a2181014f3b94a"
    "4e97d117b438130368cc39dbb2d198065ae3986547926cd2162f40a29f0c3c8745c0f50fba3852e566d44575c29d39a03f0cda721984b6f4"
    "40591f355e12d439ff150aab7613499dbd49adabc8676eef023b15b65bfc5ca06948109f23f350db82123535eb8a7433bdabcb909271a6ec"
    "bcb58b936a88cd4e8f2e6ff5800175f113253d8fa9ca8885c2f552e657dc603f252e1a8e308f76f0be79e2fb8f5d5fbbe2e30ecadd220723"
    "c8c0aea8078cdfcb3868263ff8f0940054da48781893a7e49ad5aff4af300cd804a6b6279ab3ff3afb64491c85194aab760d58a606654f9f"
    "4400e8b38591356fbf6425aca26dc85244259ff2b19c41b9f96f3ca9ec1dde434da7d2d392b905ddf3d1f9af93d1af5950bd493f5aa731b4"
    "056df31bd267b6b90a079831aaf579be0a39013137aac6d404f518cfd46840647e78bfe706ca4cf5e9c5453e9f7cfd2b8b4c8d169a44e55c"
    "88d4a9a7f9474241e221af44860018ab0856972e194cd934";
const std::string kV2Client =
    "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071bf03dceebfa162e75d6c96058bdbfb127cdf"
    "cbf903388e99ad049f9a3dd4425ae4d0992cfff18ecf0fdb5a842d09747052f17ac2053d21f57c5d250f2c4f0e0202b70785b7946e992e58"
    "a59ac52dea6774d4f03b55545243cf1a12834e3f249a78d395e0d18f4d766004f1a2674802a747eaa901c3f10cda5500cb9122faa9f1df66"
    "c392079a1b40f0de1c6054196a11cbea40afb6ef5253cd6818f6625efce3b6def6ba7e4b37a40f7732e093daa7d52190935b8da58976ff33"
    "12ae50b187c1433c0f028edcc4c2838b6a9bfc226ca4b4530e7a4ccee1bfa2a3d396ae5a3fb512384b2fdd851f784a65e03f2c4fbe11a53c"
    "7777c023462239dd6f7521a3f6c7d5dd3ec9b3f233773d4b46d23cc375eb198c63301c21801f6520bcfb7966fc49b393f0061d974a2706df"
    "8c4a9449f11d7f3d2dcbb90c6b877045636e7c0c0fe4eb0f697545460c806910d2c355f1d253bc9d2452aaa549e27a1fac7cf4ed77f322e8"
    "fa894b6a83810a34b361901751a6f5eb65a0326e07de7c1216ccce2d0193f958bb3850a833f7ae432b65bc5a53975c155aa4bcb4f7b2c4e5"
    "4df16efaf6ddea94e2c50b4cd1dfe06017e0e9d02900cffe1935e0491d77ffb4fdf85290fdd893d577b1131a610ef6a5c32b2ee0293617a3"
    "7cbb08b847741c3b8017c25ca9052ca1079d8b78aebd47876d330a30f6a8c6d61dd1ab5589329de714d19d61370f8149748c72f132f0fc99"
    "f34d766c6938597040d8f9e2bb522ff99c63a344d6a2ae8aa8e51b7b90a4a806105fcbca31506c446151adfeceb51b91abfe43960977c874"
    "71cf9ad4074d30e10d6a7f03c63bd5d4317f68ff325ba3bd80bf4dc8b52a0ba031758022eb025cdd770b44d6d6cf0670f4e990b22347a7db"
    "848265e3e5eb72dfe8299ad7481a408322cac55786e52f633b2fb6b614eaed18d703dd84045a274ae8bfa73379661388d6991fe39b0d93de"
    "bb41700b41f90a15c4d526250235ddcd6776fc77bc97e7a417ebcb31600d01e57f32162a8560cacc7e27a096d37a1a86952ec71bd89a3e9a"
    "30a2a26162984d7740f81193e8238e61f6b5b984d4d3dfa033c1bb7e4f0037febf406d91c0dccf32acf423cfa1e7071010d3f270121b493c"
    "e85054ef58bada42310138fe081adb04e2bd901f2f13458b3d6758158197107c14ebb193230cd1157380aa79cae1374a7c1e5bbcb80ee23e"
    "06ebfde206bfb0fcbc0edc4ebec309661bdd908d532eb0c6adc38b7ca7331dce8dfce39ab71e7c32d318d136b6100671a1ae6a6600e3899f"
    "31f0eed19e3417d134b90c9058f8632c798d4490da4987307cba922d61c39805d072b589bd52fdf1e86215c2d54e6670e07383a27bbffb5a"
    "ddf47d66aa85a0c6f9f32e59d85a44dd5d3b22dc2be80919b490437ae4f36a0ae55edf1d0b5cb4e9a3ecabee93dfc6e38d209d0fa6536d27"
    "a5d6fbb17641cde27525d61093f1b28072d111b2b4ae5f89d5974ee12e5cf7d5da4d6a31123041f33e61407e76cffcdcfd7e19ba58cf4b53"
    "6f4c4938ae79324dc402894b44faf8afbab35282ab659d13c93f70412e85cb199a37ddec600545473cfb5a05e08d0b209973b2172b4d21fb"
    "69745a262ccde96ba18b2faa745b6fe189cf772a9f84cbfc";
// clang-format on
const std::string kV1Server =
    "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c"
    "3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f5889"
    "1850abbdca3d20398c276456cbc42158407dd074ee";
const std::string kV2Server =
    "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf87263017915358230035f7fd"
    "3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c707f0a0812d8cd5a6881eaf21ceda98"
    "f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140";

struct RfcCase {
  std::string name;
  std::uint32_t version;
  std::string client, server, retry, short_packet, updated;
};

void PrintTo(const RfcCase& each, std::ostream* out) { *out << each.name; }

class QuicRfc : public testing::TestWithParam<RfcCase> {};

TEST_P(QuicRfc, OpensTheInitialPacketsOfBothSides) {
  quic_kit::Rig rig;
  rig.feed(Direction::to_server, unhex(GetParam().client));
  rig.feed(Direction::to_client, unhex(GetParam().server));
  rig.connection.finish();
  const QuicFacts& facts = rig.connection.facts();
  EXPECT_EQ(facts.version, GetParam().version);
  EXPECT_EQ(facts.tls.sni, "example.com");
  EXPECT_EQ(facts.tls.alpn_offered, std::vector<std::string>{"alpn"});
  EXPECT_TRUE(facts.tls.server_hello);
  EXPECT_EQ(facts.tls.version, 0x0304);
  EXPECT_EQ(facts.tls.cipher_suite, 0x1301);
  EXPECT_EQ(facts.parsed_bytes, (GetParam().client.size() + GetParam().server.size()) / 2);
  EXPECT_TRUE(rig.anomalies.entries().empty());
}

TEST_P(QuicRfc, KnowsItsRetry) {
  const CryptoLibrary crypto;
  const ByteVector retry = unhex(GetParam().retry), original = unhex("8394c8f03e515708");
  const Bytes without_tag = Bytes(retry).first(retry.size() - 16), tag = Bytes(retry).last(16);
  EXPECT_TRUE(is_retry_of(crypto, GetParam().version, original, without_tag, tag));
  EXPECT_FALSE(is_retry_of(crypto, GetParam().version, unhex("8394c8f03e515709"), without_tag, tag));
  ByteVector wrong(tag.begin(), tag.end());
  wrong[0] ^= 1;
  EXPECT_FALSE(is_retry_of(crypto, GetParam().version, original, without_tag, wrong));
}

TEST_P(QuicRfc, OpensTheChaCha20Packet) {
  const CryptoLibrary crypto;
  const ByteVector secret = unhex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
  const CipherSuite& suite = *find_cipher_suite(0x1303);
  QuicHeaderKey header;
  QuicPacketKey packet;
  ASSERT_TRUE(header.init(crypto, suite, GetParam().version, secret));
  ASSERT_TRUE(packet.init(crypto, suite, GetParam().version, secret));
  ByteVector bytes = unhex(GetParam().short_packet);
  std::array<std::uint8_t, 5> mask{};
  ASSERT_TRUE(header.mask(Bytes(bytes).subspan(5, 16), mask));
  bytes[0] = static_cast<std::uint8_t>(bytes[0] ^ (mask[0] & 0x1f));
  for (std::size_t i = 1; i < 4; ++i) bytes[i] ^= mask[i];
  EXPECT_EQ(to_hex(Bytes(bytes).first(4)), "4200bff4");
  EXPECT_EQ(decode_packet_number(654360560, 0x00bff4, 3), 654360564u);
  ByteVector buffer;
  Bytes plain;
  ASSERT_TRUE(packet.open(654360564, Bytes(bytes).first(4), Bytes(bytes).subspan(4), buffer, plain));
  EXPECT_EQ(to_hex(plain), "01");
  EXPECT_EQ(to_hex(next_quic_secret(crypto, suite, GetParam().version, secret)), GetParam().updated);
}

INSTANTIATE_TEST_SUITE_P(
    AppendixA, QuicRfc,
    testing::Values(RfcCase{"Rfc9001", kQuicV1, kV1Client, kV1Server,
                            "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba",
                            "4cfe4189655e5cd55c41f69080575d7999c25a5bfb",
                            "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"},
                    RfcCase{"Rfc9369", kQuicV2, kV2Client, kV2Server,
                            "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6",
                            "5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba",
                            "c69374c49e3d2a9466fa689e49d476db5d0dfbc87d32ceeaa6343fd0ae4c7d88"}),
    [](const auto& info) { return info.param.name; });

// RFC 9000 appendix A.1 and A.3.
TEST(QuicNumbers, AreDecodedAsInTheRfc) {
  for (const auto& [encoded, value] :
       std::vector<std::pair<std::string, std::uint64_t>>{{"c2197c5eff14e88c", 151288809941952652u},
                                                          {"9d7f3e7d", 494878333},
                                                          {"7bbd", 15293},
                                                          {"25", 37},
                                                          {"4025", 37}}) {
    const ByteVector bytes = unhex(encoded);
    ByteReader in(bytes);
    EXPECT_EQ(read_varint(in, "x"), value);
    EXPECT_TRUE(in.done());
  }
  EXPECT_EQ(decode_packet_number(0xa82f30eb, 0x9b32, 2), 0xa82f9b32u);
}

}  // namespace
}  // namespace tattle
