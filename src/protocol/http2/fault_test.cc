#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "protocol/http2/test_kit.h"

namespace tattle {
namespace {

using namespace http2_kit;

const std::string kStart = std::string(kHttp2Preface) + frame(kSettings, 0, 0, "");

std::string get(const std::string& rest) {
  return literal(":method", "GET") + literal(":scheme", "https") + literal(":path", "/x") + rest;
}

struct HostCase {
  const char* label;
  std::string fields;
  std::string brief;
  std::string anomaly;
};

class Http2Host : public testing::TestWithParam<HostCase> {};

TEST_P(Http2Host, IsWhatTheRequestSaysOrEmpty) {
  Harness harness;
  harness.client(kStart + frame(kHeaders, 5, 1, get(GetParam().fields)));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 1u);
  EXPECT_EQ(harness.messages()[0].brief(), "request 1 GET " + GetParam().brief);
  EXPECT_EQ(harness.anomalies.entries().size(), GetParam().anomaly.empty() ? 0u : 1u);
  if (!GetParam().anomaly.empty()) {
    EXPECT_EQ(harness.anomalies.count(GetParam().anomaly), 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rfc9113Section831, Http2Host,
    testing::Values(HostCase{"Port", literal(":authority", "A.Example:8443"),
                             "a.example:8443 /x https://A.Example:8443/x", ""},
                    HostCase{"V6", literal(":authority", "[2001:db8::1]:443"),
                             "2001:db8::1:443 /x https://[2001:db8::1]:443/x", ""},
                    HostCase{"HostFieldAlone", literal("host", "b.example"), "b.example:0 /x https://b.example/x", ""},
                    HostCase{"AuthorityWins", literal(":authority", "a.example") + literal("host", "b.example"),
                             "a.example:0 /x https://a.example/x", ""},
                    HostCase{"UserInformation", literal(":authority", "a.example@b.example"),
                             "b.example:0 /x https://a.example@b.example/x", "http2.pseudo-fields"},
                    HostCase{"TwoAuthorities", literal(":authority", "a.example") + literal(":authority", "b.example"),
                             ":0 /x ", "http2.pseudo-fields"},
                    HostCase{"NoAuthority", literal(":authority", "a b"), ":0 /x ", "http2.pseudo-fields"},
                    HostCase{"Late", literal("x", "y") + literal(":authority", "a.example"),
                             "a.example:0 /x https://a.example/x", "http2.pseudo-fields"},
                    HostCase{"Neither", "", ":0 /x ", ""}),
    [](const auto& info) { return info.param.label; });

// What is left of a head is handed down, marked.
const std::string kDamaged = "http/2 stream 1   damaged";

struct FaultCase {
  friend std::ostream& operator<<(std::ostream& out, const FaultCase& each) { return out << each.label; }
  const char* label;
  std::string frames;  // of the client, behind its start
  std::string anomaly;
  std::string summary;
};

class Http2Fault : public testing::TestWithParam<FaultCase> {};

TEST_P(Http2Fault, IsNotedAndReadingGoesOn) {
  Harness harness;
  harness.limits.http_head_bytes = 1024;
  const std::string fine = get(literal(":authority", "a.example"));
  harness.client(kStart + GetParam().frames + frame(kHeaders, 5, 99, fine));
  harness.end();
  EXPECT_EQ(harness.anomalies.count(GetParam().anomaly), 1u);
  EXPECT_EQ(harness.anomalies.entries().size(), 1u) << harness.anomalies.entries().rbegin()->first;
  ASSERT_FALSE(harness.messages().empty());
  EXPECT_EQ(harness.messages().back().target, "/x");
  EXPECT_EQ(harness.messages().back().host, "a.example");
  std::string rest;
  for (std::size_t i = 0; i + 1 < harness.messages().size(); ++i) {
    const Seen& each = harness.messages()[i];
    rest += each.layers + " " + each.target + " " + each.body + (each.damaged ? " damaged" : "");
  }
  EXPECT_EQ(rest, GetParam().summary);
}

// RFC 7541 section 6.1: index 0 is an error; 127 + 0 = an index far beyond the table.
INSTANTIATE_TEST_SUITE_P(
    Frames, Http2Fault,
    testing::Values(
        FaultCase{"IndexZero", frame(kHeaders, 5, 1, unhex("8280")), "http2.hpack", kDamaged},
        FaultCase{"IndexBeyond", frame(kHeaders, 5, 1, unhex("82ff00")), "http2.hpack", kDamaged},
        FaultCase{"PadTooLong", frame(kHeaders, 5 | kPadded, 1, unhex("4082")), "http2.padding", kDamaged},
        FaultCase{"DataPadTooLong", frame(kData, 1 | kPadded, 1, unhex("0a6162")), "http2.padding", ""},
        FaultCase{"DataOnStreamZero", frame(kData, 0, 0, "abc"), "http2.frame", ""},
        FaultCase{"PingOfWrongLength", frame(kPing, 0, 0, "abc"), "http2.frame", ""},
        FaultCase{"OverSize", frame(0x77, 0, 0, std::string(16385, 'x')), "http2.frame-size", ""},
        FaultCase{"ContinuationMissing", frame(kHeaders, kEndStream, 1, unhex("82")) + frame(kPing, 0, 0, "12345678"),
                  "http2.continuation-missing", kDamaged},
        FaultCase{"ContinuationAlone", frame(kContinuation, kEndHeaders, 1, unhex("82")), "http2.continuation-alone",
                  ""},
        FaultCase{"HeadOverLimit", frame(kHeaders, 5, 1, std::string(1025, '\x82')), "http2.head-limit", kDamaged}),
    [](const auto& info) { return info.param.label; });

// A connection within a connection's CONNECT: its requests name the tunnel and what is behind it.
TEST(Http2Tunnels, AreReadLikeAnyStream) {
  Harness harness;
  KeyStore keys;
  TlsContext tls{&keys, &harness.limits, &harness.anomalies, nullptr};
  harness.context.tls = &tls;
  const std::string connect = literal(":method", "CONNECT") + literal(":authority", "shop.example:80");
  harness.client(kStart + frame(kHeaders, kEndHeaders, 1, connect));
  harness.server(frame(kSettings, 0, 0, "") + frame(kHeaders, kEndHeaders, 1, unhex("88")));
  harness.client(frame(kData, 0, 1, "GET /a HTTP/1.1\r\nHost: shop.exa") + frame(kPing, 0, 0, "12345678"));
  harness.client(frame(kData, 0, 1, "mple\r\n\r\n"));
  harness.server(frame(kData, kEndStream, 1, "HTTP/1.1 204 No Content\r\n\r\n"));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 4u);
  const Seen& inner = harness.messages()[2];
  EXPECT_EQ(inner.brief(), "request 2 GET shop.example:0 /a http://shop.example/a");
  EXPECT_EQ(inner.via, Via::tunnel);
  EXPECT_EQ(inner.tunnel_host, "shop.example");
  EXPECT_EQ(inner.layers, "http/2 stream 1connect shop.example:80http/1.1 ");
  EXPECT_EQ(inner.head_packets, (PacketRuns{{0, 3, 4}}));
  EXPECT_EQ(harness.messages()[3].brief(), "response 2 204 to GET");
}

// What still comes did not reach the host that the CONNECT named, nor one named in it.
TEST(Http2Tunnels, AreNotOpenedWhenRefused) {
  Harness harness;
  KeyStore keys;
  TlsContext tls{&keys, &harness.limits, &harness.anomalies, nullptr};
  harness.context.tls = &tls;
  const std::string connect = literal(":method", "CONNECT") + literal(":authority", "shop.example:80");
  harness.client(kStart + frame(kHeaders, kEndHeaders, 1, connect));
  harness.server(frame(kSettings, 0, 0, "") + frame(kHeaders, kEndHeaders | kEndStream, 1, literal(":status", "403")));
  harness.client(frame(kData, kEndStream, 1, "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 3u);
  EXPECT_EQ(harness.messages()[1].brief(), "response 1 403 to CONNECT");
  EXPECT_EQ(harness.messages()[2].protocol, "http/2");
  EXPECT_EQ(harness.messages()[2].host, "");
  EXPECT_EQ(harness.messages()[2].via, Via::direct);
}

// What the client sends before the answer waits for it: the far end gets it only when the proxy lets it through.
TEST(Http2Tunnels, WaitForTheAnswer) {
  for (const bool accepted : {true, false}) {
    Harness harness;
    KeyStore keys;
    TlsContext tls{&keys, &harness.limits, &harness.anomalies, nullptr};
    harness.context.tls = &tls;
    const std::string connect = literal(":method", "CONNECT") + literal(":authority", "shop.example:80");
    harness.client(kStart + frame(kHeaders, kEndHeaders, 1, connect) +
                   frame(kData, 0, 1, "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"));
    const std::string status = literal(":status", accepted ? "200" : "403");
    harness.server(frame(kSettings, 0, 0, "") + frame(kHeaders, kEndHeaders, 1, status));
    harness.end();
    ASSERT_EQ(harness.messages().size(), 3u) << accepted;
    int through = 0;
    for (const Seen& each : harness.messages()) through += each.via == Via::tunnel && each.host == "shop.example";
    EXPECT_EQ(through, accepted ? 1 : 0);
  }
}

}  // namespace
}  // namespace tattle
