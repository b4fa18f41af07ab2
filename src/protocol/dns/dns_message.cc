#include "protocol/dns/dns_message.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"

namespace tattle {
namespace {

constexpr std::size_t kMostNameBytes = 255;  // RFC 1035 section 2.3.4
constexpr std::size_t kMostRecordsKept = 256;

void append_label(std::string& name, Bytes label) {
  for (const std::uint8_t byte : label) {
    if (byte >= 'A' && byte <= 'Z') {
      name.push_back(static_cast<char>(byte + 32));
    } else if (byte == '.' || byte == '\\') {
      name.push_back('\\');
      name.push_back(static_cast<char>(byte));
    } else if (byte >= 0x20 && byte < 0x7f) {
      name.push_back(static_cast<char>(byte));
    } else {
      for (int unit : {100, 10, 1}) name.push_back(static_cast<char>('0' + byte / unit % 10));
      name.insert(name.size() - 3, 1, '\\');
    }
  }
}

// Reads the name at the reader's place. Pointers go back only, each further than the one before, so it ends.
std::string read_name(Bytes whole, ByteReader& in, std::string_view field) {
  std::string name;
  std::size_t bytes = 0;
  std::size_t earliest = in.offset();
  ByteReader jumped{Bytes()};
  ByteReader* at = &in;
  for (;;) {
    const std::uint8_t length = at->u8(field);
    if (at->error()) break;
    if (length == 0) return name.empty() ? "." : name;
    if ((length & 0xc0) == 0xc0) {
      const std::size_t target = (std::size_t{length} & 0x3f) << 8 | at->u8(field);
      if (at->error()) break;
      if (target >= earliest) {
        in.fail(field, "a name points forward or to itself");
        return {};
      }
      earliest = target;
      jumped = ByteReader(whole.subspan(target));
      at = &jumped;
      continue;
    }
    bytes += length + 1u;
    if ((length & 0xc0) != 0 || bytes > kMostNameBytes) {
      in.fail(field, (length & 0xc0) != 0 ? "a label of an unknown kind" : "a name over 255 bytes");
      return {};
    }
    const Bytes label = at->take(length, field);
    if (at->error()) break;
    if (!name.empty()) name.push_back('.');
    append_label(name, label);
  }
  in.fail(field, "the data ends within a name");
  return {};
}

struct Section {
  std::uint16_t count;
  std::vector<DnsRecord>* kept;  // null: only walked over
  bool answers;
};

void read_record(Bytes whole, ByteReader& in, const Section& section, DnsMessage& message) {
  DnsRecord record;
  record.name = read_name(whole, in, "record.name");
  record.type = in.u16("record.type");
  const std::uint16_t record_class = in.u16("record.class") & 0x7fff;
  const std::uint32_t ttl = in.u32("record.ttl");
  const std::uint16_t length = in.u16("record.length");
  const std::size_t data_at = in.offset();
  const Bytes data = in.take(length, "record.data");
  if (in.error()) return;
  if (section.answers && message.first_owner.empty()) message.first_owner = record.name;
  if (record.type == kDnsOpt) {
    message.rcode = static_cast<std::uint16_t>((message.rcode & 0xf) | (ttl >> 24) << 4);
    return;
  }
  if (section.kept == nullptr || section.kept->size() >= kMostRecordsKept || record_class != 1) return;
  if (record.type == kDnsA && length == 4) {
    record.address = Address::v4(data);
  } else if (record.type == kDnsAaaa && length == 16) {
    record.address = Address::v6(data);
  } else if (record.type == kDnsCname) {
    ByteReader target(whole);
    target.skip(data_at, "record.target");
    record.target = read_name(whole, target, "record.target");
    if (target.error()) {
      if (!message.error) message.error = *target.error();
      return;
    }
  } else {
    return;
  }
  section.kept->push_back(std::move(record));
}

struct TypeName {
  std::uint16_t type;
  std::string_view name;
};

// IANA, Domain Name System (DNS) Parameters, Resource Record (RR) TYPEs.
constexpr std::array kTypes{
    TypeName{1, "A"},      TypeName{2, "NS"},     TypeName{5, "CNAME"},  TypeName{6, "SOA"},     TypeName{12, "PTR"},
    TypeName{13, "HINFO"}, TypeName{15, "MX"},    TypeName{16, "TXT"},   TypeName{17, "RP"},     TypeName{18, "AFSDB"},
    TypeName{25, "KEY"},   TypeName{28, "AAAA"},  TypeName{29, "LOC"},   TypeName{33, "SRV"},    TypeName{35, "NAPTR"},
    TypeName{36, "KX"},    TypeName{37, "CERT"},  TypeName{39, "DNAME"}, TypeName{41, "OPT"},    TypeName{43, "DS"},
    TypeName{44, "SSHFP"}, TypeName{46, "RRSIG"}, TypeName{47, "NSEC"},  TypeName{48, "DNSKEY"}, TypeName{50, "NSEC3"},
    TypeName{52, "TLSA"},  TypeName{64, "SVCB"},  TypeName{65, "HTTPS"}, TypeName{99, "SPF"},    TypeName{249, "TKEY"},
    TypeName{250, "TSIG"}, TypeName{251, "IXFR"}, TypeName{252, "AXFR"}, TypeName{255, "ANY"},   TypeName{256, "URI"},
    TypeName{257, "CAA"},
};

}  // namespace

DnsMessage read_dns_message(Bytes bytes) {
  DnsMessage message;
  ByteReader in(bytes);
  message.id = in.u16("header.id");
  const std::uint16_t flags = in.u16("header.flags");
  message.response = (flags & 0x8000) != 0;
  message.opcode = static_cast<std::uint8_t>(flags >> 11 & 0xf);
  message.truncated = (flags & 0x0200) != 0;
  message.rcode = flags & 0xf;
  const std::uint16_t questions = in.u16("header.questions");
  message.question_count = questions;
  std::uint16_t counts[3];
  for (std::uint16_t& count : counts) count = in.u16("header.records");
  for (std::uint16_t i = 0; i < questions && !in.error(); ++i) {
    DnsQuestion question;
    question.name = read_name(bytes, in, "question.name");
    question.type = in.u16("question.type");
    question.record_class = in.u16("question.class");
    if (!in.error() && message.questions.size() < kMostRecordsKept) message.questions.push_back(std::move(question));
  }
  const Section sections[] = {
      {counts[0], &message.answers, true}, {counts[1], nullptr, false}, {counts[2], &message.additional, false}};
  for (const Section& section : sections) {
    for (std::uint16_t i = 0; i < section.count && !in.error(); ++i) read_record(bytes, in, section, message);
  }
  message.size = in.offset();
  if (in.error()) message.error = *in.error();
  return message;
}

std::string dns_type_name(std::uint16_t type) {
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& each) { return each.type == type; });
  return found != kTypes.end() ? std::string(found->name) : "TYPE" + std::to_string(type);
}

}  // namespace tattle
