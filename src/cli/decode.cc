#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "decode/token/text.h"
#include "decode/value.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostInput = std::size_t{1} << 30;
constexpr std::size_t kPreviewCharacters = 100;

struct DecodeOptions {
  std::string file = "-";
  std::string type;
  bool json = false;
};

void put(Json& node, const std::string& name, Bytes bytes) {
  node[name] = to_utf8(bytes);
  if (!is_utf8(bytes)) node[name + "-base64"] = to_base64(bytes);
}

// Builds the tree as a document; a parent is finished when it is left.
class JsonTree : public ValueVisitor {
 public:
  void enter(const Value& value) override {
    Json node{{"step", value.step}};
    if (value.detail) put(node, "detail", as_bytes(value.detail->detail()));
    node["bytes"] = value.bytes.size();
    put(node, "text", value.bytes);
    node["children"] = Json::array();
    open_.push_back(std::move(node));
  }
  void leave(const Value&) override {
    Json done = std::move(open_.back());
    open_.pop_back();
    if (open_.empty()) {
      fmt::print("{}\n", done.dump(2));
    } else {
      open_.back()["children"].push_back(std::move(done));
    }
  }

 private:
  std::vector<Json> open_;
};

// One line of text that cannot move a terminal's cursor.
std::string preview(Bytes bytes) {
  const Bytes start = bytes.first(std::min(bytes.size(), 4 * kPreviewCharacters));
  std::string out;
  std::size_t characters = 0;
  const std::string text = to_utf8(start);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool starts_character = (byte & 0xc0) != 0x80;
    if (starts_character && ++characters > kPreviewCharacters) return out + "…";
    // C1 control characters are two bytes in UTF-8.
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) {
      out += "·";
      ++i;
    } else if (byte == '\n') {
      out += "⏎";
    } else {
      out += byte < 0x20 || byte == 0x7f ? "·" : std::string(1, text[i]);
    }
  }
  return start.size() < bytes.size() ? out + "…" : out;
}

class Printer : public ValueVisitor {
 public:
  explicit Printer(bool colours) : colours_(colours) {}

  void enter(const Value& value) override {
    const std::string detail = value.detail ? preview(as_bytes(value.detail->detail())) : std::string();
    fmt::print("{}{}{}  {}  {}\n", std::string(2 * value.depth, ' '),
               paint("1;36", value.parent ? value.step : "input"), detail.empty() ? "" : " " + paint("33", detail),
               paint("2", fmt::format("{} bytes", value.bytes.size())), preview(value.bytes));
  }
  void leave(const Value&) override {}

 private:
  std::string paint(std::string_view code, std::string_view text) const {
    return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
  bool colours_;
};

ByteVector read_all(const std::string& name) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(name == "-" ? stdin : std::fopen(name.c_str(), "rb"),
                                                       [](std::FILE* f) { return f == stdin ? 0 : fclose(f); });
  const std::string shown = name == "-" ? "standard input" : name;
  if (!file) throw UserError(fmt::format("{}: cannot be opened; check the name and its permissions", shown));
  ByteVector bytes;
  while (true) {
    const std::size_t before = bytes.size();
    bytes.resize(before + (1 << 16));
    bytes.resize(before + std::fread(bytes.data() + before, 1, 1 << 16, file.get()));
    if (std::ferror(file.get())) throw UserError(fmt::format("{}: cannot be read; is it a directory?", shown));
    if (bytes.size() == before) return bytes;
    if (bytes.size() > kMostInput) throw UserError(fmt::format("{}: over 1 GiB; give a part of it", shown));
  }
}

void run(const DecodeOptions& options) {
  const ByteVector bytes = read_all(options.file);
  fmt::print(stderr, "tattle: note: decode shows whole messages unmasked\n");
  Anomalies anomalies;
  const Limits limits;
  if (options.json) {
    JsonTree tree;
    walk_bytes(bytes, {options.type, ""}, limits, anomalies, {}, tree);
  } else {
    Printer printer(wants_colours());
    walk_bytes(bytes, {options.type, ""}, limits, anomalies, {}, printer);
  }
  for (const auto& [name, entry] : anomalies.entries()) {
    fmt::print(stderr, "tattle: warning: {}{}\n", name, entry.count > 1 ? fmt::format(" ({} times)", entry.count) : "");
  }
}

}  // namespace

void add_decode_command(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("decode", "Show how any bytes unwrap: gzip, base64, JSON and so on, as a tree");
  command->footer(
      "Example:\n  tattle decode body.bin --type application/json\n  curl -s https://example.com/ | tattle decode");
  auto options = std::make_shared<DecodeOptions>();
  command->add_option("FILE", options->file, "File to read; `-` or nothing for standard input")->option_text("FILE");
  command->add_option("--type", options->type, "What the bytes are said to be")->option_text("MEDIA/TYPE");
  command->add_flag("--json", options->json, "Print the tree as JSON");
  command->callback([options, &exit_code] {
    run(*options);
    exit_code = kDone;
  });
}

}  // namespace tattle
