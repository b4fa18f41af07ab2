#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>

#include "base/anomalies.h"
#include "protocol/dns/dns_message.h"
#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"

namespace tattle {

/// The queries of one flow, for those who answer them: by id and question, as a resolver takes answers. An answer
/// without a question (some errors, later messages of a zone transfer) goes by its id, when only one query has it.
/// Sources: RFC 5452 section 9.1; RFC 1035 section 7.3; RFC 5936 section 2.2.2.
class DnsQueries {
 public:
  enum class Fit : std::uint8_t { query, answer, unasked, mismatched };
  struct Paired {
    Fit fit = Fit::query;
    std::uint64_t exchange = 0;  // 0: it answers nothing that was seen
  };

  /// Numbers a query, or finds the one that this message answers. A query sent again keeps its number until each was
  /// answered; then it is forgotten.
  /// @anomaly dns.mismatched-answer  Its id was asked with another question: it answers nothing.
  /// @anomaly dns.queries-limit      A query that nobody answered was forgotten.
  Paired pair(const DnsMessage& message, const StreamContext& above, ParserContext& context, PacketId where);
  /// Whether a query with its id and question waits.
  bool expects(const DnsMessage& answer);
  /// Nothing waits for an answer.
  bool empty() const { return asked_.empty(); }

 private:
  struct Asked {
    std::string question;
    std::uint64_t exchange;
    std::uint64_t outstanding = 1;  // times it was sent and not answered
  };
  using ById = std::multimap<std::uint16_t, Asked>;
  ById::iterator find(std::uint16_t id, const std::string& question);
  Paired answer(ById::iterator asked);

  ById asked_;                        // limits.dns_queries at most
  std::list<ById::iterator> oldest_;  // the same, in the order in which they were asked
};

}  // namespace tattle
