// Whatever nlohmann-json calls valid must give the same strings and numbers under the same paths here.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <nlohmann/json.hpp>

#include "decode/json/path.h"
#include "decode/value.h"

namespace {

using Leaves = std::vector<std::pair<std::string, std::string>>;

class OtherParser : public nlohmann::json_sax<nlohmann::json> {
 public:
  Leaves leaves;
  std::size_t depth = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return number(""); }
  bool number_unsigned(number_unsigned_t) override { return number(""); }
  bool number_float(number_float_t, const string_t&) override { return number(""); }
  bool string(string_t& value) override {
    if (!value.empty()) leaves.emplace_back(path_.detail(), value);
    return true;
  }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return start(false); }
  bool start_array(std::size_t) override { return start(true); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(string_t& value) override {
    // JsonPath undoes escapes, so a backslash needs one.
    std::string raw;
    for (char c : value) raw += c == '\\' ? "\\\\" : std::string(1, c);
    keys_.back() = raw;
    path_.frames.back().key = tattle::as_bytes(keys_.back());
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool number(const char*) {
    leaves.emplace_back(path_.detail(), "#");
    return true;
  }
  bool start(bool array) {
    path_.frames.push_back({array, {}});
    keys_.emplace_back();
    depth = std::max(depth, path_.frames.size());
    return true;
  }
  bool end() {
    path_.frames.pop_back();
    keys_.pop_back();
    return true;
  }
  tattle::JsonPath path_;
  std::deque<std::string> keys_;
};

class Collector : public tattle::ValueVisitor {
 public:
  Leaves leaves;
  void enter(const tattle::Value& value) override {
    if (value.depth != 1 || value.step != "json") return;
    if (is_key(value)) return;  // opened as well, when it may hold something
    const bool number = value.parent_begin == 0 || value.parent->bytes[value.parent_begin - 1] != '"';
    leaves.emplace_back(value.detail->detail(), number ? "#" : std::string(tattle::as_text(value.bytes)));
  }
  void leave(const tattle::Value&) override {}

 private:
  // In valid JSON only a member's name has a colon behind its closing quote.
  static bool is_key(const tattle::Value& value) {
    const tattle::Bytes rest = value.parent->bytes.subspan(value.parent_end);
    if (rest.empty() || rest[0] != '"') return false;
    std::size_t at = 1;
    while (at < rest.size() && std::strchr(" \t\r\n", rest[at]) != nullptr) ++at;
    return at < rest.size() && rest[at] == ':';
  }
};

void print(const char* who, const Leaves& leaves) {
  for (const auto& [path, text] : leaves) std::fprintf(stderr, "%s: %s = %s\n", who, path.c_str(), text.c_str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // nlohmann-json takes a zero byte for the end of the text.
  if (size == 0 || std::memchr(data, 0, size)) return 0;
  OtherParser other;
  if (!nlohmann::json::sax_parse(data, data + size, &other) || other.depth > 500) return 0;
  Collector ours;
  tattle::Anomalies anomalies;
  const tattle::Limits limits;
  tattle::walk_bytes({data, size}, {"application/json", ""}, limits, anomalies, {}, ours);
  if (ours.leaves != other.leaves) {
    print("ours", ours.leaves);
    print("nlohmann", other.leaves);
    std::abort();
  }
  return 0;
}
