#include "evidence/sign/minisign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tattle {
namespace {

// Made by minisign 0.11: `minisign -G -W`, then `minisign -S` and `minisign -S -l` of "hi\n".
constexpr std::string_view kPublic =
    "untrusted comment: minisign public key 82AD761E244C859F\n"
    "RWSfhUwkHnatgg48Phw0t2m1yu02IbDCWJhwbe256fquiI9iM98QsCwT\n";
constexpr std::string_view kSecret =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAn4VMJB52rYIXP0AkX+5rlNV8MQUkrMSKNVo8JsIR"
    "K5D7fjjej/5BTw48Phw0t2m1yu02IbDCWJhwbe256fquiI9iM98QsCwTAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
constexpr std::string_view kSignature =
    "untrusted comment: signature from minisign secret key\n"
    "RUSfhUwkHnatgvmaWCse37MXVcB/bOgazrWLkaL0RpORXxJqogSYtcpZplEEsuqIGmnYK00yxYAlrLmFowF/WguYNvR/K/AgTAg=\n"
    "trusted comment: hello\n"
    "52WQxECjG2ngOFPlb2noacdb2YXYWMo29SQrE7GkJ96oJUX5M0LaqAbRiLaYXN949NQSyY/owai3feQKmXcMDA==\n";
constexpr std::string_view kLegacy =
    "untrusted comment: signature from minisign secret key\n"
    "RWSfhUwkHnatgjGoiOQV1GudpBRMXVU4Ib2Iq1xNzasX2B8rvq57ryd3Y0rNBgaXjU7Uupsxg4clA6dpw8cqwLZAKy0ZVjSESA8=\n"
    "trusted comment: legacy\n"
    "2Tf+2KPYQnogOy7M8ZvX4MNlq/5L0cBFYf8d13PBPbAmUpAoTY5TlK9sdGxQCqNCZJIHxhJDT6JMn8FlMA/OAQ==\n";
const Bytes kMessage = as_bytes("hi\n");
// Under the password `pw`, with scrypt's limits of minisign; only looked at here, since opening it takes 1 GB.
constexpr std::string_view kLocked =
    "untrusted comment: minisign encrypted secret key\n"
    "RWRTY0IyhKyDOG5hRc7b23UyglhUKj1gWVMI6oIBma1wDrvZrcIAAAACAAAAAAAAAEAAAAAAX6jGm3UvWMhYNbuwbG/2mERIhKqd7eGnsB/"
    "BI+BvoQkV"
    "N6Q0mcBvVN6PN3tvW2x2WfDSa5gv4TYx6uiOT/FKXXzOwAST03NaTAGSFaKtWGQG4kB4Nnjc7FIGUdOiNgu4zK6vBGxxWCc=\n";

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string changed(text);
  changed.replace(changed.find(what), what.size(), with);
  return changed;
}

TEST(Minisign, ReadsAndWritesItsFilesByteForByte) {
  const auto key = parse_minisign_public_key(kPublic);
  ASSERT_TRUE(key);
  EXPECT_EQ(to_string(key->id), "82AD761E244C859F");
  EXPECT_EQ(to_text(*key), kPublic);
  EXPECT_EQ(parse_minisign_public_key("RWSfhUwkHnatgg48Phw0t2m1yu02IbDCWJhwbe256fquiI9iM98QsCwT"),
            *key);  // as -P takes it
  for (const std::string_view text : {kSignature, kLegacy}) {
    const auto signature = parse_minisign_signature(text);
    ASSERT_TRUE(signature);
    EXPECT_EQ(to_text(*signature), text);
  }
  for (const std::string_view text : {kSecret, kLocked}) {
    const auto file = parse_minisign_secret_key(text);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->encrypted, text == kLocked);
    EXPECT_EQ(to_text(*file).text(), text);
  }
  EXPECT_EQ(parse_minisign_secret_key(kLocked)->memory_bytes, 1u << 30);
  EXPECT_EQ(parse_minisign_secret_key(kLocked)->operations, 1u << 25);
}

TEST(Minisign, KeyIdsHaveNoLeadingZeros) {
  EXPECT_EQ(to_string(MinisignKeyId{0xed, 0x44, 0xc7, 0xaa, 0xa7, 0xe5, 0x98, 0x0c}), "C98E5A7AAC744ED");
}

TEST(Minisign, BelievesItsSignatures) {
  const auto key = parse_minisign_public_key(kPublic);
  for (const std::string_view text : {kSignature, kLegacy}) {
    auto signature = *parse_minisign_signature(text);
    EXPECT_EQ(check_signature(signature, *key, kMessage), SignatureState::good);
    EXPECT_EQ(check_signature(signature, *key, as_bytes("ho\n")), SignatureState::message_changed);
    auto commented = signature;
    commented.trusted_comment += " ";
    EXPECT_EQ(check_signature(commented, *key, kMessage), SignatureState::comment_changed);
    auto bent = signature;
    bent.signature[7] ^= 1;
    EXPECT_EQ(check_signature(bent, *key, kMessage), SignatureState::comment_changed);
    auto of_another = *key;
    of_another.id[0] ^= 1;
    EXPECT_EQ(check_signature(signature, of_another, kMessage), SignatureState::other_key);
    auto prehashed = signature;  // the two kinds are not confused
    prehashed.prehashed = !prehashed.prehashed;
    EXPECT_EQ(check_signature(prehashed, *key, kMessage), SignatureState::message_changed);
  }
}

TEST(Minisign, SignsAsMinisignDoes) {
  const auto key = MinisignSecretKey::open(*parse_minisign_secret_key(kSecret), "", "a.key");
  EXPECT_EQ(to_text(key.public_key()), kPublic);
  // Ed25519 is deterministic, so that the same key and comment give the same file.
  EXPECT_EQ(to_text(key.sign(kMessage, "hello")), kSignature);
  EXPECT_EQ(key.to_file(nullptr).text(), kSecret);
}

TEST(Minisign, MakesKeysThatDiffer) {
  const auto one = MinisignSecretKey::generate(), two = MinisignSecretKey::generate();
  EXPECT_NE(one.public_key().key, two.public_key().key);
  EXPECT_NE(one.public_key().id, two.public_key().id);
  const auto again = MinisignSecretKey::open(*parse_minisign_secret_key(one.to_file(nullptr).text()), "", "k");
  EXPECT_EQ(again.public_key(), one.public_key());
  EXPECT_EQ(check_signature(again.sign(kMessage, ""), one.public_key(), kMessage), SignatureState::good);
}

TEST(Minisign, DamagedOrGreedyKeysAreRefused) {
  auto damaged = *parse_minisign_secret_key(kSecret);
  damaged.sealed.data()[20] ^= 1;
  EXPECT_THROW(MinisignSecretKey::open(damaged, "", "a.key"), UserError);
  for (const auto& [operations, memory] :
       {std::pair{1ull << 60, 1ull << 30}, {1ull << 25, 1ull << 50}, {1ull << 25, 0ull}}) {
    auto greedy = *parse_minisign_secret_key(kLocked);
    greedy.operations = operations;
    greedy.memory_bytes = memory;
    EXPECT_THROW(MinisignSecretKey::open(greedy, "pw", "b.key"), UserError);
  }
}

TEST(Minisign, APasswordOpensAndAWrongOneDoesNot) {
  auto cheap = *parse_minisign_secret_key(kSecret);
  // As minisign seals it, but with the least work that scrypt has, to be quick.
  const auto key = MinisignSecretKey::open(cheap, "", "a.key");
  MinisignSecretFile file = key.to_file_with_work("pw", 32768, 16777216);
  EXPECT_TRUE(file.encrypted);
  const SecretBytes text = to_text(file);
  const auto read = parse_minisign_secret_key(text.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(to_text(MinisignSecretKey::open(*read, "pw", "c.key").public_key()), kPublic);
  EXPECT_THROW(MinisignSecretKey::open(*read, "PW", "c.key"), UserError);
  EXPECT_THROW(MinisignSecretKey::open(*read, "", "c.key"), UserError);
}

struct WrongFile {
  const char* name;
  std::string text;
  std::string_view field;
};

class MinisignWrongSignature : public testing::TestWithParam<WrongFile> {};
TEST_P(MinisignWrongSignature, IsTold) {
  const auto signature = parse_minisign_signature(GetParam().text);
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().field, GetParam().field);
}
INSTANTIATE_TEST_SUITE_P(
    Files, MinisignWrongSignature,
    testing::Values(
        WrongFile{"Empty", "", "signature.comment"},
        WrongFile{"NoComment", replaced(kSignature, "untrusted", "trusted"), "signature.comment"},
        WrongFile{"NoBase64", replaced(kSignature, "RUSf", "R!Sf"), "signature.base64"},
        WrongFile{"Short", replaced(kSignature, "RUSfhUwk", "RUSf"), "signature.base64"},
        WrongFile{"Long", replaced(kSignature, "RUSf", "RUSfhUwk"), "signature.base64"},
        WrongFile{"LooseBits", replaced(kSignature, "TAg=", "TAh="), "signature.base64"},
        WrongFile{"Algorithm", replaced(kSignature, "RUSf", "RVSf"), "signature.algorithm"},
        WrongFile{"NoTrustedComment", replaced(kSignature, "\ntrusted", "\nTrusted"), "signature.trusted-comment"},
        WrongFile{"CutBeforeTrusted", std::string(kSignature.substr(0, 150)), "signature.base64"},
        WrongFile{"NoGlobal", std::string(kSignature.substr(0, kSignature.find("52WQ"))), "signature.global"},
        WrongFile{"APublicKey", std::string(kPublic), "signature.base64"}),
    [](const auto& info) { return info.param.name; });

class MinisignWrongKey : public testing::TestWithParam<WrongFile> {};
TEST_P(MinisignWrongKey, IsTold) {
  const auto key = parse_minisign_secret_key(GetParam().text);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().field, GetParam().field);
}
INSTANTIATE_TEST_SUITE_P(
    Files, MinisignWrongKey,
    testing::Values(WrongFile{"Empty", "", "secret-key.comment"},
                    WrongFile{"APublicKey", std::string(kPublic), "secret-key.algorithm"},
                    WrongFile{"Cut", std::string(kSecret.substr(0, 200)), "secret-key.base64"},
                    WrongFile{"Algorithm", replaced(kSecret, "RWQA", "RXQA"), "secret-key.algorithm"},
                    WrongFile{"OtherDerivation", replaced(kLocked, "RWRTY0Iy", "RWRTZEIy"), "secret-key.algorithm"},
                    WrongFile{"OtherChecksum", replaced(kSecret, "RWQAAEIy", "RWQAAEIz"), "secret-key.algorithm"}),
    [](const auto& info) { return info.param.name; });

TEST(Minisign, WrongPublicKeys) {
  EXPECT_EQ(parse_minisign_public_key("").error().field, "public-key.base64");
  EXPECT_EQ(parse_minisign_public_key(kSecret).error().field, "public-key.base64");
  EXPECT_EQ(parse_minisign_public_key(replaced(kPublic, "RWSf", "RVSf")).error().field, "public-key.algorithm");
}

}  // namespace
}  // namespace tattle
