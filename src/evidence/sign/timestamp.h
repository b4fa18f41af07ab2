#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace tattle {

/// RFC 3161 time-stamps over a SHA-256, by OpenSSL. Whoever runs the authority says that it saw the hash at a time; the
/// request and the answer travel by the user's own means.

inline constexpr std::uint64_t kTimestampBytes = 1 << 20;  // of a request or token that is read back

/// A DER-encoded TimeStampReq with a fresh nonce, asking for the authority's certificate.
/// @param sha256  Lower-case hex.
ByteVector make_timestamp_request(std::string_view sha256);

struct TimestampFacts {
  Time time;              // as the authority states it
  std::string authority;  // subject of the certificate that signed
  bool chain = false;     // that certificate leads to one of the authorities that were given
};

/// Whether `answer` (a TimeStampResp, or the bare token) is for this hash and this request: status granted, hash,
/// nonce, and a signature by a certificate made for time-stamping.
/// @param request  Empty when it is not at hand: then the nonce is not compared.
/// @param ca_file  PEM of the authorities to believe; empty: the chain is not looked at. It is judged at the time that
/// the
///                 token states, since certificates end and evidence does not.
/// @returns        What it states, or in a few words why it proves nothing.
/// @throws UserError  `ca_file` cannot be read.
tl::expected<TimestampFacts, std::string> check_timestamp(Bytes answer, Bytes request, std::string_view sha256,
                                                          const std::string& ca_file);

/// The hash that a request is for, in lower-case hex.
/// @error timestamp.request   No request in DER.
/// @error timestamp.hash      Of another kind than SHA-256.
Result<std::string> parse_timestamp_request(Bytes request);

}  // namespace tattle
