#include "protocol/dns/queries.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tattle {
namespace {

DnsMessage message(bool response, std::uint16_t id, std::vector<DnsQuestion> questions) {
  DnsMessage made;
  made.response = response;
  made.id = id;
  made.question_count = static_cast<std::uint16_t>(questions.size());
  made.questions = std::move(questions);
  return made;
}
DnsMessage ask(std::uint16_t id, std::string name, std::uint16_t type = 1, std::uint16_t record_class = 1) {
  return message(false, id, {{std::move(name), type, record_class}});
}
DnsMessage answer(std::uint16_t id, std::string name, std::uint16_t type = 1, std::uint16_t record_class = 1) {
  return message(true, id, {{std::move(name), type, record_class}});
}
DnsMessage bare(std::uint16_t id) { return message(true, id, {}); }
DnsMessage cut(std::uint16_t id) {
  DnsMessage made = bare(id);
  made.question_count = 1;
  return made;
}

struct Case {
  const char* name;
  std::vector<DnsMessage> messages;
  std::vector<std::uint64_t> exchanges;
  std::uint64_t mismatched = 0, forgotten = 0;
};

class DnsPairs : public testing::TestWithParam<Case> {};

TEST_P(DnsPairs, ByIdAndQuestion) {
  Limits limits;
  limits.dns_queries = 3;
  Anomalies anomalies;
  FlowCounters counters;
  StreamContext above;
  above.counters = &counters;
  ParserContext context{nullptr, &limits, &anomalies, nullptr};
  DnsQueries queries;
  std::vector<std::uint64_t> exchanges;
  for (const DnsMessage& each : GetParam().messages) {
    exchanges.push_back(queries.pair(each, above, context, PacketId{}).exchange);
  }
  EXPECT_EQ(exchanges, GetParam().exchanges);
  EXPECT_EQ(anomalies.count("dns.mismatched-answer"), GetParam().mismatched);
  EXPECT_EQ(anomalies.count("dns.queries-limit"), GetParam().forgotten);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc5452, DnsPairs,
    testing::Values(Case{"AnotherName", {ask(7, "a.example"), answer(7, "b.example")}, {1, 0}, 1},
                    Case{"AnotherType", {ask(7, "a.example", 1), answer(7, "a.example", 28)}, {1, 0}, 1},
                    Case{"AnotherClass", {ask(7, "a.example", 16, 1), answer(7, "a.example", 16, 3)}, {1, 0}, 1},
                    Case{"AnotherId", {ask(7, "a.example"), answer(8, "a.example")}, {1, 0}},
                    Case{"NobodyAsked", {answer(7, "a.example")}, {0}},
                    Case{"OneIdForTwoQuestions",
                         {ask(7, "a.example", 1), ask(7, "a.example", 28), answer(7, "a.example", 28),
                          answer(7, "a.example", 1)},
                         {1, 2, 2, 1}},
                    Case{"TheIdAgainLater",
                         {ask(7, "a.example"), answer(7, "a.example"), ask(7, "b.example"), answer(7, "b.example"),
                          ask(7, "a.example"), answer(7, "a.example")},
                         {1, 1, 2, 2, 3, 3}},
                    Case{"SentAgain",
                         {ask(7, "a.example"), ask(7, "a.example"), answer(7, "a.example"), answer(7, "a.example")},
                         {1, 1, 1, 1}},
                    Case{"ErrorWithoutAQuestion", {ask(7, "a.example"), bare(7), bare(8)}, {1, 1, 0}},
                    Case{"WithoutAQuestionForOneOfTwo", {ask(7, "a.example"), ask(7, "b.example"), bare(7)}, {1, 2, 0}},
                    Case{"QuestionCutOff", {ask(7, "a.example"), cut(7)}, {1, 0}},
                    Case{"TooMany",
                         {ask(1, "a"), answer(1, "a"), ask(2, "b"), ask(3, "c"), ask(4, "d"), ask(5, "e"),
                          answer(2, "b"), answer(3, "c")},
                         {1, 1, 2, 3, 4, 5, 0, 3},
                         0,
                         1}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
