#include "decrypt/fingerprint.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tattle {
namespace {

using Numbers = std::vector<std::uint16_t>;

void put16(ByteVector& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

struct Hello {
  std::uint16_t version = 0x0303;
  Numbers ciphers, extensions, signatures, versions;
  std::string alpn;

  ByteVector bytes() const {
    ByteVector out;
    put16(out, version);
    out.resize(out.size() + 32, 7);
    out.push_back(0);
    put16(out, ciphers.size() * 2);
    for (const auto each : ciphers) put16(out, each);
    out.insert(out.end(), {1, 0});
    ByteVector list;
    for (const auto type : extensions) {
      ByteVector body;
      if (type == 13) {
        put16(body, signatures.size() * 2);
        for (const auto each : signatures) put16(body, each);
      } else if (type == 43) {
        body.push_back(static_cast<std::uint8_t>(versions.size() * 2));
        for (const auto each : versions) put16(body, each);
      } else if (type == 16) {
        put16(body, alpn.size() + 1);
        body.push_back(static_cast<std::uint8_t>(alpn.size()));
        body.insert(body.end(), alpn.begin(), alpn.end());
      }
      put16(list, type);
      put16(list, body.size());
      list.insert(list.end(), body.begin(), body.end());
    }
    if (extensions.empty()) return out;
    put16(out, list.size());
    out.insert(out.end(), list.begin(), list.end());
    return out;
  }
};

// The worked example of JA4.md, "Raw Output" and its hashes; the order of ciphers and extensions does not count.
Hello published() {
  Hello hello;
  hello.ciphers = {0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  hello.extensions = {0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                      0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0xfafa};
  hello.signatures = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
  hello.versions = {0x7a7a, 0x0304, 0x0303};
  hello.alpn = "h2";
  return hello;
}

TEST(Ja4, IsThatOfThePublishedExample) {
  EXPECT_EQ(ja4_of(published().bytes(), HelloCarrier::tls), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  EXPECT_EQ(ja4_of(published().bytes(), HelloCarrier::quic), "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(Ja4, WithoutSignatureAlgorithmsAddsNothingForThem) {
  Hello hello = published();
  hello.signatures.clear();
  // As published for the same extensions without signature algorithms.
  EXPECT_EQ(ja4_of(hello.bytes(), HelloCarrier::tls), "t13d1516h2_8daaf6152771_6d807ffa2a79");
}

TEST(Ja4, TheFirstPartSaysVersionNameAndCounts) {
  struct Case {
    std::uint16_t version;
    Numbers versions;
    bool name;
    std::string alpn;
    const char* start;
  };
  const Case cases[] = {
      {0x0303, {}, true, "h2", "t12d0103h2_"},
      {0x0301, {}, false, "http/1.1", "t10i0102h1_"},
      {0x0300, {}, false, "h", "ts3i0102hh_"},
      {0xfefd, {}, false, "\xab", "td2i0102ab_"},
      {0x0303, {0xfefc, 0xfefd}, false, "\x30\xab", "td2i01033b_"},
      {0x1234, {}, false, "", "t00i010200_"},
      {0x0302, {}, false, "a!", "t11i010261_"},
  };
  for (const Case& each : cases) {
    Hello hello;
    hello.version = each.version;
    hello.ciphers = {0x002f};
    hello.extensions = {16, 10};
    if (each.name) hello.extensions.push_back(0);
    if (!each.versions.empty()) hello.extensions.push_back(43);
    hello.versions = each.versions;
    hello.alpn = each.alpn;
    EXPECT_TRUE(ja4_of(hello.bytes(), HelloCarrier::tls).starts_with(each.start))
        << each.start << ' ' << ja4_of(hello.bytes(), HelloCarrier::tls);
  }
}

TEST(Ja4, OfNothingIsZeros) {
  Hello hello;
  EXPECT_EQ(ja4_of(hello.bytes(), HelloCarrier::dtls), "d12i000000_000000000000_000000000000");
  hello.ciphers.assign(120, 0x002f);
  EXPECT_TRUE(ja4_of(hello.bytes(), HelloCarrier::tls).starts_with("t12i990000_"));
}

TEST(Ja4, OfADamagedHelloIsNone) {
  const ByteVector whole = published().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string short_one = ja4_of(Bytes(whole.data(), size), HelloCarrier::tls);
    // Where the extensions begin a hello may end (before TLS 1.3), nowhere else.
    EXPECT_TRUE(short_one.empty() || size == 2 + 32 + 1 + 2 + 32 + 2) << size;
  }
}

}  // namespace
}  // namespace tattle
