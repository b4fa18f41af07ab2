#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "protocol/http2/test_kit.h"

namespace tattle {
namespace {

using namespace http2_kit;
using FieldList = std::vector<std::pair<std::string, std::string>>;

/// Encodes header blocks as a real client does, with its dynamic table.
class Encoder {
 public:
  explicit Encoder(std::size_t table = 4096) { nghttp2_hd_deflate_new(&deflater_, table); }
  ~Encoder() { nghttp2_hd_deflate_del(deflater_); }
  std::string operator()(const FieldList& fields) {
    std::vector<nghttp2_nv> pairs;
    for (const auto& [name, value] : fields) {
      pairs.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                       reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                       NGHTTP2_NV_FLAG_NONE});
    }
    std::string block(nghttp2_hd_deflate_bound(deflater_, pairs.data(), pairs.size()), '\0');
    const ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(block.data()), block.size(),
                                               pairs.data(), pairs.size());
    block.resize(static_cast<std::size_t>(size));
    return block;
  }

 private:
  nghttp2_hd_deflater* deflater_ = nullptr;
};

FieldList request(const std::string& host, const std::string& path) {
  return {{":method", "GET"}, {":scheme", "https"}, {":authority", host}, {":path", path}};
}

std::string start() { return std::string(kHttp2Preface) + frame(kSettings, 0, 0, ""); }

TEST(Http2Gap, InsideDataDamagesOnlyThatMessage) {
  Harness harness;
  Encoder encode;
  const std::string first = encode(request("a.example", "/1"));
  harness.client(start() + frame(kHeaders, kEndHeaders, 1, first));
  const std::string data = frame(kData, kEndStream, 1, "0123456789");
  harness.client(data.substr(0, 12));
  harness.gap(Direction::to_server, 4);
  harness.client(data.substr(16) + frame(kHeaders, 5, 3, encode(request("a.example", "/2"))));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 3u);
  EXPECT_EQ(harness.messages()[0].body, "012");
  EXPECT_FALSE(harness.messages()[0].last_piece);
  EXPECT_EQ(harness.messages()[1].body, "789");
  EXPECT_EQ(harness.messages()[1].body_offset, 7u);
  EXPECT_TRUE(harness.messages()[1].damaged);
  EXPECT_EQ(harness.messages()[2].brief(), "request 2 GET a.example:0 /2 https://a.example/2");
  EXPECT_FALSE(harness.messages()[2].damaged);
}

TEST(Http2Gap, ThatEndsAFrameEndsItsMessage) {
  Harness harness;
  Encoder encode;
  harness.client(start() + frame(kHeaders, kEndHeaders, 1, encode(request("a.example", "/1"))));
  const std::string data = frame(kData, kEndStream, 1, "0123456789");
  harness.client(data.substr(0, 12));
  harness.gap(Direction::to_server, data.size() - 12);
  EXPECT_EQ(harness.messages().size(), 2u);
  EXPECT_TRUE(harness.messages()[1].last_piece);
}

// Three requests; the second, which adds its authority to the table, is lost.
TEST(Http2Gap, MakesWhatDependsOnLostEntriesUnknown) {
  Harness harness;
  Encoder encode;
  harness.client(start() + frame(kHeaders, 5, 1, encode(request("a.example", "/1"))));
  const std::string lost = frame(kHeaders, 5, 3, encode(request("b.example", "/2")));
  std::string rest = frame(kHeaders, 5, 5, encode(request("b.example", "/3")));
  rest += frame(kHeaders, 5, 7, encode(request("c.example", "/4")));
  rest += frame(kHeaders, 5, 9, encode(request("c.example", "/4")));
  harness.gap(Direction::to_server, lost.size());
  harness.client(rest);
  EXPECT_EQ(harness.messages().size(), 4u);  // without waiting for the end
  harness.end();
  ASSERT_EQ(harness.messages().size(), 4u);
  const Seen& third = harness.messages()[1];
  EXPECT_EQ(third.layers, "http/2 stream 5");
  EXPECT_EQ(third.method, "GET");
  EXPECT_EQ(third.host, "");
  EXPECT_EQ(third.url, "");
  EXPECT_EQ(third.target, "/3");
  EXPECT_EQ(third.fields.at(2), "= (unknown)");
  EXPECT_EQ(harness.messages()[2].host, "c.example");
  // Its authority and path stand in entries that came after the gap.
  EXPECT_EQ(harness.messages()[3].brief(), "request 4 GET c.example:0 /4 https://c.example/4");
}

// A field that is not known may be the :authority, so `host` must not stand in for it.
TEST(Http2Gap, DoesNotTakeTheHostFieldForALostAuthority) {
  Harness harness;
  Encoder encode;
  const std::string lost = frame(kHeaders, 5, 1, encode(request("a.example", "/1")));
  FieldList fields = request("a.example", "/2");
  fields.push_back({"host", "b.example"});
  harness.client(start());
  harness.gap(Direction::to_server, lost.size());
  harness.client(frame(kHeaders, 5, 3, encode(fields)));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 1u);
  EXPECT_EQ(harness.messages()[0].brief(), "request 1 GET :0 /2 ");
}

TEST(Http2Gap, InAHeaderBlockKeepsWhatStoodBefore) {
  Harness harness;
  Encoder encode;
  const std::string block =
      encode({{":method", "GET"}, {":scheme", "https"}, {":path", "/p"}, {":authority", "a.example"}});
  const std::string bytes = frame(kHeaders, 5, 1, block);
  harness.client(start());
  harness.client(bytes.substr(0, 15));
  harness.gap(Direction::to_server, 3);
  harness.client(bytes.substr(18) + frame(kHeaders, 5, 3, encode(request("a.example", "/q"))));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 2u);
  EXPECT_EQ(harness.messages()[0].target, "/p");
  EXPECT_EQ(harness.messages()[0].host, "");
  EXPECT_TRUE(harness.messages()[0].damaged);
  EXPECT_EQ(harness.messages()[1].target, "/q");
  EXPECT_EQ(harness.messages()[1].host, "");
}

TEST(Http2Gap, JoinsAConnectionMidway) {
  Harness harness;
  Encoder encode;
  encode(request("a.example", "/1"));
  std::string bytes = "the end of some frame";
  bytes += frame(kHeaders, 5, 101, encode(request("a.example", "/2"))) + frame(kPing, 0, 0, "12345678");
  bytes += frame(kHeaders, 5, 103, encode(request("b.example", "/3")));
  harness.client(bytes);
  harness.server(frame(kHeaders, 5, 101, unhex("88")) + frame(kHeaders, 5, 103, unhex("8d")));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 5u);
  EXPECT_EQ(harness.messages()[0].kind, MessageKind::data);
  EXPECT_EQ(harness.messages()[0].body, "the end of some frame");
  EXPECT_EQ(harness.messages()[1].brief(), "request 1 GET :0 /2 ");
  EXPECT_EQ(harness.messages()[2].brief(), "request 2 GET b.example:0 /3 https://b.example/3");
  EXPECT_EQ(harness.messages()[4].brief(), "response 2 404 to GET");
  EXPECT_EQ(harness.anomalies.count("http2.joined-midway"), 2u);
}

// A stream's number is never used again (RFC 9113 section 5.1.1): what was asked on it is known behind a loss as well.
struct KnownStream {
  const char* name;
  bool answered_whole;  // the answer is over between the loss and what follows
};

class Http2KnownStream : public testing::TestWithParam<KnownStream> {};

TEST_P(Http2KnownStream, KeepsItsHostBehindALoss) {
  Harness harness;
  Encoder encode;
  harness.client(start() + frame(kHeaders, kEndHeaders, 1, encode(request("a.example", "/1"))) +
                 frame(kData, 0, 1, "first"));
  harness.server(frame(kSettings, 0, 0, ""));
  harness.gap(Direction::to_server, 500);
  if (GetParam().answered_whole) harness.server(frame(kHeaders, 5, 1, unhex("88")));
  harness.client(frame(kData, 0, 1, "second") + frame(kPing, 0, 0, "12345678") + frame(kData, 0, 1, "third"));
  harness.client(frame(kData, kEndStream, 1, "fourth"));
  harness.end();
  std::string bodies;
  for (const Seen& each : harness.messages()) {
    if (each.kind == MessageKind::response) continue;
    EXPECT_EQ(each.host, "a.example") << each.brief();
    EXPECT_EQ(each.target, "/1");
    EXPECT_EQ(each.exchange, 1u);
    EXPECT_TRUE(each.damaged);
    bodies += each.body + "|";
  }
  EXPECT_NE(bodies.find("fourth"), std::string::npos) << bodies;
  EXPECT_NE(bodies.find("second"), std::string::npos) << bodies;
}

INSTANTIATE_TEST_SUITE_P(Rfc9113, Http2KnownStream,
                         testing::Values(KnownStream{"StillToBeAnswered", false}, KnownStream{"Answered", true}),
                         [](const auto& info) { return info.param.name; });

// Whatever is lost, wherever: no message may say anything that its sender did not.
class Http2AnyGap : public testing::TestWithParam<std::size_t> {};

TEST_P(Http2AnyGap, NeverGuesses) {
  const std::size_t table = GetParam();
  Encoder encode(table);
  std::map<std::string, FieldList> truth;
  std::string bytes = start();
  for (std::uint32_t id = 1; id < 41; id += 2) {
    FieldList fields = request("host" + std::to_string(id / 6) + ".example", "/path/" + std::to_string(id % 5));
    fields.push_back({"user-agent", "agent " + std::to_string(id / 10)});
    fields.push_back({"x-number-" + std::to_string(id % 3), "value " + std::to_string(id % 4)});
    truth["http/2 stream " + std::to_string(id)] = fields;
    const std::string block = encode(fields);
    bytes += frame(kHeaders, 0, id, block.substr(0, block.size() / 2));
    bytes += frame(kContinuation, kEndHeaders, id, block.substr(block.size() / 2));
    bytes += frame(kData, kEndStream, id, "body of " + std::to_string(id));
  }
  std::size_t known_hosts = 0, unknown_hosts = 0;
  for (std::size_t begin = 0; begin < bytes.size(); begin += 7) {
    for (const std::size_t missing : {1u, 23u, 150u}) {
      for (const bool told : {true, false}) {
        if (begin + missing >= bytes.size()) continue;
        Harness harness;
        if (begin > 0) harness.client(bytes.substr(0, begin));
        harness.gap(Direction::to_server, told ? missing : 0);
        harness.client(bytes.substr(begin + missing));
        harness.end();
        for (const Seen& each : harness.messages()) {
          if (each.kind != MessageKind::request) continue;
          ASSERT_TRUE(truth.contains(each.layers)) << each.layers << " gap at " << begin << " of " << missing;
          const FieldList& fields = truth[each.layers];
          (each.host.empty() ? unknown_hosts : known_hosts)++;
          ASSERT_TRUE(each.host.empty() || each.host == fields[2].second) << "gap at " << begin << " of " << missing;
          ASSERT_TRUE(each.target.empty() || each.target == fields[3].second)
              << "gap at " << begin << " of " << missing;
          for (const std::string& met : each.fields) {
            const bool unknown = met.ends_with(" (unknown)");
            bool sent = unknown;
            for (const auto& [name, value] : fields) sent |= met == name + "=" + value;
            ASSERT_TRUE(sent) << met << " in " << each.layers << " gap at " << begin << " of " << missing;
          }
        }
      }
    }
  }
  EXPECT_GT(known_hosts, unknown_hosts);
  EXPECT_GT(unknown_hosts, 0u);
}

INSTANTIATE_TEST_SUITE_P(Tables, Http2AnyGap, testing::Values(4096, 200, 0));

}  // namespace
}  // namespace tattle
