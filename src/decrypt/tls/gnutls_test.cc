#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/testing/scratch_folder.h"
#include "decrypt/test_peers.h"

// Suites that Debian's libssl does not speak: gnutls-cli talks to gnutls-serv through a relay that records both ways.

namespace tattle {
namespace {

using namespace testing_peers;

int listen_on_loopback(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 4) != 0) return close(fd), -1;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

int connect_to_loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

/// A child process with its standard input on a pipe and its output thrown away; ended with the object.
class Child {
 public:
  explicit Child(std::vector<std::string> words) {
    int in[2] = {-1, -1};
    if (pipe2(in, O_CLOEXEC) != 0) return;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      const int null = open("/dev/null", O_WRONLY);
      dup2(in[0], 0);
      dup2(null, 1);
      dup2(null, 2);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
    close(in[0]);
    input = in[1];
  }
  ~Child() {
    close_input();
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  void close_input() {
    if (input >= 0) close(input);
    input = -1;
  }
  int input = -1;

 private:
  pid_t pid_ = -1;
};

// Copies both ways until both ends closed, or ten seconds went by; sends the lines one after another's echo.
void relay(int client, int server, Child& typist, const std::vector<std::string>& lines, Recording& recording) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::size_t line = 0;
  auto quiet_since = std::chrono::steady_clock::now();
  ByteVector bytes(65536);
  while (std::chrono::steady_clock::now() < end) {
    pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    poll(ends, 2, 20);
    bool moved = false;
    for (int i = 0; i < 2; ++i) {
      if ((ends[i].revents & (POLLIN | POLLHUP)) == 0) continue;
      const ssize_t size = read(ends[i].fd, bytes.data(), bytes.size());
      if (size <= 0) return;
      moved = true;
      recording.flights.push_back({i == 0 ? Direction::to_server : Direction::to_client, {}});
      recording.flights.back().bytes.assign(bytes.begin(), bytes.begin() + size);
      if (write(i == 0 ? server : client, bytes.data(), static_cast<std::size_t>(size)) != size) return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (moved) quiet_since = now;
    if (now - quiet_since < std::chrono::milliseconds(150) || recording.flights.size() < 3) continue;
    if (line == lines.size()) return;
    if (write(typist.input, lines[line].data(), lines[line].size()) < 0) return;
    recording.sent[0] += lines[line];
    recording.sent[1] += lines[line++];
    quiet_since = now;
  }
}

Recording record_gnutls(const std::string& priority) {
  const ScratchFolder folder;
  folder.write("key.pem", identities()[0].pem);
  BIO* bio = BIO_new_file(folder.file("certificate.pem").c_str(), "w");
  PEM_write_bio_X509(bio, identities()[0].certificate);
  BIO_free(bio);
  Recording recording;
  std::uint16_t server_port = 0, relay_port = 0;
  close(listen_on_loopback(server_port));
  const int listener = listen_on_loopback(relay_port);
  {
    Child server({"gnutls-serv", "--echo", "--port", std::to_string(server_port), "--x509keyfile",
                  folder.file("key.pem"), "--x509certfile", folder.file("certificate.pem"), "--priority", priority});
    int to_server = -1;
    for (int i = 0; i < 100 && to_server < 0; ++i) {
      to_server = connect_to_loopback(server_port);
      if (to_server < 0) usleep(20000);
    }
    Child client({"env", "SSLKEYLOGFILE=" + folder.file("keys"), "gnutls-cli", "--insecure", "--port",
                  std::to_string(relay_port), "--priority", priority, "127.0.0.1"});
    pollfd waiting{listener, POLLIN, 0};
    const int from_client = poll(&waiting, 1, 5000) == 1 ? accept(listener, nullptr, nullptr) : -1;
    if (to_server >= 0 && from_client >= 0) {
      relay(from_client, to_server, client, {"hello gnutls\n", std::string(300, 'x') + "\n", "bye\n"}, recording);
    }
    close(from_client);
    close(to_server);
  }
  close(listener);
  std::ostringstream log;
  log << std::ifstream(folder.file("keys")).rdbuf();
  recording.key_log = log.str();
  return recording;
}

struct PriorityCase {
  std::string name, priority;
  std::uint16_t suite, version;
};
class Gnutls : public testing::TestWithParam<PriorityCase> {};

TEST_P(Gnutls, IsRead) {
  ASSERT_EQ(std::system("command -v gnutls-cli gnutls-serv >/dev/null 2>&1"), 0) << "packages.txt: gnutls-bin";
  signal(SIGPIPE, SIG_IGN);
  const Recording recording = record_gnutls(
      "NONE:+MD5:+SHA1:+SHA256:+SHA384:+AEAD:+COMP-NULL:+CTYPE-X509:+SIGN-ALL:+GROUP-ALL:" + GetParam().priority);
  ASSERT_GE(recording.flights.size(), 4u);
  ASSERT_FALSE(recording.key_log.empty());
  KeyStore server_key;
  server_key.add_private_key(identities()[0].pem);
  const bool rsa = GetParam().priority.find(":+RSA") != std::string::npos;
  for (int with = 0; with < (rsa ? 2 : 1); ++with) {
    for (std::size_t size : {0, 3}) {
      Reader reader(with == 0 ? store_of(recording.key_log) : server_key);
      reader.replay(recording, size);
      reader.end();
      EXPECT_EQ(reader.out.text[0], recording.sent[0]);
      EXPECT_EQ(reader.out.text[1], recording.sent[1]);
      EXPECT_EQ(reader.facts().cipher_suite, GetParam().suite);
      EXPECT_EQ(reader.facts().version, GetParam().version);
      EXPECT_EQ(reader.facts().outcome, TlsOutcome::decrypted);
      EXPECT_TRUE(reader.anomalies.entries().empty());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Peers, Gnutls,
    testing::Values(PriorityCase{"Rc4Md5Tls10", "+VERS-TLS1.0:+ARCFOUR-128:+RSA:-SHA1", 0x0004, 0x0301},
                    PriorityCase{"Rc4ShaTls10", "+VERS-TLS1.0:+ARCFOUR-128:+RSA:-MD5", 0x0005, 0x0301},
                    PriorityCase{"Rc4ShaTls12", "+VERS-TLS1.2:+ARCFOUR-128:+ECDHE-RSA:-MD5", 0xc011, 0x0303},
                    PriorityCase{"TripleDesTls10", "+VERS-TLS1.0:+3DES-CBC:+RSA", 0x000a, 0x0301},
                    PriorityCase{"TripleDesNoEtm", "+VERS-TLS1.0:+3DES-CBC:+RSA:%NO_ETM", 0x000a, 0x0301},
                    PriorityCase{"TripleDesTls11", "+VERS-TLS1.1:+3DES-CBC:+DHE-RSA", 0x0016, 0x0302},
                    PriorityCase{"TripleDesTls12", "+VERS-TLS1.2:+3DES-CBC:+ECDHE-RSA:%NO_ETM", 0xc012, 0x0303},
                    PriorityCase{"Ccm8Rsa", "+VERS-TLS1.2:+AES-128-CCM-8:+RSA", 0xc0a0, 0x0303},
                    PriorityCase{"CamelliaSha256", "+VERS-TLS1.2:+CAMELLIA-128-CBC:+RSA:-SHA1", 0x00ba, 0x0303},
                    PriorityCase{"Ccm13", "+VERS-TLS1.3:+AES-128-CCM:+GROUP-ALL", 0x1304, 0x0304}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
