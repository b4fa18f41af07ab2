#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/format/mime.h"
#include "decode/testing.h"

namespace tattle {
namespace {

using testing::IsEmpty;

SeenTree walk(const std::string& bytes, std::string_view type = "message/rfc822") {
  SeenTree seen;
  Anomalies anomalies;
  walk_bytes(as_bytes(bytes), {type, ""}, Limits{}, anomalies, {}, seen);
  EXPECT_THAT(seen.broken, IsEmpty());
  return seen;
}

// RFC 2047 section 8; RFC 2231 section 5 for the language.
TEST(Mail, DecodesFieldText) {
  struct Case {
    const char *coded, *text;
  };
  const Case cases[] = {
      {"(=?ISO-8859-1?Q?a?=)", "(a)"},
      {"(=?ISO-8859-1?Q?a?= b)", "(a b)"},
      {"(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a_b?=)", "(a b)"},
      {"=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?= <paf@nada.kth.se>", "Patrik F\u00e4ltstr\u00f6m <paf@nada.kth.se>"},
      {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
       "If you can read this you understand the example."},
      {"=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"},
      {"=?no-such-charset?Q?a=C3=A4?=", "a\u00e4"},  // its bytes
      {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
      {"two\r\n lines", "two lines"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(decode_field_text(each.coded), each.text) << each.coded;
  }
}

TEST(Mail, OpensPartsOfFoldedTypes) {
  const SeenTree seen = walk(
      "Subject: =?utf-8?Q?M=C3=B6kki?=\r\nX-Long: one\r\n two\r\nContent-Type: multipart/mixed;\r\n boundary=\"b "
      "1\"\r\n\r\n"
      "--b 1\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
      "N=E4kemiin\r\n--b 1\r\nContent-Transfer-Encoding: base64\r\n\r\nTXVpc3Rp\r\nbGFwcHU=\r\n--b 1--\r\n");
  EXPECT_EQ(seen.at("mail > header subject > encoded-word"), "M\u00f6kki");
  EXPECT_EQ(seen.at("mail > header x-long > unfolded"), "one two");
  EXPECT_EQ(seen.at("mail > multipart > quoted-printable > charset iso-8859-1"), "N\u00e4kemiin");
  EXPECT_EQ(seen.at("mail > multipart > base64"), "Muistilappu");
}

TEST(Mail, IsNoneWithoutAField) {
  EXPECT_EQ(walk("no field here\r\n\r\nbody: x").count("mail"), 0u);
  EXPECT_EQ(walk(": x\r\n\r\n").count("mail"), 0u);
}

// RFC 4616 section 4.
TEST(Mail, OpensCredentialsDeclaredBase64) {
  EXPECT_EQ(walk("AHRpbQB0YW5zdGFhZnRhbnN0YWFm", "application/base64").at("base64"),
            std::string("\0tim\0tanstaaftanstaaf", 21));
}

}  // namespace
}  // namespace tattle
