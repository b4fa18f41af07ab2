#include "decrypt/keys/certificate_name.h"

#include <openssl/x509v3.h>

#include <memory>

namespace tattle {
namespace {

/// A name as the DNS has it: labels of up to 63 letters, digits, hyphens and underscores between dots, the last of them
/// not a number, which would be an address.
bool is_host_name(const std::string& name) {
  if (name.size() > 253 || name.find('.') == name.npos) return false;
  std::size_t length = 0;
  bool number = true;
  for (const char c : name) {
    if (c == '.') {
      if (length == 0) return false;
      length = 0;
      number = true;
      continue;
    }
    const bool digit = c >= '0' && c <= '9';
    const bool plain = (c >= 'a' && c <= 'z') || digit || c == '-' || c == '_';
    if (!plain || ++length > 63) return false;
    number = number && digit;
  }
  return length > 0 && !number;
}

}  // namespace

std::string single_certificate_name(Bytes der) {
  const unsigned char* at = der.data();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())),
                                                                &X509_free);
  if (!certificate) return {};
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  if (!names) return {};
  std::string found;
  int count = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    ++count;
    const ASN1_IA5STRING* text = name->d.dNSName;
    found.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                 static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  for (char& c : found) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return count == 1 && is_host_name(found) ? found : std::string();
}

}  // namespace tattle
