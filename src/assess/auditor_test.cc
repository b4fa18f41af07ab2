#include "assess/auditor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/assess_testing.h"
#include "assess/certainty.h"
#include "assess/gravity.h"
#include "assess/table/disclosure_table.h"

namespace tattle {
namespace {

using assess_testing::ending;
using assess_testing::flow_end;
using assess_testing::hit;
using assess_testing::kProxy;
using assess_testing::request;
using testing::ElementsAre;

class AuditorTest : public testing::Test {
 protected:
  AuditorTest() { setup_.subjects = {subject_}; }

  AuditDocument audit(const std::vector<MessageRecord>& messages) {
    Auditor auditor(setup_);
    for (const MessageRecord& message : messages) auditor.on_message(message);
    return auditor.finish(ending());
  }

  Subject subject_ = assess_testing::subject();
  AuditSetup setup_;
};

TEST_F(AuditorTest, TheSameAgainIsAnOccurrence) {
  std::vector<MessageRecord> messages;
  for (std::uint64_t i = 1; i <= 12; ++i) {
    messages.push_back(request(i, i));
    messages.back().hits = {hit(subject_, 0)};
    // Neither the stream, the place in a list, nor the packets make another disclosure.
    messages.back().hits[0].path[1].detail = "stream " + std::to_string(i);
    messages.back().hits[0].path[2].detail = "$.events[" + std::to_string(i) + "].id";
    messages.back().hits[0].packets = {{0, i, i}};
  }
  const AuditDocument document = audit(messages);
  ASSERT_EQ(document.disclosures.size(), 1u);
  const DisclosureReport& d = document.disclosures[0];
  EXPECT_EQ(d.id, "D1");
  EXPECT_EQ(d.count, 12u);
  EXPECT_EQ(d.first.ns, 1000000000);
  EXPECT_EQ(d.last.ns, 12000000000);
  EXPECT_EQ(d.path[1].detail.clear, "");
  EXPECT_EQ(d.path[2].detail.clear, "$.events[*].id");
  std::vector<std::uint64_t> shown;
  for (const Evidence& each : d.evidence) shown.push_back(each.message);
  EXPECT_THAT(shown, ElementsAre(1, 2, 3, 4, 5, 8, 9, 10, 11, 12));
}

TEST_F(AuditorTest, WhatMakesOneDisclosureMakesTwoWhenItDiffers) {
  const std::vector<std::function<void(MessageRecord&)>> changes{
      [&](MessageRecord& m) { m.hits = {hit(subject_, 1)}; },
      [](MessageRecord& m) { m.hits[0].form = "md5"; },
      [](MessageRecord& m) { m.direction = Direction::to_client; },
      [](MessageRecord& m) { m.protection = Protection::clear; },
      [](MessageRecord& m) { m.host = "other.vendor.example"; },
      [](MessageRecord& m) { m.hits[0].path[2].detail = "$.other"; },
      [](MessageRecord& m) { m.hits[0].log2_probability = -3; },  // no longer verified
  };
  MessageRecord first = request(1);
  first.hits = {hit(subject_, 0)};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    MessageRecord second = request(2);
    second.hits = {hit(subject_, 0)};
    changes[i](second);
    const AuditDocument document = audit({first, second});
    ASSERT_EQ(document.disclosures.size(), 2u) << i;
    EXPECT_NE(document.disclosures[0].key, document.disclosures[1].key) << i;
    EXPECT_EQ(document.disclosures[0].key.size(), 32u);
  }
}

TEST_F(AuditorTest, AKeyDoesNotFollowTheValueNorTheOrder) {
  MessageRecord first = request(1), second = request(2);
  first.hits = {hit(subject_, 0)};
  second.hits = {hit(subject_, 1)};
  const AuditDocument one = audit({first, second});
  std::swap(first.hits, second.hits);
  Subject other = subject_;
  other.entries[0].parts[0].text = "490154203237518";
  for (MessageRecord* m : {&first, &second}) {
    if (m->hits[0].entry == 0) m->hits[0].value = "490154203237518";
  }
  setup_.subjects = {other};
  const AuditDocument two = audit({first, second});
  ASSERT_EQ(one.disclosures.size(), 2u);
  ASSERT_EQ(two.disclosures.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(one.disclosures[i].key, two.disclosures[i].key);
    EXPECT_EQ(one.disclosures[i].datum, two.disclosures[i].datum);
  }
}

TEST_F(AuditorTest, AWeakAndAStrongMatchOfTheSameAreOneDisclosureWhenBothAreSure) {
  MessageRecord first = request(1), second = request(2);
  first.hits = {hit(subject_, 0, "plain", -120)};
  second.hits = {hit(subject_, 0, "plain", -60)};
  second.hits[0].part = "other";
  const AuditDocument document = audit({first, second});
  ASSERT_EQ(document.disclosures.size(), 1u);
  EXPECT_EQ(document.disclosures[0].count, 2u);
  EXPECT_THAT(document.disclosures[0].numbers, ElementsAre(1, 2));
  EXPECT_THAT(document.disclosures[0].parts, ElementsAre("other", "value"));
  EXPECT_EQ(document.disclosures[0].evidence.size(), 2u);
  // 2^-60 * 400 bytes searched * 32 spellings: the weaker of the two.
  EXPECT_NEAR(document.disclosures[0].chance, 12800.0 / 1152921504606846976.0, 1e-20);
}

struct CertaintyCase {
  bool planted;
  double log2_probability;
  std::uint64_t searched;
  bool corroborated;
  Certainty expected;
};

TEST(Certainty, HasANumber) {
  for (const CertaintyCase& c :
       {CertaintyCase{true, -128, 1000000000, false, Certainty::verified},
        CertaintyCase{true, -32, 1000000, false, Certainty::inferred},  // 2^-32 * 32e6 = 0.0075
        CertaintyCase{true, -32, 1000000, true, Certainty::verified},
        CertaintyCase{true, -45, 1, false, Certainty::verified},      // 32 * 2^-45 = 9.1e-13
        CertaintyCase{true, -24, 1, false, Certainty::inferred},      // 32 * 2^-24 = 1.9e-6
        CertaintyCase{true, -25, 1, false, Certainty::verified},      // 9.5e-7
        CertaintyCase{false, -128, 1, true, Certainty::inferred}}) {  // a shape is never more than a shape
    const double chance = expected_accidents(c.log2_probability, c.searched, 1);
    EXPECT_EQ(certainty_of(c.planted, chance, c.corroborated), c.expected) << c.log2_probability;
  }
}

TEST_F(AuditorTest, AProxyAndTheSiteBehindItAreTwoRecipients) {
  MessageRecord message = request(1);
  message.protocol = "http/1.1";
  message.protection = Protection::clear;
  message.flow.server = message.server = kProxy;
  message.via = Via::proxy_absolute;
  message.host = "www.site.example";
  message.hits = {hit(subject_, 3, "host-name")};
  message.hits[0].value = "WWW.site.example";
  const AuditDocument document = audit({message});
  // The site learns nothing by its own name; the proxy learns that it was visited.
  ASSERT_EQ(document.disclosures.size(), 1u);
  EXPECT_EQ(document.disclosures[0].role, Role::proxy);
  EXPECT_TRUE(document.disclosures[0].recipient.host.empty());
  EXPECT_THAT(document.disclosures[0].recipient.addresses, ElementsAre("198.51.100.9"));
  ASSERT_EQ(document.recipients.size(), 2u);
  EXPECT_THAT(document.recipients[0].disclosures, ElementsAre("D1"));
  EXPECT_EQ(document.recipients[1].recipient.host.clear, "www.site.example");
  EXPECT_TRUE(document.recipients[1].recipient.addresses.empty());
}

TEST_F(AuditorTest, ANameHeardEarlierNamesTheResolver) {
  Auditor auditor(setup_);
  auditor.add_name(*Address::parse("203.0.113.5"), "resolver.example");
  MessageRecord query = request(1);
  query.protocol = "dns";
  query.kind = MessageKind::query;
  query.protection = Protection::clear;
  query.host = "www.site.example";
  query.hits = {hit(subject_, 3, "host-name")};
  query.hits[0].value = "www.site.example";
  auditor.on_message(query);
  const AuditDocument document = auditor.finish(ending());
  ASSERT_EQ(document.disclosures.size(), 1u);
  EXPECT_EQ(document.disclosures[0].role, Role::resolver);
  EXPECT_EQ(document.disclosures[0].recipient.host.clear, "resolver.example");
}

TEST_F(AuditorTest, ABystanderDisclosesNothing) {
  Auditor auditor(setup_);
  MessageRecord message = request(1);
  message.flow.device = DeviceSide::none;
  message.hits = {hit(subject_, 0)};
  auditor.on_message(message);
  auditor.on_flow(flow_end(message, 500, 0, 0));
  const AuditDocument document = auditor.finish(ending());
  EXPECT_TRUE(document.disclosures.empty());
  EXPECT_TRUE(document.recipients.empty());
  EXPECT_EQ(document.coverage.bytes_of(Fate::other_device), 540u);
}

TEST_F(AuditorTest, APhoneThatIsNotThereIsNamed) {
  Auditor absent(setup_);
  MessageRecord message = request(1);
  message.flow.device = DeviceSide::none;
  absent.on_flow(flow_end(message, 500, 0, 0));
  const AuditDocument document = absent.finish(ending());
  ASSERT_EQ(document.warnings.size(), 1u);
  EXPECT_EQ(document.warnings[0].find(setup_.subjects[0].name + ": no conversation"), 0u) << document.warnings[0];
  EXPECT_EQ(document.coverage.phone_bytes(), 0u);

  Auditor present(setup_);
  present.on_flow(flow_end(request(1), 500, 0, 0));
  EXPECT_TRUE(present.finish(ending()).warnings.empty());
}

TEST_F(AuditorTest, FatesAddUpToTheWhole) {
  const AuditDocument document = assess_testing::tell_everything();
  const CoverageReport& coverage = document.coverage;
  std::uint64_t sum = 0;
  for (const CoverageLine& line : coverage.lines) sum += line.bytes;
  EXPECT_EQ(sum, coverage.bytes);
  EXPECT_EQ(coverage.bytes, 10000u);
  EXPECT_EQ(coverage.packets, 100u);
  EXPECT_EQ(coverage.flows, 2u);
  EXPECT_EQ(coverage.messages, 15u);
  EXPECT_EQ(coverage.bytes_of(Fate::read), 3000u);
  EXPECT_EQ(coverage.bytes_of(Fate::searched_raw), 500u);
  EXPECT_EQ(coverage.bytes_of(Fate::opaque), 700u);
  EXPECT_EQ(coverage.bytes_of(Fate::other_device), 840u);
  EXPECT_EQ(coverage.bytes_of(Fate::unread), 60u);
  EXPECT_EQ(coverage.bytes_of(Fate::framing), 10000u - 3000 - 500 - 700 - 840 - 60);
  EXPECT_DOUBLE_EQ(coverage.opaque_share(), 700.0 / 4200.0);
}

TEST_F(AuditorTest, ClosedFlowsAreRecipientsByTheirServerName) {
  Auditor auditor(setup_);
  FlowRecord record = flow_end(request(1), 0, 0, 900);
  record.summary.has_tls = true;
  record.summary.tls.sni = "bank.example";
  auditor.on_flow(record);
  record.summary.flow.id = 2;
  record.summary.opaque_reason = "quic";
  record.summary.raw_bytes = 30;
  auditor.on_flow(record);
  const AuditDocument document = auditor.finish(ending());
  ASSERT_EQ(document.recipients.size(), 1u);
  EXPECT_EQ(document.recipients[0].recipient.host.clear, "bank.example");
  EXPECT_EQ(document.recipients[0].opaque_bytes, 1800u);
  EXPECT_EQ(document.recipients[0].opaque_flows, 2u);
  EXPECT_EQ(document.recipients[0].raw_bytes, 30u);
  EXPECT_EQ(document.recipients[0].flows, 2u);
  EXPECT_EQ(document.coverage.lines.size(), 4u);  // no-key, quic, searched raw, framing
}

TEST_F(AuditorTest, ATunnelsFarEndIsARecipientAndTheProxyHasTheBytes) {
  Auditor auditor(setup_);
  MessageRecord connect = request(1);
  connect.protocol = "http/1.1";
  connect.protection = Protection::clear;
  connect.flow.server = connect.server = kProxy;
  connect.via = Via::proxy_connect;
  connect.host = connect.tunnel_host = "bank.example";
  auditor.on_message(connect);
  FlowRecord record = flow_end(connect, 100, 0, 900);
  record.summary.tls.sni = "bank.example";
  auditor.on_flow(record);
  const AuditDocument document = auditor.finish(ending());
  ASSERT_EQ(document.recipients.size(), 2u);
  EXPECT_THAT(document.recipients[0].recipient.addresses, ElementsAre("198.51.100.9"));
  EXPECT_EQ(document.recipients[0].sent_bytes, 100u);
  EXPECT_THAT(document.recipients[0].roles, ElementsAre(Role::proxy));
  EXPECT_EQ(document.recipients[1].recipient.host.clear, "bank.example");
  EXPECT_TRUE(document.recipients[1].recipient.addresses.empty());
  EXPECT_EQ(document.recipients[1].sent_bytes, 0u);
  EXPECT_EQ(document.recipients[1].opaque_bytes, 900u);
}

TEST_F(AuditorTest, LimitsHold) {
  setup_.limits.disclosures = 1;
  setup_.limits.recipients = 1;
  MessageRecord first = request(1), second = request(2);
  first.hits = {hit(subject_, 0)};
  second.hits = {hit(subject_, 1), hit(subject_, 2)};
  second.host = "other.example";
  const AuditDocument document = audit({first, second});
  EXPECT_EQ(document.disclosures.size(), 1u);
  EXPECT_EQ(document.recipients.size(), 1u);
  EXPECT_EQ(document.coverage.dropped_occurrences, 2u);
  ASSERT_EQ(document.anomalies.size(), 2u);
  EXPECT_EQ(document.anomalies[0].name, "assess.disclosures-full");
  EXPECT_EQ(document.anomalies[0].count, 2u);
  EXPECT_EQ(document.anomalies[0].first, (PacketId{0, 10}));
  EXPECT_EQ(document.anomalies[1].name, "assess.recipients-full");
}

TEST(Gravity, IsInTheOrderItSays) {
  DisclosureReport gravest;
  gravest.certainty = Certainty::verified;
  gravest.direction = Travel::sent;
  gravest.transport = Protection::clear;
  gravest.kind = "communication";
  gravest.form = "plain";
  gravest.count = 9;
  const std::vector<std::function<void(DisclosureReport&)>> lighter{
      [](DisclosureReport& d) { d.count = 3; },
      [](DisclosureReport& d) { d.transport = Protection::tls, d.count = 100; },
      [](DisclosureReport& d) { d.form = "sha256", d.transport = Protection::clear; },
      [](DisclosureReport& d) { d.kind = "credential", d.form = "plain", d.transport = Protection::tls; },
      [](DisclosureReport& d) { d.kind = "location"; },
      [](DisclosureReport& d) { d.kind = "identifier", d.transport = Protection::clear; },
      [](DisclosureReport& d) { d.direction = Travel::received, d.kind = "communication"; },
      [](DisclosureReport& d) { d.certainty = Certainty::inferred, d.direction = Travel::sent; },
  };
  DisclosureReport before = gravest;
  for (std::size_t i = 0; i < lighter.size(); ++i) {
    DisclosureReport after = before;
    lighter[i](after);
    EXPECT_TRUE(graver(before, after)) << i;
    EXPECT_FALSE(graver(after, before)) << i;
    before = after;
  }
  EXPECT_LT(gravity_rank("location"), gravity_rank("identifier"));
  EXPECT_GT(gravity_rank("never heard of"), gravity_rank("device"));
}

TEST_F(AuditorTest, CountriesOfSeveralAddressesAreNotOneCountry) {
  class TwoCountries : public Places {
   public:
    Place find(const Address& address) const override {
      Place place;
      place.country = address.bytes[15] == 5 ? "US" : "FI";
      place.network = "Holder Inc";
      place.as_number = 64500;
      return place;
    }
    bool knows_countries() const override { return true; }
    bool knows_networks() const override { return true; }
    std::vector<std::string> attribution() const override { return {"thanks"}; }
    std::string how() const override { return ""; }
  };
  setup_.places = std::make_shared<TwoCountries>();
  MessageRecord first = request(1), second = request(2, 2);
  second.flow.server = second.server = {*Address::parse("203.0.113.6"), 443};
  first.hits = second.hits = {hit(subject_, 0)};
  const AuditDocument document = audit({first, second});
  ASSERT_EQ(document.disclosures.size(), 1u);
  const RecipientReport& recipient = document.disclosures[0].recipient;
  EXPECT_EQ(recipient.country, "");
  EXPECT_THAT(recipient.countries, ElementsAre("FI", "US"));
  EXPECT_EQ(recipient.network, "Holder Inc");
  EXPECT_EQ(recipient.as_number, 64500u);
  EXPECT_TRUE(document.places.known);
}

TEST_F(AuditorTest, TheSenderIsNotKnownAndTheGroundSaysWhatWasClaimed) {
  MessageRecord message = request(1);
  message.hits = {hit(subject_, 0)};
  EXPECT_EQ(audit({message}).disclosures[0].sender.ground.clear, "no sign of which software sent it");
  message.user_agent = assess_testing::kAgent;
  const SenderReport sender = audit({message}).disclosures[0].sender;
  EXPECT_EQ(sender.kind, "unknown");
  EXPECT_TRUE(sender.name.empty());
  EXPECT_NE(sender.ground.clear.find("Windows Phone"), std::string::npos);
  EXPECT_EQ(sender.ground.masked.find("Windows Phone"), std::string::npos);
}

TEST_F(AuditorTest, TheNameOfAnAppIsMaskedToo) {
  MessageRecord message = request(1);
  message.hits = {hit(subject_, 0)};
  auto app = std::make_shared<AppInfo>();
  app->uid = 10101;
  app->name = std::string("App of ") + assess_testing::kImei;
  message.flow.app = app;
  const SenderReport sender = audit({message}).disclosures[0].sender;
  EXPECT_EQ(sender.name.clear, app->name);
  EXPECT_EQ(sender.name.masked.find(assess_testing::kImei), std::string::npos);
}

}  // namespace
}  // namespace tattle
