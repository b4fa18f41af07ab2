#include "protocol/dns/queries.h"

#include <algorithm>

namespace tattle {
namespace {

// Names are lower case already: servers need not keep the case of a question, and some resolvers vary it on purpose.
std::string question_of(const DnsMessage& message) {
  std::string text;
  for (const DnsQuestion& question : message.questions) {
    text += question.name;
    for (const std::uint16_t number : {question.type, question.record_class}) {
      text.push_back(static_cast<char>(number >> 8));
      text.push_back(static_cast<char>(number & 0xff));
    }
  }
  return text;
}

}  // namespace

DnsQueries::ById::iterator DnsQueries::find(std::uint16_t id, const std::string& question) {
  const auto [begin, end] = asked_.equal_range(id);
  const auto found = std::find_if(begin, end, [&](const auto& each) { return each.second.question == question; });
  return found == end ? asked_.end() : found;
}

bool DnsQueries::expects(const DnsMessage& answer) { return find(answer.id, question_of(answer)) != asked_.end(); }

DnsQueries::Paired DnsQueries::answer(ById::iterator asked) {
  const Paired paired{Fit::answer, asked->second.exchange};
  if (--asked->second.outstanding == 0) {
    oldest_.remove(asked);
    asked_.erase(asked);
  }
  return paired;
}

DnsQueries::Paired DnsQueries::pair(const DnsMessage& message, const StreamContext& above, ParserContext& context,
                                    PacketId where) {
  const std::string question = question_of(message);
  const auto known = find(message.id, question);
  if (!message.response) {
    if (known != asked_.end()) {
      ++known->second.outstanding;
      return {Fit::query, known->second.exchange};
    }
    while (!oldest_.empty() && asked_.size() >= context.limits->dns_queries) {
      context.anomalies->note("dns.queries-limit", where);
      asked_.erase(oldest_.front());
      oldest_.pop_front();
    }
    const std::uint64_t exchange = above.next_exchange();
    oldest_.push_back(asked_.insert({message.id, Asked{question, exchange}}));
    return {Fit::query, exchange};
  }
  if (known != asked_.end()) return answer(known);
  const std::size_t with_id = asked_.count(message.id);
  // A question that the capture cut off contradicts nobody.
  if (with_id == 0 || message.questions.size() != message.question_count) return {Fit::unasked, 0};
  if (!message.questions.empty()) {
    context.anomalies->note("dns.mismatched-answer", where);
    return {Fit::mismatched, 0};
  }
  return with_id > 1 ? Paired{Fit::unasked, 0} : answer(asked_.find(message.id));
}

}  // namespace tattle
