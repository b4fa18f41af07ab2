#include "evidence/sign/timestamp.h"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>

#include "base/hex.h"
#include "decrypt/keys/crypto_library.h"

namespace tattle {
namespace {

using Request = std::unique_ptr<TS_REQ, Freer<TS_REQ_free>>;
using Response = std::unique_ptr<TS_RESP, Freer<TS_RESP_free>>;
using Imprint = std::unique_ptr<TS_MSG_IMPRINT, Freer<TS_MSG_IMPRINT_free>>;
using Context = std::unique_ptr<TS_VERIFY_CTX, Freer<TS_VERIFY_CTX_free>>;
using Token = std::unique_ptr<PKCS7, Freer<PKCS7_free>>;
using Info = std::unique_ptr<TS_TST_INFO, Freer<TS_TST_INFO_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Freer<ASN1_INTEGER_free>>;
using Buffer = std::unique_ptr<BIO, Freer<BIO_free>>;

tl::unexpected<std::string> no(std::string why) {
  ERR_clear_error();
  return tl::unexpected(std::move(why));
}

ByteVector from_hex(std::string_view digits) {
  ByteVector bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

Request read_request(Bytes bytes) {
  const unsigned char* at = bytes.data();
  Request request(d2i_TS_REQ(nullptr, &at, static_cast<long>(bytes.size())));
  // What stands behind it would be covered by nothing.
  if (request && at != bytes.data() + bytes.size()) request.reset();
  ERR_clear_error();
  return request;
}

/// The hash of an imprint in hex; empty when it is no SHA-256.
std::string hash_of(TS_MSG_IMPRINT* imprint) {
  const ASN1_OCTET_STRING* hash = TS_MSG_IMPRINT_get_msg(imprint);
  if (OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(imprint)->algorithm) != NID_sha256 || ASN1_STRING_length(hash) != 32)
    return {};
  return to_hex({ASN1_STRING_get0_data(hash), 32});
}

/// The token of an answer that was granted, whether it stands alone or in a response.
tl::expected<Token, std::string> read_token(Bytes bytes) {
  const auto whole = [&](const unsigned char* at) { return at == bytes.data() + bytes.size(); };
  const unsigned char* at = bytes.data();
  if (const Response response(d2i_TS_RESP(nullptr, &at, static_cast<long>(bytes.size()))); response && whole(at)) {
    const long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response.get())));
    PKCS7* token = TS_RESP_get_token(response.get());
    if ((status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) || !token) {
      return no(fmt::format("the authority refused (status {})", status));
    }
    return Token(PKCS7_dup(token));
  }
  at = bytes.data();
  Token token(d2i_PKCS7(nullptr, &at, static_cast<long>(bytes.size())));
  if (token && whole(at) && PKCS7_type_is_signed(token.get())) return token;
  return no("it is no answer of a time-stamping authority (RFC 3161)");
}

/// `20261123001000.25Z` of the token. Generalized time is told as text: ASN1_TIME_to_tm leaves the fraction out.
Time time_of(TS_TST_INFO* info) {
  std::tm parts{};
  const ASN1_GENERALIZEDTIME* stated = TS_TST_INFO_get_time(info);
  if (!stated || ASN1_TIME_to_tm(stated, &parts) != 1) return {};
  return {static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000'000};
}

/// The one certificate that signed; belongs to the token.
X509* signer_of(PKCS7* token, STACK_OF(X509) * *list) {
  *list = PKCS7_get0_signers(token, nullptr, 0);
  return *list && sk_X509_num(*list) == 1 ? sk_X509_value(*list, 0) : nullptr;
}

/// RFC 3161 section 2.3: the key's one extended usage is time-stamping, and critical.
bool is_for_timestamping(X509* certificate) {
  return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
         X509_get_extended_key_usage(certificate) == XKU_TIMESTAMP;
}

std::string name_of(X509* certificate) {
  const Buffer text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool signature_fits(PKCS7* token) {
  return PKCS7_verify(token, nullptr, nullptr, nullptr, nullptr, PKCS7_NOVERIFY) == 1;
}

/// OpenSSL's own verification, with the signing certificate's attributes and its chain.
bool chain_holds(PKCS7* token, const std::string& ca_file, Time when) {
  X509_STORE* store = X509_STORE_new();
  if (X509_STORE_load_file(store, ca_file.c_str()) != 1) {
    X509_STORE_free(store);
    ERR_clear_error();
    throw UserError(fmt::format("--timestamp-ca {}: holds no certificate in PEM that can be read", ca_file));
  }
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), when.ns / 1'000'000'000);
  const Context context(TS_VERIFY_CTX_new());
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE);
  TS_VERIFY_CTX_set_store(context.get(), store);  // owns it now
  return TS_RESP_verify_token(context.get(), token) == 1;
}

}  // namespace

ByteVector make_timestamp_request(std::string_view sha256) {
  const Request request(TS_REQ_new());
  const Imprint imprint(TS_MSG_IMPRINT_new());
  X509_ALGOR* algorithm = X509_ALGOR_new();
  X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  ByteVector hash = from_hex(sha256);
  std::array<std::uint8_t, 8> random{};
  if (RAND_bytes(random.data(), random.size()) != 1) throw std::runtime_error("no random numbers");
  random[0] = static_cast<std::uint8_t>((random[0] & 0x7f) | 0x40);  // positive and always of this length
  const Integer nonce(ASN1_INTEGER_new());
  ASN1_STRING_set(nonce.get(), random.data(), random.size());
  TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm);
  TS_MSG_IMPRINT_set_msg(imprint.get(), hash.data(), static_cast<int>(hash.size()));
  X509_ALGOR_free(algorithm);
  TS_REQ_set_version(request.get(), 1);
  TS_REQ_set_msg_imprint(request.get(), imprint.get());
  TS_REQ_set_nonce(request.get(), nonce.get());
  TS_REQ_set_cert_req(request.get(), 1);
  unsigned char* der = nullptr;
  const int size = i2d_TS_REQ(request.get(), &der);
  if (size <= 0) throw std::runtime_error("OpenSSL made no time-stamp request");
  ByteVector bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

Result<std::string> parse_timestamp_request(Bytes bytes) {
  const Request request = read_request(bytes);
  if (!request) return tl::unexpected(ParseError{"timestamp.request", 0, "is no time-stamp request"});
  std::string hash = hash_of(TS_REQ_get_msg_imprint(request.get()));
  if (hash.empty()) return tl::unexpected(ParseError{"timestamp.hash", 0, "is not for a SHA-256"});
  return hash;
}

tl::expected<TimestampFacts, std::string> check_timestamp(Bytes answer, Bytes request_bytes, std::string_view sha256,
                                                          const std::string& ca_file) {
  auto token = read_token(answer);
  if (!token) return tl::unexpected(token.error());
  const Info info(PKCS7_to_TS_TST_INFO(token->get()));
  if (!info) return no("it holds no time-stamp");
  if (hash_of(TS_TST_INFO_get_msg_imprint(info.get())) != sha256) return no("it is for another manifest");
  if (!request_bytes.empty()) {
    const Request request = read_request(request_bytes);
    if (!request) return no("the request beside it is damaged");
    const ASN1_INTEGER* asked = TS_REQ_get_nonce(request.get());
    const ASN1_INTEGER* told = TS_TST_INFO_get_nonce(info.get());
    if (asked && (!told || ASN1_INTEGER_cmp(asked, told) != 0)) return no("it answers another request (nonce)");
  }
  STACK_OF(X509)* list = nullptr;
  X509* signer = signer_of(token->get(), &list);
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> keep(
      list, [](STACK_OF(X509) * each) { sk_X509_free(each); });
  if (!signer) return no("it does not hold the certificate that signed it; ask the authority for one with it");
  if (!is_for_timestamping(signer)) return no("it was signed by a certificate that is not for time-stamping");
  if (!signature_fits(token->get())) return no("its signature does not fit");
  TimestampFacts facts{time_of(info.get()), name_of(signer), false};
  if (!ca_file.empty()) {
    if (!chain_holds(token->get(), ca_file, facts.time)) {
      return no(fmt::format("its authority ({}) does not lead to a certificate of {}", facts.authority, ca_file));
    }
    facts.chain = true;
  }
  ERR_clear_error();
  return facts;
}

}  // namespace tattle
