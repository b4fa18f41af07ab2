#include "evidence/sign/timestamp.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace tattle {
namespace {

const std::string kHash = "98ea6e4f216f2fb4b69fff9b3a44842c386c68a685f3f55dc48c5d3fb1107be4";  // of "hi\n"
// `openssl ts -query -data FILE -sha256 -cert` over it.
const ByteVector kRequest{0x30, 0x44, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
                          0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20, 0x98, 0xea, 0x6e, 0x4f,
                          0x21, 0x6f, 0x2f, 0xb4, 0xb6, 0x9f, 0xff, 0x9b, 0x3a, 0x44, 0x84, 0x2c, 0x38, 0x6c,
                          0x68, 0xa6, 0x85, 0xf3, 0xf5, 0x5d, 0xc4, 0x8c, 0x5d, 0x3f, 0xb1, 0x10, 0x7b, 0xe4,
                          0x02, 0x09, 0x00, 0x9f, 0xbb, 0xca, 0x08, 0x33, 0xe1, 0x41, 0x46, 0x01, 0x01, 0xff};

TEST(Timestamp, ReadsARequestOfOpenssl) {
  const auto hash = parse_timestamp_request(kRequest);
  ASSERT_TRUE(hash);
  EXPECT_EQ(*hash, kHash);
}

TEST(Timestamp, MakesRequestsThatDifferByTheirNonce) {
  const ByteVector one = make_timestamp_request(kHash), two = make_timestamp_request(kHash);
  EXPECT_NE(one, two);
  EXPECT_EQ(one.size(), two.size());
  EXPECT_EQ(parse_timestamp_request(one), kHash);
  // Up to the nonce it is what OpenSSL's own program writes.
  EXPECT_EQ(to_hex(Bytes(one).subspan(2, 54)), to_hex(Bytes(kRequest).subspan(2, 54)));
}

TEST(Timestamp, WhatIsNoRequest) {
  EXPECT_EQ(parse_timestamp_request({}).error().field, "timestamp.request");
  for (std::size_t size = 0; size < kRequest.size(); ++size) {
    EXPECT_FALSE(parse_timestamp_request(Bytes(kRequest).first(size))) << size;
  }
  ByteVector longer = kRequest;
  longer.push_back(0);
  EXPECT_EQ(parse_timestamp_request(longer).error().field, "timestamp.request");
  ByteVector other = kRequest;  // 2.16.840.1.101.3.4.2.4, SHA-224
  other[19] = 4;
  EXPECT_EQ(parse_timestamp_request(other).error().field, "timestamp.hash");
}

TEST(Timestamp, WhatIsNoAnswer) {
  for (const Bytes answer : {Bytes{}, as_bytes("no answer"), Bytes(kRequest)}) {
    const auto facts = check_timestamp(answer, kRequest, kHash, "");
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error(), "it is no answer of a time-stamping authority (RFC 3161)");
  }
  const ByteVector refused{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02};  // status 2, rejection; no token
  EXPECT_EQ(check_timestamp(refused, kRequest, kHash, "").error(), "the authority refused (status 2)");
  const ByteVector granted{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00};  // granted, yet no token
  EXPECT_FALSE(check_timestamp(granted, kRequest, kHash, ""));
}

}  // namespace
}  // namespace tattle
