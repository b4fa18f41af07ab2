#include "protocol/dns/queries.h"

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

DnsQueries::Asked* DnsQueries::find(std::uint16_t id, const std::string& question) {
  Asked* latest = nullptr;
  const auto [begin, end] = asked_.equal_range(id);
  for (auto each = begin; each != end; ++each) {
    if (each->second.question == question) latest = &each->second;
  }
  return latest;
}

void DnsQueries::forget_oldest(ParserContext& context, PacketId where) {
  if (!oldest_.front()->second.answered) context.anomalies->note("dns.queries-limit", where);
  asked_.erase(oldest_.front());
  oldest_.pop_front();
}

DnsQueries::Paired DnsQueries::pair(const DnsMessage& message, const StreamContext& above, ParserContext& context,
                                    PacketId where) {
  const std::string question = question_of(message);
  Asked* const known = find(message.id, question);
  if (!message.response) {
    if (known != nullptr && !known->answered) return {Fit::query, known->exchange};
    while (!oldest_.empty() && asked_.size() >= context.limits->dns_queries) forget_oldest(context, where);
    const std::uint64_t exchange = above.next_exchange();
    oldest_.push_back(asked_.insert({message.id, Asked{question, exchange}}));
    return {Fit::query, exchange};
  }
  if (known != nullptr) {
    known->answered = true;
    return {Fit::answer, known->exchange};
  }
  const std::size_t with_id = asked_.count(message.id);
  // A question that the capture cut off contradicts nobody.
  if (with_id == 0 || message.questions.size() != message.question_count) return {Fit::unasked, 0};
  if (!message.questions.empty()) {
    context.anomalies->note("dns.mismatched-answer", where);
    return {Fit::mismatched, 0};
  }
  if (with_id > 1) return {Fit::unasked, 0};
  Asked& only = asked_.find(message.id)->second;
  only.answered = true;
  return {Fit::answer, only.exchange};
}

}  // namespace tattle
