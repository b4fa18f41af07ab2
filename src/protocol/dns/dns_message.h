#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/result.h"

namespace tattle {

enum DnsType : std::uint16_t {
  kDnsA = 1,
  kDnsCname = 5,
  kDnsAaaa = 28,
  kDnsOpt = 41,
  kDnsHttps = 65,
};

struct DnsQuestion {
  std::string name;
  std::uint16_t type = 0;
  std::uint16_t record_class = 1;  // with multicast DNS's top bit
};

/// A record of a kind that names an address. Others are walked over.
struct DnsRecord {
  std::string name;
  std::uint16_t type = 0;          // A, AAAA or CNAME
  std::optional<Address> address;  // of A and AAAA
  std::string target;              // of CNAME
};

/// One message, as far as it could be read.
struct DnsMessage {
  std::uint16_t id = 0;
  bool response = false;
  bool truncated = false;
  std::uint8_t opcode = 0;
  std::uint16_t rcode = 0;           // with EDNS's upper bits (RFC 6891 section 6.1.3)
  std::uint16_t question_count = 0;  // that its head speaks of
  std::vector<DnsQuestion> questions;
  std::vector<DnsRecord> answers;
  std::vector<DnsRecord> additional;
  std::string first_owner;  // name of the first answer: mDNS responses carry no question
  std::size_t size = 0;     // bytes that belong to the message
  std::optional<ParseError> error;
};

/// Reads a message; what is wrong with it stands in `error`, beside what was read before.
/// Names are lower case without the trailing dot (the root is `.`); a dot or backslash in a label has a backslash
/// before it, bytes that do not print are `\DDD`. Source: RFC 1035 section 4, RFC 6891, RFC 6762 section 10.2 (the
/// class's top bit).
DnsMessage read_dns_message(Bytes bytes);

/// `A`, `HTTPS`; `TYPE123` where there is no name (RFC 3597 section 5).
std::string dns_type_name(std::uint16_t type);

}  // namespace tattle
