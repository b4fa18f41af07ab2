#include "attribute/recipient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tattle {
namespace {

using testing::ElementsAreArray;

const Endpoint kPhone{*Address::parse("192.0.2.17"), 50000};
const Endpoint kServer{*Address::parse("203.0.113.5"), 443};

struct Expected {
  Role role;
  const char* host;
  bool addressed;
};

struct RoleCase {
  const char* name;
  std::string_view protocol;
  Via via;
  Protection protection;
  bool damaged;
  const char* host;
  const char* sni;
  const char* tunnel_host;
  const char* remembered;  // name of the server's address, or ""
  std::vector<Expected> expected;
};

class Roles : public testing::TestWithParam<RoleCase> {};

TEST_P(Roles, AreWhatTheTrafficShows) {
  const RoleCase& c = GetParam();
  MessageRecord message;
  message.flow.client = message.client = kPhone;
  message.flow.server = message.server = kServer;
  message.flow.device = DeviceSide::client;
  message.kind = MessageKind::request;
  message.protocol = c.protocol;
  message.via = c.via;
  message.protection = c.protection;
  message.damaged = c.damaged;
  message.host = c.host;
  message.sni = c.sni;
  message.tunnel_host = c.tunnel_host;
  Anomalies anomalies;
  NameBook names({}, anomalies);
  names.add(kServer.address, c.remembered);
  std::vector<Party> expected;
  for (const Expected& each : c.expected) {
    expected.push_back({each.role, each.host, each.addressed ? std::optional<Address>(kServer.address) : std::nullopt});
  }
  EXPECT_THAT(parties_of(message, names), ElementsAreArray(expected));
}

constexpr auto kClear = Protection::clear;
constexpr auto kTls = Protection::tls;
constexpr auto kTo = Role::destination;

INSTANTIATE_TEST_SUITE_P(
    Cases, Roles,
    testing::Values(
        RoleCase{"HttpHost",
                 "http/1.1",
                 Via::direct,
                 kClear,
                 false,
                 "a.example",
                 "",
                 "",
                 "dns.example",
                 {{kTo, "a.example", true}}},
        RoleCase{"HostBeforeSni",
                 "http/2",
                 Via::direct,
                 kTls,
                 false,
                 "a.example",
                 "b.example",
                 "",
                 "",
                 {{kTo, "a.example", true}}},
        RoleCase{"SniWithoutHost",
                 "http/1.1",
                 Via::direct,
                 kTls,
                 false,
                 "",
                 "b.example",
                 "",
                 "",
                 {{kTo, "b.example", true}}},
        RoleCase{"RememberedName",
                 "tcp",
                 Via::direct,
                 kClear,
                 false,
                 "",
                 "",
                 "",
                 "dns.example",
                 {{kTo, "dns.example", true}}},
        RoleCase{"AddressOnly", "udp", Via::direct, kClear, false, "", "", "", "", {{kTo, "", true}}},
        RoleCase{"Http2LostAuthority",
                 "http/2",
                 Via::direct,
                 kTls,
                 false,
                 "",
                 "b.example",
                 "",
                 "dns.example",
                 {{kTo, "", true}}},
        RoleCase{"Http1DamagedHead",
                 "http/1.1",
                 Via::direct,
                 kTls,
                 true,
                 "",
                 "b.example",
                 "",
                 "dns.example",
                 {{kTo, "", true}}},
        RoleCase{"Dns",
                 "dns",
                 Via::direct,
                 kClear,
                 false,
                 "asked.example",
                 "",
                 "",
                 "resolver.example",
                 {{Role::resolver, "resolver.example", true}}},
        RoleCase{
            "DnsUnnamed", "dns", Via::direct, kClear, false, "asked.example", "", "", "", {{Role::resolver, "", true}}},
        RoleCase{"DnsOverTls",
                 "dns",
                 Via::direct,
                 kTls,
                 false,
                 "asked.example",
                 "dot.example",
                 "",
                 "other.example",
                 {{Role::resolver, "dot.example", true}}},
        RoleCase{"DnsOverQuic",
                 "dns",
                 Via::direct,
                 Protection::quic,
                 false,
                 "asked.example",
                 "doq.example",
                 "",
                 "",
                 {{Role::resolver, "doq.example", true}}},
        RoleCase{"DnsOverHttpsInATunnel",
                 "dns",
                 Via::tunnel,
                 kTls,
                 false,
                 "asked.example",
                 "doh.example",
                 "doh.example",
                 "proxy.example",
                 {{Role::resolver, "doh.example", false}}},
        RoleCase{"ProxyAbsolute",
                 "http/1.1",
                 Via::proxy_absolute,
                 kClear,
                 false,
                 "site.example",
                 "",
                 "",
                 "proxy.example",
                 {{Role::proxy, "proxy.example", true}, {kTo, "site.example", false}}},
        RoleCase{"ProxyConnect",
                 "http/1.1",
                 Via::proxy_connect,
                 kClear,
                 false,
                 "site.example",
                 "",
                 "site.example",
                 "proxy.example",
                 {{Role::proxy, "proxy.example", true}}},
        RoleCase{"TunnelTls",
                 "http/1.1",
                 Via::tunnel,
                 kTls,
                 false,
                 "site.example",
                 "site.example",
                 "site.example",
                 "proxy.example",
                 {{kTo, "site.example", false}}},
        RoleCase{"TunnelTlsNoHost",
                 "tcp",
                 Via::tunnel,
                 kTls,
                 false,
                 "",
                 "",
                 "site.example",
                 "proxy.example",
                 {{kTo, "site.example", false}}},
        RoleCase{"TunnelClear",
                 "http/1.1",
                 Via::tunnel,
                 kClear,
                 false,
                 "site.example",
                 "",
                 "site.example",
                 "",
                 {{Role::proxy, "", true}, {kTo, "site.example", false}}}),
    [](const auto& info) { return info.param.name; });

TEST(Recipient, WhoAsksThePhoneIsNotKnownByThePhonesOwnName) {
  MessageRecord message;
  message.flow.client = message.client = kServer;  // the other end opened the conversation
  message.flow.server = message.server = kPhone;
  message.flow.device = DeviceSide::server;
  message.protocol = "http/1.1";
  message.host = "phone.example";
  Anomalies anomalies;
  const NameBook names({}, anomalies);
  EXPECT_THAT(parties_of(message, names), testing::ElementsAre(Party{kTo, "", kServer.address}));
  message.direction = Direction::to_client;
  EXPECT_TRUE(sent_by_phone(message));
  message.direction = Direction::to_server;
  EXPECT_FALSE(sent_by_phone(message));
}

TEST(Recipient, AFlowIsKnownByItsServerNameThenByItsAddress) {
  FlowSummary summary;
  summary.flow.client = kPhone;
  summary.flow.server = kServer;
  summary.flow.device = DeviceSide::client;
  Anomalies anomalies;
  NameBook names({}, anomalies);
  EXPECT_EQ(party_of_flow(summary, names), (Party{kTo, "", kServer.address}));
  names.add(kServer.address, "Dns.Example.");
  EXPECT_EQ(party_of_flow(summary, names), (Party{kTo, "dns.example", kServer.address}));
  summary.tls.sni = "sni.example";
  EXPECT_EQ(party_of_flow(summary, names), (Party{kTo, "sni.example", kServer.address}));
}

/// Each ground counts when none of the better ones is there, and is said.
TEST(Recipient, ItsHostHasTheBestGroundThereIs) {
  MessageRecord message;
  message.flow.client = message.client = kPhone;
  message.flow.server = message.server = kServer;
  message.flow.device = DeviceSide::client;
  message.kind = MessageKind::request;
  message.protocol = "http/1.1";
  message.protection = kTls;
  message.host = "authority.example";
  message.sni = "sni.example";
  message.certificate_host = "certificate.example";
  Anomalies anomalies;
  NameBook names({}, anomalies), recorded({}, anomalies);
  names.add(kServer.address, "dns.example");
  recorded.add(kServer.address, "record.example", {}, NameSource::name_record);
  const auto met = [&](const NameBook& book) {
    const std::vector<Party> parties = parties_of(message, book);
    return parties.size() == 1 ? parties[0].host + " by " + std::string(to_string(parties[0].ground))
                               : std::string("?");
  };
  EXPECT_EQ(met(names), "authority.example by authority");
  message.host.clear();
  EXPECT_EQ(met(names), "sni.example by sni");
  message.sni.clear();
  EXPECT_EQ(met(names), "certificate.example by certificate");
  message.via = Via::tunnel;
  message.tunnel_host = "asked.example";
  EXPECT_EQ(met(names), "asked.example by proxy-request");
  message.via = Via::direct;
  message.tunnel_host.clear();
  message.certificate_host.clear();
  EXPECT_EQ(met(names), "dns.example by dns");
  EXPECT_EQ(met(recorded), "record.example by name-record");
  EXPECT_EQ(met(NameBook({}, anomalies)), " by ");
  // What a DNS answer said counts before the file's own record.
  recorded.add(kServer.address, "record.example");
  EXPECT_EQ(met(recorded), "record.example by dns");
}

TEST(NameBook, AnAddressOfSeveralNamesHasNone) {
  Anomalies anomalies;
  NameBook names({}, anomalies);
  names.add(kServer.address, "a.example");
  names.add(kServer.address, "A.EXAMPLE.");
  EXPECT_EQ(names.find(kServer.address), "a.example");
  names.add(kServer.address, "b.example");
  EXPECT_EQ(names.find(kServer.address), "");
}

TEST(NameBook, StopsAtItsLimit) {
  Anomalies anomalies;
  Limits limits;
  limits.names = 1;
  NameBook names(limits, anomalies);
  names.add(kServer.address, "a.example");
  names.add(kPhone.address, "b.example", {0, 7});
  EXPECT_EQ(names.size(), 1u);
  ASSERT_EQ(anomalies.count("attribute.names-full"), 1u);
  EXPECT_EQ(anomalies.entries().at("attribute.names-full").first, (PacketId{0, 7}));
}

}  // namespace
}  // namespace tattle
