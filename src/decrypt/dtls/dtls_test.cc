#include "decrypt/dtls/dtls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "decrypt/dtls/record.h"
#include "decrypt/test_peers.h"

// DTLS between two OpenSSL peers, each datagram passing through the test's hands.

namespace tattle {
namespace {

using testing_peers::ContextPointer;
using testing_peers::Flight;
using testing_peers::identities;
using testing_peers::SslPointer;
using testing_peers::store_of;

constexpr auto kUp = Direction::to_server, kDown = Direction::to_client;

// Two connected datagram sockets: the peer's end and the test's.
struct Wire {
  Wire() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0); }
  ~Wire() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2] = {-1, -1};
};

class DtlsPeers {
 public:
  DtlsPeers(int version, const std::string& ciphers, bool etm)
      : client_context(SSL_CTX_new(DTLS_client_method()), SSL_CTX_free),
        server_context(SSL_CTX_new(DTLS_server_method()), SSL_CTX_free) {
    for (SSL_CTX* context : {client_context.get(), server_context.get()}) {
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_min_proto_version(context, version);
      SSL_CTX_set_max_proto_version(context, version);
      SSL_CTX_set_cipher_list(context, (ciphers + ":@SECLEVEL=0").c_str());
      SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | (etm ? 0 : SSL_OP_NO_ENCRYPT_THEN_MAC));
    }
    for (const auto& identity : identities()) {
      SSL_CTX_use_certificate(server_context.get(), identity.certificate);
      SSL_CTX_use_PrivateKey(server_context.get(), identity.key);
    }
    SSL_CTX_set_options(server_context.get(), SSL_OP_COOKIE_EXCHANGE);
    SSL_CTX_set_cookie_generate_cb(server_context.get(), [](SSL*, unsigned char* cookie, unsigned* size) {
      std::fill_n(cookie, *size = 20, static_cast<unsigned char>(0x5c));
      return 1;
    });
    SSL_CTX_set_cookie_verify_cb(server_context.get(), [](SSL*, const unsigned char*, unsigned) { return 1; });
    SSL_CTX_set_keylog_callback(client_context.get(), [](const SSL* ssl, const char* line) {
      static_cast<DtlsPeers*>(SSL_get_app_data(ssl))->key_log.append(line).append("\n");
    });
  }

  void connect(SSL_SESSION* session = nullptr) {
    flights.clear();
    key_log.clear();
    client.reset(SSL_new(client_context.get()));
    server.reset(SSL_new(server_context.get()));
    SSL_set_app_data(client.get(), this);
    attach(client.get(), up);
    attach(server.get(), down);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    SSL_set_tlsext_host_name(client.get(), "Phone.Example");
    if (session) SSL_set_session(client.get(), session);
    for (int round = 0; round < 20 && !(SSL_is_init_finished(client.get()) && SSL_is_init_finished(server.get()));
         ++round) {
      SSL_do_handshake(client.get());
      move();
      SSL_do_handshake(server.get());
      move();
    }
    ASSERT_TRUE(SSL_is_init_finished(client.get()) && SSL_is_init_finished(server.get()));
  }

  void send(Direction direction, const std::string& text) {
    SSL* from = direction == kUp ? client.get() : server.get();
    SSL* to = direction == kUp ? server.get() : client.get();
    SSL_write(from, text.data(), static_cast<int>(text.size()));
    move();
    std::string got(text.size() + 1, '\0');
    EXPECT_EQ(SSL_read(to, got.data(), static_cast<int>(got.size())), static_cast<int>(text.size()));
  }

  ContextPointer client_context, server_context;
  Wire up, down;
  SslPointer client{nullptr, SSL_free}, server{nullptr, SSL_free};
  std::vector<Flight> flights;  // a datagram each
  std::string key_log;

 private:
  static void attach(SSL* ssl, Wire& wire) {
    BIO* bio = BIO_new_socket(wire.ends[0], BIO_NOCLOSE);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_mtu(ssl, 400);  // certificates come in fragments
  }
  void move() {
    ByteVector datagram(20000);
    for (Direction direction : {kUp, kDown}) {
      Wire& from = direction == kUp ? up : down;
      Wire& to = direction == kUp ? down : up;
      for (ssize_t size = 0; (size = ::read(from.ends[1], datagram.data(), datagram.size())) > 0;) {
        flights.push_back({direction, {datagram.begin(), datagram.begin() + size}});
        EXPECT_EQ(::write(to.ends[1], datagram.data(), static_cast<std::size_t>(size)), size);
      }
    }
  }
};

// A connection under test, with what came out of it.
struct DtlsReader : DatagramSink {
  explicit DtlsReader(KeyStore store, bool complete = true)
      : keys(std::move(store)), context{&keys, &limits, &anomalies, nullptr, complete}, dtls(flow, context, *this) {}
  void on_datagram(const Chunk& chunk) override { said[index(chunk.direction)].emplace_back(as_text(chunk.data)); }
  void on_end(const Chunk&) override {}
  bool give(const Flight& flight) {
    const PacketRun run{0, ++packet, packet};
    return dtls.on_datagram(Chunk{flow, flight.direction, 0, Time{}, {&run, 1}, flight.bytes});
  }
  void give(const std::vector<Flight>& flights) {
    for (const Flight& flight : flights) EXPECT_TRUE(give(flight));
    dtls.finish();
  }

  FlowInfo flow;
  Limits limits;
  Anomalies anomalies;
  KeyStore keys;
  TlsContext context;
  std::vector<std::string> said[2];
  DtlsConnection dtls;
  std::uint64_t packet = 0;
};

struct DtlsCase {
  std::string name;
  int version;
  std::string suite;
  bool encrypt_then_mac = true;
};

class Dtls : public testing::TestWithParam<DtlsCase> {};
INSTANTIATE_TEST_SUITE_P(Suites, Dtls,
                         testing::Values(DtlsCase{"Gcm", DTLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256"},
                                         DtlsCase{"Ccm8", DTLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM8"},
                                         DtlsCase{"Chacha", DTLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"},
                                         DtlsCase{"CbcEtm", DTLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384"},
                                         DtlsCase{"Cbc", DTLS1_2_VERSION, "AES128-SHA256", false},
                                         DtlsCase{"Cbc10", DTLS1_VERSION, "AES128-SHA", false},
                                         DtlsCase{"Cbc10Etm", DTLS1_VERSION, "ECDHE-RSA-AES256-SHA"}),
                         [](const auto& info) { return info.param.name; });

void talk(DtlsPeers& peers) {
  peers.send(kUp, "report of the phone");
  peers.send(kDown, std::string(300, 'r'));
  peers.send(kUp, "second report");
}

TEST_P(Dtls, IsReadWithAKeyLog) {
  DtlsPeers peers(GetParam().version, GetParam().suite, GetParam().encrypt_then_mac);
  peers.connect();
  talk(peers);
  DtlsReader reader(store_of(peers.key_log));
  reader.give(peers.flights);
  EXPECT_EQ(reader.said[0], (std::vector<std::string>{"report of the phone", "second report"}));
  EXPECT_EQ(reader.said[1], std::vector<std::string>{std::string(300, 'r')});
  const TlsFacts& facts = reader.dtls.facts();
  EXPECT_EQ(facts.outcome, TlsOutcome::decrypted);
  EXPECT_EQ(facts.sni, "phone.example");
  EXPECT_EQ(facts.version, GetParam().version);
  EXPECT_EQ(facts.server_certificates.size(), 1u);
  EXPECT_EQ(facts.decrypted_bytes, 19u + 13u + 300u);
  EXPECT_TRUE(reader.anomalies.entries().empty());
}

TEST_P(Dtls, StaysClosedWithoutItsSecret) {
  DtlsPeers peers(GetParam().version, GetParam().suite, GetParam().encrypt_then_mac);
  peers.connect();
  talk(peers);
  DtlsReader reader(KeyStore{});
  reader.give(peers.flights);
  EXPECT_TRUE(reader.said[0].empty() && reader.said[1].empty());
  EXPECT_EQ(reader.dtls.facts().outcome, TlsOutcome::no_key);
  EXPECT_GE(reader.dtls.facts().opaque_bytes, 332u);
}

TEST_P(Dtls, DatagramsMayBeLostSwappedAndCapturedTwice) {
  DtlsPeers peers(GetParam().version, GetParam().suite, GetParam().encrypt_then_mac);
  peers.connect();
  const std::size_t begun = peers.flights.size();
  talk(peers);
  std::vector<Flight> flights(peers.flights.begin(), peers.flights.begin() + static_cast<std::ptrdiff_t>(begun));
  flights.push_back(peers.flights[begun + 2]);  // the second report first, twice; the answer never
  flights.push_back(peers.flights[begun + 2]);
  flights.push_back(peers.flights[begun]);
  DtlsReader reader(store_of(peers.key_log));
  reader.give(flights);
  EXPECT_EQ(reader.said[0], (std::vector<std::string>{"second report", "report of the phone"}));
  EXPECT_TRUE(reader.said[1].empty());
}

TEST(DtlsConnection, OpensWithTheServersPrivateKey) {
  for (const bool extended : {true, false}) {
    DtlsPeers peers(DTLS1_2_VERSION, "AES128-GCM-SHA256", true);
    if (!extended) SSL_CTX_set_options(peers.client_context.get(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
    peers.connect();
    talk(peers);
    KeyStore store;
    ASSERT_TRUE(store.add_private_key(identities()[0].pem));
    DtlsReader reader(std::move(store));
    reader.give(peers.flights);
    EXPECT_EQ(reader.said[0], (std::vector<std::string>{"report of the phone", "second report"})) << extended;
    EXPECT_EQ(reader.dtls.facts().secrets_used, std::vector<std::string>{"private-key"});
  }
}

TEST(DtlsConnection, RecordsWaitForASecretThatComesLater) {
  DtlsPeers peers(DTLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", true);
  peers.connect();
  peers.send(kUp, "before");
  DtlsReader reader(KeyStore{}, false);
  for (const Flight& flight : peers.flights) reader.give(flight);
  EXPECT_TRUE(reader.said[0].empty());
  const std::size_t given = peers.flights.size();
  peers.send(kUp, "after");
  reader.keys.add_key_log(as_bytes(peers.key_log), reader.limits);
  for (std::size_t i = given; i < peers.flights.size(); ++i) reader.give(peers.flights[i]);
  EXPECT_EQ(reader.said[0], (std::vector<std::string>{"before", "after"}));
  EXPECT_EQ(reader.dtls.facts().outcome, TlsOutcome::decrypted);
}

TEST(DtlsConnection, ASecretOfAnotherConnectionDoesNotFit) {
  DtlsPeers peers(DTLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", true);
  peers.connect();
  peers.send(kUp, "report");
  std::string wrong = peers.key_log;
  const std::size_t last = wrong.size() - 2;
  wrong[last] = wrong[last] == '0' ? '1' : '0';
  DtlsReader reader(store_of(wrong));
  reader.give(peers.flights);
  EXPECT_TRUE(reader.said[0].empty());
  EXPECT_EQ(reader.dtls.facts().outcome, TlsOutcome::key_mismatch);
}

TEST(DtlsConnection, JoinedMidwayStaysClosed) {
  DtlsPeers peers(DTLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", true);
  peers.connect();
  const std::size_t begun = peers.flights.size();
  peers.send(kUp, "report");
  DtlsReader reader(store_of(peers.key_log));
  reader.give({peers.flights.begin() + static_cast<std::ptrdiff_t>(begun), peers.flights.end()});
  EXPECT_EQ(reader.dtls.facts().outcome, TlsOutcome::handshake_unseen);
  EXPECT_GT(reader.dtls.facts().opaque_bytes, 0u);
}

struct RecordCase {
  std::string name;
  ByteVector bytes;
  std::string field;  // of the error; empty when it is a record
};
class DtlsRecordLayout : public testing::TestWithParam<RecordCase> {};
// RFC 6347 section 4.1: type, version, epoch, sequence number, length.
INSTANTIATE_TEST_SUITE_P(
    Rfc6347, DtlsRecordLayout,
    testing::Values(RecordCase{"Alert", {21, 254, 253, 0, 1, 0, 0, 0, 0, 0, 5, 0, 2, 1, 0}, ""},
                    RecordCase{"Version10", {23, 254, 255, 0, 1, 0, 0, 0, 0, 0, 5, 0, 1, 9}, ""},
                    RecordCase{"Tls12", {23, 3, 3, 0, 1, 0, 0, 0, 0, 0, 5, 0, 1, 9}, "record.version"},
                    RecordCase{"Type", {26, 254, 253, 0, 1, 0, 0, 0, 0, 0, 5, 0, 1, 9}, "record.header"},
                    RecordCase{"CutHeader", {22, 254, 253, 0, 0}, "record.header"},
                    RecordCase{"CutBody", {22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1}, "record.body"}),
    [](const auto& info) { return info.param.name; });

TEST_P(DtlsRecordLayout, IsRead) {
  ByteReader in(GetParam().bytes);
  const auto record = parse_dtls_record(in);
  EXPECT_EQ(record ? "" : record.error().field, GetParam().field);
  EXPECT_EQ(looks_like_dtls(GetParam().bytes), GetParam().field.empty());
  if (!record) return;
  EXPECT_EQ(record->epoch, 1);
  EXPECT_EQ(record->sequence, 5u);
  EXPECT_EQ(record->number(), 0x0001000000000005u);
}

}  // namespace
}  // namespace tattle
