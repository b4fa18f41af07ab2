#include "decode/body/stream.h"

#include <gtest/gtest.h>

#include <string>

namespace tattle {
namespace {

// What windows hold, each without what the one before held already, and the steps that led there.
class Windows : public MessageSink {
 public:
  void on_message(const Message& window) override {
    text += as_text(window.body.subspan(window.overlap));
    steps.clear();
    for (const PathStep& step : window.layers) steps += (steps.empty() ? "" : " > ") + step.step;
  }
  std::string text, steps;
};

struct Body {
  std::string name, type, coding, bytes, steps, text;
};

class BodyStreamOf : public testing::TestWithParam<Body> {};

std::string read(const Body& body, std::size_t step, std::string* steps = nullptr) {
  Limits limits;
  limits.raw_window_bytes = 512;
  limits.raw_overlap_bytes = 16;
  Anomalies anomalies;
  Message message;
  message.streamed = true;
  message.fields = {{"content-type", body.type}, {"content-encoding", body.coding}};
  BodyStream stream(message, limits, anomalies);
  Windows windows;
  for (std::size_t at = 0; at < body.bytes.size(); at += step) {
    message.body = as_bytes(body.bytes).subspan(at, std::min(step, body.bytes.size() - at));
    message.body_offset = at;
    message.last_piece = at + step >= body.bytes.size();
    stream.add(message, windows);
  }
  if (steps) *steps = windows.steps;
  return windows.text;
}

TEST_P(BodyStreamOf, GivesItsTextHoweverItIsCut) {
  for (const std::size_t step : {1, 7, 100, 100000}) {
    std::string steps;
    EXPECT_EQ(read(GetParam(), step, &steps), GetParam().text) << step;
    EXPECT_EQ(steps, GetParam().steps) << step;
  }
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

// Expected texts are those of the definitions: RFC 2045 section 6.7, RFC 3986 section 2.1, RFC 8259 section 7, RFC 4648
// section 10, RFC 2781.
INSTANTIATE_TEST_SUITE_P(
    Kinds, BodyStreamOf,
    testing::Values(Body{"Text", "text/plain", "", repeated("a b. ", 300), "", repeated("a b. ", 300)},
                    Body{"Form", "application/x-www-form-urlencoded", "", "a=1&b=" + repeated("%C3%A4+", 200),
                         "form > percent", "a=1&b=" + repeated("ä ", 200)},
                    Body{"Json", "application/json", "", "{\"a\":\"" + repeated("\\u00e4\\ud83d\\ude00 ", 60) + "\"}",
                         "json", "{\"a\":\"" + repeated("ä😀 ", 60) + "\"}"},
                    Body{"Mail", "message/rfc822", "",
                         "Subject: s\r\nContent-Type: text/plain;\r\n charset=us-ascii\r\n"
                         "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
                             repeated("a=3Db ", 300),
                         "mail > quoted-printable",
                         "Subject: s\r\nContent-Type: text/plain;\r\n charset=us-ascii\r\n"
                         "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
                             repeated("a=b ", 300)},
                    Body{"Utf16", "text/plain; charset=utf-16le", "", repeated(std::string("h\0i\0 \0", 6), 200),
                         "utf-16", repeated("hi ", 200)}),
    [](const auto& info) { return info.param.name; });

TEST(BodyStream, GoesOnBehindALossAtThePartsStart) {
  Limits limits;
  Anomalies anomalies;
  Message message;
  message.streamed = true;
  message.fields = {{"content-type", "multipart/form-data; boundary=b"}};
  BodyStream stream(message, limits, anomalies);
  Windows windows;
  const std::string head = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + std::string(600, ' ');
  message.body = as_bytes(head).first(head.size() - 600);
  message.last_piece = false;
  // Enough before it that the kind of body is known.
  Message first = message;
  const std::string before(600, '\n');
  first.body = as_bytes(before);
  stream.add(first, windows);
  message.body_offset = before.size();
  stream.add(message, windows);
  const std::string rest = "found behind\r\n--b--\r\n";
  message.body_offset = before.size() + head.size() + 5000;
  message.body = as_bytes(rest);
  message.last_piece = true;
  stream.add(message, windows);
  EXPECT_NE(windows.text.find("found behind"), std::string::npos);
}

}  // namespace
}  // namespace tattle
