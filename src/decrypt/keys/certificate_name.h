#pragma once

#include <string>

#include "base/bytes.h"

namespace tattle {

/// The host that a certificate is for, lower case, when its subjectAltName has exactly one dNSName and that is no
/// wildcard; else empty, because then which of them was meant is a guess. Nobody checks here who signed it.
/// Source: RFC 5280 section 4.2.1.6.
std::string single_certificate_name(Bytes der);

}  // namespace tattle
