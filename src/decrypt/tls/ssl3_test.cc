#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "decrypt/test_peers.h"

// SSL 3.0, which no peer here speaks any more: an encoder written from RFC 6101 alone, sharing nothing with the reader.

namespace tattle {
namespace {

using namespace testing_peers;
using testing::ElementsAre;

std::string md5(const std::string& text) {
  std::string digest(16, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_md5(), nullptr);
  return digest;
}
std::string sha(const std::string& text) {
  std::string digest(20, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha1(), nullptr);
  return digest;
}
std::string be(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text.push_back(static_cast<char>(value >> 8 * i));
  return text;
}
std::string hex(const std::string& text) {
  std::string digits;
  for (unsigned char c : text) {
    digits += "0123456789abcdef"[c >> 4];
    digits += "0123456789abcdef"[c & 15];
  }
  return digits;
}

// Section 6.1: MD5(pre + SHA('A' + pre + client + server)) + MD5(pre + SHA('BB' + …)) + MD5(pre + SHA('CCC' + …))
// and section 6.2.2, the same from the master secret with the server's random first, for as long as needed.
std::string mix(const std::string& secret, const std::string& first, const std::string& second, std::size_t size) {
  std::string out;
  for (std::size_t n = 1; out.size() < size; ++n) {
    out += md5(secret + sha(std::string(n, static_cast<char>('A' + n - 1)) + secret + first + second));
  }
  return out.substr(0, size);
}

struct Rc4 {
  explicit Rc4(const std::string& key) {
    std::iota(s, s + 256, 0);
    for (int i = 0, j = 0; i < 256; ++i) {
      j = (j + s[i] + static_cast<unsigned char>(key[static_cast<std::size_t>(i) % key.size()])) % 256;
      std::swap(s[i], s[j]);
    }
  }
  std::string operator()(std::string text) {
    for (char& c : text) {
      a = (a + 1) % 256;
      b = (b + s[a]) % 256;
      std::swap(s[a], s[b]);
      c = static_cast<char>(c ^ s[(s[a] + s[b]) % 256]);
    }
    return text;
  }
  int s[256], a = 0, b = 0;
};

struct Suite {
  std::string name;
  int number;
  bool md5_mac;
  std::size_t key, block;  // block 0: RC4
  const EVP_CIPHER* (*cbc)();
};

// One direction's protection.
class Writer {
 public:
  Writer(const Suite& s, std::string mac, std::string key, std::string iv)
      : suite_(s), mac_secret_(std::move(mac)), key_(std::move(key)), iv_(std::move(iv)), rc4_(key_) {}

  std::string record(char type, const std::string& content) {
    const std::size_t pad = suite_.md5_mac ? 48 : 40;
    auto hash = [&](const std::string& text) { return suite_.md5_mac ? md5(text) : sha(text); };
    const std::string header = be(number_++, 8) + type + be(content.size(), 2);
    const std::string mac =
        hash(mac_secret_ + std::string(pad, '\x5c') + hash(mac_secret_ + std::string(pad, '\x36') + header + content));
    const std::string sealed = encrypt(content + mac);
    return type + std::string("\x03\x00", 2) + be(sealed.size(), 2) + sealed;
  }

 private:
  std::string encrypt(std::string text) {
    if (suite_.block == 0) return rc4_(text);
    // Padding bytes are arbitrary, less than a block.
    const std::size_t padding = suite_.block - 1 - text.size() % suite_.block;
    text += std::string(padding, '\xee') + static_cast<char>(padding);
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, suite_.cbc(), nullptr, reinterpret_cast<const unsigned char*>(key_.data()),
                       reinterpret_cast<const unsigned char*>(iv_.data()));
    EVP_CIPHER_CTX_set_padding(context, 0);
    std::string out(text.size(), '\0');
    int size = 0;
    EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    EVP_CIPHER_CTX_free(context);
    iv_ = out.substr(out.size() - suite_.block);
    return out;
  }

  Suite suite_;
  std::string mac_secret_, key_, iv_;
  Rc4 rc4_;
  std::uint64_t number_ = 0;
};

std::string plain_record(char type, const std::string& content) {
  return type + std::string("\x03\x00", 2) + be(content.size(), 2) + content;
}
std::string message(char type, const std::string& body) { return type + be(body.size(), 3) + body; }

std::string rsa_encrypt(const std::string& text) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(identities()[0].key, nullptr);
  EVP_PKEY_encrypt_init(context);
  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
  std::size_t size = 256;
  std::string out(size, '\0');
  EVP_PKEY_encrypt(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_PKEY_CTX_free(context);
  return out.substr(0, size);
}

Recording ssl3_connection(const Suite& suite, bool v2_hello, std::string key_logs[2]) {
  const std::string challenge(16, 'q');
  const std::string client = v2_hello ? std::string(16, '\0') + challenge : std::string(32, 'c');
  const std::string server(32, 's'), premaster = std::string("\x03\x00", 2) + std::string(46, 'p');
  const std::string master = mix(premaster, client, server, 48);
  const std::size_t mac = suite.md5_mac ? 16 : 20;
  std::string block = mix(master, server, client, 2 * (mac + suite.key + suite.block));
  auto take = [&block](std::size_t size) {
    const std::string taken = block.substr(0, size);
    block.erase(0, size);
    return taken;
  };
  const std::string macs[2] = {take(mac), take(mac)};
  const std::string keys[2] = {take(suite.key), take(suite.key)};
  const std::string ivs[2] = {take(suite.block), take(suite.block)};
  Writer up(suite, macs[0], keys[0], ivs[0]), down(suite, macs[1], keys[1], ivs[1]);

  Recording recording;
  auto fly = [&](Direction direction, const std::string& bytes) {
    recording.flights.push_back({direction, {bytes.begin(), bytes.end()}});
  };
  constexpr auto kUp = Direction::to_server, kDown = Direction::to_client;
  const std::string version("\x03\x00", 2), number = be(static_cast<std::uint64_t>(suite.number), 2);
  if (v2_hello) {
    const std::string hello = '\1' + version + be(3, 2) + be(0, 2) + be(16, 2) + '\0' + number + challenge;
    fly(kUp, be(0x8000 | hello.size(), 2) + hello);
  } else {
    fly(kUp, plain_record(22, message(1, version + client + '\0' + be(2, 2) + number + "\1" + '\0')));
  }
  fly(kDown, plain_record(22, message(2, version + server + '\0' + number + '\0') +
                                  message(11, be(8, 3) + be(5, 3) + "12345") + message(14, "")));
  const std::string sealed_premaster = rsa_encrypt(premaster);
  fly(kUp, plain_record(22, message(16, sealed_premaster)) + plain_record(20, "\1") +
               up.record(22, message(20, std::string(36, 'f'))));
  fly(kDown, plain_record(20, "\1") + down.record(22, message(20, std::string(36, 'F'))));
  for (int i = 0; i < 4; ++i) {
    const std::string request = "POST /sync " + std::string(static_cast<std::size_t>(i) * 7, 'r');
    const std::string answer(1000 + static_cast<std::size_t>(i), 'a');
    fly(kUp, up.record(23, request));
    fly(kDown, down.record(23, answer));
    recording.sent[0] += request;
    recording.sent[1] += answer;
  }
  recording.key_log = "CLIENT_RANDOM " + hex(client) + " " + hex(master) + "\n";
  key_logs[0] = recording.key_log;
  key_logs[1] = "RSA " + hex(sealed_premaster.substr(0, 8)) + " " + hex(premaster) + "\n";
  return recording;
}

class Ssl3 : public testing::TestWithParam<Suite> {};
INSTANTIATE_TEST_SUITE_P(Rfc6101, Ssl3,
                         testing::Values(Suite{"Rc4Md5", 0x0004, true, 16, 0, nullptr},
                                         Suite{"Rc4Sha", 0x0005, false, 16, 0, nullptr},
                                         Suite{"TripleDesSha", 0x000a, false, 24, 8, EVP_des_ede3_cbc},
                                         Suite{"Aes128Sha", 0x002f, false, 16, 16, EVP_aes_128_cbc}),
                         [](const auto& info) { return info.param.name; });

TEST_P(Ssl3, IsReadWithEachKindOfKey) {
  for (bool v2_hello : {false, true}) {
    std::string logs[2];
    const Recording recording = ssl3_connection(GetParam(), v2_hello, logs);
    KeyStore private_key;
    private_key.add_private_key(identities()[0].pem);
    const KeyStore stores[] = {store_of(logs[0]), store_of(logs[1]), private_key};
    const char* labels[] = {"CLIENT_RANDOM", "RSA", "private-key"};
    for (int with = 0; with < 3; ++with) {
      for (std::size_t size : {0, 1, 9}) {
        SCOPED_TRACE(labels[with]);
        Reader reader(stores[with]);
        reader.replay(recording, size);
        reader.end();
        EXPECT_EQ(reader.out.text[0], recording.sent[0]);
        EXPECT_EQ(reader.out.text[1], recording.sent[1]);
        EXPECT_EQ(reader.facts().version, 0x0300);
        EXPECT_EQ(reader.facts().outcome, TlsOutcome::decrypted);
        EXPECT_THAT(reader.facts().secrets_used, ElementsAre(labels[with]));
        EXPECT_TRUE(reader.anomalies.entries().empty());
      }
    }
  }
}

// A part of a record lost: RC4 runs on over it, and so does a chain whose last block was seen.
TEST_P(Ssl3, RunsOnOverALossWithinARecord) {
  std::string logs[2];
  const Recording recording = ssl3_connection(GetParam(), false, logs);
  Reader reader(store_of(logs[0]));
  for (std::size_t i = 0; i < recording.flights.size(); ++i) {
    const Bytes bytes(recording.flights[i].bytes);
    if (i == 7) {  // the second answer
      reader.data(Direction::to_client, bytes.first(100));
      reader.gap(Direction::to_client, bytes.size() - 200, bytes.size() - 200);
      reader.data(Direction::to_client, bytes.last(100));
    } else {
      reader.data(recording.flights[i].direction, bytes);
    }
  }
  reader.end();
  EXPECT_EQ(reader.out.text[0], recording.sent[0]);
  EXPECT_EQ(reader.out.text[1], std::string(1000 + 1002 + 1003, 'a'));
  EXPECT_EQ(reader.out.gaps[1], 1);
}

// RC4 cannot be resumed where it is not known how much was lost: nothing is made up.
TEST_P(Ssl3, WholeRecordsLost) {
  std::string logs[2];
  const Recording recording = ssl3_connection(GetParam(), false, logs);
  Reader reader(store_of(logs[0]));
  for (std::size_t i = 0; i < recording.flights.size(); ++i) {
    if (i == 7) {
      reader.gap(Direction::to_client, recording.flights[i].bytes.size(), 0);
    } else {
      reader.data(recording.flights[i].direction, recording.flights[i].bytes);
    }
  }
  reader.end();
  EXPECT_EQ(reader.out.text[0], recording.sent[0]);
  // Behind the gap the first block of a chained cipher lacks its IV; the record after that is read again.
  const std::size_t read = GetParam().block == 0 ? 1000 : 1000 + 1003;
  EXPECT_EQ(reader.out.text[1].size(), read);
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::partly);
}

}  // namespace
}  // namespace tattle
