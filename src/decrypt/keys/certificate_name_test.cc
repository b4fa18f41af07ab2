#include "decrypt/keys/certificate_name.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tattle {
namespace {

using namespace std::string_view_literals;

struct Name {
  int type = GEN_DNS;
  std::string_view text;
};

template <auto Free>
struct Deleter {
  template <class Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
template <class Object, auto Free>
using Owned = std::unique_ptr<Object, Deleter<Free>>;

/// A self-signed certificate for `common_name`, made by OpenSSL; without names it has no subjectAltName.
ByteVector certificate(std::string_view common_name, const std::vector<Name>& names) {
  const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const Owned<X509, X509_free> made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 86400);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
  if (!names.empty()) {
    const Owned<GENERAL_NAMES, GENERAL_NAMES_free> list(GENERAL_NAMES_new());
    for (const Name& each : names) {
      GENERAL_NAME* name = GENERAL_NAME_new();
      auto* text =
          reinterpret_cast<ASN1_STRING*>(each.type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new());
      ASN1_STRING_set(text, each.text.data(), static_cast<int>(each.text.size()));
      GENERAL_NAME_set0_value(name, each.type, text);
      sk_GENERAL_NAME_push(list.get(), name);
    }
    X509_add1_ext_i2d(made.get(), NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT);
  }
  EXPECT_GT(X509_sign(made.get(), key.get(), nullptr), 0);
  ByteVector der(static_cast<std::size_t>(i2d_X509(made.get(), nullptr)));
  unsigned char* at = der.data();
  i2d_X509(made.get(), &at);
  return der;
}

std::string name_of(const std::vector<Name>& names) {
  const ByteVector der = certificate("common.example", names);
  return single_certificate_name(der);
}

TEST(CertificateName, IsTheOneNameThatItIsFor) {
  EXPECT_EQ(name_of({{GEN_DNS, "api.maker.example"}}), "api.maker.example");
  EXPECT_EQ(name_of({{GEN_DNS, "API.Maker.Example"}}), "api.maker.example");
  EXPECT_EQ(name_of({{GEN_DNS, "_tcp.a-1.example"}}), "_tcp.a-1.example");
  EXPECT_EQ(name_of({{GEN_DNS, "xn--nkinen-bua.example"}}), "xn--nkinen-bua.example");
  // Names of other kinds are not hosts.
  EXPECT_EQ(name_of({{GEN_IPADD, "\xcb\x00\x71\x05"sv}, {GEN_DNS, "a.example"}, {GEN_EMAIL, "b@c.example"}}),
            "a.example");
}

TEST(CertificateName, OfSeveralOrNoneIsNotGuessed) {
  EXPECT_EQ(name_of({}), "");  // the common name alone says nothing (RFC 6125 section 6.4.4)
  EXPECT_EQ(name_of({{GEN_DNS, "a.example"}, {GEN_DNS, "www.a.example"}}), "");
  EXPECT_EQ(name_of({{GEN_DNS, "a.example"}, {GEN_DNS, "a.example"}}), "");
  EXPECT_EQ(name_of({{GEN_DNS, "a.example"}, {GEN_DNS, "*.a.example"}}), "");
  EXPECT_EQ(name_of({{GEN_DNS, "*.a.example"}}), "");
  EXPECT_EQ(name_of({{GEN_IPADD, "\xcb\x00\x71\x05"sv}}), "");
  EXPECT_EQ(name_of({{GEN_URI, "https://a.example/"}}), "");
}

TEST(CertificateName, ThatIsNoHostNameIsNone) {
  // What stands before a NUL would be somebody else's name (CVE-2009-2408).
  EXPECT_EQ(name_of({{GEN_DNS, "bank.example\0.evil.example"sv}}), "");
  const std::string label(63, 'a'), longer(64, 'a');
  EXPECT_EQ(name_of({{GEN_DNS, label + ".example"}}), label + ".example");
  for (const std::string& text :
       {std::string("."), std::string(".."), std::string(".example"), std::string("a..example"),
        std::string("a.example."), std::string("localhost"), std::string(), std::string("a b.example"),
        std::string("\xc3\xa4.example"), std::string("a/b.example"), std::string("203.0.113.5"), longer + ".example",
        label + "." + label + "." + label + "." + label + ".example"}) {
    EXPECT_EQ(name_of({{GEN_DNS, text}}), "") << text;
  }
}

TEST(CertificateName, OfDamagedBytesIsNone) {
  const ByteVector whole = certificate("common.example", {{GEN_DNS, "a.example"}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(single_certificate_name(Bytes(whole.data(), size)), "") << size;
  }
  EXPECT_EQ(single_certificate_name(Bytes()), "");
  ByteVector wrong = whole;
  wrong[0] = 0x31;
  EXPECT_EQ(single_certificate_name(wrong), "");
}

}  // namespace
}  // namespace tattle
