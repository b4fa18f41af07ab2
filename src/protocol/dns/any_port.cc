#include "protocol/dns/any_port.h"

#include <algorithm>

#include "protocol/dns/dns.h"
#include "protocol/dns/dns_message.h"

namespace tattle {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint8_t kResponse = 0x80, kRecursionDesired = 0x01;                     // of the flags' first byte
constexpr std::uint8_t kReserved = 0x40, kAuthentic = 0x20, kCheckingDisabled = 0x10;  // of their second

std::uint16_t u16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }

// Letters, digits, hyphens and underscores in labels: what is asked for in practice, and what bytes that only happen to
// fit are not.
bool is_usual_name(std::string_view name) {
  return name != "." && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
         });
}

bool asks_usually(const DnsMessage& read) {
  return read.questions.size() == 1 && read.questions[0].record_class == 1 && read.questions[0].type != kDnsOpt &&
         !dns_type_name(read.questions[0].type).starts_with("TYPE") && is_usual_name(read.questions[0].name);
}

// A resolver's flags, one question, no record but OPT, and whether one may answer it: looked at before anything is
// read.
bool has_query_header(Bytes bytes) {
  return bytes.size() > kHeaderBytes && (bytes[2] & ~kRecursionDesired) == 0 &&
         (bytes[3] & ~(kAuthentic | kCheckingDisabled)) == 0 && u16(bytes, 4) == 1 && u16(bytes, 6) == 0 &&
         u16(bytes, 8) == 0 && u16(bytes, 10) <= 1;
}

bool is_plain_query(Bytes bytes) {
  if (!has_query_header(bytes)) return false;
  const DnsMessage read = read_dns_message(bytes);
  if (read.error || read.size != bytes.size() || !asks_usually(read)) return false;
  if (u16(bytes, 10) == 0) return true;
  // The root's name and type, behind a question whose name stands there without pointers.
  const std::size_t record = kHeaderBytes + read.questions[0].name.size() + 2 + 4;
  return record + 3 <= bytes.size() && bytes[record] == 0 && u16(bytes, record + 1) == kDnsOpt;
}

class DnsOnAnyPort : public DatagramParser {
 public:
  DnsOnAnyPort(const StreamContext& above, ParserContext& context) : above_(above), context_(context) {}
  DatagramFate on_datagram(const Chunk& chunk, bool cut) override {
    if (cut || !(is_plain_query(chunk.data) || is_expected_answer(chunk.data))) return DatagramFate::unknown;
    parse_dns_datagram(chunk, queries_, above_, context_);
    return DatagramFate::parsed;
  }
  bool stateless() const override { return queries_.empty(); }

 private:
  bool is_expected_answer(Bytes bytes) {
    if (queries_.empty() || bytes.size() <= kHeaderBytes || (bytes[2] & ~0x07) != kResponse) return false;
    if ((bytes[3] & kReserved) != 0 || u16(bytes, 4) != 1) return false;
    const DnsMessage read = read_dns_message(bytes);
    return !read.error && read.size == bytes.size() && queries_.expects(read);
  }

  const StreamContext& above_;
  ParserContext& context_;
  DnsQueries queries_;
};

}  // namespace

bool fits_dns_on_any_port(const Chunk& datagram) { return is_plain_query(datagram.data); }

std::unique_ptr<DatagramParser> make_dns_on_any_port(const FlowInfo&, const StreamContext& above,
                                                     ParserContext& context) {
  return std::make_unique<DnsOnAnyPort>(above, context);
}

}  // namespace tattle
